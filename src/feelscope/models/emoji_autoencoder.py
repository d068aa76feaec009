"""Emoji autoencoder: a picture of an emoji as a few numbers, and back; from other numbers, emoji that nobody drew.

    pictures (B, 4, 36, 36) -> encoder -> mean (B, Z), log-variance (B, Z)
    code = mean + exp(log-variance / 2) * noise (B, Z) -> decoder -> pictures (B, 4, 36, 36)

Two networks of one shape. `WolfAutoencoder` is the published one: three convolutions of 64 without stride, a dense
layer to all pixels, dropout 0.8, an unbounded log-variance. Where that is large, exp overflows and the code is
infinite: 4.15% of the author's. `EmojiAutoencoder` is ours: it begins as the principal components of the pictures, and
its log-variance is bounded, so that no code is ever infinite. Its codes are posterior means, the same at each call.

Source: Wolf 2017, "Neurally embedded emojis", sections "Variational layer" and "Autoencoder"; Kingma and Welling 2014,
"Auto-encoding variational Bayes", appendices B and C.2. Calibrated error: Rybkin, Daniilidis and Levine 2021, "Simple
and effective VAE training with calibrated decoders", section 3.
Relations: the only network here that makes pictures; `captioner` makes words.
"""

import math
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional as F

SIDE, CHANNELS = 36, 4  # pixels a side; red, green, blue, opacity
NUMBERS = SIDE * SIDE * CHANNELS  # of a picture
_OVERSAMPLED, _ITERATIONS = 16, 6  # of the randomised SVD (Halko, Martinsson and Tropp 2011, section 4.5)
_FIRST_LOG_VARIANCE = -3.0  # of codes of unit variance


class Outputs(NamedTuple):
    """What a network makes of B pictures.

    Args:
        pictures: (B, 4, 36, 36), near 0..1.
        mean, log_variance: (B, Z), of the posterior.
    """

    pictures: torch.Tensor
    mean: torch.Tensor
    log_variance: torch.Tensor


