"""What a recipe says reaches the weights: its steps and its objectives, by value."""

from dataclasses import replace

import pytest
import small_training
import torch
from small_family import Words, corpus, posts, recipe
from torch import nn
from torch.nn import functional as F

from feelscope.objectives.labels import LabelObjective
from feelscope.objectives.settings import (
    CombinationSettings,
    CommonSpaceSettings,
    DistillationSettings,
    DropoutSettings,
)
from feelscope.train.classifier_task import ClassifierTask, parameter_groups

NAMES = ("text", "image")
ADAMW = {"steps__optimizer": "adamw", "steps__momentum": 0.0, "steps__beta2": 0.98, "steps__weight_decay": 0.1}
FIRST, SECOND = 0.5, -2.0  # the gradients of two steps


def after_two_steps(**changes):
    """Every weight of the fusion starts at 1; a matrix' and a bias' number after two steps."""
    task = ClassifierTask(recipe("early", fusion__learning_rate=0.02, **changes), corpus(*NAMES), 0)
    (optimizer,) = task.optimizers()
    layer = task.network.fusion.head[0]
    for parameter in layer.parameters():
        parameter.data.fill_(1.0)
    for gradient in (FIRST, SECOND):
        for parameter in layer.parameters():
            parameter.grad = torch.full_like(parameter, gradient)
        optimizer.step()
    return layer.weight[0, 0].item(), layer.bias[0].item()


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_gradient_descent_has_the_momentum_and_the_decay_of_the_recipe(momentum):
    changes = {"steps__momentum": momentum, "steps__weight_decay": 0.1}
    for value, decay in zip(after_two_steps(**changes), (0.1, 0.0), strict=True):
        weight, speed = 1.0, 0.0
        for gradient in (FIRST, SECOND):
            speed = momentum * speed + gradient + decay * weight
            weight -= 0.02 * speed
        assert value == pytest.approx(weight, abs=1e-6)


def test_adamw_is_its_equations_and_decays_matrices_alone():
    """Loshchilov and Hutter 2019, algorithm 2."""
    for value, decay in zip(after_two_steps(**ADAMW), (0.1, 0.0), strict=True):
        weight, mean, square = 1.0, 0.0, 0.0
        for step, gradient in enumerate((FIRST, SECOND), 1):
            mean, square = 0.9 * mean + 0.1 * gradient, 0.98 * square + 0.02 * gradient**2
            root = (square / (1 - 0.98**step)) ** 0.5
            weight -= 0.02 * (mean / (1 - 0.9**step) / (root + 1e-8) + decay * weight)
        assert value == pytest.approx(weight, abs=1e-6)


@pytest.mark.parametrize("train", [True, False])
def test_each_part_learns_at_its_own_rate_and_what_is_frozen_at_none(train):
    made = recipe("early", steps__learning_rate=0.05, fusion__learning_rate=0.02, text__learning_rate=0.01)
    task = ClassifierTask(made, corpus(*NAMES, words=Words(train=train)), 0)
    objective = LabelObjective()
    objective.head = nn.Linear(2, 2)
    rates = {
        id(parameter): group["lr"]
        for group in parameter_groups(made, task.network, objective)
        for parameter in group["params"]
    }
    assert {rates.pop(id(parameter)) for parameter in task.network.fusion.parameters()} == {0.02}
    assert {rates.pop(id(parameter)) for parameter in objective.parameters()} == {0.05}
    words = task.network.embedders["text"].lookup.vectors
    assert rates == ({id(words): 0.01} if train else {})


def test_a_rate_that_a_part_has_not_is_that_of_the_steps():
    made = recipe("early", steps__learning_rate=0.05)
    task = ClassifierTask(made, corpus(*NAMES, words=Words()), 0)
    assert {group["lr"] for group in parameter_groups(made, task.network, task.objective)} == {0.05}


# What a step sees


