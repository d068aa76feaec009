"""Delta embedding: equation 2 against a minimum known in advance, and words that stay where the file has them."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from small_family import Words, corpus, posts, recipe

from feelscope.errors import ConfigError
from feelscope.objectives.delta import DeltaEmbedding, shrunk
from feelscope.objectives.labels import LabelObjective
from feelscope.objectives.settings import DeltaSettings
from feelscope.progress import silent
from feelscope.train import loop
from feelscope.train.classifier_task import ClassifierTask


def test_rows_are_shorter_by_a_length_and_short_ones_are_exactly_zero():
    delta = torch.tensor([[3.0, 4.0], [0.3, 0.4], [0.0, 0.0], [-0.6, 0.0]])
    expected = torch.tensor([[2.4, 3.2], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]])  # norms 5, 0.5, 0 and 0.6, by 1
    assert torch.equal(shrunk(delta, 1.0)[1:], expected[1:])
    torch.testing.assert_close(shrunk(delta, 1.0), expected)
    assert torch.equal(shrunk(delta, 0.0), delta)


def test_descent_with_the_step_ends_at_the_minimum_of_equation_2():
    """|w - target|^2 / 2 + c |w| has its minimum at target * max(0, 1 - c / |target|)."""
    targets, c, rate = torch.tensor([[3.0, 4.0], [0.3, 0.4]]), 1.0, 0.1
    delta = torch.zeros(2, 2)
    for _ in range(300):
        delta = shrunk(delta - rate * (delta - targets), rate * c)
    torch.testing.assert_close(delta, torch.tensor([[2.4, 3.2], [0.0, 0.0]]), atol=1e-4, rtol=0)


def trained(c: float | None, train: bool = True, epochs: int = 6, **changes):
    """A task after its training on word ids, three for each emotion; None has no delta."""
    data = corpus("text", words=Words(train=train), training=posts(96, names=("text",), words=True))
    chosen = recipe("text_only", steps__epochs=epochs, **changes)
    if c is not None:
        chosen = replace(chosen, delta=DeltaSettings(c))
    task = ClassifierTask(chosen, data, 0)
    history = loop.fit(task, chosen.steps, seed=0, patience=99, folder=None, resume=False, progress=silent)
    return task, history


def vectors(task) -> np.ndarray:
    return task.network.embedders["text"].lookup.vectors.detach().numpy()


def start() -> np.ndarray:
    return Words().embedder().lookup.vectors.detach().numpy()


def test_c_of_zero_is_full_fine_tuning_and_a_large_one_moves_no_word():
    free, history = trained(0.0)
    np.testing.assert_allclose(vectors(free), vectors(trained(None)[0]), atol=1e-6)
    assert history[-1]["moved_words"] == 1.0
    held, history = trained(1e6)
    assert np.array_equal(vectors(held), start())
    assert history[-1]["moved_words"] == 0.0
    torch.testing.assert_close(
        held.network.fusion.state_dict(), trained(None, train=False)[0].network.fusion.state_dict()
    )


@pytest.mark.parametrize(
    ("prices", "steps"),
    [((0.001, 0.02, 0.05, 0.2), {}), ((0.01, 0.5, 1.0, 4.0), {"steps__optimizer": "adamw", "steps__momentum": 0.0})],
)
def test_in_between_fewer_words_move_the_dearer_it_is_and_the_others_not_at_all(prices, steps):
    moved = []
    for c in prices:
        task, history = trained(c, **steps)
        still = (vectors(task) == start()).all(axis=1)
        moved.append(1 - still[1:].mean())
        assert history[-1]["moved_words"] == pytest.approx(moved[-1])
    assert moved == sorted(moved, reverse=True)
    assert moved[0] > moved[-1]


def test_the_step_has_the_rate_of_the_words_at_that_step():
    task, _ = trained(0.01, text__learning_rate=0.3, steps__schedule="linear", steps__momentum=0.0)
    asked = []
    task.objective.after_step(task.network, lambda parameter: asked.append(parameter) or 0.0)
    assert [one is task.network.embedders["text"].lookup.vectors for one in asked] == [True]
    (optimizer,) = task.optimizers()
    optimizer.param_groups[0]["lr"], words = 0.125, task.network.embedders["text"].lookup.vectors
    group = next(group for group in optimizer.param_groups if any(one is words for one in group["params"]))
    group["lr"] = 0.25
    assert task._rate(words) == 0.25


def test_it_is_wrapped_by_other_objectives_and_resumes_to_the_same(tmp_path):
    chosen = replace(recipe("text_only", steps__epochs=3), delta=DeltaSettings(0.02))
    data = corpus("text", words=Words(), training=posts(48, names=("text",), words=True))
    whole = ClassifierTask(chosen, data, 0)
    (tmp_path / "whole").mkdir()
    loop.fit(whole, chosen.steps, seed=0, patience=9, folder=tmp_path / "whole", resume=False, progress=silent)
    for epochs, resume in ((1, False), (3, True)):
        part = ClassifierTask(chosen, data, 0)
        steps = replace(chosen.steps, epochs=epochs)
        (tmp_path / "part").mkdir(exist_ok=True)
        loop.fit(part, steps, seed=0, patience=9, folder=tmp_path / "part", resume=resume, progress=silent)
    assert np.array_equal(vectors(part), vectors(whole))
    assert isinstance(whole.objective, DeltaEmbedding)
    assert isinstance(whole.objective.objective, LabelObjective)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"text__train_words": False}, "train_words = true"),
        ({"steps__weight_decay": 0.1}, "no weight_decay"),
        ({"steps__ema_decay": 0.9}, "no ema_decay"),
        ({"choices__trainings": 2}, "one training"),
    ],
)
def test_what_would_move_no_word_or_all_is_refused(changes, said):
    with pytest.raises(ConfigError, match=said):
        recipe("text_only", delta=DeltaSettings(0.1), **changes)


def test_a_negative_c_is_refused():
    with pytest.raises(ConfigError, match=r"c: expected 0 or more, found -0\.1"):
        DeltaSettings(-0.1)