class WolfAutoencoder(nn.Module):
    """The published network, with Keras's initial weights.

    Args:
        code: Z; his is 16.
        filters: Of each convolution; his are 64.
        dropout: Before the last layer; his is 0.8.
    """

    def __init__(self, code: int = 16, filters: int = 64, dropout: float = 0.8):
        super().__init__()
        self.encoder = nn.Sequential(
            *(nn.Conv2d(CHANNELS, filters, 3, padding=1), nn.ReLU()),  # (B, F, 36, 36)
            *(nn.Conv2d(filters, filters, 3, padding=1), nn.ReLU()),
            *(nn.Conv2d(filters, filters, 3, padding=1), nn.ReLU()),
            *(nn.Flatten(), nn.Linear(SIDE * SIDE * filters, 2 * code)),  # (B, 2 Z)
        )
        self.decoder = nn.Sequential(
            *(nn.Linear(code, NUMBERS), nn.ReLU(), nn.Unflatten(1, (CHANNELS, SIDE, SIDE))),  # (B, 4, 36, 36)
            *(nn.ConvTranspose2d(CHANNELS, filters, 3, padding=1), nn.ReLU()),  # (B, F, 36, 36)
            *(nn.ConvTranspose2d(filters, filters, 3, padding=1), nn.ReLU()),
            *(nn.ConvTranspose2d(filters, filters, 3, padding=1), nn.ReLU()),
            nn.Dropout(dropout),
            nn.ConvTranspose2d(filters, CHANNELS, 3, padding=1),  # (B, 4, 36, 36)
        )
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                assert module.bias is not None
                nn.init.zeros_(module.bias)
        last = self.encoder[-1]
        assert isinstance(last, nn.Linear)
        for part in last.weight.data.chunk(2):  # glorot_normal, of mean and log-variance each
            nn.init.trunc_normal_(part, std=math.sqrt(2 / (last.in_features + code)))

    def forward(self, pictures: torch.Tensor) -> Outputs:
        """Pictures (B, 4, 36, 36) in 0..1 to reconstructions, each from one draw of its code."""
        mean, log_variance = self.posterior(pictures)
        return Outputs(self.decode(_draw(mean, log_variance)), mean, log_variance)

    def posterior(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean and log-variance of the codes of pictures, (B, Z) each; the second may be any number."""
        mean, log_variance = self.encoder(pictures).chunk(2, dim=1)  # (B, Z) each
        return mean, log_variance

    def code(self, mean: torch.Tensor, log_variance: torch.Tensor) -> torch.Tensor:
        """The codes (B, Z) of posteriors, drawn again at each call, as published; they may be infinite."""
        return _draw(mean, log_variance)

    def decode(self, codes: torch.Tensor) -> torch.Tensor:
        """Codes (B, Z) to pictures (B, 4, 36, 36), 0 to 1."""
        return self.decoder(codes).sigmoid()


class EmojiAutoencoder(nn.Module):
    """Ours: principal components, what a small convolutional network adds to them, and a bounded log-variance.

        pictures -> linear (B, Z) + convolutions (B, Z) = mean;  convolutions -> log-variance (B, Z)
        code -> linear (B, 4, 36, 36) + transposed convolutions (B, 4, 36, 36) = pictures

    `start_from` sets the linear parts to the principal components of the training pictures, so that training begins
    with their error; the rest begins with nothing.

    Args:
        code: Z.
        filters: Of the first convolution; the second has twice as many.
        hidden: Of the dense layers between convolutions and code.
        dropout: On the dense layers.
        bound: The log-variance is kept within plus and minus this by a tanh.
    """

    def __init__(self, code: int, filters: int, hidden: int, dropout: float, bound: float):
        super().__init__()
        self.bound = bound
        wide, small = 2 * filters, SIDE // 4
        self.read, self.write = nn.Linear(NUMBERS, code), nn.Linear(code, NUMBERS)
        self.encoder = nn.Sequential(
            *(nn.Conv2d(CHANNELS, filters, 4, stride=2, padding=1), nn.SiLU()),  # (B, F, 18, 18)
            *(nn.Conv2d(filters, wide, 4, stride=2, padding=1), nn.SiLU()),  # (B, 2 F, 9, 9)
            *(nn.Flatten(), nn.Linear(wide * small * small, hidden), nn.SiLU(), nn.Dropout(dropout)),  # (B, H)
            nn.Linear(hidden, 2 * code),  # (B, 2 Z)
        )
        self.decoder = nn.Sequential(
            *(nn.Linear(code, hidden), nn.SiLU(), nn.Dropout(dropout)),  # (B, H)
            *(nn.Linear(hidden, wide * small * small), nn.SiLU(), nn.Unflatten(1, (wide, small, small))),
            *(nn.ConvTranspose2d(wide, filters, 4, stride=2, padding=1), nn.SiLU()),  # (B, F, 18, 18)
            nn.ConvTranspose2d(filters, CHANNELS, 4, stride=2, padding=1),  # (B, 4, 36, 36)
        )

    @torch.no_grad()
    def start_from(self, pictures: torch.Tensor) -> None:
        """Set the linear parts to principal components, codes to unit variance; for training pictures (N, 4, 36, 36).

        Where there are fewer pictures than codes, the codes that are left begin with nothing.
        """
        mean, components, deviations = principal_components(pictures.flatten(1), self.write.in_features)
        count = len(deviations)
        for parameter in (*self.read.parameters(), *self.write.parameters()):
            parameter.zero_()
        self.read.weight[:count] = components / deviations[:, None]
        self.read.bias[:count] = -(components @ mean) / deviations
        self.write.weight[:, :count] = (components * deviations[:, None]).T
        self.write.bias.copy_(mean)
        for last in (self.encoder[-1], self.decoder[-1]):
            assert isinstance(last, nn.Linear | nn.ConvTranspose2d) and last.bias is not None
            last.weight.zero_()
            last.bias.zero_()
            if isinstance(last, nn.Linear):
                last.bias[self.write.in_features :] = _FIRST_LOG_VARIANCE

    def forward(self, pictures: torch.Tensor) -> Outputs:
        """Pictures (B, 4, 36, 36) in 0..1 to reconstructions, each from one draw of its code; not cut to 0..1."""
        mean, log_variance = self.posterior(pictures)
        return Outputs(self._drawn(_draw(mean, log_variance)), mean, log_variance)

    def posterior(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean and bounded log-variance of the codes of pictures, (B, Z) each."""
        added, free = self.encoder(pictures).chunk(2, dim=1)  # (B, Z) each
        return self.read(pictures.flatten(1)) + added, self.bound * torch.tanh(free / self.bound)

    def code(self, mean: torch.Tensor, log_variance: torch.Tensor) -> torch.Tensor:
        """The codes (B, Z) of posteriors: their means, the same at each call."""
        return mean

    def decode(self, codes: torch.Tensor) -> torch.Tensor:
        """Codes (B, Z) to pictures (B, 4, 36, 36), 0 to 1."""
        return self._drawn(codes).clamp(0, 1)

    def _drawn(self, codes: torch.Tensor) -> torch.Tensor:
        return self.write(codes).view(-1, CHANNELS, SIDE, SIDE) + self.decoder(codes)


def principal_components(rows: torch.Tensor, count: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Mean (D,), the first components (K, D) and the deviations along them (K,) of rows (N, D).

    By a randomised SVD with a seed of its own: that of 2,200 pictures in full takes 20 times as long. K is smaller than
    `count` where the rows vary in fewer directions.
    """
    mean = rows.mean(dim=0)  # (D,)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        most = min(count + _OVERSAMPLED, *rows.shape)
        _, values, directions = torch.svd_lowrank(rows - mean, most, niter=_ITERATIONS)  # (N, M), (M,), (D, M)
    kept = min(count, int((values > 1e-4 * values[0].clamp(min=1e-12)).sum()))
    return mean, directions[:, :kept].T.contiguous(), values[:kept] / max(1, len(rows) - 1) ** 0.5


def _draw(mean: torch.Tensor, log_variance: torch.Tensor) -> torch.Tensor:
    return mean + (log_variance / 2).exp() * torch.randn_like(mean)  # (B, Z)


def divergence(mean: torch.Tensor, log_variance: torch.Tensor) -> torch.Tensor:
    """The KL divergence of each posterior (B, Z) from a standard normal distribution, in nats: (B,)."""
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(dim=1)


def published_loss(outputs: Outputs, pictures: torch.Tensor) -> torch.Tensor:
    """Cross entropy of pixels, the mean of a pixel's four numbers, summed over pixels, plus KL; the mean of a batch.

    Probabilities are kept 1e-7 away from 0 and 1, as by Keras.
    """
    chances = outputs.pictures.clamp(1e-7, 1 - 1e-7)
    surprise = F.binary_cross_entropy(chances, pictures, reduction="none").mean(dim=1)  # (B, 36, 36)
    return (surprise.sum(dim=(1, 2)) + divergence(outputs.mean, outputs.log_variance)).mean()


def calibrated_loss(outputs: Outputs, pictures: torch.Tensor, kl_weight: float = 1.0) -> torch.Tensor:
    """The bound on the likelihood of pictures with normal noise, whose variance is the batch's own error.

    So error and KL are weighed by what the network can reach, not by a setting.
    """
    error = F.mse_loss(outputs.pictures, pictures)
    return NUMBERS / 2 * error.log() + kl_weight * divergence(outputs.mean, outputs.log_variance).mean()
