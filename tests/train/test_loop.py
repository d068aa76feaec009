"""The loop: its schedule and average by value, and tasks of one and of two optimisers."""

import json
from dataclasses import replace

import pytest
import torch
from small_family import Stopped, stop_at
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import nn

from feelscope.errors import ModelError
from feelscope.progress import silent
from feelscope.train import checkpoint, loop
from feelscope.train.loop import MovingAverage, ema_share, fit, rate
from feelscope.train.recipe import StepSettings

STEPS = StepSettings(learning_rate=0.1, epochs=3)


def test_rates_rise_then_fall_to_nothing():
    linear = StepSettings(schedule="linear", warm_up=0.1)
    rates = [rate(step, 100, linear) for step in range(101)]
    assert rates[:10] == pytest.approx([(step + 1) / 10 for step in range(10)])
    assert rates[10:] == pytest.approx([(100 - step) / 90 for step in range(10, 101)])
    for share in (0.0, 1.0):
        edge = replace(linear, warm_up=share)
        assert all(0 < rate(step, total, edge) <= 1 for total in (1, 2, 7) for step in range(total))


def test_rates_are_constant_or_halved_again_and_again():
    assert [rate(step, 10, STEPS) for step in range(10)] == [1.0] * 10
    halved = replace(STEPS, lr_halving_steps=3)
    assert [rate(step, 10, halved) for step in range(10)] == [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125]


def test_the_average_forgets_the_first_weights_soon():
    assert [ema_share(0.99, number) for number in (0, 1, 8, 890, 891, 5000)] == pytest.approx(
        [0.1, 2 / 11, 0.5, 0.99, 0.99, 0.99]
    )
    network = nn.Linear(1, 1, bias=False)
    network.weight.data.fill_(0.0)
    average = MovingAverage(network, 0.99)
    network.weight.data.fill_(1.0)
    average.update_parameters(network)
    assert average.module.weight.item() == pytest.approx(0.9)
    average.update_parameters(network)
    assert average.module.weight.item() == pytest.approx(2 / 11 * 0.9 + 9 / 11)


