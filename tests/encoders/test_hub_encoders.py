"""Encoders of the hub in a training: posts to vectors by what the saved model computes, and answers as in torch."""

import numpy as np
import pytest
import torch
from small_family import EMOTIONS, recipe
from small_hub import SAVED, WORDS, picture

from feelscope.encoders.encoder import Resources
from feelscope.encoders.opening import encode, open_image, open_text
from feelscope.encoders.settings import ImageSettings, TextSettings
from feelscope.errors import ModelError
from feelscope.post import Post
from feelscope.progress import silent
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.saved_model.export import export
from feelscope.train.encoding import EncodedCorpus
from feelscope.train.fit import fit_classifier
from feelscope.train.selection import answer

SAID = ("a good dog", "bad cat e", "fire c d")


def never(position, error):
    raise AssertionError(f"{position}: {error}")


def posts(count, first=0):
    return [
        Post(
            f"post {number}",
            text="" if number % 5 == 4 else f"{SAID[number % 3]} {'abcde'[number % 5]}",
            title="a good a" if number % 4 == 1 else "",
            image=None if number % 5 == 3 else picture(number % 3 + 10 * (number % 2)),
            emotion=EMOTIONS[number % 3],
        )
        for number in range(first, first + count)
    ]


def saved(tmp_path, kind):
    """The name of a tiny model of a kind."""
    folder = tmp_path / kind
    if not folder.exists():
        folder.mkdir()
        SAVED[kind](folder)
    return f"hub:{folder}"


def opened(tmp_path, text, image, tokens=12):
    settings = TextSettings(saved(tmp_path, text), tokens=tokens, dropout=0.0), ImageSettings(saved(tmp_path, image))
    here = Resources(tmp_path / "cache")
    return {"text": open_text(settings[0], [], here, sparse=False), "image": open_image(settings[1], here, seed=0)}


def encoded(some, encoders):
    labels = [EMOTIONS.index(post.emotion) for post in some]
    return encode(some, labels, encoders, progress=silent, refuse=never)


@pytest.mark.slow
@pytest.mark.parametrize(("text", "image"), [("bert", "vit"), ("clip", "clip"), ("siglip", "vit")])
def test_a_saved_model_answers_as_torch_does(tmp_path, text, image):
    encoders, some = opened(tmp_path, text, image), posts(45)
    chosen = recipe(
        "joint",
        text=TextSettings(saved(tmp_path, text), dropout=0.0),
        image=ImageSettings(saved(tmp_path, image)),
        steps__epochs=3,
    )
    corpus = EncodedCorpus(encoders, encoded(some[9:], encoders), encoded(some[:9], encoders), len(EMOTIONS))
    fitted = fit_classifier(chosen, corpus, None, progress=silent)
    (tmp_path / "run").mkdir()
    export(tmp_path / "run", fitted.network, encoders, EMOTIONS, ("text", "image"), fitted.temperature, some)
    fresh = posts(10, 100)
    expected = (answer(fitted.network, encoded(fresh, encoders)) / fitted.temperature).softmax(dim=1)
    predictions = EmotionClassifier.load(tmp_path / "run").predict(fresh)
    for post, row, prediction in zip(fresh, expected, predictions, strict=True):
        assert list(prediction.probabilities.values()) == pytest.approx(row.tolist(), abs=1e-4), post
        has = {"text": post.has_text, "image": post.image is not None}
        assert prediction.modalities == tuple(name for name, there in has.items() if there)
    assert len({tuple(prediction.probabilities.values()) for prediction in predictions}) > 5


