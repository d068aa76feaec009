"""Lite0 that learns: which view and rectangle a step sees, and what becomes of them."""

import io

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from feelscope.encoders.efficientnet_lite0 import EfficientNetLite0, scale_pixels
from feelscope.encoders.fixed_vectors import FixedVectors
from feelscope.encoders.settings import ImageSettings
from feelscope.encoders.trunk_cache import TRUNK_SHAPE
from feelscope.encoders.trunk_views import VIEWS, square_views
from feelscope.encoders.tuned_lite0 import Lite0Embedder, TunedLite0, draw_views
from feelscope.post import Post
from feelscope.progress import silent

SIDES = (14, 10)


def rows(*numbers: int) -> torch.Tensor:
    return torch.tensor(numbers, dtype=torch.int32).unsqueeze(1)


def draw(count: int, erase: float, seed: int = 0, sides: tuple[int, int] = SIDES) -> torch.Tensor:
    return draw_views(rows(*range(1, count + 1)), VIEWS, sides, erase, np.random.default_rng(seed))


# What is drawn


def test_each_picture_keeps_its_row_and_has_one_of_the_views():
    drawn = draw(400, 0.0)
    assert (drawn.shape, drawn.dtype) == ((400, 6), torch.int32)
    assert drawn[:, 0].tolist() == [*range(1, 401)]
    counts = drawn[:, 1].bincount(minlength=VIEWS).tolist()
    assert counts == pytest.approx([100] * VIEWS, abs=35)
    assert not drawn[:, 2:].any(), "and nothing is blanked"


def test_a_step_draws_again_and_the_same_when_it_is_resumed():
    assert torch.equal(draw(50, 0.5), draw(50, 0.5))
    assert not torch.equal(draw(50, 0.5)[:, 1], draw(50, 0.5, seed=1)[:, 1])


def test_a_post_without_a_picture_stays_without():
    drawn = draw_views(rows(0, 7, 0), VIEWS, SIDES, 0.999, np.random.default_rng(0))
    assert drawn[:, 0].tolist() == [0, 7, 0]
    assert not drawn[[0, 2], 2:].any()
    assert drawn[1, 4:].min() >= 3


def test_a_share_of_the_pictures_has_a_rectangle_of_any_size_and_place():
    drawn = draw(2000, 0.3)
    rectangles = drawn[drawn[:, 4] > 0, 2:].tolist()
    assert len(rectangles) == pytest.approx(600, abs=80)
    assert {(height, width) for _, _, height, width in rectangles} == {
        (height, width) for height in range(3, 9) for width in range(3, 7)
    }
    covered = np.zeros(SIDES, int)
    for top, left, height, width in rectangles:
        assert 0 <= top <= SIDES[0] - height
        assert 0 <= left <= SIDES[1] - width
        covered[top : top + height, left : left + width] += 1
    assert covered.min() > 0, "no cell is spared"


def test_small_trunk_outputs_have_no_room_for_a_rectangle():
    assert not draw(50, 0.9, sides=(3, 9))[:, 2:].any()
    assert draw(50, 0.9, sides=(4, 9))[:, 2:].any()


def test_rectangles_change_neither_rows_nor_views():
    assert torch.equal(draw(50, 0.8)[:, :2], draw(50, 0.0)[:, :2])


# What the embedder makes of it


def embedder(trunks: np.ndarray) -> Lite0Embedder:
    """It gives the mean of every channel, and twice that."""
    channels = trunks.shape[2]
    top = nn.Conv2d(channels, 2 * channels, 1, bias=False)
    top.weight.data = torch.cat([torch.eye(channels), 2 * torch.eye(channels)])[:, :, None, None]
    return Lite0Embedder(top, 2 * channels, lambda: trunks, nn.Identity())


def test_a_row_is_read_by_its_view_and_the_drawn_cells_are_blank_in_every_channel():
    trunks = np.random.default_rng(0).normal(size=(3, VIEWS, 2, *SIDES)).astype(np.float16)
    drawn = torch.tensor([[3, 1, 0, 0, 0, 0], [0] * 6, [1, 2, 4, 5, 6, 3]], dtype=torch.int32)
    blanked = trunks[0, 2].astype(np.float64)
    blanked[:, 4:10, 5:8] = 0
    means = [trunks[2, 1].astype(np.float64).mean(axis=(1, 2)), blanked.mean(axis=(1, 2))]
    before = trunks.copy()
    vectors = embedder(trunks)(drawn).detach()
    assert vectors[0].tolist() == pytest.approx([*means[0], *2 * means[0]], abs=1e-5)
    assert vectors[1].tolist() == [0] * 4, "without a picture"
    assert vectors[2].tolist() == pytest.approx([*means[1], *2 * means[1]], abs=1e-5)
    assert np.array_equal(trunks, before), "the cache stays"


