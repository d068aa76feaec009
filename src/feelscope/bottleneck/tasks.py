"""What a bottleneck is trained by, as tasks of the loop: writing captions; answering, deciding, and both together.

CaptionTask      the next word of each caption
BottleneckTask   question_weight * (a caption has the word) + decision_weight * (the label)
    answering    questions alone: the heads
    deciding     labels alone: the text classifier; the heads do not learn, but their dropout stays on, which is ours
    refining     both, end to end

Pictures with several labels are those of the experiment of Bucher's two chains.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from feelscope.metrics.ranking import mean_average_precision
from feelscope.metrics.scores import count_answers, macro_f1
from feelscope.models.bottleneck_settings import BottleneckSettings
from feelscope.models.captioner import PADDING, Captioner
from feelscope.models.semantic_bottleneck import SemanticBottleneck
from feelscope.train.device import device_of, moved
from feelscope.train.recipe import StepSettings
from feelscope.train.row_batches import RowBatches, identity

_AT_ONCE = 256  # pictures that are scored at a time
# That the questions' losses, summed as each question has heads of its own, are divided by: of 64 questions they then
# count ten times their mean, which is near the labels' loss in size; ours.
_QUESTIONS_DIVISOR = 6.4


def _optimizer(modules: nn.Module, steps: StepSettings, rate: float) -> torch.optim.Optimizer:
    """AdamW, or gradient descent, as the steps say; biases do not decay."""
    groups = [
        {"params": weights, "weight_decay": decay, "lr": rate}
        for decay, weights in (
            (steps.weight_decay, [one for one in modules.parameters() if one.requires_grad and one.ndim > 1]),
            (0.0, [one for one in modules.parameters() if one.requires_grad and one.ndim <= 1]),
        )
        if weights
    ]
    if steps.optimizer == "adamw":
        return torch.optim.AdamW(groups, betas=(0.9, steps.beta2), fused=True)
    return torch.optim.SGD(groups, momentum=steps.momentum)


def _identity(what: str, settings: BottleneckSettings | None, *tensors: torch.Tensor) -> str:
    return identity(f"{what} {settings and asdict(settings)}", *tensors)


@dataclass(frozen=True, slots=True)
class Sentences:
    """Captions to learn to write.

    Args:
        vectors: (N, D), one for each picture.
        picture: (M,), whose caption each is.
        numbers: (M, T), words between START and END, padded.
    """

    vectors: torch.Tensor
    picture: torch.Tensor
    numbers: torch.Tensor


class CaptionTask:
    """A captioner that learns to write the captions of pictures.

    Args:
        validation: Captions that choose the epoch; None takes the last.
        settings: Of the bottleneck; its `caption_rate` is the learning rate.
    """

    def __init__(
        self,
        captioner: Captioner,
        training: Sentences,
        validation: Sentences | None,
        steps: StepSettings,
        settings: BottleneckSettings,
        seed: int,
    ):
        self.network = captioner
        self.modules: Mapping[str, nn.Module] = {"captioner": captioner}
        self._training, self._validation, self._steps = training, validation, steps
        self._rate = settings.caption_rate
        self._rows = RowBatches(len(training.numbers), steps.batch_size, seed)
        self.steps_per_epoch = self._rows.per_epoch
        sides = [training] if validation is None else [training, validation]
        tensors = [tensor for side in sides for tensor in (side.vectors, side.picture, side.numbers)]
        self.identity = _identity(f"captions {steps} {seed}", settings, *tensors)

    def optimizers(self) -> list[torch.optim.Optimizer]:
        """One over the captioner."""
        return [_optimizer(self.network, self._steps, self._rate)]

    def batches(self, epoch: int, skip: int) -> Iterator[torch.Tensor]:
        """Row numbers (B,) of captions."""
        return self._rows.epoch(epoch, skip)

    def losses(self, batch: torch.Tensor) -> Iterator[torch.Tensor]:
        """Cross entropy of the next word."""
        self._training = moved(self._training, batch.device)  # once
        yield _caption_loss(self.network, self._training, batch)

    def after_step(self) -> None:
        """Nothing."""

    @torch.no_grad()
    def score(self, network: nn.Module) -> tuple[float | None, dict[str, float]]:
        """How little the validation captions surprise it, in nats a word."""
        assert isinstance(network, Captioner)
        if self._validation is None:
            return None, {}
        network.eval()
        self._validation = moved(self._validation, device_of(network))
        rows = torch.arange(len(self._validation.numbers)).split(_AT_ONCE)
        sums = [float(_caption_loss(network, self._validation, batch)) * len(batch) for batch in rows]
        loss = sum(sums) / max(1, len(self._validation.numbers))
        return -loss, {"validation_loss": loss}


def _caption_loss(network: Captioner, sentences: Sentences, batch: torch.Tensor) -> torch.Tensor:
    words = sentences.numbers[batch]  # (B, T)
    words = words[:, : int((words != PADDING).sum(dim=1).max())]
    scores = network(sentences.vectors[sentences.picture[batch]], words[:, :-1])  # (B, T - 1, V)
    return F.cross_entropy(scores.flatten(0, 1), words[:, 1:].flatten(), ignore_index=PADDING)


@dataclass(frozen=True, slots=True)
class ReadPictures:
    """N pictures as a bottleneck learns from them.

    Args:
        vectors: (N, D).
        words: (N, W), which words the caption that was written of each has.
        truth: (N, Q), whether people said the questions' words of it.
        labels: int64 (N,), or float32 (N, K) where a picture may have several.
    """

    vectors: torch.Tensor
    words: torch.Tensor
    truth: torch.Tensor
    labels: torch.Tensor

    def rows(self, index: torch.Tensor) -> "ReadPictures":
        """The pictures at an index (B,)."""
        return ReadPictures(self.vectors[index], self.words[index], self.truth[index], self.labels[index])


class BottleneckTask:
    """A bottleneck that learns to answer, to decide, or both.

    Args:
        learns: The bottleneck or a part of it; the weights of the rest stay as they are, but its dropout is on too.
        question_weight, decision_weight: Of the two losses; 0 leaves one out.
        weights: Of each label, (K,).
        stage, settings: Of the bottleneck; a checkpoint of another stage or of other settings is not continued.
    """

    def __init__(
        self,
        bottleneck: SemanticBottleneck,
        training: ReadPictures,
        validation: ReadPictures,
        steps: StepSettings,
        seed: int,
        *,
        learns: nn.Module,
        question_weight: float,
        decision_weight: float,
        weights: torch.Tensor,
        stage: str = "",
        settings: BottleneckSettings | None = None,
    ):
        self.network = bottleneck
        self.modules: Mapping[str, nn.Module] = {"bottleneck": bottleneck}
        self._training, self._validation, self._steps = training, validation, steps
        self._question, self._decision, self._weights = question_weight, decision_weight, weights
        self._learns = learns
        self._rows = RowBatches(len(training.vectors), steps.batch_size, seed)
        self.steps_per_epoch = self._rows.per_epoch
        what = f"bottleneck {stage} {steps} {seed} {question_weight} {decision_weight} {weights.tolist()}"
        tensors = [
            tensor for side in (training, validation) for tensor in (side.vectors, side.words, side.truth, side.labels)
        ]
        self.identity = _identity(what, settings, *tensors)

    def optimizers(self) -> list[torch.optim.Optimizer]:
        """One over what learns."""
        return [_optimizer(self._learns, self._steps, self._steps.learning_rate)]

    def batches(self, epoch: int, skip: int) -> Iterator[torch.Tensor]:
        """Row numbers (B,) of pictures."""
        return self._rows.epoch(epoch, skip)

    def losses(self, batch: torch.Tensor) -> Iterator[torch.Tensor]:
        """The sum of both."""
        self._to(batch.device)
        yield self._loss(self.network, self._training.rows(batch), self._steps.label_smoothing)

    def after_step(self) -> None:
        """Nothing."""

    @torch.no_grad()
    def score(self, network: nn.Module) -> tuple[float | None, dict[str, float]]:
        """Macro-F1, or mean average precision of several labels; of heads alone, how little truth surprises them."""
        assert isinstance(network, SemanticBottleneck)
        if not len(self._validation.vectors):
            return None, {}
        network.eval()
        self._to(device_of(network))
        if not self._decision:
            loss = float(self._loss(network, self._validation, 0.0))
            return -loss, {"validation_loss": loss}
        logits = network(self._validation.vectors, self._validation.words).decision  # (N, K)
        value = score(logits, self._validation.labels)
        return value, {"validation_score": value}

    def _to(self, device: torch.device) -> None:
        """Move the data there, the first time it is asked."""
        self._training, self._validation = moved((self._training, self._validation), device)
        self._weights = self._weights.to(device)

    def _loss(self, network: SemanticBottleneck, read: ReadPictures, smoothing: float) -> torch.Tensor:
        outputs = network(read.vectors, read.words)
        loss = outputs.decision.new_zeros(())
        if self._question:
            asked = F.binary_cross_entropy_with_logits(outputs.questions, read.truth, reduction="none")
            loss = loss + self._question * asked.sum(dim=1).mean() / _QUESTIONS_DIVISOR
        if self._decision and read.labels.ndim == 1:
            loss = loss + self._decision * F.cross_entropy(
                outputs.decision, read.labels, weight=self._weights, label_smoothing=smoothing
            )
        elif self._decision:
            several = F.binary_cross_entropy_with_logits(outputs.decision, read.labels, reduction="none")  # (B, K)
            loss = loss + self._decision * several.sum(dim=1).mean()
        return loss


def score(logits: torch.Tensor, labels: torch.Tensor) -> float:
    """Macro-F1 of one label a picture; mean average precision over the labels where there may be several."""
    logits, labels = logits.cpu(), labels.cpu()
    if labels.ndim == 1:
        counts = count_answers(labels.numpy(), logits.argmax(dim=1).numpy(), logits.shape[1])
        return float(macro_f1(counts, np.unique(labels.numpy())))
    return mean_average_precision(logits.numpy().T, labels.numpy().T > 0)