class Slope:
    """A number that goes down a slope of 1 at each step; its score is what the test says."""

    identity = "slope"
    steps_per_epoch = 4

    def __init__(self, scores=(), loss=lambda step, weight: weight.sum()):
        self.network = nn.Linear(1, 1, bias=False)
        self.network.weight.data.fill_(0.0)
        self.modules = {"network": self.network}
        self.scores, self.loss, self.step, self.lowered = list(scores), loss, 0, 0

    def optimizers(self):
        return [torch.optim.SGD(self.network.parameters(), 0.1)]

    def batches(self, epoch, skip):
        yield from range(epoch * 4 + skip, epoch * 4 + 4)

    def losses(self, batch):
        self.step = batch
        yield self.loss(batch, self.network.weight)

    def after_step(self):
        self.lowered += 1

    def score(self, network):
        if not self.scores:
            return None, {}
        score = self.scores[self.step // 4]
        return score, {"score": score}


def trained(task, steps=STEPS, patience=9, **given):
    history = fit(task, steps, seed=0, patience=patience, folder=None, progress=silent, **given)
    return history, task.network.weight.item()


def test_without_a_score_the_last_weights_are_kept():
    history, weight = trained(task := Slope())
    assert weight == pytest.approx(-1.2), "12 steps of 0.1"
    assert [record["epoch"] for record in history] == [1, 2, 3]
    assert history[0]["train_loss"] == pytest.approx((0 - 0.1 - 0.2 - 0.3) / 4)
    assert task.lowered == 12


def test_the_best_epoch_is_kept_and_patience_ends():
    history, weight = trained(Slope([0.2, 0.8, 0.5]))
    assert weight == pytest.approx(-0.8), "the second epoch's"
    assert [record["score"] for record in history] == [0.2, 0.8, 0.5]
    history, weight = trained(Slope([0.9, 0.8, 0.7]), patience=1)
    assert (len(history), weight) == (2, pytest.approx(-0.4))


def test_the_average_is_what_is_kept():
    _, weight = trained(Slope(), replace(STEPS, ema_decay=0.99, epochs=1))
    average, weights = 0.0, [-0.1, -0.2, -0.3, -0.4]
    for number, value in enumerate(weights):
        share = (1 + number) / (10 + number)
        average = share * average + (1 - share) * value
    assert weight == pytest.approx(average)


def test_the_most_steps_end_it_within_an_epoch():
    history, weight = trained(Slope(), replace(STEPS, max_steps=6))
    assert weight == pytest.approx(-0.6)
    assert [record["epoch"] for record in history] == [1, 2]


def test_gradients_are_clipped_and_rates_fall():
    steep = Slope(loss=lambda step, weight: 7 * weight.sum())
    assert trained(steep, replace(STEPS, max_grad_norm=2.0, epochs=1))[1] == pytest.approx(-0.8)
    linear = replace(STEPS, schedule="linear", warm_up=0.0, epochs=1)
    assert trained(Slope(), linear)[1] == pytest.approx(-0.1 * (1 + 3 / 3 + 2 / 3 + 1 / 3))


def test_a_loss_that_is_no_number_stops_with_one_line_and_keeps_the_state_before_it(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "_SECONDS_PER_CHECKPOINT", 0.0)
    task = Slope(loss=lambda step, weight: weight.sum() * (float("nan") if step == 6 else 1))
    with pytest.raises(ModelError) as caught:
        fit(task, STEPS, seed=0, patience=9, folder=tmp_path, progress=silent)
    path = tmp_path / checkpoint.FILE
    assert str(caught.value) == (
        "the loss is nan at step 7: train again in a new folder, with a lower learning rate; "
        f"{path} has the last good state"
    )
    with pytest.raises(ModelError, match="the loss is nan at step 7"):
        fit(Slope(loss=task.loss), STEPS, seed=0, patience=9, folder=tmp_path, resume=True, progress=silent)
    mended = Slope()
    fit(mended, STEPS, seed=0, patience=9, folder=tmp_path, resume=True, progress=silent)
    assert mended.network.weight.item() == pytest.approx(-1.2)


def test_weights_that_are_no_numbers_never_reach_a_checkpoint_or_a_model(tmp_path, monkeypatch):
    """The last step's gradient is no number, and its loss is one: nobody would ask for a loss again."""
    monkeypatch.setattr(loop, "_SECONDS_PER_CHECKPOINT", 0.0)

    def spoilt(step, weight):
        return weight.sum() if step < 11 else (weight * 0).sqrt().sum()  # the root's slope at zero is infinite

    with pytest.raises(ModelError, match=r"the weights are not numbers at step 1[12]: train again"):
        fit(Slope(loss=spoilt), STEPS, seed=0, patience=9, folder=tmp_path, progress=silent)
    whole = Slope()
    fit(whole, STEPS, seed=0, patience=9, folder=tmp_path, resume=True, progress=silent)
    assert whole.network.weight.item() == pytest.approx(-1.2)


class Normalised(Slope):
    """A network that changes while it looks: batch normalisation counts and averages what it sees."""

    def __init__(self):
        super().__init__()
        self.network = nn.Sequential(nn.BatchNorm1d(1), nn.Linear(1, 1))
        for parameter in self.network.parameters():
            parameter.data.fill_(0.5)
        self.modules = {"network": self.network}

    def losses(self, batch):
        seen = torch.arange(3.0)[:, None] * (1 + batch)
        yield self.network(seen).square().mean()


def test_what_a_network_counts_while_it_looks_is_resumed_too(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "_SECONDS_PER_CHECKPOINT", 0.0)

    whole, killed, resumed = Normalised(), Normalised(), Normalised()
    fit(whole, STEPS, seed=0, patience=9, folder=None, progress=silent)
    with pytest.raises(Stopped):
        fit(killed, STEPS, seed=0, patience=9, folder=tmp_path, progress=stop_at("training", 6))
    fit(resumed, STEPS, seed=0, patience=9, folder=tmp_path, resume=True, progress=silent)
    states = whole.network.state_dict(), resumed.network.state_dict()
    assert states[0]["0.num_batches_tracked"] == 12
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


class Looking(Normalised):
    """It is scored as a network in use, better each epoch."""

    def score(self, network):
        network.eval()
        return float(self.step), {}

    def losses(self, batch):
        self.step = batch
        yield from super().losses(batch)


def test_after_a_score_the_network_learns_on_as_in_training():
    task = Looking()
    fit(task, STEPS, seed=0, patience=9, folder=None, progress=silent)
    assert task.network[0].num_batches_tracked == 12, "the third epoch's, each step counted"


def test_a_training_that_is_over_is_read_from_its_checkpoint_and_steps_no_further(tmp_path):
    fit(Slope(), STEPS, seed=0, patience=9, folder=tmp_path, progress=silent)
    again = Slope()
    history = fit(again, STEPS, seed=0, patience=9, folder=tmp_path, resume=True, progress=silent)
    assert (again.lowered, again.network.weight.item()) == (0, pytest.approx(-1.2))
    assert [record["epoch"] for record in history] == [1, 2, 3]


def test_rates_fall_on_from_where_a_training_was_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "_SECONDS_PER_CHECKPOINT", 0.0)
    linear = replace(STEPS, schedule="linear", warm_up=0.0, epochs=1)
    with pytest.raises(Stopped):
        fit(Slope(), linear, seed=0, patience=9, folder=tmp_path, progress=stop_at("training", 2))
    resumed = Slope()
    fit(resumed, linear, seed=0, patience=9, folder=tmp_path, resume=True, progress=silent)
    assert resumed.lowered == 3, "the second step was not kept"
    assert resumed.network.weight.item() == pytest.approx(-0.1 * (1 + 3 / 3 + 2 / 3 + 1 / 3))


