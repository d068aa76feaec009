import copy
import json

import pytest
import torch
from small_training import RECIPE, corpus, towers

from feelscope.errors import ModelError
from feelscope.train import checkpoint
from feelscope.train.batches import Batches
from feelscope.train.checkpoint import Training
from feelscope.train.fit import _step, parameter_groups

PROGRESS = {"recipe": "abc", "epoch": 1, "best": None, "history": [{"loss": 0.1 + 0.2}]}


def training(steps=3, seed=0):
    model = towers(seed)
    optimizer = torch.optim.AdamW(parameter_groups(model, RECIPE))
    made = Training(model, copy.deepcopy(model).requires_grad_(False), optimizer)
    data = corpus()
    for number, batch in enumerate(Batches(data.training, data.trunk, size=8, seed=0).epoch(0)):
        if number < steps:
            _step(made, batch, RECIPE, number, 12)
    return made


def states(one):
    yield from ((f"model.{name}", value) for name, value in one.model.state_dict().items())
    yield from ((f"average.{name}", value) for name, value in one.average.state_dict().items())
    for index, state in one.optimizer.state_dict()["state"].items():
        yield from ((f"{index}.{name}", value) for name, value in state.items())


def assert_same(one, other):
    one, other = (sorted(states(entry), key=lambda pair: pair[0]) for entry in (one, other))
    assert [name for name, _ in one] == [name for name, _ in other]
    assert all(torch.equal(value, there) for (_, value), (_, there) in zip(one, other, strict=True))


def test_what_is_saved_is_loaded_to_the_last_bit(tmp_path):
    before, after = training(), training(steps=0, seed=1)
    checkpoint.save(tmp_path, before, PROGRESS)
    assert checkpoint.load(tmp_path, after, "abc") == PROGRESS
    assert_same(before, after)
    data = corpus()
    batch = next(Batches(data.training, data.trunk, size=8, seed=0).epoch(1))
    assert _step(before, batch, RECIPE, 5, 12) == _step(after, batch, RECIPE, 5, 12)
    assert_same(before, after)


def test_a_training_that_has_not_begun_can_be_saved(tmp_path):
    before, after = training(steps=0), training(steps=2, seed=1)
    checkpoint.save(tmp_path, before, PROGRESS)
    checkpoint.load(tmp_path, after, "abc")
    assert_same(before, after)


def test_the_best_is_kept_apart(tmp_path):
    one, other = towers(0), towers(1)
    checkpoint.save_best(tmp_path, one)
    checkpoint.load_best(tmp_path, other)
    assert all(torch.equal(value, other.state_dict()[name]) for name, value in one.state_dict().items())


@pytest.mark.parametrize("content", [b"", b"no tensors", (2**40).to_bytes(8, "little") + b"{}"])
def test_a_file_that_is_no_checkpoint_is_one_line(tmp_path, content):
    (tmp_path / checkpoint.FILE).write_bytes(content)
    with pytest.raises(ModelError, match="not a checkpoint of Feelscope") as caught:
        checkpoint.load(tmp_path, training(0), "abc")
    assert "\n" not in str(caught.value)


def test_a_file_of_tensors_without_progress_is_no_checkpoint(tmp_path):
    checkpoint.save_best(tmp_path, towers())
    (tmp_path / checkpoint.BEST).rename(tmp_path / checkpoint.FILE)
    with pytest.raises(ModelError, match="not a checkpoint of Feelscope"):
        checkpoint.load(tmp_path, training(0), "abc")


def test_a_torn_checkpoint_is_no_checkpoint(tmp_path):
    checkpoint.save(tmp_path, training(1), PROGRESS)
    with (tmp_path / checkpoint.FILE).open("r+b") as file:
        file.truncate(1_000_000)
    with pytest.raises(ModelError, match="not a checkpoint of Feelscope"):
        checkpoint.load(tmp_path, training(0), "abc")


def test_another_recipe_is_refused_and_nothing_is_touched(tmp_path):
    checkpoint.save(tmp_path, training(), PROGRESS)
    other = training(1, seed=1)
    before = [(name, value.clone()) for name, value in states(other)]
    with pytest.raises(ModelError, match="belongs to another recipe or other posts; train without --resume"):
        checkpoint.load(tmp_path, other, "xyz")
    assert all(torch.equal(value, now) for (_, value), (_, now) in zip(before, states(other), strict=True))


def test_no_checkpoint_is_said(tmp_path):
    with pytest.raises(ModelError, match="there is no checkpoint to resume from; train without --resume"):
        checkpoint.find(tmp_path)


def test_writing_over_an_old_one_leaves_either(tmp_path, monkeypatch):
    checkpoint.save(tmp_path, training(1), PROGRESS)
    before = (tmp_path / checkpoint.FILE).read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        checkpoint.save(tmp_path, training(2), PROGRESS | {"epoch": 2})
    assert (tmp_path / checkpoint.FILE).read_bytes() == before


def test_all_of_it_goes_when_the_training_is_done(tmp_path):
    checkpoint.save(tmp_path, training(0), PROGRESS)
    checkpoint.save_best(tmp_path, towers())
    (tmp_path / f"{checkpoint.FILE}.partial").write_bytes(b"killed while writing")
    (tmp_path / "metrics.json").write_text(json.dumps({}))
    checkpoint.remove(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["metrics.json"]
    checkpoint.remove(tmp_path)
