"""From posts to tensors by each encoder, and the one-line errors on the way."""

import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from small_family import WORDS, write_vectors

from feelscope.encoders.efficientnet_lite0 import EfficientNetLite0, scale_pixels
from feelscope.encoders.encoder import Resources
from feelscope.encoders.further_encoder import FurtherEncoder
from feelscope.encoders.inception_encoder import InceptionEncoder
from feelscope.encoders.minilm import MiniLM
from feelscope.encoders.opening import encode, open_image, open_text
from feelscope.encoders.picture_encoder import PictureEncoder
from feelscope.encoders.sentence_encoder import SentenceEncoder
from feelscope.encoders.settings import ImageSettings, TextSettings
from feelscope.encoders.tokenizer import Tokenizer
from feelscope.encoders.tuned_lite0 import TunedLite0
from feelscope.encoders.tuned_minilm import TunedMiniLM
from feelscope.encoders.weights import find
from feelscope.encoders.wide_resnet_encoder import WideResNetEncoder
from feelscope.encoders.word_encoder import WordEncoder
from feelscope.encoders.word_recurrence import WordRecurrence
from feelscope.errors import ConfigError, ModelError, TableError, WordsError
from feelscope.images import read_rgb
from feelscope.post import Post
from feelscope.progress import silent

POSTS = [
    Post("1", "sunny sunny unheard", other={"votes": "3"}),
    Post("2", "the dark house", title="a scream", other={"votes": "5"}),
    Post("3", "zzz !!!", other={"votes": ""}),
    Post("4", "", image=b"no picture"),
]


@pytest.fixture
def file(tmp_path):
    return write_vectors(tmp_path / "vectors.txt")


def never(position, error):
    raise AssertionError(f"{position}: {error}")


def of_words(file, posts=POSTS, **changes) -> WordEncoder:
    return open_text(replace(WORDS, **changes), posts, Resources(file.parent, words=file), sparse=False)


# Words


def test_words_become_ids_and_a_text_of_unknown_words_is_absent(file):
    encoder = of_words(file)
    ids, present = encoder.encode(POSTS, silent, never)
    said = [[encoder.words[number - 1] for number in row if number] for row in ids.tolist()]
    assert said == [["sunny", "sunny"], ["a", "scream", "the", "dark", "house"], [], []]
    assert present.tolist() == [1, 1, 0, 0]
    assert set(encoder.words[:6]) == {"sunny", "a", "scream", "the", "dark", "house"}, "the posts' own come first"
    assert set(encoder.words[6:]) == {"laugh", "rarea", "grave", "tears", "rareb", "rarec", "we", "saw", "then", "went"}


def test_the_embedder_has_the_files_vectors_and_only_the_posts_words_learn(file):
    encoder = of_words(file)
    embedder = encoder.embedder()
    assert embedder.lookup.vectors.shape == (7, 6) and embedder.lookup.vectors.requires_grad
    line = next(line for line in file.read_text().splitlines() if line.startswith("rareb "))
    ids, _ = encoder.encode([Post("", "rareb")], silent, never)
    torch.testing.assert_close(embedder(ids)[0], torch.tensor([float(value) for value in line.split()[1:]]))


def test_the_settings_reach_the_embedder(file):
    still = of_words(file, train_words=False, dropout=0.3).embedder()
    assert (still.lookup.vectors.requires_grad, still.dropout.share, still.lookup.sparse) == (False, 0.3, False)
    in_order = of_words(file, pooling="lstm", hidden_size=5)
    assert isinstance(in_order.embedder(), WordRecurrence)
    assert (in_order.width, in_order.embedder().width, of_words(file).width) == (5, 5, 6)
    sparse = open_text(WORDS, POSTS, Resources(file.parent, words=file), sparse=True)
    assert sparse.embedder().lookup.sparse


def test_the_vocabulary_has_a_limit_and_the_posts_words_are_within_it(file):
    assert len(of_words(file, vocabulary=9).words) == 9
    assert len(of_words(file, vocabulary=1).words) == 6


