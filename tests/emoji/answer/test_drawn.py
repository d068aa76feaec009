import shutil

import numpy as np
import pytest
import torch

from feelscope.emoji.answer import drawing_file, fit_drawing
from feelscope.emoji.answer import folder as answer_folder
from feelscope.emoji.answer.answering import EmojiAnswers
from feelscope.emoji.answer.drawing_file import DRAWING
from feelscope.emoji.answer.drawn import SHARE, answer_vectors, new_codes, picture, squared_distances
from feelscope.emoji.answer.fit_drawing import add_drawing, fit, open_autoencoder
from feelscope.emoji.autoencoder.folder import SavedAutoencoder
from feelscope.emoji.autoencoder.settings import AutoencoderSettings
from feelscope.errors import ModelError
from feelscope.images.sheet import to_bytes
from feelscope.models.emoji_autoencoder import EmojiAutoencoder, WolfAutoencoder
from feelscope.saved_model.manifest import write_manifest

FILES = (answer_folder.SETTINGS, answer_folder.WEIGHTS)  # that every answer model has


@pytest.fixture(scope="module")
def answers(drawing_run):
    return EmojiAnswers.load(drawing_run, drawing=True)


def read(folder):
    model = answer_folder.read(folder)
    return drawing_file.read(folder, *model.arrays["answers"].shape)


def test_a_new_emoji_is_drawn(answers):
    drawn = answers.draw("I love you")
    assert (drawn.pixels.shape, drawn.pixels.dtype) == ((36, 36, 4), np.uint8)
    assert len(drawn.code) == 6
    assert drawn.mean < drawn.score <= 1
    assert [one.distance for one in drawn.similar] == sorted(one.distance for one in drawn.similar)
    assert drawn.similar[0].distance > 0
    assert not drawn.warnings
    again, other = answers.draw("I love you ❤️"), answers.draw("I love you", seed=1)
    assert (again.pixels == drawn.pixels).all()
    assert other.code != drawn.code


def test_it_is_the_best_of_those_that_were_compared(answers):
    drawn, arrays = answers.draw("I love you"), answers._drawing
    tokens = answers._sentences.tokens("I love you")
    asked = answers.asked(answers._sentences.vector(tokens))
    asked /= np.linalg.norm(asked)
    scores = []
    for code in new_codes(arrays["codes"], drawn.count, 0):  # by a plain loop
        near = [np.exp(-arrays["fit_reach"] * ((code - known) ** 2).sum()) for known in arrays["codes"]]
        vector = sum(share * weight for share, weight in zip(near, arrays["fit_weight"], strict=True))
        scores.append(float((vector + arrays["fit_bias"]) @ asked))
    assert drawn.score == pytest.approx(max(scores), abs=1e-4)
    assert drawn.mean == pytest.approx(np.mean(scores), abs=1e-4)


@pytest.mark.parametrize("text", ["", "   \n\t ", "❤️ 🎄"])
def test_a_text_without_words(answers, text):
    with pytest.raises(ModelError, match="no words to answer"):
        answers.draw(text)


def test_ten_thousand_words(answers):
    assert answers.draw("I love you " * 3334).warnings == ("the text is long, and its end was not read",)


def test_a_model_that_cannot_draw_says_what_to_do(tmp_path):
    run = shutil.copytree(answer_folder.FOLDER, tmp_path / "run")
    write_manifest(run, FILES)
    with pytest.raises(ModelError, match="no autoencoder to draw by; train it with one: feelscope emoji train-autoenc"):
        EmojiAnswers.load(run, drawing=True)
    assert EmojiAnswers.load(run).answer("I love you").answers


def test_codes_lie_between_two_known_ones():
    known = np.eye(4, dtype=np.float32)
    codes = new_codes(known, 200, 0)
    assert codes.shape == (200, 4)
    assert codes.sum(axis=1) == pytest.approx(np.ones(200))
    assert ((codes > 0).sum(axis=1) == 2).all()
    assert codes[codes > 0].min() >= SHARE - 1e-6
    assert (codes == new_codes(known, 200, 0)).all()
    assert (codes != new_codes(known, 200, 1)).any()


def test_pictures_are_those_of_the_network():
    torch.manual_seed(0)
    network = EmojiAutoencoder(5, 3, 7, 0.0, 8.0).eval()
    saved = SavedAutoencoder(AutoencoderSettings(code=5), network, (), torch.zeros(0, 5), {})
    codes = torch.randn(4, 5)
    with torch.no_grad():
        wanted = to_bytes(network.decode(codes).numpy())
    found = np.stack([picture(fit_drawing.decoder(saved), code) for code in codes.numpy()])
    assert np.abs(found.astype(int) - wanted).max() <= 1


def test_a_saved_drawing_loses_little(drawing_run, autoencoder):
    saved = open_autoencoder(autoencoder)
    exact, kept = fit_drawing.arrays(saved, answer_folder.read(drawing_run)), read(drawing_run)
    assert {name: value.shape for name, value in kept.items()} == {name: value.shape for name, value in exact.items()}
    code = exact["codes"][3]
    assert np.abs(picture(exact, code).astype(int) - picture(kept, code)).max() <= 4
    assert answer_vectors(kept, code[None]) == pytest.approx(answer_vectors(exact, code[None]), abs=0.01)


