"""MixMatch: guessed labels of posts without any, and posts mixed with one another.

    guess q = sharpened mean over views (softmax of the outputs),  sharpen(p)_k = p_k^(1/T) / sum over j (p_j^(1/T))
    l       ~ Beta(alpha, alpha), the larger of l and 1 - l: a post stays more like itself than like its partner
    mixed   = l * own + (1 - l) * partner's, of vectors or pictures and of labels or guesses, over all posts of the step
    loss    = cross entropy of mixed posts that had a label + beta * rising * squared error of those that had a guess

Source: Berthelot et al. 2019, "MixMatch", section 3; one l for a step and the mean over emotions in the squared error
are those of the code that EnAET publishes. Ours: a modality is mixed where both posts have it, and a post that has none
in common with its partner stays as it is, with its own label.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from feelscope.encoders.encoded_posts import Present
from feelscope.objectives.objective import Batch, Objective, Outputs


class SoftLabels(Objective):
    """Cross entropy with probabilities, those of `batch.posts.taught`.

    Args:
        smoothing: Of the probabilities, from 0 to 1.
    """

    def __init__(self, smoothing: float = 0.0):
        super().__init__()
        self.smoothing = smoothing

    def per_post(self, outputs: Outputs, batch: Batch) -> torch.Tensor:
        """(B,)."""
        emotions = outputs.emotions(outputs.logits())  # (B, K)
        return F.cross_entropy(emotions, batch.posts.taught, label_smoothing=self.smoothing, reduction="none")


class SquaredError(Objective):
    """The mean over emotions of the squared difference to probabilities, those of `batch.posts.taught`."""

    def per_post(self, outputs: Outputs, batch: Batch) -> torch.Tensor:
        """(B,)."""
        emotions = outputs.emotions(outputs.logits())  # (B, K)
        return (emotions.softmax(dim=1) - batch.posts.taught).square().mean(dim=1)


class Divergence(Objective):
    """The Kullback-Leibler divergence of what is answered from probabilities, those of `batch.posts.taught`."""

    def per_post(self, outputs: Outputs, batch: Batch) -> torch.Tensor:
        """(B,)."""
        emotions = outputs.emotions(outputs.logits())  # (B, K)
        return F.kl_div(emotions.log_softmax(dim=1), batch.posts.taught, reduction="none").sum(dim=1)


def sharpened(probabilities: torch.Tensor, temperature: float) -> torch.Tensor:
    """Probabilities (B, K), surer than they were; at temperature 1 the same."""
    powers = probabilities ** (1 / temperature)  # (B, K)
    return powers / powers.sum(dim=1, keepdim=True).clamp(min=1e-30)


def rising(progress: float, share: float) -> float:
    """How much of a weight counts, from 0 to 1, when a share of the steps is done over which it rises."""
    return 1.0 if progress >= share else progress / share


@dataclass(frozen=True, slots=True)
class Mixing:
    """Which post each of M posts is mixed with, and how.

    Args:
        partner: int64 (M,).
        own: l, from 0.5 to 1.
        present: By modality, (M,), of the posts before mixing; mixing adds no modality and takes none.
    """

    partner: torch.Tensor
    own: float
    present: Present

    @classmethod
    def draw(cls, present: Present, alpha: float, draws: np.random.Generator) -> "Mixing":
        """Partners in a random order, and l."""
        some = next(iter(present.values()))
        l = float(draws.beta(alpha, alpha))  # noqa: E741 - the paper's letter is lambda
        return cls(torch.from_numpy(draws.permutation(len(some))).to(some.device), max(l, 1 - l), present)

    def shared(self, name: str) -> torch.Tensor:
        """Which posts have a modality in common with their partners, (M,), 1 or 0."""
        return self.present[name] * self.present[name][self.partner]

    def inputs(self, name: str, values: torch.Tensor) -> torch.Tensor:
        """Vectors or pictures (M, ...) of a modality, mixed."""
        theirs = (1 - self.own) * self.shared(name).reshape(-1, *[1] * (values.ndim - 1))  # (M, 1, ...)
        return values + theirs * (values[self.partner] - values)

    def targets(self, targets: torch.Tensor) -> torch.Tensor:
        """Labels or guesses (M, K), mixed where some modality is."""
        any_shared = torch.stack([self.shared(name) for name in self.present]).max(dim=0).values  # (M,)
        theirs = ((1 - self.own) * any_shared).unsqueeze(1)  # (M, 1)
        return targets + theirs * (targets[self.partner] - targets)
