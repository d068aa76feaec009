"""The network, its weights and its preprocessing.

The preprocessing is proved on drawings: ImageNet's classifier, which the published file still holds, names what was
drawn. They tell 0-1, 0-255 and BGR input from the right one; they do not tell it from ImageNet's mean and standard
deviation, which is nearly the same scale. That it is (x - 127) / 128 is tested by its values.
"""

import math
import random

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageFont

from feelscope.encoders import efficientnet_lite0 as lite0
from feelscope.encoders.efficientnet_lite0 import EfficientNetLite0, SameConv2d, rename_published, scale_pixels
from feelscope.encoders.weights import find

SIDE = lite0.SIZE


def canvas(colour):
    image = Image.new("RGB", (SIDE, SIDE), colour)
    return image, ImageDraw.Draw(image)


def traffic_light():
    image, draw = canvas((120, 170, 220))
    draw.rectangle((106, 170, 118, 224), fill=(60, 60, 60))
    draw.rounded_rectangle((72, 20, 152, 184), 12, fill=(25, 25, 25))
    for top, colour in ((32, (255, 30, 20)), (82, (90, 70, 10)), (132, (10, 70, 20))):
        draw.ellipse((90, top, 134, top + 44), fill=colour)
    return image


def tennis_ball():
    image, draw = canvas((60, 110, 60))
    draw.ellipse((42, 42, 182, 182), fill=(205, 225, 60))
    draw.arc((-30, 40, 80, 184), -70, 70, fill="white", width=6)
    draw.arc((144, 40, 254, 184), 110, 250, fill="white", width=6)
    return image


def crossword():
    image, draw = canvas("white")
    black = random.Random(1)
    cell = SIDE / 15
    for column in range(15):
        for row in range(15):
            box = (column * cell, row * cell, (column + 1) * cell, (row + 1) * cell)
            draw.rectangle(box, outline="black", fill="black" if black.random() < 0.2 else "white")
    return image


def balloon():
    image, draw = canvas((110, 170, 230))
    draw.ellipse((52, 20, 172, 150), fill=(220, 40, 40))
    for at in range(5):
        draw.arc((52 + at * 12, 20, 172 - at * 12, 150), 0, 360, fill=(250, 220, 60), width=5)
    draw.line((75, 135, 100, 180), fill="black", width=2)
    draw.line((149, 135, 124, 180), fill="black", width=2)
    draw.rectangle((98, 180, 126, 204), fill=(120, 80, 40))
    return image


def lantern():
    image, draw = canvas("black")
    draw.ellipse((24, 44, 200, 204), fill=(235, 120, 20))
    for left in (60, 90):
        draw.ellipse((left, 44, SIDE - left, 204), outline=(190, 90, 10), width=3)
    draw.rectangle((104, 22, 120, 50), fill=(60, 90, 30))
    teeth = ((80, 165), (90, 152), (100, 172), (124, 172), (134, 152), (144, 165))
    mouth = ((50, 145), *teeth, (174, 145), (150, 185), (74, 185))
    for shape in (
        ((60, 110), (95, 110), (78, 75)),
        ((129, 110), (164, 110), (146, 75)),
        ((105, 135), (119, 135), (112, 118)),
        mouth,
    ):
        draw.polygon(shape, fill=(255, 230, 80))
    return image


def stop_sign():
    image, draw = canvas((130, 180, 230))
    draw.rectangle((106, 140, 118, 224), fill=(90, 90, 90))
    corners = [math.pi / 8 + corner * math.pi / 4 for corner in range(8)]
    draw.polygon([(112 + 80 * math.cos(at), 90 + 80 * math.sin(at)) for at in corners], (200, 20, 20), "white", 5)
    draw.text((58, 66), "STOP", fill="white", font=ImageFont.load_default(42))
    return image


DRAWINGS = {traffic_light: 920, tennis_ball: 852, crossword: 918, balloon: 417, lantern: 607, stop_sign: 919}


@pytest.fixture(scope="module")
def rgb():
    return np.stack([np.asarray(drawing()) for drawing in DRAWINGS])  # (B, H, W, 3)


@pytest.fixture(scope="module")
def encoder():
    return EfficientNetLite0.pretrained().eval()


def right(encoder, pixels):
    """The probability of what was drawn, (B,), and how many classes come before it, (B,)."""
    _, classifier = rename_published(torch.load(find("efficientnet-lite0"), weights_only=True))
    with torch.inference_mode():
        vectors = encoder(torch.from_numpy(np.ascontiguousarray(pixels, np.float32)))  # (B, 1280)
    found = (vectors @ classifier["weight"].T + classifier["bias"]).softmax(dim=1)  # (B, 1000)
    drawn = found.gather(1, torch.tensor(list(DRAWINGS.values())).unsqueeze(1))  # (B, 1)
    return drawn.squeeze(1), (found > drawn).sum(dim=1)