def test_the_fit_is_that_of_a_plain_loop_and_chosen_by_those_left_out():
    generator = np.random.default_rng(0)
    codes = generator.normal(size=(40, 3)).astype(np.float32)
    vectors = np.tanh(codes @ generator.normal(size=(3, 2))) + generator.normal(0, 1.0, (40, 2))
    bias = vectors.mean(axis=0)

    def solved(rows, reach, smoothing):
        kernel = np.exp(-reach * squared_distances(codes[rows], codes[rows]))
        return np.linalg.solve(kernel + smoothing * np.eye(len(rows)), vectors[rows] - bias)

    errors = {}
    for reach in np.array(fit_drawing.REACHES) / 3:
        for smoothing in fit_drawing.SMOOTHINGS:
            error = 0.0
            for out in range(40):
                rows = np.delete(np.arange(40), out)
                near = np.exp(-reach * squared_distances(codes[[out]], codes[rows]))
                error += ((near @ solved(rows, reach, smoothing) + bias - vectors[out]) ** 2).sum()
            errors[float(reach), smoothing] = error
    best = min(errors, key=errors.get)
    assert best != next(iter(errors))
    weight, middle, reach = fit(codes, vectors)
    assert reach == pytest.approx(best[0])
    assert weight == pytest.approx(solved(np.arange(40), *best), abs=1e-5)
    assert middle == pytest.approx(bias, abs=1e-6)


# What an answer model cannot draw by


def test_the_published_network_is_refused(autoencoder, monkeypatch):
    found = open_autoencoder(autoencoder)
    published = SavedAutoencoder(found.settings, WolfAutoencoder(4, 2), found.sequences, found.codes, {})
    monkeypatch.setattr(fit_drawing.autoencoder_folder, "read", lambda run: published)
    with pytest.raises(ModelError, match="the published network, whose codes may be infinite"):
        open_autoencoder(autoencoder)


def test_too_few_pictures(autoencoder, tmp_path):
    found = open_autoencoder(autoencoder)
    few = SavedAutoencoder(found.settings, found.network, found.sequences[:9], found.codes[:9], {})
    copy = shutil.copytree(answer_folder.FOLDER, tmp_path / "run")
    with pytest.raises(ModelError, match="of the answer model's emoji, expected 20 or more"):
        add_drawing(copy, few)


def spoiled(folder, tmp_path, sign=True, **values):
    """A copy of a model whose drawing.npz has other arrays; None takes one out."""
    copy = shutil.copytree(folder, tmp_path / "copy")
    with np.load(copy / DRAWING) as file:
        arrays = {name: value for name, value in ({**file} | values).items() if value is not None}
    np.savez(copy / DRAWING, **arrays)
    if sign:
        write_manifest(copy, (*FILES, DRAWING))
    return copy


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("fit_weight", np.zeros((1, 64), np.float16), "fit_weight: expected numbers"),
        ("fit_bias", np.full(64, np.nan, np.float16), "fit_bias: it has numbers that are infinite or not numbers"),
        ("codes", "wider", r"write_weight: expected whole numbers \(5184, 7\), found int8 \(5184, 6\)"),
        ("inner_weight", np.zeros((16, 5), np.float16), r"inner_weight: expected numbers \(16, 6\), found float16"),
        ("codes", np.zeros(6, np.float16), "its layers are not those that draw an emoji"),
        ("write_weight", np.zeros((5184, 6), np.float16), "write_weight: expected whole numbers"),
        ("write_weight_scale", None, "write_weight_scale: expected numbers"),
        ("known", "twice", "known: expected different emoji"),
        ("known", "far", "known: expected different emoji"),
        ("fit_reach", np.array(-1, np.float16), "fit_reach: expected a number above 0, found -1"),
    ],
)
def test_a_drawing_that_nobody_wrote(drawing_run, tmp_path, name, value, said):
    count = len(read(drawing_run)["known"])
    if isinstance(value, str):
        far = np.arange(10**6, 10**6 + count, dtype=np.int32)
        value = {"wider": np.zeros((count, 7), np.float16), "twice": np.zeros(count, np.int32), "far": far}[value]
    with pytest.raises(ModelError, match=f"{DRAWING}: .*({said})"):
        read(spoiled(drawing_run, tmp_path, **{name: value}))


def test_a_drawing_that_is_damaged_or_missing(drawing_run, tmp_path):
    copy = spoiled(drawing_run, tmp_path, sign=False, fit_reach=np.array(1, np.float16))
    with pytest.raises(ModelError, match=f"{DRAWING}: this file was altered since the model was saved"):
        read(copy)
    (copy / DRAWING).unlink()
    with pytest.raises(ModelError, match=f"{DRAWING}: cannot be read"):
        read(copy)
    write_manifest(copy, FILES)
    assert read(copy) is None


def test_the_built_in_one_draws():
    builtin = EmojiAnswers.load(drawing=True)
    drawn = builtin.draw("I love you so much")
    assert len(drawn.code) == 32
    assert any("heart" in one.name for one in drawn.similar)
    assert drawn.pixels[..., 3].max() > 200
