"""Training an emoji autoencoder as a task of the loop.

    wolf        the published loss; the last epoch is kept, as he did
    components  the calibrated loss, on pictures shown in ever new ways; the moving average of the last epoch is kept

So no picture is needed to choose an epoch, and the record of an epoch says how the held-out ones fare.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

import torch
from torch import nn
from torch.nn import functional as F

from feelscope.emoji.autoencoder.settings import AutoencoderSettings
from feelscope.models.emoji_autoencoder import (
    EmojiAutoencoder,
    WolfAutoencoder,
    calibrated_loss,
    divergence,
    published_loss,
)
from feelscope.train.device import device_of, moved
from feelscope.train.recipe import StepSettings
from feelscope.train.row_batches import RowBatches, identity

_AT_ONCE = 256  # pictures that are scored at a time
_ORDERS = torch.tensor([[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])  # of red, green and blue
Autoencoder = EmojiAutoencoder | WolfAutoencoder


def new_network(settings: AutoencoderSettings) -> Autoencoder:
    """An autoencoder that has learnt nothing."""
    if settings.network == "wolf":
        return WolfAutoencoder(settings.code, settings.filters, settings.dropout)
    return EmojiAutoencoder(settings.code, settings.filters, settings.hidden, settings.dropout, settings.bound)


def steps_of(settings: AutoencoderSettings) -> StepSettings:
    """How the weights move: Adam; ours with a falling rate and a moving average, which are ours."""
    falling = {"schedule": "linear", "warm_up": 0.05, "ema_decay": 0.99} if settings.network == "components" else {}
    return StepSettings(
        optimizer="adamw",
        learning_rate=settings.learning_rate,
        batch_size=settings.batch_size,
        epochs=settings.epochs,
        **falling,  # type: ignore[arg-type]
    )


class AutoencoderTask:
    """An autoencoder that learns pictures.

    Args:
        network: New; ours is started from the training pictures.
        training, held_out: float (N, 4, 36, 36) in 0..1; the second is only measured, and may be empty.
    """

    def __init__(
        self,
        network: Autoencoder,
        training: torch.Tensor,
        held_out: torch.Tensor,
        settings: AutoencoderSettings,
    ):
        self.network = network
        self.modules: Mapping[str, nn.Module] = {"autoencoder": network}
        self._training, self._held_out, self._settings = training, held_out, settings
        self._rows = RowBatches(len(training), settings.batch_size, settings.seed)
        self.steps_per_epoch = self._rows.per_epoch
        self.identity = identity(f"emoji autoencoder {asdict(settings)}", training, held_out)

    def optimizers(self) -> list[torch.optim.Optimizer]:
        """Adam over everything, with Keras's epsilon."""
        return [torch.optim.Adam(self.network.parameters(), self._settings.learning_rate, eps=1e-7)]

    def batches(self, epoch: int, skip: int) -> Iterator[torch.Tensor]:
        """Row numbers (B,) of pictures."""
        return self._rows.epoch(epoch, skip)

    def losses(self, batch: torch.Tensor) -> Iterator[torch.Tensor]:
        """Error and KL together."""
        self._training = moved(self._training, batch.device)  # once
        pictures = self._training[batch]  # (B, 4, 36, 36)
        if self._settings.augment:
            pictures = varied(pictures)
        outputs = self.network(pictures)
        if self._settings.network == "wolf":
            yield published_loss(outputs, pictures)
        else:
            yield calibrated_loss(outputs, pictures, self._settings.kl_weight)

    def after_step(self) -> None:
        """Nothing."""

    def score(self, network: nn.Module) -> tuple[float | None, dict[str, float]]:
        """No score, as the last epoch is kept; the record has the error and KL of the held-out pictures."""
        assert isinstance(network, EmojiAutoencoder | WolfAutoencoder)
        if not len(self._held_out):
            return None, {}
        return None, {f"held_out_{name}": value for name, value in measure(network, self._held_out).summary().items()}


def varied(pictures: torch.Tensor) -> torch.Tensor:
    """Pictures (B, 4, 36, 36) mirrored, turned, stretched, moved a little, half of them with their colours exchanged.

    How much is ours: about 4 degrees, 6% and a pixel. The draws are the processor's, so that they are those of any
    device.
    """
    count = len(pictures)
    turn, mirror = 0.07 * torch.randn(count), 1.0 - 2.0 * (torch.rand(count) < 0.5)  # (B,) each
    wide, high = 1 + 0.06 * torch.randn(2, count)
    places = torch.zeros(count, 2, 3)
    places[:, 0, 0], places[:, 0, 1] = mirror * wide * turn.cos(), -wide * turn.sin()
    places[:, 1, 0], places[:, 1, 1] = mirror * high * turn.sin(), high * turn.cos()
    places[:, :, 2] = 0.05 * torch.randn(count, 2)
    grid = F.affine_grid(places.to(pictures.device), list(pictures.shape), align_corners=False)  # (B, 36, 36, 2)
    shown = F.grid_sample(pictures, grid, align_corners=False)  # (B, 4, 36, 36)
    order = _ORDERS[torch.where(torch.rand(count) < 0.5, torch.randint(0, 6, (count,)), 0)]  # (B, 3)
    order = torch.cat([order, torch.full((count, 1), 3)], dim=1)[:, :, None, None]  # (B, 4, 1, 1)
    return shown.gather(1, order.to(pictures.device).expand_as(shown)).clamp(0, 1)


@dataclass(frozen=True, slots=True)
class Measured:
    """What an autoencoder makes of N pictures.

    Args:
        codes: (N, Z); of the published network they may be infinite.
        errors: (N,), the mean squared error of each reconstruction; no number where the code is not finite.
        divergences: (N,), KL of each posterior in nats; may be infinite.
    """

    codes: torch.Tensor
    errors: torch.Tensor
    divergences: torch.Tensor

    def rows(self, index: torch.Tensor) -> "Measured":
        """Those of some row numbers (M,)."""
        return Measured(self.codes[index], self.errors[index], self.divergences[index])

    def summary(self) -> dict[str, float]:
        """Mean error and KL of those with a finite code, and the share of the others."""
        finite = self.codes.isfinite().all(dim=1)
        return {
            "mse": float(self.errors[finite].mean()),
            "kl": float(self.divergences[finite].mean()),
            "infinite_codes": float((~finite).float().mean()),
        }


@torch.no_grad()
def measure(network: Autoencoder, pictures: torch.Tensor) -> Measured:
    """Codes, errors and KL of pictures (N, 4, 36, 36) in 0..1."""
    network.eval()
    parts = []
    for part in moved(pictures, device_of(network)).split(_AT_ONCE):
        mean, log_variance = network.posterior(part)
        codes = network.code(mean, log_variance)
        errors = (network.decode(codes) - part).square().mean(dim=(1, 2, 3))
        errors = torch.where(codes.isfinite().all(dim=1), errors, math.nan)
        parts.append((codes, errors, divergence(mean, log_variance)))
    return Measured(*map(torch.cat, zip(*parts, strict=True)))


@torch.no_grad()
def decoded(network: Autoencoder, codes: torch.Tensor) -> torch.Tensor:
    """The pictures (N, 4, 36, 36) of codes (N, Z), 0 to 1."""
    network.eval()
    return torch.cat([network.decode(part) for part in codes.split(_AT_ONCE)])