def test_imagenets_classifier_names_what_was_drawn(encoder, rgb):
    _, before = right(encoder, scale_pixels(rgb))
    assert before.tolist() == [0] * len(DRAWINGS)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda rgb: np.moveaxis(rgb / 255, -1, -3),
        lambda rgb: np.moveaxis(rgb * 1.0, -1, -3),
        lambda rgb: scale_pixels(rgb[..., ::-1]),
        lambda rgb: scale_pixels(255 - rgb),
        lambda rgb: scale_pixels(rgb).swapaxes(-1, -2)[..., ::-1],
    ],
    ids=["0 to 1", "0 to 255", "BGR", "negative", "turned"],
)
def test_wrong_pixels_are_named_with_less_confidence(encoder, rgb, wrong):
    good, bad = (right(encoder, pixels)[0].log().mean() for pixels in (scale_pixels(rgb), wrong(rgb)))
    assert good > bad + 0.25


def test_pixels_are_scaled_as_the_weights_were_trained():
    rgb = np.array([[[0, 127, 255]]], np.uint8)  # (1, 1, 3)
    scaled = scale_pixels(np.stack([rgb, rgb]))
    assert scaled.shape == (2, 3, 1, 1)
    assert scaled.dtype == np.float32
    assert scaled[0, :, 0, 0].tolist() == [-127 / 128, 0.0, 1.0]
    assert scaled.flags["C_CONTIGUOUS"]


def test_every_published_weight_has_its_place(encoder):
    published = torch.load(find("efficientnet-lite0"), weights_only=True)
    state, classifier = rename_published(published)
    assert len(state) + len(classifier) == len(published)
    assert state.keys() == encoder.state_dict().keys()
    assert {name: tuple(value.shape) for name, value in classifier.items()} == {"weight": (1000, 1280), "bias": (1000,)}
    assert all(torch.equal(value, encoder.state_dict()[name]) for name, value in state.items())


def test_shapes_and_the_cut_in_two(encoder):
    pixels = torch.randn(2, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        trunk = encoder.trunk(pixels)
        assert trunk.shape == (2, *lite0.TRUNK_SHAPE)
        assert encoder.pool(trunk).shape == (2, lite0.WIDTH)
        assert torch.equal(encoder.pool(trunk), encoder(pixels))
        torch.testing.assert_close(encoder(pixels)[:1], encoder(pixels[:1]), atol=1e-4, rtol=1e-4)


def plain_same_convolution(picture, weight, stride):
    """TensorFlow's "same", as its documentation defines it, in plain loops: (H, W) and (k, k) to (H', W')."""
    kernel = len(weight)
    height, width = (math.ceil(side / stride) for side in picture.shape)
    total = [
        max((out - 1) * stride + kernel - side, 0) for out, side in zip((height, width), picture.shape, strict=True)
    ]
    result = np.zeros((height, width))
    for row in range(height):
        for column in range(width):
            for down in range(kernel):
                for across in range(kernel):
                    y, x = row * stride + down - total[0] // 2, column * stride + across - total[1] // 2
                    if 0 <= y < picture.shape[0] and 0 <= x < picture.shape[1]:
                        result[row, column] += picture[y, x] * weight[down, across]
    return result


@pytest.mark.parametrize("kernel", [3, 5])
@pytest.mark.parametrize("size", [(8, 8), (6, 10)])
def test_a_strided_convolution_pads_as_tensorflow_does(kernel, size):
    draw = np.random.default_rng(kernel)
    picture, weight = draw.normal(size=size), draw.normal(size=(kernel, kernel))
    layer = SameConv2d(1, 1, kernel, stride=2, bias=False).double()
    layer.weight.data = torch.from_numpy(weight)[None, None]
    with torch.inference_mode():
        found = layer(torch.from_numpy(picture)[None, None])[0, 0]
    np.testing.assert_allclose(found, plain_same_convolution(picture, weight, 2), atol=1e-12)


def test_every_strided_convolution_is_padded_that_way(encoder):
    strided = [layer for layer in encoder.modules() if isinstance(layer, torch.nn.Conv2d) and layer.stride[0] > 1]
    assert len(strided) == 5
    assert all(isinstance(layer, SameConv2d) for layer in strided)
