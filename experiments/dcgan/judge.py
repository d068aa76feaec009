"""A judge of whether a picture goes with a text: a common space of its own, with other encoders than the generator's.

    text  -> mean of word vectors (B, 100) -----------------> common space (B, D)
    picture of 32 px -> EfficientNet-Lite0 (B, 1280) -------> common space (B, D)

The network is that of common space fusion and its second task (Duong, Lebret and Aberer 2017, equation 13), with texts
of other posts, whatever their emotion, as negatives: what is judged is what a picture shows. Nothing of it is in the
generator, which reads texts by the built-in model's network and learnt pictures without any other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from feelscope.models.common_space import CommonSpaceFusion
from feelscope.objectives.common_space import distance, pair_loss
from feelscope.progress import silent
from feelscope.text.tokens import split
from feelscope.train import loop
from feelscope.train.recipe import StepSettings
from feelscope.train.row_batches import RowBatches, identity
from feelscope.words.load import load

NEGATIVES, HIDDEN, CANDIDATES = 16, 256, 10
STEPS = StepSettings(optimizer="adamw", learning_rate=1e-3, weight_decay=0.05, batch_size=128, epochs=60)


def word_means(texts: list[str], path: Path) -> torch.Tensor:
    """The mean word vector of each text (N, 100)."""
    vectors = load(path)
    table = torch.from_numpy(np.asarray(vectors.table(), dtype=np.float32))  # row 0 is no word
    rows = [[row + 1 for row in vectors.rows(split(text))] or [0] for text in texts]
    return torch.stack([table[one].mean(dim=0) for one in rows])


@dataclass(frozen=True)
class Pairs:
    """Vectors of N posts' texts (N, 100) and pictures (N, 1280)."""

    texts: torch.Tensor
    pictures: torch.Tensor


class JudgeTask:
    """The judge as a task of the loop; the epoch is chosen on posts that it does not learn from."""

    def __init__(self, network: CommonSpaceFusion, training: Pairs, validation: Pairs, seed: int):
        self.network, self._training, self._validation = network, training, validation
        self.modules: Mapping[str, nn.Module] = {"judge": network}
        self.identity = identity("judge", training.texts)
        self._rows = RowBatches(len(training.texts), STEPS.batch_size, seed)
        self.steps_per_epoch = self._rows.per_epoch

    def optimizers(self) -> list[torch.optim.Optimizer]:
        """AdamW over everything."""
        return [torch.optim.AdamW(self.network.parameters(), STEPS.learning_rate, weight_decay=STEPS.weight_decay)]

    def batches(self, epoch: int, skip: int) -> Iterator[torch.Tensor]:
        """Row numbers (B,)."""
        return self._rows.epoch(epoch, skip)

    def losses(self, batch: torch.Tensor) -> Iterator[torch.Tensor]:
        """Equation 13."""
        dropped = nn.functional.dropout(self._training.pictures[batch], 0.3)
        texts, pictures = common(self.network, Pairs(self._training.texts[batch], dropped))  # (B, D) each
        others = torch.stack([texts.roll(by, 0) for by in range(1, NEGATIVES + 1)], dim=1)  # (B, g, D)
        yield pair_loss(pictures, texts, others, torch.ones(len(batch)))

    def after_step(self) -> None:
        """Nothing."""

    def score(self, network: nn.Module) -> tuple[float | None, dict[str, float]]:
        """How often the right text of ten is nearest, on the validation posts."""
        assert isinstance(network, CommonSpaceFusion)
        right = float(np.mean(chosen(network, self._validation, 0)))
        return right, {"right_of_10": right}


def common(network: CommonSpaceFusion, pairs: Pairs) -> tuple[torch.Tensor, torch.Tensor]:
    """Texts and pictures in the common space, (N, D) each."""
    found = network.in_common_space({"text": pairs.texts, "image": pairs.pictures})
    return found["text"], found["image"]


@torch.no_grad()
def chosen(network: CommonSpaceFusion, pairs: Pairs, seed: int) -> list[bool]:
    """Of each picture, whether its own text is nearer than nine others', drawn by the seed."""
    network.eval()
    texts, pictures = common(network, pairs)
    draws, right = np.random.default_rng(seed), []
    for at in range(len(texts)):
        others = draws.choice(np.delete(np.arange(len(texts)), at), CANDIDATES - 1, replace=False)
        candidates = texts[[at, *others.tolist()]]  # (10, D)
        right.append(int(distance(pictures[at], candidates).argmin()) == 0)
    return right


def train_judge(training: Pairs, validation: Pairs, seed: int) -> tuple[CommonSpaceFusion, float]:
    """A judge, and how often it is right on the validation posts."""
    torch.manual_seed(seed)
    widths = {"text": training.texts.shape[1], "image": training.pictures.shape[1]}
    network = CommonSpaceFusion(widths, 2, HIDDEN)
    task = JudgeTask(network, training, validation, seed)
    history = loop.fit(task, STEPS, seed=seed, patience=8, folder=None, progress=silent)
    return network.eval(), max(one["right_of_10"] for one in history)
