"""From posts to tensors, and the one-line errors on the way."""

import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from small_family import recipe, write_vectors

from feelscope.errors import ConfigError, TableError, WordsError
from feelscope.family.inputs import encode, open_inputs
from feelscope.family.word_input import WordInput
from feelscope.post import Post

POSTS = [
    Post("1", "sunny sunny unheard", other={"votes": "3"}),
    Post("2", "the dark house", title="a scream", other={"votes": "5"}),
    Post("3", "zzz !!!", other={"votes": ""}),
    Post("4", "", image=b"no picture"),
]
WORDS = recipe("text_only")


@pytest.fixture
def file(tmp_path):
    return write_vectors(tmp_path / "vectors.txt")


def silent(*now):
    pass


def opened(recipe, file, tmp_path, posts=POSTS):
    return open_inputs(recipe, posts, words=file, weights=None, cache=tmp_path)


def test_words_become_ids_and_a_text_of_unknown_words_is_absent(file):
    one = WordInput(file, POSTS, WORDS)
    ids, present = one.encode(POSTS, silent, silent)
    said = [[one.words[id - 1] for id in row if id] for row in ids.tolist()]
    assert said == [["sunny", "sunny"], ["a", "scream", "the", "dark", "house"], [], []]
    assert present.tolist() == [1, 1, 0, 0]
    assert set(one.words[:6]) == {"sunny", "a", "scream", "the", "dark", "house"}, "the posts' own come first"
    assert set(one.words[6:]) == {"laugh", "rarea", "grave", "tears", "rareb", "rarec", "we", "saw", "then", "went"}


def test_the_reader_has_the_files_vectors_and_only_the_posts_words_learn(file):
    one = WordInput(file, POSTS, WORDS)
    reader = one.reader()
    assert reader.lookup.vectors.shape == (7, 6) and reader.lookup.vectors.requires_grad
    line = next(line for line in file.read_text().splitlines() if line.startswith("rareb "))
    ids, _ = one.encode([Post("", "rareb")], silent, silent)
    torch.testing.assert_close(reader(ids)[0], torch.tensor([float(value) for value in line.split()[1:]]))


def test_the_vocabulary_has_a_limit_and_the_posts_words_are_within_it(file):
    assert len(WordInput(file, POSTS, replace(WORDS, vocabulary=9)).words) == 9
    assert len(WordInput(file, POSTS, replace(WORDS, vocabulary=1)).words) == 6


def test_only_as_many_tokens_are_read_as_the_recipe_says(file):
    ids, _ = WordInput(file, POSTS, replace(WORDS, tokens=2)).encode([Post("", "sunny dark house")], silent, silent)
    assert ids.shape == (1, 2)


def test_further_modalities_come_behind_and_are_absent_where_a_post_has_none(file, tmp_path):
    chosen = replace(WORDS, model="joint", modalities=("numbers:votes",))
    inputs = opened(chosen, file, tmp_path)
    assert list(inputs) == ["text", "numbers"]
    signals = encode(POSTS, [0, 1, 2, 0], inputs, progress=silent, refuse=silent)
    assert signals.present["numbers"].tolist() == [1, 1, 0, 0]
    assert signals.inputs["numbers"][:, 0].tolist() == [-1, 1, 0, 0]
    assert signals.labels.tolist() == [0, 1, 2, 0]


def test_no_posts_are_no_rows(file, tmp_path):
    inputs = opened(replace(WORDS, model="joint", modalities=("numbers:votes",)), file, tmp_path)
    signals = encode([], [], inputs, progress=silent, refuse=silent)
    assert len(signals) == 0


# Bad input


def refused(kind, said, call, *given):
    with pytest.raises(kind, match=said) as caught:
        call(*given)
    assert "\n" not in str(caught.value)


def test_word_vectors_that_are_missing_or_not_asked_for(file, tmp_path):
    refused(ConfigError, r"give a file of them with --words FILE$", opened, WORDS, None, tmp_path)
    said = r"^--words .*vectors\.txt: this recipe reads no word vectors; leave it out"
    refused(ConfigError, said, opened, recipe("image_only"), file, tmp_path)
    refused(WordsError, r"none\.txt: cannot be read", opened, WORDS, tmp_path / "none.txt", tmp_path)


