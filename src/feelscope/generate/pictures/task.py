"""Two networks against each other as a task of the one loop: the discriminator steps, then the generator.

Real and drawn pictures go through the discriminator apart, so that each has batch statistics of its own, as in the
authors' code, whose networks step in turns, each on every second batch; here both step on each. With a condition, a
real picture beside another's condition is a third kind, to be told from a real one beside its own.

Source: Radford, Metz and Chintala 2016, section 4; the generator's loss is that of Goodfellow et al. 2014, section 3,
which does not saturate. Other's conditions: Reed et al. 2016, "Generative adversarial text to image synthesis",
algorithm 1.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict

import torch
from torch import nn
from torch.nn import functional as F

from feelscope.generate.pictures.settings import PictureSettings
from feelscope.models.dcgan import Discriminator, Generator
from feelscope.train.device import device_of, moved
from feelscope.train.recipe import StepSettings
from feelscope.train.row_batches import RowBatches, identity

_LOOKED_AT = 64  # pictures that an epoch's record is about
_SETTLING = 20  # batches that batch statistics are measured on, once the training is over; ours


def steps_of(settings: PictureSettings) -> StepSettings:
    """How long the loop goes, and that it keeps the moving average."""
    return StepSettings(
        optimizer="adamw",
        learning_rate=settings.learning_rate,
        batch_size=settings.batch_size,
        epochs=settings.epochs,
        max_steps=settings.steps,
        ema_decay=settings.average,
    )


class PictureTask:
    """A generator that learns to draw pictures, and its discriminator.

    Args:
        pixels: uint8 (N, 3, S, S).
        conditions: float (N, F), each of length 1; (N, 0) for none.
    """

    def __init__(
        self,
        generator: Generator,
        discriminator: Discriminator,
        pixels: torch.Tensor,
        conditions: torch.Tensor,
        settings: PictureSettings,
    ):
        self.network, self.discriminator, self._settings = generator, discriminator, settings
        self.modules: Mapping[str, nn.Module] = {"generator": generator, "discriminator": discriminator}
        kind = {**asdict(settings), "epochs": 0, "steps": 0}  # the rates are constant, so a training can be made longer
        self.identity = identity(f"pictures {kind}", pixels, conditions)
        self._pixels, self._conditions = pixels, conditions
        self._rows = RowBatches(len(pixels), settings.batch_size, settings.seed)
        self.steps_per_epoch = self._rows.per_epoch

    def optimizers(self) -> list[torch.optim.Optimizer]:
        """Adam for the discriminator and Adam for the generator, as published."""
        settings = self._settings
        return [
            torch.optim.Adam(
                network.parameters(),
                settings.learning_rate,
                (settings.beta1, 0.999),
                weight_decay=settings.weight_decay,
            )
            for network in (self.discriminator, self.network)
        ]

    def batches(self, epoch: int, skip: int) -> Iterator[torch.Tensor]:
        """Row numbers (B,) of pictures."""
        return self._rows.epoch(epoch, skip)

    def losses(self, batch: torch.Tensor) -> Iterator[torch.Tensor]:
        """The discriminator's loss, then the generator's, which sees the discriminator of after its step."""
        self._pixels, self._conditions = moved((self._pixels, self._conditions), batch.device)  # once
        real = scaled(self._pixels[batch])  # (B, 3, S, S)
        if self._settings.mirror:
            turned = (torch.rand(len(real)) < 0.5).to(batch.device)
            real = torch.where(turned[:, None, None, None], real.flip(3), real)
        count = self._settings.batch_size  # the last batch of an epoch may have fewer real ones
        wanted = self._conditions[batch[torch.arange(count, device=batch.device) % len(batch)]]  # (B, F)
        with self._autocast(batch.device):
            drawn = self.network(noise(count, self.network).to(batch.device), self._given(wanted))
            loss = self._discriminator_loss(real, self._conditions[batch], drawn.detach(), wanted)
        yield loss
        self.discriminator.requires_grad_(False)  # spares its gradients
        try:
            with self._autocast(batch.device):
                scores = self.discriminator(drawn, self._given(wanted))
            yield F.softplus(-scores.float()).mean()
        finally:
            self.discriminator.requires_grad_(True)

    def _discriminator_loss(
        self, real: torch.Tensor, own: torch.Tensor, drawn: torch.Tensor, wanted: torch.Tensor
    ) -> torch.Tensor:
        """Real pictures (B, 3, S, S) above 0, drawn ones below; real ones beside another's condition below as well."""
        read = self.discriminator.read(real)
        right = F.softplus(-self.discriminator.judge(read, self._given(own)).float()).mean()
        false = F.softplus(self.discriminator(drawn, self._given(wanted)).float()).mean()
        others = own.roll(1, dims=0)  # (B, F)
        is_other = (others != own).any(dim=1)  # (B,)
        if not is_other.any():  # without conditions as well
            return right + false
        wrong = F.softplus(self.discriminator.judge(read[is_other], others[is_other]).float()).mean()
        return right + (false + wrong) / 2

    def _given(self, conditions: torch.Tensor) -> torch.Tensor | None:
        return conditions if conditions.shape[1] else None

    def _autocast(self, device: torch.device) -> AbstractContextManager[object]:
        if self._settings.precision == "float32":
            return nullcontext()
        return torch.autocast(device.type, torch.bfloat16)

    def after_step(self) -> None:
        """Nothing."""

    @torch.no_grad()
    def score(self, network: nn.Module) -> tuple[float | None, dict[str, float]]:
        """No score, as the last epoch is kept; the record says how much pictures vary that were asked for alike.

        That is beside training pictures' 1. Near 0, the generator has collapsed: whatever the noise, it draws one
        picture.
        """
        count = min(_LOOKED_AT, len(self._pixels))
        network.train()  # by the statistics of what is drawn: those of an average are not measured yet
        given, real = moved((self._conditions[:count], self._pixels[:count]), device_of(network))
        fixed = noise(2 * count, self.network, torch.Generator().manual_seed(0)).to(given.device)
        # Those asked for alike are drawn among others, as batch statistics are of all conditions.
        drawn = network(fixed, self._given(torch.cat([given[:1].expand(count, -1), given])))[:count]
        spread = [pictures.std(dim=0).mean() for pictures in (drawn, scaled(real))]
        return None, {"variety": float(spread[0] / spread[1].clamp(min=1e-6))}

    @torch.no_grad()
    def settle(self) -> None:
        """Measure the generator's batch statistics, as what is kept is an average of many generators.

        The authors draw with the statistics of whatever is drawn together; with these, a picture is the same alone.
        """
        norms = [module for module in self.network.modules() if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d)]
        usual = [norm.momentum for norm in norms]
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # the mean over all batches
        self.network.train()
        count = self._settings.batch_size
        for _ in range(_SETTLING):
            given = self._conditions[torch.randint(len(self._pixels), (count,)).to(self._conditions.device)]
            here = device_of(self.network)
            self.network(noise(count, self.network).to(here), self._given(given.to(here)))
        for norm, momentum in zip(norms, usual, strict=True):
            norm.momentum = momentum
        self.network.eval()


def scaled(pixels: torch.Tensor) -> torch.Tensor:
    """Bytes to -1..1, the range of tanh; the only thing that is done to pictures (section 4)."""
    return pixels.float() / 127.5 - 1


def to_bytes(pictures: torch.Tensor) -> torch.Tensor:
    """Pictures in -1..1 to bytes; the inverse of `scaled`."""
    return ((pictures + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)


def noise(count: int, network: Generator, generator: torch.Generator | None = None) -> torch.Tensor:
    """Uniform noise (B, Z) in -1..1; the draws are the processor's, so that they are those of any device."""
    return torch.rand(count, network.noise, generator=generator) * 2 - 1