def test_outside_training_the_first_view_is_read_whole():
    trunks = np.random.default_rng(0).normal(size=(3, VIEWS, 2, *SIDES)).astype(np.float16)
    vectors = embedder(trunks)(rows(2, 0)).detach()
    expected = trunks[1, 0].astype(np.float64).mean(axis=(1, 2))
    assert vectors[0, :2].tolist() == pytest.approx(expected, abs=1e-5)
    assert vectors[1].tolist() == [0] * 4


def test_vectors_are_brought_to_one_size_once_they_are_pooled():
    trunks = np.random.default_rng(0).normal(size=(2, VIEWS, 2, *SIDES)).astype(np.float16)
    plain = embedder(trunks)
    pooled = plain(rows(1, 2)).detach().double().numpy()
    plain.after = FixedVectors(4, normalise=True, dropout=0.0)
    centred = pooled - pooled.mean(axis=1, keepdims=True)
    expected = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5)
    assert plain(rows(1, 2)).detach().numpy() == pytest.approx(expected, abs=1e-4)


def test_posts_without_any_picture_need_no_cache():
    def never():
        raise AssertionError("opened")

    empty = Lite0Embedder(nn.Conv2d(2, 4, 1), 4, never, nn.Identity())
    assert empty(rows(0, 0)).tolist() == [[0] * 4] * 2


def test_the_pretrained_running_means_stay_while_everything_else_learns():
    trunks = np.random.default_rng(0).normal(1, 1, size=(4, VIEWS, 2, *SIDES)).astype(np.float16)
    top = nn.Sequential(nn.Conv2d(2, 3, 1), nn.BatchNorm2d(3), nn.Dropout(0.5))
    learning = Lite0Embedder(top, 3, lambda: trunks, nn.Identity()).train()
    assert [module.training for module in top] == [True, False, True]
    assert not learning.eval().training
    learning.train()(rows(1, 2, 3, 4)).square().sum().backward()
    assert top[1].running_mean.tolist() == [0] * 3
    assert top[1].running_var.tolist() == [1] * 3
    assert all(parameter.grad.abs().sum() > 0 for parameter in top.parameters())


# With the network itself


def picture(seed: int) -> bytes:
    colours = np.random.default_rng(seed).integers(0, 255, size=(4, 6, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(colours).resize((60, 40)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
def network() -> EfficientNetLite0:
    return EfficientNetLite0.pretrained().eval()


def test_posts_become_rows_and_the_embedder_gives_the_networks_vectors(tmp_path, network):
    settings = ImageSettings("lite0", "tuned", normalise=False, erase=0.9)
    posts = [Post("1", image=picture(1)), Post("2", "words"), Post("3", image=b"none"), Post("4", image=picture(2))]
    encoder, refused = TunedLite0(settings, None, tmp_path), []
    inputs, present = encoder.encode(posts, silent, lambda position, error: refused.append(position))
    assert (inputs.dtype, inputs.tolist()) == (torch.int32, [[1], [0], [0], [2]])
    assert (present.tolist(), refused) == ([1, 0, 0, 1], [2])
    embedder = encoder.embedder().eval()
    with torch.inference_mode():
        vectors = embedder(inputs)
        views = network(torch.from_numpy(scale_pixels(square_views(picture(2)))))
    torch.testing.assert_close(vectors[3], views[0], atol=0.02, rtol=0.01)  # trunk outputs are kept in half precision
    assert vectors[1:3].abs().sum() == 0
    with torch.inference_mode():
        mirrored = embedder(torch.tensor([[2, 1, 0, 0, 0, 0]], dtype=torch.int32))
    torch.testing.assert_close(mirrored[0], views[1], atol=0.02, rtol=0.01)
    drawn = encoder.augment(inputs.repeat(50, 1), np.random.default_rng(0))
    assert drawn[drawn[:, 0] > 0, 4].gt(0).float().mean() == pytest.approx(0.9, abs=0.1)
    assert drawn[:, 2].max() + 3 <= TRUNK_SHAPE[1]


def test_embedders_learn_apart_from_each_other(tmp_path):
    encoder = TunedLite0(ImageSettings("lite0", "tuned"), None, tmp_path)
    first, second = encoder.embedder(), encoder.embedder()
    weights = next(first.top.parameters())
    weights.data += 1
    torch.testing.assert_close(next(second.top.parameters()), weights - 1)


def test_views_are_drawn_as_often_as_they_are_to_be():
    drawn = draw_views(rows(*range(1, 2001)), 3, SIDES, 0.0, np.random.default_rng(0), (0.5, 0.0, 0.5))[:, 1]
    assert set(drawn.tolist()) == {0, 2}
    assert (drawn == 0).sum().item() == pytest.approx(1000, abs=100)
