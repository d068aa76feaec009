"""Classifying posts as a task of the loop: the recipe's network, what is asked of it, and its score."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from feelscope.encoders.encoded_posts import EncodedPosts
from feelscope.encoders.settings import TextSettings
from feelscope.encoders.tuned_minilm import MiniLMEmbedder
from feelscope.encoders.word_recurrence import RECURRENCES
from feelscope.models.common_space import CommonSpaceFusion
from feelscope.models.network import Network
from feelscope.models.network import build_network as build
from feelscope.objectives.combinations import AllCombinations
from feelscope.objectives.common_space import CommonSpace
from feelscope.objectives.delta import DeltaEmbedding
from feelscope.objectives.distillation import Distillation
from feelscope.objectives.dsreg import DSReg
from feelscope.objectives.enaet import EnAET
from feelscope.objectives.labels import LabelObjective
from feelscope.objectives.modality_dropout import ModalityDropout
from feelscope.objectives.objective import Batch, Objective
from feelscope.objectives.secret import Secret
from feelscope.objectives.settings import CommonSpaceSettings
from feelscope.train import selection, together
from feelscope.train.batches import Batches
from feelscope.train.encoding import EncodedCorpus
from feelscope.train.recipe import Recipe

_POOL = 16  # batches
_POOL_OF_RECURRENCES = 64  # whose every word is a step; ours
_LOOKED_AT = 500  # posts of the training; ours


class ClassifierTask:
    """A network that learns to tell the emotion of posts.

    Args:
        recipe: Its seed decides the first weights.
        draws: The seed of everything that is drawn later.
        objective: What is asked of the network; None asks what the recipe says.

    Raises:
        TableError: There are no posts to train on.
    """

    def __init__(
        self,
        recipe: Recipe,
        corpus: EncodedCorpus,
        draws: int,
        *,
        objective: Objective | None = None,
    ):
        self._recipe, self._validation = recipe, corpus.validation
        torch.manual_seed(recipe.seed)
        self.network = build_network(recipe, corpus)
        self.objective = objective or build_objective(recipe, corpus.training, self.network)
        unlabelled = corpus.unlabelled if self.objective.needs_unlabelled else None
        assert unlabelled is not None or not self.objective.needs_unlabelled, "give posts without labels"
        self.modules: Mapping[str, nn.Module] = {"network": self.network, "objective": self.objective}
        self.identity = f"{corpus.digest(recipe)} {draws}"
        self._batches = Batches(
            corpus.training,
            corpus.sources,
            recipe.steps,
            draws,
            augment={name: encoder.augment for name, encoder in corpus.encoders.items()},
            pool=_pool(recipe.text),
            unlabelled=unlabelled,
            unlabelled_each=recipe.enaet.unlabelled if recipe.enaet else 1,
            share=together.place(),
        )
        self.steps_per_epoch = self._batches.per_epoch
        self._looked_at = _some(corpus.training)

    def optimizers(self) -> list[torch.optim.Optimizer]:
        """The recipe's, over all weights that learn."""
        steps, groups = self._recipe.steps, parameter_groups(self._recipe, self.network, self.objective)
        self._optimizer: torch.optim.Optimizer
        if steps.optimizer == "adamw":  # fused, the step over all weights takes a sixth of the time
            self._optimizer = torch.optim.AdamW(groups, betas=(0.9, steps.beta2), fused=True)
        else:
            self._optimizer = torch.optim.SGD(groups, momentum=steps.momentum)
        return [self._optimizer]

    def batches(self, epoch: int, skip: int) -> Iterator[Batch]:
        """The batches of an epoch, without the first `skip`."""
        return self._batches.epoch(epoch, skip)

    def losses(self, batch: Batch) -> Iterator[torch.Tensor]:
        """The objective's loss."""
        yield self.objective.loss_of_step(self.network, batch)

    def after_step(self) -> None:
        """The objective's own step."""
        self.objective.after_step(self.network, self._rate)

    def _rate(self, parameter: nn.Parameter) -> float:
        groups = self._optimizer.param_groups
        return next(group["lr"] for group in groups if any(one is parameter for one in group["params"]))

    def score(self, network: nn.Module) -> tuple[float | None, dict[str, float]]:
        """Macro-F1 on the validation split, the mean over tables and combinations of modalities.

        The record also has `train_accuracy`, of some posts of the training, as they are and by the weights of now.
        """
        assert isinstance(network, Network)
        looked_at = selection.SplitAnswers(selection.answer(network, self._looked_at), self._looked_at.labels)
        measures = {"train_accuracy": looked_at.accuracy()} | self.objective.measures(network)
        answers = selection.answer_combinations(network, self._validation)
        if not answers:
            return None, measures
        scores = selection.scores(answers)
        # So that all that train together choose the same epoch, whatever their processors round to.
        scores[selection.SCORE] = together.of_first(scores[selection.SCORE])
        return scores[selection.SCORE], scores | measures