def test_word_vectors_of_another_language(file, tmp_path):
    posts = [Post("1", "schön ist es auf der Welt")]
    said = r"vectors\.txt: has no vector for any word of the posts \(.*, \.\.\.\); give vectors of their"
    refused(TableError, said, opened, WORDS, file, tmp_path, posts)


@pytest.mark.parametrize(
    ("kind", "error", "said"),
    [
        ("tags", TableError, "no tag stands in 2 or more of the training posts"),
        ("emoji", TableError, "no training post has an emoji"),
        ("numbers:ups", TableError, "no training post has a column 'ups'"),
        ("numbers", ConfigError, "expected columns"),
        ("number:votes", ConfigError, "did you mean 'numbers'"),
    ],
)
def test_a_further_modality_that_the_posts_lack(file, tmp_path, kind, error, said):
    refused(error, said, opened, replace(WORDS, model="joint", modalities=(kind,)), file, tmp_path)


def picture(seed):
    buffer = io.BytesIO()
    draw = np.random.default_rng(seed)
    Image.fromarray(draw.integers(0, 255, (9, 7, 3), dtype=np.uint8)).resize((90, 70)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.slow
def test_pictures_are_read_once_by_the_frozen_network_and_broken_ones_are_reported(tmp_path):
    from feelscope.encoders.efficientnet_lite0 import EfficientNetLite0, scale_pixels
    from feelscope.encoders.trunk_cache import TrunkFeatures
    from feelscope.images import read_rgb

    posts = [Post("1", image=picture(0)), Post("2", "words"), Post("3", image=b"none"), Post("4", image=picture(1))]
    encoder = EfficientNetLite0.pretrained().eval()
    with torch.inference_mode():
        expected = [encoder(torch.from_numpy(scale_pixels(read_rgb(picture(seed), 224)[None])))[0] for seed in (0, 1)]
    for way in ("as they are", "from trunk outputs", "from the cache"):
        if way == "from trunk outputs":
            for kept in tmp_path.glob("lite0*"):
                kept.unlink()
            TrunkFeatures(tmp_path, encoder).rows([picture(0), picture(1)], silent, silent)
        bad = []
        (one,) = open_inputs(recipe("image_only"), posts, words=None, weights=None, cache=tmp_path).values()
        vectors, present = one.encode(posts, silent, lambda row, error, bad=bad: bad.append(row))
        assert bad == [2]
        assert present.tolist() == [1, 0, 0, 1]
        torch.testing.assert_close(vectors[[0, 3]], torch.stack(expected), atol=0.02, rtol=0.01)
        assert vectors[[1, 2]].abs().sum() == 0


@pytest.mark.slow
def test_sentences_are_read_by_the_frozen_encoder_as_predicting_reads_them(tmp_path):
    from feelscope.encoders.minilm import MiniLM
    from feelscope.encoders.tokenizer import Tokenizer
    from feelscope.encoders.weights import find

    posts = [
        Post("1", "What a day!"),
        Post("2", image=picture(0)),
        Post("3", "The rain goes on and on", title="Monday"),
    ]
    chosen = replace(recipe("text_only"), text="minilm")
    encoder, tokenizer = MiniLM.pretrained().eval(), Tokenizer(find("minilm-tokenizer"), 96)
    for _ in range(2):
        (one,) = open_inputs(chosen, posts, words=None, weights=None, cache=tmp_path).values()
        vectors, present = one.encode(posts, silent, silent)
        assert present.tolist() == [1, 0, 1]
        for row in (0, 2):
            ids = torch.tensor([tokenizer(posts[row]).ids])
            with torch.inference_mode():
                expected = encoder(ids, torch.ones_like(ids))[0]
            torch.testing.assert_close(vectors[row], expected, atol=1e-4, rtol=1e-4)
