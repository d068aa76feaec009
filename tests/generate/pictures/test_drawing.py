"""What a generator draws, and what it cannot be asked for."""

from dataclasses import replace

import numpy as np
import pytest
import small_pictures
import torch
from PIL import Image

from feelscope.errors import ConfigError, ModelError
from feelscope.generate.pictures import copies, drawing
from feelscope.generate.pictures.copies import nearest
from feelscope.generate.pictures.drawing import condition_of, drawn_by, noise_of, read_sum
from feelscope.generate.pictures.fit import new_networks
from feelscope.generate.pictures.folder import SavedGenerator
from feelscope.images.sheet import opaque
from feelscope.saved_model.builtin_sentences import BuiltinSentences


@pytest.fixture(scope="module")
def saved() -> SavedGenerator:
    """A generator by emotion that has learnt nothing; its statistics are of what it draws."""
    generator, _ = new_networks(small_pictures.SETTINGS, 2)
    with torch.no_grad():
        for _ in range(30):
            generator(torch.rand(32, generator.noise) * 2 - 1, torch.eye(2)[torch.arange(32) % 2])
    return SavedGenerator(small_pictures.SETTINGS, generator.eval(), 2, small_pictures.EMOTIONS, "", {})


@pytest.fixture(scope="module")
def by_text() -> SavedGenerator:
    settings = replace(small_pictures.SETTINGS, by="text")
    return SavedGenerator(settings, new_networks(settings, 384)[0].eval(), 384, (), BuiltinSentences().identity, {})


@pytest.fixture(scope="module")
def by_nothing() -> SavedGenerator:
    settings = replace(small_pictures.SETTINGS, by="nothing")
    return SavedGenerator(settings, new_networks(settings, 0)[0].eval(), 0, (), "", {})


def pictures_of(path, size: int = 32, gap: int = 2) -> list[np.ndarray]:
    """The pictures of a sheet that was not enlarged, row by row."""
    sheet = np.asarray(Image.open(path).convert("RGBA"))
    step = size + gap
    return [
        sheet[top : top + size, left : left + size, :3]
        for top in range(0, sheet.shape[0], step)
        for left in range(0, sheet.shape[1], step)
        if sheet[top, left, 3]
    ]


def test_a_picture_of_a_number_is_the_same_however_many_are_drawn(saved, tmp_path) -> None:
    anger = condition_of(saved, "anger", "")
    drawing.draw_pictures(saved, 1, anger, 3, tmp_path / "one.png", 1)
    assert drawing.draw_pictures(saved, 12, anger, 3, tmp_path / "all.png", 1) == "12 pictures"
    (one,), every = pictures_of(tmp_path / "one.png"), pictures_of(tmp_path / "all.png")
    assert len(every) == 12
    assert np.abs(one.astype(int) - every[0]).max() <= 1
    drawing.draw_pictures(saved, 1, anger, 4, tmp_path / "other.png", 1)
    assert (pictures_of(tmp_path / "other.png")[0] != one).any()
    drawing.draw_pictures(saved, 1, condition_of(saved, "sadness", ""), 3, tmp_path / "sad.png", 1)
    assert (pictures_of(tmp_path / "sad.png")[0] != one).any()


def test_a_walk_begins_and_ends_at_pictures_1_and_2(saved, tmp_path) -> None:
    anger = condition_of(saved, "anger", "")
    drawing.draw_walk(saved, 5, anger, 0, tmp_path / "walk.png", 1)
    drawing.draw_pictures(saved, 2, anger, 0, tmp_path / "ends.png", 1)
    walk, ends = pictures_of(tmp_path / "walk.png"), pictures_of(tmp_path / "ends.png")
    assert len(walk) == 5
    for found, wanted in ((walk[0], ends[0]), (walk[-1], ends[1])):
        assert np.abs(found.astype(int) - wanted).max() <= 1
    middle = drawn_by(saved.network, noise_of([1, 2], 256, 0).mean(dim=0, keepdim=True), anger)[0]
    assert np.abs(walk[2].astype(int) - middle.transpose(1, 2, 0)).max() <= 1