def test_a_step_of_a_tuned_training_sees_views_of_pictures_and_texts_of_like_length():
    task = ClassifierTask(small_training.RECIPE, small_training.corpus(), 0)
    batches = list(task.batches(0, 0))
    assert {batch.posts.inputs["image"].shape[1] for batch in batches} == {6}  # row, view, rectangle
    lengths = sorted(sorted(batch.posts.lengths().tolist()) for batch in batches)
    in_turn = [length for batch in lengths for length in batch]
    assert in_turn == sorted(in_turn)


def test_subclasses_are_told_apart_and_summed_up():
    task = ClassifierTask(small_training.RECIPE, small_training.corpus(emotion_of=(0, 0, 1, 2)), 0)
    some = next(task.batches(0, 0)).posts
    network = task.network.eval()
    finer = network.fusion(network.vectors(some.inputs), some.present).softmax(dim=1)  # (B, 4)
    expected = torch.stack([finer[:, 0] + finer[:, 1], finer[:, 2], finer[:, 3]], dim=1)
    torch.testing.assert_close(network(some.inputs, some.present).softmax(dim=1), expected)


# What is asked

TEACHER = torch.tensor([[0.5, 0.3, 0.2], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]])


def asked(taught=True, **changes):
    """The loss of a batch, and a post's cross entropy (B,) with label and teacher by what is seen of it."""
    some = posts(24, names=NAMES, missing=False)
    if taught:
        some = replace(some, taught=TEACHER[some.labels.roll(1)])
    made = recipe("early", steps__label_smoothing=0.1, distillation=DistillationSettings(0.4), **changes)
    task = ClassifierTask(made, corpus(*NAMES, training=some), 0)
    batch = next(task.batches(0, 0))
    (loss,) = task.losses(batch)
    seen = {"both": batch.posts, "text": batch.posts.without("image"), "image": batch.posts.without("text")}
    labels, teachers = {}, {}
    for name, shown in seen.items():
        logs = task.network(shown.inputs, shown.present).log_softmax(dim=1)
        wanted = 0.9 * F.one_hot(shown.labels, 3) + 0.1 / 3
        labels[name] = -(wanted * logs).sum(dim=1)
        if taught:
            teachers[name] = -(shown.taught * logs).sum(dim=1)
    return loss.item(), labels, teachers


def test_the_labels_alone_are_smoothed():
    loss, labels, _ = asked(taught=False)
    assert loss == pytest.approx(labels["both"].mean().item(), abs=1e-6)


def test_a_teacher_is_heard_of_whole_posts_where_no_others_are_shown():
    loss, labels, teachers = asked()
    assert loss == pytest.approx((0.6 * labels["both"] + 0.4 * teachers["both"]).mean().item(), abs=1e-6)


def test_every_combination_weighs_what_the_recipe_says_and_the_teacher_is_heard_of_one_modality():
    loss, labels, teachers = asked(combinations=CombinationSettings(text_weight=0.3, image_weight=0.2))
    alone = {name: 0.6 * labels[name] + 0.4 * teachers[name] for name in NAMES}
    expected = (labels["both"] + 0.3 * alone["text"] + 0.2 * alone["image"]) / 1.5
    assert loss == pytest.approx(expected.mean().item(), abs=1e-6)


def test_of_one_post_that_loses_a_modality_the_other_one_is_asked():
    loss, labels, _ = asked(taught=False, modality_dropout=DropoutSettings(1.0), steps__batch_size=1)
    assert min(abs(loss - labels[name].item()) for name in NAMES) < 1e-6
    assert abs(loss - labels["both"].item()) > 1e-3


def test_the_second_task_of_common_space_has_the_recipes_weights_or_the_papers():
    own = CommonSpaceSettings(negatives=2, main_weight=5.0)
    for given, expected in (({"common_space": own}, own), ({}, CommonSpaceSettings(4, 3.0))):
        task = ClassifierTask(recipe("common_space", **given), corpus(*NAMES), 0)
        assert (task.objective.settings, task.objective.anchor) == (expected, "text")
