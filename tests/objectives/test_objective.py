"""The contract, by objectives that use each part of it, trained through the loop."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from small_family import EMOTIONS, WIDTHS, corpus, posts, recipe
from torch import nn
from torch.nn import functional as F

from feelscope.encoders.encoded_posts import encoded_posts
from feelscope.models.network import Network
from feelscope.objectives.combinations import AllCombinations
from feelscope.objectives.distillation import Distillation
from feelscope.objectives.labels import LabelObjective
from feelscope.objectives.modality_dropout import ModalityDropout
from feelscope.objectives.objective import Batch, Objective, Outputs, Rate
from feelscope.objectives.settings import CombinationSettings
from feelscope.progress import silent
from feelscope.train import loop
from feelscope.train.classifier_task import ClassifierTask

EPOCHS = 4


def train(objective: Objective, unlabelled=None, **changes) -> ClassifierTask:
    """All epochs on posts of the planted emotions, with nothing kept apart to choose by."""
    chosen = recipe("early", steps__epochs=EPOCHS, steps__momentum=0.0, **changes)
    data = corpus("text", "image", training=posts(48, names=("text", "image")), validation=posts(0))
    task = ClassifierTask(chosen, replace(data, unlabelled=unlabelled), 0, objective=objective)
    history = loop.fit(task, chosen.steps, seed=0, patience=EPOCHS, folder=None, resume=False, progress=silent)
    task.losses_by_epoch = [record["train_loss"] for record in history]
    return task


class WithHead(Objective):
    """A head of its own that tells the emotion from the words, and nothing that reaches the fusion."""

    def __init__(self):
        super().__init__()
        self.head = nn.Linear(WIDTHS["text"], len(EMOTIONS))

    def per_post(self, outputs: Outputs, batch: Batch) -> torch.Tensor:
        return F.cross_entropy(self.head(outputs.vectors["text"]), batch.posts.labels, reduction="none")


def test_weights_of_its_own_learn_beside_the_networks():
    torch.manual_seed(0)
    task = train(WithHead())
    test = posts(60, seed=9, names=("text", "image"))
    answers = task.objective.head(test.inputs["text"]).argmax(dim=1)
    assert (answers == test.labels).float().mean() > 0.9
    assert task.losses_by_epoch[-1] < 0.8 * task.losses_by_epoch[0]
    before = ClassifierTask(recipe("early"), corpus("text", "image"), 0).network.fusion.state_dict()
    assert all(torch.equal(before[name], value) for name, value in task.network.fusion.state_dict().items())


def test_weights_of_its_own_are_in_the_checkpoint(tmp_path):
    task = ClassifierTask(recipe("early"), corpus("text", "image"), 0, objective=WithHead())
    steps = recipe("early", steps__epochs=1).steps
    loop.fit(task, steps, seed=0, patience=9, folder=tmp_path, resume=False, progress=silent)
    again = ClassifierTask(recipe("early"), corpus("text", "image"), 0, objective=WithHead())
    assert not torch.equal(again.objective.head.weight, task.objective.head.weight)
    loop.fit(again, steps, seed=0, patience=9, folder=tmp_path, resume=True, progress=silent)
    assert torch.equal(again.objective.head.weight, task.objective.head.weight)


class Shrinking(Objective):
    """No loss at all; after each step the proximal step of the absolute values: all weights 0.001 closer to zero."""

    def per_post(self, outputs: Outputs, batch: Batch) -> torch.Tensor:
        return outputs.logits().sum(dim=1) * 0

    @torch.no_grad()
    def after_step(self, network: Network, rate: Rate) -> None:
        for weights in network.fusion.parameters():
            weights.copy_(weights.sign() * (weights.abs() - 0.001).clamp(min=0))


@pytest.mark.parametrize("wrapped", [False, True])
def test_its_own_step_follows_each_step_of_the_optimiser(wrapped):
    objective = ModalityDropout(AllCombinations(Shrinking(), CombinationSettings()), 0.5) if wrapped else Shrinking()
    task = train(objective)
    fresh = ClassifierTask(recipe("early"), corpus("text", "image"), 0).network.fusion
    steps = EPOCHS * 48 // 8
    for before, after in zip(fresh.parameters(), task.network.fusion.parameters(), strict=True):
        expected = before.sign() * (before.abs() - 0.001 * steps).clamp(min=0)
        torch.testing.assert_close(after, expected, atol=1e-6, rtol=0)
    assert steps == 24
    assert any((weights == 0).any() for weights in task.network.fusion.parameters())


class Counting(Objective):
    """Needs posts without labels; remembers what each batch brought."""

    unlabelled = True

    def __init__(self):
        super().__init__()
        self.brought = []

    def per_post(self, outputs: Outputs, batch: Batch) -> torch.Tensor:
        self.brought.append((len(batch.posts), batch.unlabelled.inputs["text"][:, 0].tolist()))
        return outputs.logits().sum(dim=1)


def numbered(count):
    """Posts whose first number says which one they are."""
    numbers = torch.arange(count, dtype=torch.float32).unsqueeze(1)
    inputs = {name: numbers.repeat(1, WIDTHS[name]) for name in ("text", "image")}
    return encoded_posts(inputs, dict.fromkeys(inputs, torch.ones(count)), torch.zeros(count, dtype=torch.long))


def test_each_batch_brings_as_many_posts_without_labels():
    objective = Counting()
    train(ModalityDropout(objective, 0.5), unlabelled=numbered(20), steps__batch_size=10)
    assert [posts for posts, _ in objective.brought] == [10, 10, 10, 10, 8] * EPOCHS
    assert [len(unlabelled) for _, unlabelled in objective.brought] == [10, 10, 10, 10, 8] * EPOCHS
    drawn = {number for _, unlabelled in objective.brought for number in unlabelled}
    assert drawn == set(range(20)), "all of them, in time"
    again = Counting()
    train(again, unlabelled=numbered(20), steps__batch_size=10)
    assert again.brought[0][1] == objective.brought[0][1], "the same posts at the same step"


def test_what_is_wrapped_says_whether_posts_without_labels_are_needed():
    assert Counting().needs_unlabelled
    assert AllCombinations(Counting(), CombinationSettings()).needs_unlabelled
    assert not AllCombinations(Distillation(LabelObjective(), 0.5), CombinationSettings()).needs_unlabelled
    with pytest.raises(AssertionError, match="give posts without labels"):
        train(Counting())


def test_an_objective_without_a_loss_by_post_cannot_be_wrapped():
    class Whole(Objective):
        def loss(self, outputs, batch):
            return torch.tensor(2.0)

    some = posts(4)
    outputs, batch = Outputs(None, {}, some.present), Batch(some, np.random.default_rng(0))
    assert Whole().loss(outputs, batch) == 2
    with pytest.raises(NotImplementedError, match="Whole has no loss by post"):
        AllCombinations(Whole(), CombinationSettings()).loss(outputs, batch)
