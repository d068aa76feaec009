"""The eight views that transformations teach from: what each shows, and what is kept beside them."""

import io

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from feelscope.encoders.efficientnet_lite0 import SIZE, EfficientNetLite0, scale_pixels
from feelscope.encoders.transforming import Transforming
from feelscope.encoders.trunk_cache import TrunkCache
from feelscope.encoders.trunk_views import (
    PLAIN,
    SHARED,
    SQUARES,
    TRANSFORMED,
    VIEWS,
    shared_views,
    square_views,
    targets_of,
    transformed_views,
)
from feelscope.encoders.tuned_lite0 import Lite0Embedder, TransformedLite0Embedder
from feelscope.errors import PictureError
from feelscope.images import digest, read_rgb
from feelscope.images.transformations import FAMILIES, TARGETS, mosaic, transform
from feelscope.images.views import DRAWN


def picture(seed: int, size=(60, 40)) -> bytes:
    colours = np.random.default_rng(seed).integers(0, 255, size=(4, 6, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(colours).resize(size, Image.Resampling.BICUBIC).save(file, "PNG")
    return file.getvalue()


def test_the_views_are_the_picture_its_mirror_each_family_and_the_mosaic():
    content = picture(1)
    views, targets = transformed_views(content)
    whole = read_rgb(content, SIZE)
    assert (views.shape, views.dtype) == ((8, SIZE, SIZE, 3), np.uint8)
    assert np.array_equal(views[0], whole), "what predicting sees"
    assert np.array_equal(views[1], whole[:, ::-1])
    draws = np.random.default_rng(int(digest(content), 16))
    told = []
    for number, family in enumerate(FAMILIES):
        expected, numbers = transform(Image.fromarray(whole), family, draws)
        assert np.array_equal(views[PLAIN + number], np.asarray(expected)), family
        told.append(numbers)
    assert np.array_equal(views[7], np.asarray(mosaic(Image.fromarray(whole), draws)))
    assert targets.shape == (27,)
    for family, numbers in zip(FAMILIES, told, strict=True):
        assert np.array_equal(targets_of(targets[None], family)[0], numbers), family


def test_a_picture_always_has_the_same_views_and_another_has_others():
    first, again, other = (transformed_views(picture(seed))[1] for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.isclose(first, other).any()


def test_shared_views_are_the_squares_then_each_way_a_picture_gets_about():
    content = picture(1)
    views = shared_views(content)
    assert (views.shape, views.dtype, len(DRAWN)) == ((SHARED.count, SIZE, SIZE, 3), np.uint8, 7)
    assert np.array_equal(views[:VIEWS], square_views(content))
    assert np.array_equal(views, shared_views(content)), "the same in every training"
    assert len({view.tobytes() for view in views}) == len(views)
    grey = views[VIEWS + [*DRAWN].index("grey")]
    assert np.array_equal(grey[..., 0], grey[..., 2]) and not np.array_equal(views[0][..., 0], views[0][..., 2])
    assert sum(SHARED.chances) == pytest.approx(1) and sum(SHARED.chances[:VIEWS]) == pytest.approx(0.5)
    assert len(SHARED.chances) == SHARED.count == SHARED.ordinary and not SQUARES.chances


def test_a_picture_that_cannot_be_read_is_told():
    with pytest.raises(PictureError):
        shared_views(b"no picture")
    with pytest.raises(PictureError):
        transformed_views(b"no picture")


@pytest.fixture(scope="module")
def cached(tmp_path_factory):
    torch.manual_seed(0)
    network = EfficientNetLite0().eval()
    cache = TrunkCache(tmp_path_factory.mktemp("trunks"), network, TRANSFORMED)
    pictures = [picture(1), picture(2)]
    rows = cache.rows(pictures, lambda *now: None, lambda *refused: pytest.fail(str(refused)))
    return network, cache, pictures, rows


def test_the_cache_keeps_the_trunk_of_each_view_and_the_targets(cached):
    network, cache, pictures, rows = cached
    assert rows == [0, 1]
    views, targets = transformed_views(pictures[1])
    with torch.inference_mode():
        expected = network.trunk(torch.from_numpy(scale_pixels(views)))
    assert cache.array().shape == (2, 8, 112, 14, 14)
    np.testing.assert_allclose(cache.array()[1], expected, atol=0.01, rtol=0.01)
    np.testing.assert_allclose(cache.targets()[1], targets, atol=2e-3, rtol=2e-3)
    assert isinstance(cache.array().base, np.memmap), "nothing is read from disk before it is asked for"


def test_views_of_one_kind_are_not_taken_for_another(cached, tmp_path):
    network = cached[0]
    TrunkCache(tmp_path, network, TRANSFORMED).rows([picture(1)], lambda *now: None, lambda *refused: None)
    assert len(TrunkCache(tmp_path, network).array()) == 0


def test_an_embedder_gives_the_views_and_targets_that_are_asked_for(cached):
    _, cache, _, _ = cached
    top = nn.Conv2d(112, 5, 1)
    embedder = TransformedLite0Embedder(top, 5, cache.array, nn.Identity(), cache.targets)
    assert isinstance(embedder, Transforming)
    assert not isinstance(Lite0Embedder(top, 5, cache.array, nn.Identity()), Transforming)
    rows = torch.tensor([[2], [1]], dtype=torch.int32)
    views = embedder.views(rows, ("colour", "affine"), np.random.default_rng(0), mosaic=True)
    array = torch.from_numpy(cache.array()[[1, 0]].astype(np.float32))
    for number, view in enumerate(views.augmented):
        assert torch.equal(view, array[:, number])
    assert [*views.transformed] == ["colour", "affine"]
    for family, (moved, targets) in views.transformed.items():
        assert torch.equal(moved, array[:, PLAIN + FAMILIES.index(family)])
        assert targets.shape == (2, TARGETS[family])
    assert torch.equal(views.mosaic, array[:, 7])
    assert embedder.views(rows, (), np.random.default_rng(0), mosaic=False).mosaic is None
    torch.testing.assert_close(embedder.pooled(embedder.maps(views.augmented[0])), embedder.eval()(rows))
    assert embedder.reader()(embedder.maps(views.mosaic)).shape == (2, embedder.reader_width)
