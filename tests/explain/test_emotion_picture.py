"""Emotion pictures of a small run: the score rises, each regulariser does what it says, and a seed is a picture."""

import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.ndimage import gaussian_filter1d
from small_device import OTHER, other_device
from torch import nn

from feelscope.errors import ConfigError, ModelError
from feelscope.explain import emotion_picture
from feelscope.explain.emotion_picture import OURS, PUBLISHED, blurred, coarser, draw, greyer, without_small
from feelscope.explain.picture_sheet import FRAMES, frames_of, png, write_grid, write_strip
from feelscope.post import Post
from feelscope.train.rebuilding import RebuiltRun

SETTINGS = replace(PUBLISHED, updates=30, step=1.0, decay=1e-6)  # which fits a small network's gradients
BARE = replace(SETTINGS, decay=0.0, blur=0.0, small_norm=0.0, jitter=0)
NOISE = torch.randn(32, 32, 3, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def run(pictures_run):
    return RebuiltRun(pictures_run)


def seen(picture):
    """A picture (S, S, 3) of bytes in the network's own pixels, of which 127.5 is zero and one."""
    return picture.astype(float) / 127.5 - 1


def test_the_score_rises_and_the_emotion_is_read(run):
    for emotion in run.emotions:
        first, last = draw(run, emotion, BARE).frames
        assert (first.update, last.update) == (0, 30)
        assert last.score > first.score + 0.02
        assert last.pixels.shape == (32, 32, 3) and last.pixels.dtype == np.uint8
        found = run.read(Post("1", image=png(last.pixels)))[1]
        assert found.probabilities[emotion] > run.read(Post("1", image=png(first.pixels)))[1].probabilities[emotion]


@pytest.mark.parametrize("settings", [SETTINGS, replace(OURS, updates=30, step=1.0, jitter=4)])
def test_with_the_regularisers_the_score_is_higher_than_by_them_alone(run, settings):
    """The blur takes noise that a small network may read something in."""
    for emotion in run.emotions:
        alone, climbed = (draw(run, emotion, replace(settings, step=step)).frames[-1].score for step in (1e-6, 1.0))
        assert climbed > alone + 0.02


def test_the_score_is_the_logit_of_a_picture_alone(run):
    first = draw(run, run.emotions[0], SETTINGS).frames[0]
    noise = torch.randn(32, 32, 3, generator=torch.Generator().manual_seed(0))
    assert run.image.zero == run.image.unit == pytest.approx((127.5, 127.5, 127.5))
    with torch.no_grad():
        logits = run.scores(None, (127.5 + 127.5 * noise)[None], {})[0]
    assert first.score == pytest.approx(float(logits[0]), abs=1e-5)
    assert np.array_equal(first.pixels, (127.5 + 127.5 * noise).round().clamp(0, 255).byte().numpy())


def test_a_seed_is_a_picture_and_another_seed_another(run):
    pictures = [draw(run, run.emotions[0], SETTINGS, seed=seed).pixels for seed in (0, 0, 1)]
    assert np.array_equal(pictures[0], pictures[1])
    assert not np.array_equal(pictures[0], pictures[2])


def test_frames_are_those_that_were_asked_for(run):
    numbers = frames_of(30)
    assert len(numbers) == FRAMES and numbers[0] == 0 and numbers[-1] == 30
    made = draw(run, run.emotions[0], SETTINGS, frames=numbers)
    assert [frame.update for frame in made.frames] == list(numbers)
    alone = draw(run, run.emotions[0], replace(SETTINGS, updates=numbers[3]))
    assert np.array_equal(made.frames[3].pixels, alone.pixels)
    assert made.pixels is made.frames[-1].pixels
    assert frames_of(1) == (0, 1)


# The regularisers, one by one


def rough(picture):
    """How much of a picture's energy is finer than four pixels."""
    spectrum = np.abs(np.fft.fft2(np.asarray(picture, float), axes=(0, 1))) ** 2
    fine = np.abs(np.fft.fftfreq(len(picture))) > 0.25
    return spectrum[fine][:, fine].sum() / spectrum.sum()


def test_the_blur_is_a_gaussian_and_takes_what_is_fine():
    ours = blurred(NOISE, 0.5).numpy()
    wanted = gaussian_filter1d(
        gaussian_filter1d(NOISE.numpy(), 0.5, axis=0, mode="nearest"), 0.5, axis=1, mode="nearest"
    )
    assert np.abs(ours - wanted).max() < 1e-4
    assert rough(ours) < 0.7 * rough(NOISE)
    assert torch.allclose(blurred(torch.full_like(NOISE, 0.3), 2.0), torch.full_like(NOISE, 0.3))
    assert blurred(NOISE, 0.0) is NOISE


def test_blurred_now_and_then_a_picture_is_smoother(run):
    sharp, smooth = (draw(run, run.emotions[0], replace(BARE, blur=blur)).pixels for blur in (0.0, 0.5))
    assert rough(smooth) < 0.7 * rough(sharp)


def test_the_blur_comes_every_so_many_updates(run, monkeypatch):
    real, calls = emotion_picture.blurred, []
    monkeypatch.setattr(emotion_picture, "blurred", lambda *asked: calls.append(1) or real(*asked))
    draw(run, run.emotions[0], replace(SETTINGS, blur_every=10))
    assert len(calls) == 3


def test_pixels_of_small_norm_become_zero_and_not_small_values():
    kept = without_small(NOISE, 10.0)
    norms = NOISE.norm(dim=2)
    gone = (kept == 0).all(dim=2)  # (32, 32)
    assert int(gone.sum()) == 102, "a tenth of 1,024 pixels"
    assert norms[gone].max() < norms[~gone].min()
    assert torch.equal(kept[~gone], NOISE[~gone]), "negative and small values of other pixels stay"
    assert (kept[~gone] < torch.quantile(NOISE, 0.2)).any()
    assert without_small(NOISE, 0.0) is NOISE


def test_a_finished_picture_has_a_tenth_of_its_pixels_grey(run):
    pixels = draw(run, run.emotions[0], replace(BARE, small_norm=10.0)).pixels
    assert (np.abs(seen(pixels)) < 0.01).all(axis=2).mean() >= 102 / 1024


def test_coarse_waves_count_more_by_the_power():
    line = torch.arange(32) * 2 * torch.pi / 32
    waves = {number: (number * line).sin()[:, None, None].expand(32, 32, 3) for number in (1, 4)}
    for power in (0.5, 2.0):
        for number, wave in waves.items():
            assert torch.allclose(coarser(wave, power), wave / number**power, atol=1e-5)
    flat = torch.full((32, 32, 3), 0.7)
    assert torch.allclose(coarser(flat, 2.0), flat)
    assert coarser(NOISE, 0.0) is NOISE


def test_colours_are_drawn_to_their_mean():
    grey = NOISE.mean(dim=2, keepdim=True)
    assert torch.allclose(greyer(NOISE, 0.7), 0.3 * NOISE + 0.7 * grey, atol=1e-6)
    assert torch.allclose(greyer(NOISE, 1.0), grey.expand_as(NOISE))
    assert greyer(NOISE, 0.0) is NOISE


def test_the_decay_shrinks_a_picture(run):
    sizes = [np.square(seen(draw(run, run.emotions[0], replace(BARE, decay=decay)).pixels)).sum() for decay in (0, 10)]
    assert sizes[1] < 0.9 * sizes[0]


class Shifted(nn.Module):
    """A score that is the mean of one pixel's neighbourhood, and what it was shown."""

    size, zero, unit = 32, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))


