import io
import json
import os

import numpy as np
import pytest
import torch
from PIL import Image

from feelscope import images
from feelscope.encoders import feature_cache as kept_rows
from feelscope.encoders import trunk_cache as features
from feelscope.encoders.efficientnet_lite0 import SIZE, TRUNK_SHAPE, EfficientNetLite0, scale_pixels
from feelscope.encoders.trunk_cache import VIEWS, TrunkFeatures, digest, square_views
from feelscope.errors import PictureError
from feelscope.images import read_rgb


def picture(seed, size=(60, 40)):
    draw = np.random.default_rng(seed).integers(0, 255, size=(4, 6, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(draw).resize(size, Image.Resampling.NEAREST).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
def encoder():
    torch.manual_seed(0)
    return EfficientNetLite0().eval()


def rows(kept, pictures):
    refused = []
    found = kept.rows(pictures, progress=lambda done, total: None, refuse=lambda at, error: refused.append((at, error)))
    return found, refused


def never(*_):
    raise AssertionError("computed again")


def test_rows_hold_what_the_trunk_says_of_each_view(tmp_path, encoder):
    pictures = [picture(seed) for seed in range(10)]
    kept = TrunkFeatures(tmp_path, encoder)
    found, refused = rows(kept, pictures)
    assert (found, refused) == (list(range(10)), [])
    array = kept.array()
    assert (array.shape, array.dtype) == ((10, VIEWS, *TRUNK_SHAPE), np.float16)
    with torch.inference_mode():
        expected = encoder.trunk(torch.from_numpy(scale_pixels(square_views(pictures[9]))))
    np.testing.assert_allclose(array[9], expected, atol=0.01, rtol=0.01)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("turned", [1, 6])
@pytest.mark.parametrize("size", [(300, 230), (500, 460), (1000, 1300)])
def test_the_first_view_is_what_predicting_sees_and_a_picture_is_decoded_once(monkeypatch, kind, turned, size):
    colours = np.random.default_rng(0).integers(0, 255, size=(9, 7, 3), dtype=np.uint8)
    exif, file = Image.Exif(), io.BytesIO()
    exif[0x0112] = turned
    Image.fromarray(colours).resize(size, Image.Resampling.BICUBIC).save(file, kind, exif=exif, quality=90)
    content, decoded = file.getvalue(), []
    whole, full = read_rgb(content, SIZE), read_rgb(content)
    decode = images._decode
    monkeypatch.setattr(images, "_decode", lambda *given: decoded.append(1) or decode(*given))
    views = square_views(content)
    assert decoded == [1]
    assert np.array_equal(views[0], whole) and np.array_equal(views[1], whole[:, ::-1])
    side = min(full.shape[:2])
    ends = (full[:side, :side], full[-side:, -side:][:, ::-1])
    for found, end in zip(views[2:], ends, strict=True):
        expected = np.asarray(Image.fromarray(np.ascontiguousarray(end)).resize((SIZE, SIZE), Image.Resampling.BICUBIC))
        # A JPEG of over twice the size is decoded smaller, which softens it a little.
        assert np.abs(found.astype(int) - expected).mean() < 3


def test_rows_stay_and_are_computed_once(tmp_path, encoder, monkeypatch):
    first, second, third = (picture(seed) for seed in range(3))
    kept = TrunkFeatures(tmp_path / "made", encoder)
    assert rows(kept, [first, second, first])[0] == [0, 1, 0]
    before = np.array(kept.array())
    assert rows(TrunkFeatures(tmp_path / "made", encoder), [third, second])[0] == [2, 1]
    monkeypatch.setattr(features, "square_views", never)
    again = TrunkFeatures(tmp_path / "made", encoder)
    assert rows(again, [first, second, third])[0] == [0, 1, 2]
    assert np.array_equal(again.array()[:2], before)


def test_a_file_and_its_bytes_are_one_picture(tmp_path, encoder):
    (tmp_path / "a.png").write_bytes(picture(1))
    assert rows(TrunkFeatures(tmp_path, encoder), [tmp_path / "a.png", picture(1)])[0] == [0, 0]


def test_other_weights_have_files_of_their_own(tmp_path, encoder):
    rows(TrunkFeatures(tmp_path, encoder), [picture(1)])
    other = EfficientNetLite0().eval()
    other.trunk[0][0].weight.data[0] += 1
    assert len(TrunkFeatures(tmp_path, other).array()) == 0
    assert len(TrunkFeatures(tmp_path, encoder).array()) == 1


def test_a_picture_that_cannot_be_read_has_no_row_and_is_told(tmp_path, encoder):
    (tmp_path / "words.jpg").write_text("no picture")
    pictures = [picture(1), tmp_path / "words.jpg", tmp_path / "none.png", b"", picture(2)]
    found, refused = rows(TrunkFeatures(tmp_path, encoder), pictures)
    assert found == [0, -1, -1, -1, 1]
    assert [at for at, _ in refused] == [1, 2, 3]
    assert all(isinstance(error, PictureError) and "\n" not in str(error) for _, error in refused)
    assert "none.png" in str(refused[1][1])


class Stopped(Exception):
    pass


@pytest.mark.parametrize("at", [1, 9])
def test_after_an_interruption_the_rest_is_computed(tmp_path, encoder, monkeypatch, at):
    monkeypatch.setattr(features, "_PICTURES_PER_STEP", 2)
    monkeypatch.setattr(kept_rows, "_STEPS_PER_SAVE", 3)
    pictures = [picture(seed) for seed in range(11)]

    def stop(done, total):
        if done == at:
            raise Stopped

    with pytest.raises(Stopped):
        TrunkFeatures(tmp_path / "stopped", encoder).rows(pictures, progress=stop, refuse=never)
    kept = TrunkFeatures(tmp_path / "stopped", encoder)
    assert len(kept.array()) <= at
    assert rows(kept, pictures)[0] == list(range(11))
    whole = TrunkFeatures(tmp_path / "whole", encoder)
    rows(whole, pictures)
    np.testing.assert_allclose(kept.array(), whole.array(), atol=0.01, rtol=0.01)


def test_a_half_written_row_is_written_anew(tmp_path, encoder):
    pictures = [picture(seed) for seed in range(3)]
    rows(TrunkFeatures(tmp_path, encoder), pictures[:2])
    (data,) = tmp_path.glob("*.f16")
    expected = data.read_bytes()
    with data.open("ab") as file:
        file.write(b"torn")
    kept = TrunkFeatures(tmp_path, encoder)
    assert rows(kept, pictures)[0] == [0, 1, 2]
    assert data.read_bytes().startswith(expected)
    assert len(data.read_bytes()) * 2 == len(expected) * 3
    assert np.isfinite(kept.array()).all()


@pytest.mark.parametrize("left", [0.0, 0.7])
def test_rows_that_were_cut_off_are_not_taken_for_zeros(tmp_path, encoder, left):
    pictures = [picture(seed) for seed in range(2)]
    rows(TrunkFeatures(tmp_path, encoder), pictures)
    (data,) = tmp_path.glob("*.f16")
    with data.open("r+b") as file:
        file.truncate(int(data.stat().st_size * left))
    kept = TrunkFeatures(tmp_path, encoder)
    assert len(kept.array()) == int(2 * left)
    assert sorted(rows(kept, pictures)[0]) == [0, 1]
    assert (np.abs(kept.array()).reshape(2, -1).sum(axis=1) > 0).all()


def test_the_index_is_plain_json_by_content(tmp_path, encoder):
    rows(TrunkFeatures(tmp_path, encoder), [picture(1)])
    (index,) = tmp_path.glob("*.json")
    assert json.loads(index.read_text()) == {digest(picture(1)): 0}


def test_the_first_view_is_what_predicting_sees():
    for size in ((60, 40), (40, 60), (224, 224), (500, 90)):
        assert np.array_equal(square_views(picture(3, size))[0], read_rgb(picture(3, size), SIZE))


def test_views_are_mirrored_and_squares_at_both_ends():
    wide = np.zeros((100, 300, 3), np.uint8)
    wide[:, :100] = (255, 0, 0)
    wide[:, 200:] = (0, 0, 255)
    wide[:, 200:220] = (0, 255, 0)
    file = io.BytesIO()
    Image.fromarray(wide).save(file, "PNG")
    whole, mirrored, start, end = square_views(file.getvalue())
    assert whole.shape == (SIZE, SIZE, 3)
    assert np.array_equal(mirrored, whole[:, ::-1])
    assert (start == (255, 0, 0)).all()
    assert (end[:, :150] == (0, 0, 255)).all()
    assert (end[:, -30:] == (0, 255, 0)).all(), "mirrored: its left edge stands right"


def test_a_pipe_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(PictureError, match="no regular file"):
        digest(tmp_path / "pipe.png")
