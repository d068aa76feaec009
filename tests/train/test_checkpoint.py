import json

import pytest
import torch
from small_training import RECIPE, corpus

from feelscope import files
from feelscope.errors import ModelError
from feelscope.train import checkpoint
from feelscope.train.checkpoint import Checkpoint
from feelscope.train.classifier_task import ClassifierTask
from feelscope.train.loop import MovingAverage, State

PROGRESS = State(epoch=1, history=[{"loss": 0.1 + 0.2}])


class Training:
    """A task, its optimiser, its average and its checkpoint, some steps on."""

    def __init__(self, folder, steps=3, draws=0, identity="abc"):
        self.task = ClassifierTask(RECIPE, corpus(), draws)
        (self.optimizer,) = self.task.optimizers()
        self.average = MovingAverage(self.task.network, 0.9)
        modules = {**self.task.modules, "average": self.average}
        self.checkpoint = Checkpoint(folder, identity, modules, [self.optimizer])
        for number, batch in enumerate(self.task.batches(0, 0)):
            if number < steps:
                self.step(batch)

    def step(self, batch):
        torch.manual_seed(0)
        (loss,) = self.task.losses(batch)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.average.update_parameters(self.task.network)
        return loss.item()

    def states(self):
        yield from self.task.network.state_dict().items()
        yield from self.average.state_dict().items()
        for index, state in self.optimizer.state_dict()["state"].items():
            yield from ((f"{index}.{name}", value) for name, value in state.items())


def assert_same(first, second):
    first, second = (sorted(one.states(), key=lambda pair: pair[0]) for one in (first, second))
    assert [name for name, _ in first] == [name for name, _ in second]
    assert all(torch.equal(value, other) for (_, value), (_, other) in zip(first, second, strict=True))


def test_what_is_saved_is_loaded_to_the_last_bit(tmp_path):
    before, after = Training(tmp_path), Training(tmp_path, steps=0, draws=1)
    before.checkpoint.remember_best(before.task.network)
    before.checkpoint.save(PROGRESS)
    assert State(**after.checkpoint.load()) == PROGRESS
    assert_same(before, after)
    best = before.task.network.state_dict()
    assert all(torch.equal(value, best[name]) for name, value in after.checkpoint.best.items())
    batch = next(before.task.batches(1, 0))
    assert before.step(batch) == after.step(batch)
    assert_same(before, after)


def test_a_training_that_has_not_begun_can_be_saved(tmp_path):
    before, after = Training(tmp_path, steps=0), Training(tmp_path, steps=2, draws=1)
    before.checkpoint.save(PROGRESS)
    after.checkpoint.load()
    assert_same(before, after)
    assert after.checkpoint.best is None


def test_the_best_weights_are_those_of_when_they_were_remembered(tmp_path):
    training = Training(tmp_path, steps=1)
    training.checkpoint.remember_best(training.task.network)
    name, value = next(iter(training.checkpoint.best.items()))
    kept = value.clone()
    for parameter in training.task.network.parameters():
        parameter.data.fill_(7.0)
    assert torch.equal(training.checkpoint.best[name], kept)


def test_it_is_due_some_time_after_the_last_one_and_never_without_a_folder(tmp_path):
    training = Training(tmp_path, steps=0)
    assert not training.checkpoint.is_due(3600.0)
    assert training.checkpoint.is_due(0.0)
    assert not Training(None, steps=0).checkpoint.is_due(0.0)


@pytest.mark.parametrize("content", [b"", b"no tensors", (2**40).to_bytes(8, "little") + b"{}"])
def test_a_file_that_is_no_checkpoint_is_one_line(tmp_path, content):
    (tmp_path / checkpoint.FILE).write_bytes(content)
    with pytest.raises(ModelError, match="not a checkpoint of Feelscope") as caught:
        Training(tmp_path, 0).checkpoint.load()
    assert "\n" not in str(caught.value)


def test_tensors_without_progress_are_no_checkpoint(tmp_path):
    from safetensors.torch import save_file

    save_file({"a": torch.zeros(2)}, tmp_path / checkpoint.FILE)
    with pytest.raises(ModelError, match="not a checkpoint of Feelscope"):
        Training(tmp_path, 0).checkpoint.load()


def test_a_torn_checkpoint_is_no_checkpoint(tmp_path):
    Training(tmp_path, 1).checkpoint.save(PROGRESS)
    with (tmp_path / checkpoint.FILE).open("r+b") as file:
        file.truncate(1_000_000)
    with pytest.raises(ModelError, match="not a checkpoint of Feelscope"):
        Training(tmp_path, 0).checkpoint.load()


def test_another_training_is_refused_and_nothing_is_touched(tmp_path):
    Training(tmp_path).checkpoint.save(PROGRESS)
    other = Training(tmp_path, 1, draws=1, identity="xyz")
    before = [(name, value.clone()) for name, value in other.states()]
    with pytest.raises(ModelError, match="belongs to another recipe or other posts; train without --resume"):
        other.checkpoint.load()
    assert all(torch.equal(value, now) for (_, value), (_, now) in zip(before, other.states(), strict=True))


def test_no_checkpoint_is_said(tmp_path):
    with pytest.raises(ModelError, match="there is no checkpoint to resume from; train without --resume"):
        checkpoint.find(tmp_path)


def test_writing_over_an_old_one_leaves_either(tmp_path, monkeypatch):
    Training(tmp_path, 1).checkpoint.save(PROGRESS)
    before = (tmp_path / checkpoint.FILE).read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        Training(tmp_path, 2).checkpoint.save(State(epoch=2))
    assert (tmp_path / checkpoint.FILE).read_bytes() == before


def test_without_a_folder_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    training = Training(None)
    training.checkpoint.save(PROGRESS)
    assert not [*tmp_path.iterdir()]
    assert training.checkpoint.last_good == ""


def test_a_training_has_begun_where_a_folder_within_has_a_checkpoint(tmp_path):
    assert not checkpoint.has_begun(tmp_path)
    (tmp_path / "choosing" / "training-1").mkdir(parents=True)
    (tmp_path / "choosing" / "training-1" / checkpoint.FILE).write_text(json.dumps({}))
    assert checkpoint.has_begun(tmp_path)