class Spot:
    """A network that sees one pixel."""

    name, emotions = "spot", ("joy",)

    def __init__(self):
        self.image, self.shown = Shifted(), []

    def scores(self, ids, rgb, further):
        self.shown.append(rgb.detach()[0])
        return rgb[:, 16, 16, :1] * self.image.weight


def test_the_jitter_is_undone():
    spot = Spot()
    made = draw(spot, "joy", replace(BARE, jitter=5, updates=40, step=1.0))
    asked = spot.shown[1:-1]  # the first and the last are frames
    places = set()
    for one in asked:
        matches = [
            (down, right)
            for down in range(-5, 6)
            for right in range(-5, 6)
            if (one.roll((-down, -right), (0, 1)) == NOISE).float().mean() > 0.9
        ]
        assert len(matches) == 1, "each is the noise, moved by at most 5 pixels"
        places.update(matches)
    assert len(places) > 20
    changed = (torch.from_numpy(made.pixels.astype(float)) != NOISE.round().clamp(0, 255)).any(dim=2)
    rows, columns = changed.nonzero().T
    assert rows.min() >= 11 and rows.max() <= 21 and columns.min() >= 11 and columns.max() <= 21
    still = Spot()
    draw(still, "joy", replace(BARE, updates=3))
    assert all((one == NOISE).float().mean() > 0.99 for one in still.shown)


def test_settings_that_are_no_ascent_are_refused():
    for wrong in ({"step": 0.0}, {"blur_every": 0}, {"small_norm": 100.0}, {"jitter": -1}, {"updates": -1}):
        with pytest.raises(ConfigError, match=next(iter(wrong))):
            replace(SETTINGS, **wrong)


# Runs and files


def test_a_run_without_pictures_is_one_line(words_run):
    with pytest.raises(ModelError, match=r"^run: this run reads no pictures; give one that does") as caught:
        draw(RebuiltRun(words_run), "fear", SETTINGS)
    assert "\n" not in str(caught.value)


def test_a_picture_is_drawn_on_another_device(pictures_run, run):
    few = replace(SETTINGS, updates=3)
    wanted = draw(run, run.emotions[0], few)
    with other_device():
        found = draw(RebuiltRun(pictures_run).to(OTHER), run.emotions[0], few)
    assert found.frames[-1].score == pytest.approx(wanted.frames[-1].score, abs=1e-4)


def test_the_grid_and_the_strip_are_pictures(run, tmp_path):
    pictures = [draw(run, one, replace(SETTINGS, updates=8), frames=(0, 4)) for one in run.emotions]
    write_grid(tmp_path / "grid.png", pictures)
    write_strip(tmp_path / "strip.png", pictures)
    sizes = {}
    for name in ("grid", "strip"):
        with Image.open(tmp_path / f"{name}.png") as image:
            sizes[name] = image.size
    assert sizes["grid"][0] == 2 * 300 and sizes["strip"] == (3 * 300, 3 * 350)
    again = tmp_path / "again.png"
    write_grid(again, pictures)
    assert again.read_bytes() == (tmp_path / "grid.png").read_bytes()
    with Image.open(io.BytesIO(png(pictures[0].pixels))) as image:
        assert np.array_equal(np.asarray(image), pictures[0].pixels)
