"""Choices on the validation split: the epoch by macro-F1, temperatures by loss, and how sure is sure."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from feelscope.encoders.encoded_posts import EncodedPosts, combinations
from feelscope.metrics.scaling import choose_scaling
from feelscope.metrics.scores import count_answers, macro_f1
from feelscope.models.label_space import LabelSpace, mixture
from feelscope.models.network import Network
from feelscope.saved_model.calibration import LEAST, Calibration, Calibrations, combination, confidence_of
from feelscope.train.device import device_of, moved

SCORE = "validation_macro_f1"  # by which the epoch is chosen
_POSTS_AT_ONCE = 128
SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)  # of the label space, that are tried
SOFTNESSES = (0.02, 0.05, 0.1, 0.2, 0.5)


@dataclass(frozen=True, slots=True)
class SplitAnswers:
    """Logits (N, K) for labels (N,), of one combination of modalities of some posts."""

    logits: torch.Tensor
    labels: torch.Tensor

    def loss(self, temperature: float = 1.0) -> float:
        """Mean cross entropy."""
        return float(F.cross_entropy(self.logits / temperature, self.labels))

    def accuracy(self) -> float:
        """The share that is answered right."""
        return float((self.logits.argmax(dim=1) == self.labels).float().mean())

    def macro_f1(self) -> float:
        """Over the emotions the labels have."""
        labels = self.labels.numpy()
        counts = count_answers(labels, self.logits.argmax(dim=1).numpy(), self.logits.shape[1])
        return float(macro_f1(counts, np.unique(labels)))


@torch.inference_mode()
def answer(network: Network, posts: EncodedPosts) -> torch.Tensor:
    """Logits (N, K) of posts, computed where the network is, in the order of their length."""
    network.eval()
    device = device_of(network)
    order = posts.lengths().argsort(stable=True)  # (N,)
    batches = (moved(posts.rows(index), device) for index in order.split(_POSTS_AT_ONCE))
    logits = torch.cat([network(batch.inputs, batch.present).cpu() for batch in batches])
    return torch.empty_like(logits).index_copy_(0, order, logits)


def answer_combinations(network: Network, posts: EncodedPosts) -> dict[str, SplitAnswers]:
    """Answers by combination of modalities, `both`, `text`, `image`; of several tables `0 both`, `1 both`, ..."""
    tables = posts.tables.unique().tolist()
    answers = {}
    for table in tables:
        prefix = f"{table} " if len(tables) > 1 else ""
        for name, combined in combinations(posts.rows((posts.tables == table).nonzero()[:, 0])).items():
            answers[f"{prefix}{name}"] = SplitAnswers(answer(network, combined), combined.labels)
    return answers


def mean_loss(answers: Mapping[str, SplitAnswers], temperature: float = 1.0) -> float:
    """The mean over tables and combinations."""
    return sum(entry.loss(temperature) for entry in answers.values()) / len(answers)


def scores(answers: Mapping[str, SplitAnswers]) -> dict[str, Any]:
    """The means over tables and combinations, then each of them: what the record of an epoch has."""
    by_name = {
        SCORE: {name: entry.macro_f1() for name, entry in answers.items()},
        "validation_loss": {name: entry.loss() for name, entry in answers.items()},
        "validation_accuracy": {name: entry.accuracy() for name, entry in answers.items()},
    }
    means = {measure: sum(values.values()) / len(values) for measure, values in by_name.items()}
    each = {f"{measure} {name}": value for measure, values in by_name.items() for name, value in values.items()}
    return means | each


def fit_temperature(answers: Mapping[str, SplitAnswers]) -> float:
    """The temperature of least loss, to 1% between 0.25 and 4 (Guo et al. 2017, section 4.2)."""
    candidates = np.geomspace(0.25, 4.0, 280)
    return float(min(candidates, key=lambda temperature: mean_loss(answers, float(temperature))))


@torch.inference_mode()
def weigh_label_space(network: Network, posts: EncodedPosts) -> None:
    """Choose by loss how much the label space counts, and how soft its answers are; ours, on a grid.

    Args:
        posts: The validation split; without any, the label space counts nothing.
    """
    space = network.label_space
    if space is None or not len(posts):
        return
    found = {}
    for share in (0.0, 1.0):  # each space alone, then all mixtures of the two
        _set_label_space(space, share, 1.0)
        found[share] = answer_combinations(network, posts)
    tried = {}
    for share, softness in itertools.product(SHARES, SOFTNESSES):
        mixed = {
            name: SplitAnswers(mixture(own.logits, found[1.0][name].logits / softness, share), own.labels)
            for name, own in found[0.0].items()
        }
        tried[share, softness] = mean_loss(mixed)
    _set_label_space(space, *min(tried, key=lambda pair: tried[pair]))


def _set_label_space(space: LabelSpace, share: float, softness: float) -> None:
    space.share.fill_(share)
    space.softness.fill_(softness)


def calibrate(network: Network, posts: EncodedPosts, temperature: float) -> Calibrations:
    """What each combination of modalities needs beyond the one temperature of all.

    A temperature alone, and only where it helps: biases would change answers, which the epoch was chosen by.

    Args:
        posts: The validation split. Combinations of few of its posts get nothing.
        temperature: Which the saved model divides its logits by.
    """
    probabilities: dict[str, list[np.ndarray]] = {}
    labels: dict[str, list[np.ndarray]] = {}
    for combined in combinations(posts).values():
        answers = (answer(network, combined) / temperature).softmax(dim=1).double().numpy()  # (N, K)
        present = torch.stack(list(combined.present.values()), dim=1) > 0  # (N, M)
        for read in present.unique(dim=0):
            name = combination(name for name, there in zip(combined.present, read.tolist(), strict=True) if there)
            rows = (present == read).all(dim=1).numpy()
            probabilities.setdefault(name, []).append(answers[rows])
            labels.setdefault(name, []).append(combined.labels.numpy()[rows])
    fitted = {}
    for name, tables in probabilities.items():
        table, true = np.concatenate(tables), np.concatenate(labels[name])
        if len(true) >= LEAST and len(np.unique(true)) > 1:
            scaling = choose_scaling(table, true, ridges=())
            fitted[name] = Calibration(len(true), scaling, confidence_of(scaling(table)))
    return Calibrations(fitted)
