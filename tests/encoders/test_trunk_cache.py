import io
import json
import os

import numpy as np
import pytest
import torch
from PIL import Image

from feelscope.encoders.efficientnet_lite0 import SIZE, TRUNK_SHAPE, EfficientNetLite0, scale_pixels
from feelscope.encoders.trunk_cache import TrunkCache, digest
from feelscope.encoders.trunk_views import VIEWS, square_views
from feelscope.errors import PictureError
from feelscope.images import read as images
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


def rows(cache, pictures):
    """The pictures' rows, and which were refused and why."""
    refused = []
    numbers = cache.rows(pictures, lambda *now: None, lambda position, error: refused.append((position, error)))
    return numbers, refused


def test_rows_hold_what_the_trunk_says_of_each_view(tmp_path, encoder):
    pictures = [picture(seed) for seed in range(10)]
    cache = TrunkCache(tmp_path, encoder)
    assert rows(cache, pictures) == (list(range(10)), [])
    array = cache.array()
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
    decode = images.decoded
    monkeypatch.setattr(images, "decoded", lambda *given: decoded.append(1) or decode(*given))
    views = square_views(content)
    assert decoded == [1]
    assert np.array_equal(views[0], whole) and np.array_equal(views[1], whole[:, ::-1])
    side = min(full.shape[:2])
    ends = (full[:side, :side], full[-side:, -side:][:, ::-1])
    for view, end in zip(views[2:], ends, strict=True):
        expected = np.asarray(Image.fromarray(np.ascontiguousarray(end)).resize((SIZE, SIZE), Image.Resampling.BICUBIC))
        # A JPEG of over twice the size is decoded smaller, which softens it a little.
        assert np.abs(view.astype(int) - expected).mean() < 3


def test_a_file_and_its_bytes_are_one_picture(tmp_path, encoder):
    (tmp_path / "a.png").write_bytes(picture(1))
    assert rows(TrunkCache(tmp_path, encoder), [tmp_path / "a.png", picture(1)])[0] == [0, 0]


def test_other_weights_have_files_of_their_own(tmp_path, encoder):
    rows(TrunkCache(tmp_path, encoder), [picture(1)])
    other = EfficientNetLite0().eval()
    other.trunk[0][0].weight.data[0] += 1
    assert len(TrunkCache(tmp_path, other).array()) == 0
    assert len(TrunkCache(tmp_path, encoder).array()) == 1


def test_a_picture_that_cannot_be_read_has_no_row_and_is_told(tmp_path, encoder):
    (tmp_path / "words.jpg").write_text("no picture")
    pictures = [picture(1), tmp_path / "words.jpg", tmp_path / "none.png", b"", picture(2)]
    numbers, refused = rows(TrunkCache(tmp_path, encoder), pictures)
    assert numbers == [0, -1, -1, -1, 1]
    assert [position for position, _ in refused] == [1, 2, 3]
    assert all(isinstance(error, PictureError) and "\n" not in str(error) for _, error in refused)
    assert "none.png" in str(refused[1][1])


def test_the_index_is_plain_json_by_content(tmp_path, encoder):
    rows(TrunkCache(tmp_path, encoder), [picture(1)])
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
    assert (end[:, -30:] == (0, 255, 0)).all(), "mirrored: its left edge is at the right"


def test_a_pipe_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(PictureError, match="not a regular file"):
        digest(tmp_path / "pipe.png")