def _pool(text: TextSettings) -> int:
    """Out of how many batches posts of like length are put together; 0 where their length costs nothing."""
    if text.encoder == "words" and text.pooling in RECURRENCES:
        return _POOL_OF_RECURRENCES
    return _POOL if text.training == "tuned" else 0


def _some(posts: EncodedPosts) -> EncodedPosts:
    """Posts by which it is told how well the training's are known: all, or some, the same in every epoch."""
    readable = posts.counts().nonzero()[:, 0].numpy()
    drawn = np.random.default_rng(0).permutation(readable)[:_LOOKED_AT]
    return posts.rows(torch.from_numpy(np.sort(drawn)))


def build_network(recipe: Recipe, corpus: EncodedCorpus) -> Network:
    """The recipe's embedders, with their published or new weights, and a new fusion."""
    embedders = {name: encoder.embedder() for name, encoder in corpus.encoders.items()}
    widths = {name: encoder.width for name, encoder in corpus.encoders.items()}
    known = None if corpus.label_vectors is None else torch.from_numpy(corpus.label_vectors)
    return build(recipe.fusion, embedders, widths, corpus.emotions, corpus.emotion_of, known)


def build_objective(recipe: Recipe, training: EncodedPosts, network: Network) -> Objective:
    """What the recipe asks of the network: the labels, and each of its objectives around them.

    Raises:
        TableError: The posts lack what an objective needs.
    """
    if recipe.enaet:
        return EnAET(recipe.enaet, network, lambda loss: _as_seen(recipe, loss), recipe.steps.label_smoothing)
    labels = LabelObjective(recipe.steps.label_smoothing)
    objective: Objective = labels
    if training.taught.shape[1]:
        objective = Distillation(labels, recipe.distillation.share, complete=recipe.shows_whole_posts_only)
    if recipe.secret:
        objective = Secret(objective, recipe.secret)
    if recipe.dsreg:
        objective = DSReg(objective, recipe.dsreg, training, network)
    objective = _as_seen(recipe, objective)
    if isinstance(network.fusion, CommonSpaceFusion):
        settings = recipe.common_space or CommonSpaceSettings()
        objective = CommonSpace(objective, settings, training, network.fusion.anchor)
    if recipe.delta and "text" in network.embedders:  # late fusion trains the picture alone too
        objective = DeltaEmbedding(objective, recipe.delta, network)
    return objective


def _as_seen(recipe: Recipe, objective: Objective) -> Objective:
    """What is asked of posts as the recipe shows them: in every combination of modalities, or some without one."""
    if recipe.combinations:
        return AllCombinations(objective, recipe.combinations)
    return ModalityDropout(objective, recipe.modality_dropout.share) if recipe.modality_dropout else objective


def parameter_groups(recipe: Recipe, network: Network, objective: nn.Module) -> list[dict[str, Any]]:
    """Weights of one learning rate and decay together; norms and biases do not decay."""
    steps = recipe.steps
    rates = {"text": recipe.text.learning_rate, "image": recipe.image.learning_rate}
    rated: list[tuple[nn.Parameter, float]] = []
    for name, embedder in network.embedders.items():
        rate = rates.get(name) or steps.learning_rate
        if isinstance(embedder, MiniLMEmbedder):  # whose layers learn at rates of their own
            rated += embedder.rates(rate)
        else:
            rated += [(parameter, rate) for parameter in embedder.parameters()]
    rate = recipe.fusion.learning_rate or steps.learning_rate
    rated += [(parameter, rate) for parameter in network.fusion.parameters()]
    for part in (network.attention, network.label_space):
        if part is not None:
            rated += [(parameter, rate) for parameter in part.parameters()]
    rated += [(parameter, steps.learning_rate) for parameter in objective.parameters()]
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for parameter, rate in rated:
        if parameter.requires_grad:
            groups.setdefault((rate, steps.weight_decay if parameter.ndim > 1 else 0.0), []).append(parameter)
    return [{"params": weights, "lr": rate, "weight_decay": decay} for (rate, decay), weights in groups.items()]