def test_vectors_are_those_of_the_network_whatever_posts_are_beside(tmp_path):
    encoders, some = opened(tmp_path, "bert", "vit"), posts(10, 100)
    together = encoded(some, encoders)
    for cached in (tmp_path / "cache").iterdir():
        cached.unlink()
    alone = encoded([some[6]], opened(tmp_path, "bert", "vit"))
    for name in ("text", "image"):
        torch.testing.assert_close(alone.inputs[name][0], together.inputs[name][6], atol=1e-5, rtol=1e-4)
    assert together.present["text"].tolist() == [float(post.has_text) for post in some]
    assert together.present["image"].tolist() == [float(post.image is not None) for post in some]
    assert together.inputs["text"][4].abs().sum() == together.inputs["image"][3].abs().sum() == 0
    from transformers import BertModel

    bert = BertModel.from_pretrained(tmp_path / "bert").eval()
    assert (some[6].title, some[6].text) == ("", "bad cat e b")
    ids = torch.tensor([[2, *(WORDS.index(word) for word in some[6].text.split()), 3]])
    with torch.inference_mode():
        expected = bert(input_ids=ids).last_hidden_state.mean(dim=1)[0]
    torch.testing.assert_close(together.inputs["text"][6], expected, atol=1e-5, rtol=1e-4)


def test_each_content_is_computed_once_for_one_encoder(tmp_path):
    encoders, some = opened(tmp_path, "bert", "vit"), posts(45)
    first = encoded(some, encoders)
    stamps = {path: path.stat().st_size for path in (tmp_path / "cache").glob("*.f32")}
    texts, pictures = (
        {(post.title, post.text) for post in some if post.has_text},
        {post.image for post in some} - {None},
    )
    sizes = {path.name.partition("-")[0]: size for path, size in stamps.items()}
    assert sizes == {"sentences": len(texts) * 8 * 4, "pictures": len(pictures) * 8 * 4}
    again = encoded(some[::-1], opened(tmp_path, "bert", "vit"))
    assert {path: path.stat().st_size for path in (tmp_path / "cache").glob("*.f32")} == stamps
    assert torch.equal(again.inputs["text"].flip(0), first.inputs["text"])
    opened(tmp_path, "bert", "vit", tokens=3)["text"].encode(some, silent, never)
    assert len(list((tmp_path / "cache").glob("sentences-*.f32"))) == 2, "another length has a file of its own"


@pytest.mark.parametrize("name", ["bert", "clip"])
def test_title_and_text_are_read_and_cut_to_what_the_network_takes(tmp_path, name):
    encoder = opened(tmp_path, name, "vit", tokens=512)["text"]
    assert encoder.tokens == {"bert": 32, "clip": 16}[name]
    some = [
        Post("1", "good dog " * 100),
        Post("2", "good dog " * 300),
        Post("3", "dog", title="good"),
        Post("4", "good dog"),
        Post("5", "\U0001f525"),
        Post("6", "fire", title="fire"),
        Post("7", " "),
    ]
    vectors, present = encoder.encode(some, silent, never)
    np.testing.assert_allclose(vectors[0], vectors[1], atol=1e-5)
    if name == "bert":  # two sequences; of one that CLIP reads, the line between is no word
        assert not torch.allclose(vectors[2], vectors[3], atol=1e-4)
    else:
        torch.testing.assert_close(vectors[2], vectors[3])
    torch.testing.assert_close(vectors[4], vectors[5])
    assert present.tolist() == [1, 1, 1, 1, 1, 1, 0]


def test_pictures_that_cannot_be_read_are_told_and_have_no_vector(tmp_path):
    refused = []
    some = [Post("1", image=picture(1)), Post("2", "a"), Post("3", image=b"none"), Post("4", image=picture(2))]
    encoder = opened(tmp_path, "bert", "vit")["image"]
    vectors, present = encoder.encode(some, silent, lambda position, error: refused.append((position, str(error))))
    assert present.tolist() == [1, 0, 0, 1]
    assert vectors[1:3].abs().sum() == 0
    assert [position for position, _ in refused] == [2]
    assert "\n" not in refused[0][1]


def test_an_encoder_without_the_tower_is_refused_in_one_line(tmp_path):
    with pytest.raises(ModelError, match="has no text tower") as caught:
        opened(tmp_path, "vit", "vit")
    assert "\n" not in str(caught.value)