def test_the_board_has_each_steps_loss_and_each_epochs_scores(tmp_path):
    scores = [0.2, 0.8, 0.5]
    fit(Slope(scores), STEPS, seed=0, patience=9, folder=tmp_path, progress=silent)
    board = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert set(board.Tags()["scalars"]) == {"loss/training", "by epoch/train_loss", "by epoch/score"}
    told = {name: [(event.step, event.value) for event in board.Scalars(name)] for name in board.Tags()["scalars"]}
    losses = [(step, -0.1 * step) for step in range(12)]
    assert told["loss/training"] == [(step, pytest.approx(loss, abs=1e-6)) for step, loss in losses]
    assert told["by epoch/score"] == [(epoch, pytest.approx(score)) for epoch, score in enumerate(scores, 1)]
    assert told["by epoch/train_loss"] == [(epoch, pytest.approx(0.25 - 0.4 * epoch)) for epoch in (1, 2, 3)]


def test_epochs_of_a_training_that_is_over_are_shown_by_network(tmp_path):
    history = [
        {"network": name, "epoch": epoch, "train_loss": epoch / 2} for name in ("text", "image") for epoch in (1, 2)
    ]
    loop.show_epochs([*history, {"network": "their mean", "validation_loss": 1.0}], tmp_path)
    board = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert set(board.Tags()["scalars"]) == {"by epoch text/train_loss", "by epoch image/train_loss"}
    assert [(event.step, event.value) for event in board.Scalars("by epoch text/train_loss")] == [(1, 0.5), (2, 1.0)]


def test_what_the_board_had_of_steps_that_are_made_again_is_dropped(tmp_path):
    with pytest.raises(Stopped):
        fit(Slope(), STEPS, seed=0, patience=9, folder=tmp_path, progress=stop_at("training", 6))
    (events,) = (tmp_path / "tensorboard").iterdir()
    events.rename(events.with_name("events.out.tfevents.1"))  # written long before
    fit(Slope(), STEPS, seed=0, patience=9, folder=tmp_path, resume=True, progress=silent)  # from the first step
    board = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert [event.step for event in board.Scalars("loss/training")] == [*range(12)]


class Rivals:
    """Two networks against each other: one guesses a number, the other is paid for being far from the guess.

    The second loss is computed once the first optimiser has stepped, as a DCGAN's generator needs it.
    """

    identity = "rivals"
    steps_per_epoch = 5

    def __init__(self):
        self.guess, self.hidden = nn.Parameter(torch.tensor(0.0)), nn.Parameter(torch.tensor(1.0))
        self.modules = {name: nn.ParameterList([value]) for name, value in self._weights().items()}
        self.network = self.modules["hidden"]

    def _weights(self):
        return {"guess": self.guess, "hidden": self.hidden}

    def optimizers(self):
        return [torch.optim.SGD([self.guess], 0.5), torch.optim.SGD([self.hidden], 0.1, momentum=0.5)]

    def batches(self, epoch, skip):
        yield from range(skip, 5)

    def losses(self, batch):
        yield (self.guess - self.hidden.detach()) ** 2
        yield -((self.guess.detach() - self.hidden) ** 2) + (self.hidden - 1) ** 2

    def after_step(self):
        pass

    def score(self, network):
        return None, {}


def test_two_optimisers_take_turns():
    task = Rivals()
    task.hidden.data.fill_(1.5)
    guess, hidden, speed = 0.0, 1.5, 0.0
    for _ in range(15):
        guess -= 0.5 * 2 * (guess - hidden)
        speed = 0.5 * speed + 2 * (guess - hidden) + 2 * (hidden - 1)
        hidden -= 0.1 * speed
    fit(task, STEPS, seed=0, patience=9, folder=None, progress=silent)
    assert (task.guess.item(), task.hidden.item()) == (pytest.approx(guess), pytest.approx(hidden))
    assert guess != pytest.approx(1.5, abs=0.1)


def test_two_optimisers_are_resumed_with_their_states(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "_SECONDS_PER_CHECKPOINT", 0.0)

    def started():
        task = Rivals()
        task.hidden.data.fill_(1.5)
        return task

    task, whole = started(), started()
    with pytest.raises(Stopped):
        fit(task, STEPS, seed=0, patience=9, folder=tmp_path, progress=stop_at("training", 8))
    resumed = Rivals()
    fit(resumed, STEPS, seed=0, patience=9, folder=tmp_path, resume=True, progress=silent)
    fit(whole, STEPS, seed=0, patience=9, folder=None, progress=silent)
    assert (resumed.guess.item(), resumed.hidden.item()) == (whole.guess.item(), whole.hidden.item())


def test_what_is_told_while_it_trains():
    told = []
    fit(
        Slope([0.5, 0.5, 0.5]),
        STEPS,
        seed=0,
        patience=9,
        folder=None,
        progress=lambda *now: told.append(now),
    )
    assert told[0] == ("training", 1, 12, "epoch 1, loss 0.000")
    assert told[4] == ("training", 5, 12, "epoch 2, loss -0.400, best score 0.500")
    assert len(told) == 12
    assert json.dumps(told)
