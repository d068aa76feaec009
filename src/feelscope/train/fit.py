"""The training loop: batches in, fitted towers out.

The model that is kept is a moving average of the weights; the epoch is chosen by macro-F1 on the tuning part. Every
random draw comes from the seed and the step, so that one seed gives one result on one kind of processor and number of
threads, and a resumed training gives the same as an uninterrupted one.
"""

import copy
import functools
import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from feelscope.encoders import efficientnet_lite0, minilm
from feelscope.errors import ModelError
from feelscope.models.deep_sentiment import DeepSentiment
from feelscope.models.gated import GatedFusion
from feelscope.models.subclasses import Parts
from feelscope.models.towers import TensorBatch, Towers
from feelscope.objectives.every_half import every_half_loss
from feelscope.progress import Progress
from feelscope.train import checkpoint, tuning
from feelscope.train.batches import Batches
from feelscope.train.checkpoint import Training
from feelscope.train.corpus import Corpus
from feelscope.train.recipe import Recipe

_STEPS_PER_CHECKPOINT = 200


@dataclass(slots=True)
class State:
    """How far a training is; kept in the checkpoint as JSON."""

    recipe: str  # digest of the recipe and the posts, so that a checkpoint is not continued with others
    epoch: int = 0
    step: int = 0  # within the epoch
    loss_sum: float = 0.0  # over the steps of this epoch
    best: float | None = None  # macro-F1 on the tuning part, the mean over sources and ways
    epochs_without_better: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a training made: the averaged weights of the chosen epoch, and how they were chosen."""

    towers: Towers
    temperature: float
    history: list[dict[str, Any]]
    epochs: int  # how many were right
    on_all: bool = False  # whether the weights were trained on the tuning part too, once the choices were made


def build_towers(
    emotions: int,
    recipe: Recipe,
    image: efficientnet_lite0.EfficientNetLite0,
    text: minilm.MiniLM,
    emotion_of: Sequence[int] = (),
) -> Towers:
    """Pretrained encoders and a new fusion; the seed decides its first weights.

    Args:
        emotion_of: Of each part of an emotion, the emotion's index; empty where the emotions have no parts.
    """
    torch.manual_seed(recipe.seed)
    outputs = len(emotion_of) or emotions
    widths = minilm.WIDTH, efficientnet_lite0.WIDTH, outputs
    fusion = (
        DeepSentiment(*widths)
        if recipe.fusion == "deep_sentiment"
        else GatedFusion(*widths, recipe.width, recipe.dropout)
    )
    text.bert.embeddings.word_embeddings.requires_grad_(recipe.train_words)
    parts = Parts(emotion_of) if emotion_of else None
    return Towers(text, copy.deepcopy(image.top), fusion, efficientnet_lite0.WIDTH, parts)


def fit(towers: Towers, corpus: Corpus, recipe: Recipe, out: Path, *, resume: bool, progress: Progress) -> Fitted:
    """Train, with a checkpoint every few steps, until the epochs are done or the tuning part says stop.

    Raises:
        ModelError: There is nothing to resume, it belongs to another recipe, or the loss is no number any more.
    """
    from torch.utils.tensorboard import SummaryWriter

    batches = Batches(corpus.training, corpus.trunk, size=recipe.batch, seed=recipe.seed, erase=recipe.erase)
    # Fused, the step over all weights takes a sixth of the time.
    optimizer = torch.optim.AdamW(parameter_groups(towers, recipe), betas=(0.9, 0.98), fused=True)
    training = Training(towers, copy.deepcopy(towers).requires_grad_(False), optimizer)
    state = State(_digest(recipe, corpus))
    if resume:
        state = State(**checkpoint.load(out, training, state.recipe))
    else:
        checkpoint.save(out, training, asdict(state))  # so that there is something to resume from the first step on
    total = batches.per_epoch * recipe.epochs
    with SummaryWriter(str(out / "tensorboard"), purge_step=state.epoch * batches.per_epoch + state.step) as board:
        while state.epoch < recipe.epochs and not _stop(state, recipe):
            for batch in batches.epoch(state.epoch, skip=state.step):
                number = state.epoch * batches.per_epoch + state.step
                loss = _step(training, batch, recipe, number, total)
                if not math.isfinite(loss):
                    raise ModelError(f"the loss is {loss} at step {number + 1}: train again with lower rates")
                state.step += 1
                state.loss_sum += loss
                board.add_scalar("loss/training", loss, number)
                progress("training", number + 1, total, f"epoch {state.epoch + 1}, loss {loss:.3f}")
                if state.step % _STEPS_PER_CHECKPOINT == 0:
                    checkpoint.save(out, training, asdict(state))
            _end_epoch(training, corpus, state, out)
            for name, value in state.history[-1].items():
                if name != "epoch" and value is not None:
                    board.add_scalar(f"by epoch/{name}", value, state.epoch)
            checkpoint.save(out, training, asdict(state))
    if state.best is not None:
        checkpoint.load_best(out, training.average)
    answers = tuning.answer(training.average, corpus.tuning, corpus.trunk)
    temperature = tuning.fit_temperature(answers) if answers else recipe.temperature
    epochs = max(state.history, key=lambda record: record.get("tuning_macro_f1", record["epoch"]))["epoch"]
    return Fitted(training.average, temperature, state.history, epochs)


def _step(training: Training, batch: TensorBatch, recipe: Recipe, number: int, total: int) -> float:
    torch.manual_seed(recipe.seed * 1_000_003 + number)  # dropout's draws depend on the step, not on what ran before
    factor = rate(number, total, recipe.warm_up)
    for group in training.optimizer.param_groups:
        group["lr"] = group["top_rate"] * factor
    training.model.train()
    loss = every_half_loss(
        training.model.every_way(batch, recipe.half_precision and computes_bfloat16()),
        batch.labels,
        parts=batch.parts,
        sums=training.model.parts,
        taught=batch.taught,
        complete=batch.has_text * batch.has_image,
        borrowed=batch.borrowed,
        text_weight=recipe.text_weight,
        image_weight=recipe.image_weight,
        label_smoothing=recipe.label_smoothing,
        teacher_share=recipe.teacher_share,
    )
    training.optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(training.model.parameters(), recipe.clip)
    training.optimizer.step()
    decay = min(recipe.average, (1 + number) / (10 + number))  # the first steps are forgotten soon
    with torch.no_grad():
        for average, parameter in zip(training.average.parameters(), training.model.parameters(), strict=True):
            if parameter.requires_grad:
                average.lerp_(parameter, 1 - decay)
    return float(loss.detach())


def _end_epoch(training: Training, corpus: Corpus, state: State, out: Path) -> None:
    """Score the average on the tuning part, keep it if it is the best so far, and go to the next epoch."""
    answers = tuning.answer(training.average, corpus.tuning, corpus.trunk)
    record: dict[str, Any] = {"epoch": state.epoch + 1, "train_loss": state.loss_sum / max(1, state.step)}
    if answers:
        record |= tuning.scores(answers)
        score = record["tuning_macro_f1"]
        if state.best is None or score > state.best:
            state.best, state.epochs_without_better = score, 0
            checkpoint.save_best(out, training.average)
        else:
            state.epochs_without_better += 1
    state.history.append(record)
    state.epoch, state.step, state.loss_sum = state.epoch + 1, 0, 0.0


def _stop(state: State, recipe: Recipe) -> bool:
    return state.epochs_without_better >= recipe.patience


@functools.cache
def computes_bfloat16() -> bool:
    """Whether this processor has instructions for bfloat16; others would compute it several times slower."""
    found = torch.cpu.get_capabilities()
    return any(found.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16", "sve_bf16"))


def rate(number: int, total: int, warm_up: float) -> float:
    """The share of the top learning rate at a step: up in a straight line, then down to zero."""
    rising = max(1, round(total * warm_up))
    return min((number + 1) / rising, (total - number) / max(1, total - rising))


def parameter_groups(towers: Towers, recipe: Recipe) -> list[dict[str, Any]]:
    """One group a parameter: text layers learn slower the further down they are; norms and biases do not decay."""
    return [
        {
            "params": [parameter],
            "top_rate": _top_rate(name, recipe),
            "weight_decay": recipe.weight_decay if parameter.ndim > 1 else 0.0,
        }
        for name, parameter in towers.named_parameters()
        if parameter.requires_grad
    ]


def _top_rate(name: str, recipe: Recipe) -> float:
    if name.startswith("image_top."):
        return recipe.image_rate
    if name.startswith("fusion."):
        return recipe.fusion_rate
    layer = int(name.split("layer.")[1].split(".")[0]) if "layer." in name else -1  # -1: embeddings
    return recipe.text_rate * recipe.layer_decay ** (minilm.LAYERS - 1 - layer)


def _digest(recipe: Recipe, corpus: Corpus) -> str:
    digest = hashlib.sha256(json.dumps([asdict(recipe), corpus.emotions]).encode())
    for post in (post for posts in (*(pool.posts for pool in corpus.training), *corpus.tuning) for post in posts):
        digest.update(json.dumps([post.ids, post.row >= 0, post.label, post.part, post.taught]).encode())
    return digest.hexdigest()[:16]
