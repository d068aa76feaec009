"""A question-emoji network as a task of the loop.

hinge     mean over the negatives of max(0, margin - score of the right emoji + score of a wrong one)
softmax   cross-entropy of the right emoji among all of them: every wrong one is a negative in every step

Source: Wolf (one negative, drawn once); Feng et al. 2015, section 3, for the hinge.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from feelscope.emoji.answer.settings import AnswerSettings
from feelscope.errors import ModelError
from feelscope.metrics.scores import count_answers, macro_f1
from feelscope.models.question_emoji import Questions
from feelscope.train.device import device_of, moved
from feelscope.train.recipe import StepSettings
from feelscope.train.row_batches import RowBatches, identity

_AT_ONCE = 512  # texts that are scored at a time
TOP = 5


@dataclass(frozen=True, slots=True)
class Answered:
    """Questions and the number of each one's right emoji, int64 (N,)."""

    questions: Questions
    right: torch.Tensor

    def __len__(self) -> int:
        return len(self.right)

    @property
    def tensors(self) -> list[torch.Tensor]:
        """All that it holds."""
        return [self.right, *(getattr(self.questions, part.name) for part in fields(Questions))]


class AnswerTask:
    """A question-emoji network that learns which emoji a text had.

    Args:
        network: Called with `Questions` and emoji vectors (E, F); gives scores (B, E).
        emoji: Vectors (E, F) of the possible answers.
        validation: Texts that choose the epoch; None takes the last.

    Raises:
        ModelError: There are no texts, only one emoji answers, or a vector has numbers that are not finite.
    """

    def __init__(
        self,
        network: nn.Module,
        emoji: torch.Tensor,
        training: Answered,
        validation: Answered | None,
        settings: AnswerSettings,
        steps: StepSettings,
        seed: int,
    ):
        check(emoji, training)
        self.network = network
        self.modules: Mapping[str, nn.Module] = {"network": network}
        self._emoji, self._training, self._validation = emoji, training, validation
        self._settings, self._steps, self._seed = settings, steps, seed
        counts = torch.bincount(training.right, minlength=len(emoji)).float()  # (E,)
        weights = counts.clamp(min=1) ** -settings.balance  # (E,)
        self._weights = weights * counts.sum() / (weights * counts).sum()  # the mean over the texts is 1
        self._wrong = _draw(training.right, len(emoji), settings.negatives, np.random.default_rng((seed, 2**32)))
        self._epoch = 0
        self._rows = RowBatches(len(training), steps.batch_size, seed)
        self.steps_per_epoch = self._rows.per_epoch
        sides = (side for side in (training, validation) if side is not None)
        tensors = (tensor for side in sides for tensor in side.tensors)
        self.identity = identity(f"{settings} {asdict(steps)} {seed}", emoji, *tensors)

    def optimizers(self) -> list[torch.optim.Optimizer]:
        """One over the network; vectors of words and biases do not decay."""
        decaying = [module.weight for module in self.network.modules() if isinstance(module, nn.Linear | nn.Conv1d)]
        kept = {id(one) for one in decaying}
        groups = [
            {"params": decaying, "weight_decay": self._steps.weight_decay, "lr": self._steps.learning_rate},
            {
                "params": [one for one in self.network.parameters() if id(one) not in kept],
                "weight_decay": 0.0,
                "lr": self._steps.learning_rate,
            },
        ]
        if self._steps.optimizer == "adamw":
            return [torch.optim.AdamW(groups, betas=(0.9, self._steps.beta2), fused=True)]
        return [torch.optim.SGD(groups, momentum=self._steps.momentum)]

    def batches(self, epoch: int, skip: int) -> Iterator[torch.Tensor]:
        """Row numbers (B,) of texts."""
        self._epoch = epoch
        return self._rows.epoch(epoch, skip)

    def losses(self, batch: torch.Tensor) -> Iterator[torch.Tensor]:
        """The mean of the texts' losses, each weighed by its emoji."""
        self._to(batch.device)
        scores = self.network(self._training.questions.rows(batch), self._emoji)  # (B, E)
        right = self._training.right[batch]  # (B,)
        yield (self._per_text(scores, right, self._negatives(batch, scores)) * self._weights[right]).mean()

    def after_step(self) -> None:
        """Nothing."""

    @torch.no_grad()
    def score(self, network: nn.Module) -> tuple[float | None, dict[str, float]]:
        """Macro-F1 plus the share of texts whose emoji is among the first five, on the validation split."""
        if self._validation is None:
            return None, {}
        self._to(device_of(network))
        scores, right = answer_scores(network, self._validation.questions, self._emoji), self._validation.right
        counts = count_answers(right.cpu().numpy(), scores.argmax(dim=1).cpu().numpy(), len(self._emoji))
        top = float((scores.topk(min(TOP, len(self._emoji))).indices == right[:, None]).any(dim=1).float().mean())
        found = {
            "validation_accuracy": float((scores.argmax(dim=1) == right).float().mean()),
            "validation_macro_f1": float(macro_f1(counts, np.unique(right.cpu().numpy()))),
            "validation_top_5": top,
        }
        if self._settings.loss == "hinge":
            wrong = _draw(right, len(self._emoji), self._settings.negatives, np.random.default_rng(self._seed))
            found["validation_loss"] = float(self._per_text(scores, right, wrong).mean())
        return found["validation_macro_f1"] + top, found

    def _to(self, device: torch.device) -> None:
        """Move the data there, the first time it is asked."""
        self._emoji, self._weights, self._wrong = moved((self._emoji, self._weights, self._wrong), device)
        self._training, self._validation = moved((self._training, self._validation), device)

    def _per_text(self, scores: torch.Tensor, right: torch.Tensor, wrong: torch.Tensor) -> torch.Tensor:
        """The loss of each text, (B,)."""
        if self._settings.loss == "softmax":
            return F.cross_entropy(scores, right, reduction="none", label_smoothing=self._settings.smoothing)
        difference = self._settings.margin - scores.gather(1, right[:, None]) + scores.gather(1, wrong)  # (B, N)
        return difference.clamp(min=0).mean(dim=1)

    def _negatives(self, batch: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Numbers (B, N) of wrong emoji: the first those that score highest, the others drawn."""
        settings = self._settings
        if settings.drawn == "once":
            return self._wrong[batch]
        right = self._training.right[batch]  # (B,)
        generator = np.random.default_rng((self._seed, self._epoch, int(batch[0])))
        drawn = _draw(right, scores.shape[1], settings.negatives, generator)  # (B, N)
        hardest = min(round(settings.hard * settings.negatives), scores.shape[1] - 1)
        if not hardest:
            return drawn
        wrong = scores.detach().scatter(1, right[:, None], -torch.inf)  # (B, E)
        return torch.cat([wrong.topk(hardest).indices, drawn[:, hardest:]], dim=1)  # (B, N)


def check(emoji: torch.Tensor, training: Answered) -> None:
    """Refuse what nothing can be learnt from.

    Raises:
        ModelError: There are no texts, only one emoji answers, or a vector has numbers that are not finite.
    """
    if len(emoji) < 2 or len(torch.unique(training.right)) < 2:
        raise ModelError(
            f"expected texts of two different emoji or more, found {len(training):,} texts of "
            f"{len(torch.unique(training.right))}; give a table with more kinds of answers"
        )
    for what, table in (("the emoji's vectors", emoji), ("the texts' vectors", training.questions.sentences)):
        bad = torch.nonzero(~torch.isfinite(table).all(dim=1)).flatten()
        if len(bad):
            raise ModelError(f"{what}: row {int(bad[0]) + 1} has numbers that are not finite; make it again")


@torch.no_grad()
def answer_scores(network: nn.Module, questions: Questions, emoji: torch.Tensor) -> torch.Tensor:
    """Scores (N, E) of all texts."""
    network.eval()
    rows = torch.arange(len(questions)).split(_AT_ONCE)
    return torch.cat([network(questions.rows(batch), emoji) for batch in rows])


def _draw(right: torch.Tensor, count: int, negatives: int, generator: np.random.Generator) -> torch.Tensor:
    """Wrong emoji of each text, any of the others alike: (N,) to (N, negatives)."""
    drawn = torch.from_numpy(generator.integers(0, count - 1, size=(len(right), negatives)))
    drawn = drawn.to(right.device)
    return drawn + (drawn >= right[:, None])