def test_a_sum_of_pictures_is_that_of_their_mean_noise(saved, tmp_path) -> None:
    anger = condition_of(saved, "anger", "")
    said = drawing.draw_sum(saved, "1,5,9 - 2,4,6 + 3,7,8", anger, 0, tmp_path / "sum.png", 1)
    assert said == "3 groups with their means, and their sum last"
    found = pictures_of(tmp_path / "sum.png")
    assert len(found) == 13, "three rows of three pictures and their mean, and the result"
    means = [noise_of(group, 256, 0).mean(dim=0) for group in ([1, 5, 9], [2, 4, 6], [3, 7, 8])]
    noise = torch.stack([means[1], (means[0] - means[1] + means[2]).clamp(-1, 1)])
    for at, wanted in zip((7, 12), drawn_by(saved.network, noise, anger.expand(2, -1)), strict=True):
        assert np.abs(found[at].astype(int) - wanted.transpose(1, 2, 0)).max() <= 1


def test_sums_are_read() -> None:
    assert read_sum(" 1, 2 -3,4") == ([1.0, -1.0], [[1, 2], [3, 4]])
    assert read_sum("-1+2") == ([-1.0, 1.0], [[1], [2]])


@pytest.mark.parametrize("asked", ["", "1,2,3", "1,2-3", "1-a", "1--2", "1 2", "0-1", "1-99999", "1+2x"])
def test_what_is_no_sum_is_one_line(asked) -> None:
    with pytest.raises(ConfigError, match="--arithmetic: expected numbers of pictures, as in"):
        read_sum(asked)


def test_noise_is_uniform_and_of_its_number() -> None:
    many = noise_of(list(range(1, 201)), 100, 0)
    assert -1 <= many.min() < -0.99 and 0.99 < many.max() <= 1
    assert float(many.std()) == pytest.approx(3**-0.5, rel=0.02)
    assert torch.equal(noise_of([7], 100, 0)[0], many[6])


def test_emotions_are_known_by_their_meaning_and_others_are_one_line(saved) -> None:
    for name in ("sadness", "Sadness", "sad"):
        assert condition_of(saved, name, "").tolist() == [[0.0, 1.0]]
    with pytest.raises(ConfigError, match="'angr' is none of its; did you mean 'anger'"):
        condition_of(saved, "angr", "")
    with pytest.raises(ConfigError, match="give --emotion, one of anger, sadness"):
        condition_of(saved, "", "")


def test_text_of_a_generator_by_emotion_and_the_reverse(saved, by_text, by_nothing) -> None:
    with pytest.raises(ConfigError, match="--text: this generator was not trained by text: give --emotion"):
        condition_of(saved, "", "two rings")
    with pytest.raises(ConfigError, match="--emotion: this generator was not trained by emotion: give --text"):
        condition_of(by_text, "anger", "")
    with pytest.raises(ConfigError, match=r"--emotion: .* leave it out, or one of `train-pictures --by emotion`"):
        condition_of(by_nothing, "anger", "")
    assert condition_of(by_nothing, "", "") is None


def test_a_text_is_read_by_the_built_in_network(by_text) -> None:
    found = condition_of(by_text, "", "two rings on a hand")
    assert found is not None and found.shape == (1, 384)
    assert float(found.norm()) == pytest.approx(1, abs=1e-5)
    assert not torch.allclose(found, condition_of(by_text, "", "a storm at sea"))
    for empty in ("😀", "  "):
        with pytest.raises(ConfigError):
            condition_of(by_text, "", empty)
    with pytest.raises(ModelError, match="read texts by another version of the built-in model"):
        condition_of(replace(by_text, reader="0" * 64), "", "two rings")


def test_the_nearest_picture_as_a_plain_loop(monkeypatch) -> None:
    monkeypatch.setattr(copies, "_AT_ONCE", 6)
    known = small_pictures.shown(20).pixels
    asked = small_pictures.shown(30).pixels[20:]
    found = nearest(asked, known)
    for at, picture in enumerate(asked.numpy().astype(float)):
        distances = [float(np.sqrt(((picture - other) ** 2).mean())) for other in known.numpy().astype(float)]
        assert int(found.rows[at]) == int(np.argmin(distances))
        assert float(found.distances[at]) == pytest.approx(min(distances), rel=1e-3)
    assert nearest(known, known).distances.max() < 0.1, "each is its own nearest"
    others = nearest(known, known, themselves=torch.arange(20))
    assert others.distances.min() > 1


def test_pictures_on_a_sheet_are_opaque() -> None:
    pixels = np.arange(2 * 3 * 4 * 5, dtype=np.uint8).reshape(2, 3, 4, 5)
    found = opaque(pixels)
    assert found.shape == (2, 4, 5, 4)
    assert (found[..., 3] == 255).all()
    assert (found[1, 2, 3, :3] == pixels[1, :, 2, 3]).all()