def test_posts_without_words_let_none_learn(file):
    encoder = of_words(file, posts=[Post("1", image=b"no picture")])
    assert list(encoder.words) == [line.split()[0] for line in file.read_text().splitlines()]
    assert encoder.embedder().lookup.vectors.tolist() == [[0.0] * 6]
    assert (encoder.tokens, encoder.pairs) == (WORDS.tokens, True)


def test_only_as_many_tokens_are_read_as_the_recipe_says(file):
    ids, _ = of_words(file, tokens=2).encode([Post("", "sunny dark house")], silent, never)
    assert ids.shape == (1, 2)


# Further modalities, and posts as a whole


def test_further_modalities_are_absent_where_a_post_has_none(file):
    encoders = {"text": of_words(file), "numbers": FurtherEncoder("numbers:votes", POSTS)}
    encoded = encode(POSTS, [0, 1, 2, 0], encoders, progress=silent, refuse=never)
    assert list(encoded.inputs) == list(encoded.present) == ["text", "numbers"]
    assert encoded.present["numbers"].tolist() == [1, 1, 0, 0]
    assert encoded.inputs["numbers"][:, 0].tolist() == [-1, 1, 0, 0]
    assert encoders["numbers"].embedder()(encoded.inputs["numbers"]).tolist() == [[-1], [1], [0], [0]]
    assert encoded.labels.tolist() == [0, 1, 2, 0]


def test_what_else_is_known_of_posts_stands_beside_their_labels(file):
    encoders = {"text": of_words(file)}
    known = {"subclasses": [2, -1], "taught": [(0.25, 0.75), (0.0, 0.0)], "tables": [1, 0]}
    encoded = encode(POSTS[:2], [0, 1], encoders, progress=silent, refuse=never, **known)
    assert encoded.subclasses.tolist() == [2, -1]
    assert encoded.taught.tolist() == [[0.25, 0.75], [0, 0]]
    assert encoded.tables.tolist() == [1, 0]


def test_no_posts_are_no_rows(file):
    encoders = {"text": of_words(file), "numbers": FurtherEncoder("numbers:votes", POSTS)}
    nothing = {"subclasses": [], "taught": [], "tables": []}
    for known in ({}, nothing):
        encoded = encode([], [], encoders, progress=silent, refuse=never, **known)
        assert len(encoded) == len(encoded.rows(torch.tensor([], dtype=torch.long))) == 0
        assert encoded.inputs["numbers"].shape == (0, 1)


# Which encoder a recipe opens


def picture(seed):
    buffer = io.BytesIO()
    draw = np.random.default_rng(seed)
    Image.fromarray(draw.integers(0, 255, (9, 7, 3), dtype=np.uint8)).resize((90, 70)).save(buffer, "PNG")
    return buffer.getvalue()


def test_each_encoder_of_the_settings_is_opened(tmp_path):
    minilm = TextSettings("minilm", dropout=0.0)
    here = Resources(tmp_path)
    assert isinstance(open_text(minilm, [], here, sparse=False), SentenceEncoder)
    assert isinstance(open_text(replace(minilm, training="tuned"), [], here, sparse=False), TunedMiniLM)
    assert isinstance(open_image(ImageSettings("lite0"), here, seed=0), PictureEncoder)
    assert isinstance(open_image(ImageSettings("lite0", "tuned"), here, seed=0), TunedLite0)
    assert isinstance(open_image(ImageSettings("inception", "new"), here, seed=0), InceptionEncoder)
    assert isinstance(open_image(ImageSettings("wide-resnet", "new"), here, seed=0), WideResNetEncoder)


