"""The training loop of the family: signals in, a fitted network out.

The epoch is chosen by macro-F1 on the tuning part, the mean over posts as they are, their words alone and their
pictures alone, as every training of Feelscope does; then the temperature by loss. Every random draw comes from the
seed and the epoch, so that one seed gives one result on one kind of processor and number of threads.
"""

import copy
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from feelscope.errors import ModelError, TableError
from feelscope.family.answers import answer_every_way
from feelscope.family.inputs import Input
from feelscope.family.network import Network, build_fusion
from feelscope.family.signals import Signals, drop_modalities
from feelscope.models.common_space import CommonSpaceFusion
from feelscope.models.late import LateFusion
from feelscope.models.single import SingleModality
from feelscope.objectives.common_space import OtherEmotions, pair_loss
from feelscope.progress import Progress
from feelscope.train import tuning as choices
from feelscope.train.fusion_recipe import FusionRecipe


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a training made: the network of the chosen epoch, and how it was chosen."""

    network: Network
    temperature: float
    history: list[dict[str, Any]]


def fit(
    recipe: FusionRecipe,
    inputs: Mapping[str, Input],
    emotions: int,
    training: Signals,
    tuning: Signals,
    progress: Progress,
) -> Fitted:
    """Train the recipe's model.

    Args:
        inputs: As `open_inputs` made them; they give the readers.
        emotions: K.
        tuning: The posts kept apart; with none of them the last epoch is taken.

    Raises:
        ModelError: The loss is no number any more.
        TableError: There are no posts to train on.
    """
    if recipe.model == "late":
        return _fit_parts(recipe, inputs, emotions, training, tuning, progress)
    torch.manual_seed(recipe.seed)
    readers = {name: one.reader() for name, one in inputs.items()}
    fusion = build_fusion(recipe, {name: one.width for name, one in inputs.items()}, emotions)
    network = Network(readers, fusion)
    history = _descend(recipe, network, training, tuning, lambda *now: progress("training", *now))
    return _chosen(recipe, network, tuning, history)


def _fit_parts(
    recipe: FusionRecipe,
    inputs: Mapping[str, Input],
    emotions: int,
    training: Signals,
    tuning: Signals,
    progress: Progress,
) -> Fitted:
    """Late fusion: each modality's classifier on the posts that have it, with an epoch of its own."""
    parts: dict[str, Network] = {}
    history: list[dict[str, Any]] = []
    for name, one in inputs.items():
        torch.manual_seed(recipe.seed)
        parts[name] = Network({name: one.reader()}, SingleModality(name, one.width, emotions))
        epochs = _descend(
            recipe,
            parts[name],
            training.only(name),
            tuning.only(name),
            lambda done, total, detail, name=name: progress(f"training on {name}", done, total, detail),
        )
        history += [{"part": name, **epoch} for epoch in epochs]
    readers = {name: part.readers[name] for name, part in parts.items()}
    fusion = LateFusion({name: part.fusion for name, part in parts.items()})
    return _chosen(recipe, Network(readers, fusion), tuning, history)


def _chosen(recipe: FusionRecipe, network: Network, tuning: Signals, history: list[dict[str, Any]]) -> Fitted:
    answers = answer_every_way(network, tuning)
    temperature = choices.fit_temperature(answers) if answers else recipe.temperature
    return Fitted(network.eval(), temperature, history)


