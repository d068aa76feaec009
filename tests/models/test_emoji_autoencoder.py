"""Emoji autoencoders: shapes, losses against plain loops, bounded codes, principal components."""

import math

import pytest
import torch

from feelscope.models.emoji_autoencoder import (
    NUMBERS,
    EmojiAutoencoder,
    Outputs,
    WolfAutoencoder,
    calibrated_loss,
    divergence,
    principal_components,
    published_loss,
)

PICTURES = torch.rand(12, 4, 36, 36, generator=torch.Generator().manual_seed(0))


def ours(**given) -> EmojiAutoencoder:
    return EmojiAutoencoder(**{"code": 5, "filters": 4, "hidden": 16, "dropout": 0.0, "bound": 8.0} | given)


@pytest.mark.parametrize("network", [ours(), WolfAutoencoder(5, 3)])
def test_shapes_and_gradients(network) -> None:
    outputs = network(PICTURES)
    assert outputs.pictures.shape == PICTURES.shape
    assert outputs.mean.shape == outputs.log_variance.shape == (12, 5)
    (published_loss if isinstance(network, WolfAutoencoder) else calibrated_loss)(outputs, PICTURES).backward()
    assert all(parameter.grad is not None and parameter.grad.any() for parameter in network.parameters())
    drawn = network.decode(torch.full((1, 5), 50.0))
    assert 0 <= drawn.min() <= drawn.max() <= 1


def test_the_published_network_has_the_authors_sizes() -> None:
    sizes = [tuple(value.shape) for name, value in WolfAutoencoder().named_parameters() if value.ndim > 1]
    assert sizes == [
        *((64, 4, 3, 3), (64, 64, 3, 3), (64, 64, 3, 3), (32, 36 * 36 * 64)),
        *((NUMBERS, 16), (4, 64, 3, 3), (64, 64, 3, 3), (64, 64, 3, 3), (64, 4, 3, 3)),
    ]
    assert [module.p for module in WolfAutoencoder().modules() if isinstance(module, torch.nn.Dropout)] == [0.8]


def test_his_codes_are_drawn_and_may_be_infinite_ours_are_means_and_never() -> None:
    mean, wide = torch.zeros(3, 5), torch.full((3, 5), 200.0)
    assert not WolfAutoencoder(5, 3).code(mean, wide).isfinite().any()
    network = ours()
    with torch.no_grad():
        for parameter in network.encoder.parameters():
            parameter.mul_(1e6)
    extreme, log_variance = network.posterior(1000 * PICTURES)
    assert log_variance.abs().max() <= 8
    assert extreme.isfinite().all()
    assert network.code(mean, wide) is mean
    assert network(PICTURES).pictures.isfinite().all()


def test_divergence_and_published_loss_as_a_plain_loop() -> None:
    network = WolfAutoencoder(3, 2)
    with torch.no_grad():
        outputs = network(PICTURES[:2])
    losses = []
    for row in range(2):
        kl = sum(
            -0.5 * (1 + float(v) - float(m) ** 2 - math.exp(float(v)))
            for m, v in zip(outputs.mean[row], outputs.log_variance[row], strict=True)
        )
        assert float(divergence(outputs.mean, outputs.log_variance)[row]) == pytest.approx(kl, rel=1e-3)
        surprise = 0.0
        for p, x in zip(outputs.pictures[row].flatten().tolist(), PICTURES[row].flatten().tolist(), strict=True):
            surprise -= (x * math.log(p) + (1 - x) * math.log(1 - p)) / 4
        losses.append(surprise + kl)
    assert float(published_loss(outputs, PICTURES[:2])) == pytest.approx(sum(losses) / 2, rel=1e-3)


def test_calibrated_loss() -> None:
    zeros = torch.zeros(2, 3)
    outputs = Outputs(PICTURES[:2] + 0.1, zeros + 2, zeros)
    kl = 3 * 0.5 * 4
    assert float(calibrated_loss(outputs, PICTURES[:2])) == pytest.approx(NUMBERS / 2 * math.log(0.01) + kl, rel=1e-4)
    assert float(calibrated_loss(outputs, PICTURES[:2], 0)) == pytest.approx(NUMBERS / 2 * math.log(0.01), rel=1e-4)


def test_ours_starts_from_principal_components() -> None:
    network = ours()
    network.start_from(PICTURES)
    mean, log_variance = network.posterior(PICTURES)
    assert mean.mean(dim=0).abs().max() < 1e-2
    assert mean.std(dim=0).sub(1).abs().max() < 1e-2
    assert float(log_variance.detach()[0, 0]) == pytest.approx(-8 * math.tanh(3 / 8))
    rows = PICTURES.flatten(1).double()
    centre = rows.mean(dim=0)
    _, _, directions = torch.linalg.svd(rows - centre, full_matrices=False)
    again = (rows - centre) @ directions[:5].T @ directions[:5] + centre
    assert (network.decode(mean).flatten(1) - again.clamp(0, 1)).abs().max() < 0.02


def test_fewer_directions_than_codes() -> None:
    network = ours(code=20)
    network.start_from(PICTURES[:4])
    mean, _ = network.posterior(PICTURES[:4])
    assert (network.decode(mean) - PICTURES[:4]).abs().max() < 1e-2
    assert not mean[:, 3:].any()
    assert principal_components(torch.zeros(3, 9), 2)[1].shape == (0, 9)