def test_weights_that_are_a_file_are_inceptions_and_words_do_without(tmp_path):
    (tmp_path / "googlenet.pth").write_bytes(b"weights")
    minilm = TextSettings("minilm", "tuned")
    assert isinstance(
        open_text(minilm, [], Resources(tmp_path, weights=tmp_path / "googlenet.pth"), sparse=False), TunedMiniLM
    )
    refused(
        ModelError,
        "none: no folder of weights is there",
        open_text,
        minilm,
        [],
        Resources(tmp_path, weights=tmp_path / "none"),
    )


@pytest.mark.slow
def test_pictures_are_read_once_by_the_frozen_network_and_broken_ones_are_reported(tmp_path):
    posts = [Post("1", image=picture(0)), Post("2", "words"), Post("3", image=b"none"), Post("4", image=picture(1))]
    network = EfficientNetLite0.pretrained().eval()
    with torch.inference_mode():
        expected = [network(torch.from_numpy(scale_pixels(read_rgb(picture(seed), 224)[None])))[0] for seed in (0, 1)]
    for _source in ("pictures", "the cache"):
        bad = []
        encoder = open_image(ImageSettings("lite0"), Resources(tmp_path), seed=0)
        vectors, present = encoder.encode(posts, silent, lambda position, error, bad=bad: bad.append(position))
        assert bad == [2]
        assert present.tolist() == [1, 0, 0, 1]
        torch.testing.assert_close(vectors[[0, 3]], torch.stack(expected), atol=1e-4, rtol=1e-4)
        assert vectors[[1, 2]].abs().sum() == 0
    assert len(list(tmp_path.glob("pictures-*.f32"))) == 1


@pytest.mark.slow
def test_sentences_are_read_by_the_frozen_network_as_predicting_reads_them(tmp_path):
    posts = [
        Post("1", "What a day!"),
        Post("2", image=picture(0)),
        Post("3", "The rain goes on and on", title="Monday"),
    ]
    network, tokenizer = MiniLM.pretrained().eval(), Tokenizer(find("minilm-tokenizer"), 96)
    for _ in range(2):
        encoder = open_text(TextSettings("minilm", dropout=0.0), posts, Resources(tmp_path), sparse=False)
        vectors, present = encoder.encode(posts, silent, never)
        assert present.tolist() == [1, 0, 1]
        assert vectors[1].abs().sum() == 0
        for row in (0, 2):
            ids = torch.tensor([tokenizer(posts[row]).ids])
            with torch.inference_mode():
                expected = network(ids, torch.ones_like(ids))[0]
            torch.testing.assert_close(vectors[row], expected, atol=1e-4, rtol=1e-4)


# Bad input


def refused(kind, said, call, *given, **named):
    named = {"sparse": False} | named if call is open_text else named
    with pytest.raises(kind, match=said) as caught:
        call(*given, **named)
    assert "\n" not in str(caught.value)


def test_word_vectors_that_are_missing(tmp_path):
    refused(ConfigError, r"give a file of them with --words FILE$", open_text, WORDS, POSTS, Resources(tmp_path))
    missing = Resources(tmp_path, words=tmp_path / "none.txt")
    refused(WordsError, r"none\.txt: cannot be read", open_text, WORDS, POSTS, missing)


def test_word_vectors_of_another_language(file):
    posts = [Post("1", "schön ist es auf der Welt")]
    said = r"vectors\.txt: has no vector for any word of the posts \(.*, \.\.\.\); give vectors of their"
    refused(TableError, said, open_text, WORDS, posts, Resources(file.parent, words=file))


@pytest.mark.parametrize(
    ("kind", "error", "said"),
    [
        ("tags", TableError, "no tag is in 2 or more of the training posts"),
        ("emoji", TableError, "no training post has an emoji"),
        ("numbers:ups", TableError, "no training post has a column 'ups'"),
        ("numbers", ConfigError, "expected columns"),
        ("number:votes", ConfigError, "did you mean 'numbers'"),
    ],
)
def test_a_further_modality_that_the_posts_lack(kind, error, said):
    refused(error, said, FurtherEncoder, kind, POSTS)
