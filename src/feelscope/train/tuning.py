"""Scores on the tuning part: the epoch is chosen by macro-F1, the temperature by loss."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from feelscope.metrics.scores import count_answers, macro_f1
from feelscope.models.towers import Towers
from feelscope.train.batches import Encoded, collate

_POSTS_PER_STEP = 64


@dataclass(frozen=True, slots=True)
class Answers:
    """Logits (N, K) for labels (N,), of one way to read some posts."""

    logits: torch.Tensor
    labels: torch.Tensor

    def loss(self, temperature: float = 1.0) -> float:
        """Mean cross entropy."""
        return float(F.cross_entropy(self.logits / temperature, self.labels))

    def macro_f1(self) -> float:
        """Over the emotions the labels have."""
        labels = self.labels.numpy()
        counts = count_answers(labels, self.logits.argmax(dim=1).numpy(), self.logits.shape[1])
        return float(macro_f1(counts, np.unique(labels)))


def answer(towers: Towers, sources: Sequence[Sequence[Encoded]], trunk: np.ndarray) -> dict[str, Answers]:
    """Answers for the tuning part, by source and way: `0 both`, `0 text`, `0 image`, `1 both`, ...

    Ways that no post of a source has are left out.
    """
    answers: dict[str, Answers] = {}
    for number, posts in enumerate(sources):
        complete = [post for post in posts if post.ids and post.row >= 0]
        ways = {"both": list(posts), "text": [Encoded(post.ids, -1, post.label) for post in complete]}
        ways["image"] = [Encoded([], post.row, post.label) for post in complete]
        answers |= {f"{number} {way}": _answer(towers, some, trunk) for way, some in ways.items() if some}
    return answers


@torch.inference_mode()
def _answer(towers: Towers, posts: list[Encoded], trunk: np.ndarray) -> Answers:
    towers.eval()
    posts = sorted(posts, key=lambda post: len(post.ids))
    parts = [posts[start : start + _POSTS_PER_STEP] for start in range(0, len(posts), _POSTS_PER_STEP)]
    logits = [towers(collate(part, trunk, [0] * len(part))) for part in parts]
    return Answers(torch.cat(logits), torch.tensor([post.label for post in posts]))


def mean_loss(answers: dict[str, Answers], temperature: float = 1.0) -> float:
    """The mean over sources and ways."""
    return sum(entry.loss(temperature) for entry in answers.values()) / len(answers)


def mean_macro_f1(answers: dict[str, Answers]) -> float:
    """The mean over sources and ways."""
    return sum(entry.macro_f1() for entry in answers.values()) / len(answers)


def scores(answers: dict[str, Answers]) -> dict[str, float]:
    """The means, then each source and way: what the record of an epoch has."""
    found = {"tuning_loss": mean_loss(answers), "tuning_macro_f1": mean_macro_f1(answers)}
    found |= {f"tuning_macro_f1 {way}": entry.macro_f1() for way, entry in answers.items()}
    return found | {f"tuning_loss {way}": entry.loss() for way, entry in answers.items()}


def fit_temperature(answers: dict[str, Answers]) -> float:
    """The temperature of least loss, to 1% between 0.25 and 4 (Guo et al. 2017, section 4.2)."""
    candidates = np.geomspace(0.25, 4.0, 280)
    return float(min(candidates, key=lambda temperature: mean_loss(answers, float(temperature))))