def _descend(
    recipe: FusionRecipe, network: Network, training: Signals, tuning: Signals, progress: Any
) -> list[dict[str, Any]]:
    """Train until the epochs are over or the tuning part says stop; leaves the weights of the chosen epoch."""
    rows = _trained_on(recipe, training)
    losses = _Losses(recipe, network, training)
    optimizer = _optimizer(recipe, network)
    rates = torch.optim.lr_scheduler.StepLR(optimizer, recipe.halve or 1, gamma=0.5 if recipe.halve else 1.0)
    per_epoch = -(-len(rows) // recipe.batch)
    best: float | None = None
    without_better = 0
    kept: dict[str, torch.Tensor] = {}
    history: list[dict[str, Any]] = []
    for epoch in range(recipe.epochs):
        random = np.random.default_rng((recipe.seed, epoch))
        torch.manual_seed(recipe.seed * 1_000_003 + epoch)  # for dropout
        network.train()
        total = 0.0
        for step, index in enumerate(torch.from_numpy(random.permutation(rows)).split(recipe.batch), 1):
            loss = losses(training.rows(index), random)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            if recipe.clip:
                nn.utils.clip_grad_norm_(network.parameters(), recipe.clip)
            optimizer.step()
            rates.step()
            total += float(loss.detach())
            if over := epoch * per_epoch + step == recipe.steps:
                break
        if not math.isfinite(total):
            raise ModelError(f"the loss is {total / step} in epoch {epoch + 1}: train again with a lower rate")
        record: dict[str, Any] = {"epoch": epoch + 1, "train_loss": total / step}
        answers = answer_every_way(network, tuning)
        if answers:
            score = choices.mean_macro_f1(answers)
            record |= {"tuning_loss": choices.mean_loss(answers), "tuning_macro_f1": score}
            record |= {f"tuning_macro_f1 {way}": entry.macro_f1() for way, entry in answers.items()}
            without_better += 1
            if best is None or score > best:
                best, without_better, kept = score, 0, copy.deepcopy(network.state_dict())
        history.append(record)
        shown = f"loss {record['train_loss']:.3f}" + (f", best macro-F1 {best:.3f}" if best is not None else "")
        steps = min(per_epoch * recipe.epochs, recipe.steps or per_epoch * recipe.epochs)
        progress(epoch * per_epoch + step, steps, f"epoch {epoch + 1}, {shown}")
        if over or without_better >= recipe.patience:
            break
    if kept:
        network.load_state_dict(kept)
    return history


def _trained_on(recipe: FusionRecipe, training: Signals) -> np.ndarray:
    """The posts that have a modality, or all of them where the recipe says so."""
    least = len(training.present) if recipe.complete_only else 1
    rows = (training.counts() >= least).nonzero()[:, 0].numpy()
    if not len(rows):
        names = (" and " if recipe.complete_only else " or ").join(training.present)
        raise TableError(f"no post that is trained on has {names}; give another table or recipe")
    return rows


def _optimizer(recipe: FusionRecipe, network: nn.Module) -> torch.optim.Optimizer:
    learning = [parameter for parameter in network.parameters() if parameter.requires_grad]
    if recipe.optimizer == "adamw":
        return torch.optim.AdamW(learning, recipe.rate, weight_decay=recipe.weight_decay)
    return torch.optim.SGD(learning, recipe.rate, momentum=recipe.momentum, weight_decay=recipe.weight_decay)


class _Losses:
    """The loss of a batch: cross entropy (equation 12), and for common space the second task (equation 14)."""

    def __init__(self, recipe: FusionRecipe, network: Network, training: Signals):
        self._recipe, self._network, self._training = recipe, network, training
        self._space = network.fusion if isinstance(network.fusion, CommonSpaceFusion) else None
        if self._space is not None:
            posts = training.present[self._space.anchor].nonzero()[:, 0].numpy()
            try:
                self._others = OtherEmotions(training.labels.numpy()[posts], posts)
            except ValueError:
                raise TableError(
                    f"the posts with {self._space.anchor} that are trained on have one emotion, and common_space "
                    "needs such posts of two; give another table or recipe"
                ) from None

    def __call__(self, batch: Signals, random: np.random.Generator) -> torch.Tensor:
        present = dict(batch.present)
        if self._recipe.modality_dropout:
            draws = torch.Generator().manual_seed(int(random.integers(2**31)))
            present = drop_modalities(present, self._recipe.modality_dropout, draws)
        vectors = self._network.vectors(batch.inputs)
        main = F.cross_entropy(self._network.fusion(vectors, present), batch.labels)
        if self._space is None:
            return main
        return self._recipe.main_weight * main + self._pairs(self._space, batch, vectors, random)

    def _pairs(
        self, space: CommonSpaceFusion, batch: Signals, vectors: dict[str, torch.Tensor], random: np.random.Generator
    ) -> torch.Tensor:
        """The second task over every modality that is not the anchor; pairs of whole posts, dropped or not."""
        drawn = self._others.draw(batch.labels.numpy(), self._recipe.negatives, random)  # (B, g)
        texts = self._training.rows(torch.from_numpy(drawn.reshape(-1))).inputs[
            space.anchor
        ]  # (B * g, T) or (B * g, D)
        negatives = self._network.readers[space.anchor](texts).reshape(*drawn.shape, -1)  # (B, g, D)
        common = space.in_common_space(vectors)
        own = common.pop(space.anchor)  # (B, D)
        has_own = batch.present[space.anchor]  # (B,)
        losses = [pair_loss(other, own, negatives, has_own * batch.present[name]) for name, other in common.items()]
        return torch.stack(losses).sum()
