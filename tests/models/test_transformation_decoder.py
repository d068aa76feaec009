"""Decoders of transformations: shapes, weights of their own, and that they learn to tell what was done."""

import numpy as np
import torch
from PIL import Image

from feelscope.encoders.wide_resnet import Upper, WideResNet, scale_pixels
from feelscope.images.transformations import TARGETS, transform
from feelscope.models.transformation_decoder import TransformationDecoder, decoders


def test_each_family_has_a_decoder_with_a_reader_of_its_own() -> None:
    made = decoders(TARGETS, lambda: Upper(6, 8, blocks=1), 8)
    plain, other = torch.rand(2, 6, 8, 8), torch.rand(2, 6, 8, 8)
    assert {name: tuple(one(plain, other).shape) for name, one in made.items()} == {
        "projective": (2, 8),
        "affine": (2, 6),
        "similarity": (2, 5),
        "euclidean": (2, 4),
        "colour": (2, 4),
    }
    readers = {id(weights) for one in made.values() for weights in one.reader.parameters()}
    assert len(readers) == 5 * len(list(Upper(6, 8, blocks=1).parameters()))


def test_a_decoder_is_a_line_of_both_pictures_vectors_in_their_order() -> None:
    decoder = TransformationDecoder(torch.nn.Identity(), 3, 2)
    plain, other = torch.rand(4, 3), torch.rand(4, 3)
    found = decoder(plain, other).tolist()
    weights = decoder.tell.weight.tolist()
    for row in range(4):
        both = plain[row].tolist() + other[row].tolist()
        for target in range(2):
            assert abs(found[row][target] - sum(map(lambda a, b: a * b, weights[target], both))) < 1e-5


def test_encoder_and_decoder_learn_to_tell_what_was_done() -> None:
    """On pictures that it has not seen the error falls well below that of the mean target."""
    torch.manual_seed(0)
    draws = np.random.default_rng(0)

    def drawn(count: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        plain, changed, targets = [], [], []
        for _ in range(count):
            small = Image.fromarray(draws.integers(0, 256, (4, 4, 3), dtype=np.uint8))
            image = small.resize((16, 16), Image.Resampling.BILINEAR)
            other, target = transform(image, "colour", draws)
            plain.append(np.array(image))
            changed.append(np.array(other))
            targets.append(target)
        return (
            *(scale_pixels(torch.from_numpy(np.stack(one))) for one in (plain, changed)),
            torch.tensor(np.stack(targets)),
        )

    network = WideResNet((4, 4, 8, 8), blocks=1)
    decoder = TransformationDecoder(Upper(8, 16, blocks=1), 16, TARGETS["colour"])
    moved = [*network.lower.parameters(), *decoder.parameters()]
    optimizer = torch.optim.Adam(moved, lr=0.01)
    for _ in range(80):
        plain, changed, targets = drawn(32)
        loss = (decoder(network.lower(plain), network.lower(changed)) - targets).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert all(weights.grad is not None and weights.grad.any() for weights in moved)
    plain, changed, targets = drawn(200)
    with torch.no_grad():  # as in training: the running means move slowly
        told = decoder(network.lower(plain), network.lower(changed))
    errors = (told - targets).square().mean(dim=0)
    assert errors[2] < 0.5 * targets.var(dim=0)[2], "brightness"
