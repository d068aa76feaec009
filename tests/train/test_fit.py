import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import small_training
import torch
from small_training import RECIPE, corpus, towers

from feelscope.errors import ModelError
from feelscope.progress import silent
from feelscope.train import checkpoint, fit


def run(out, recipe=RECIPE, *, data=None, model=None, resume=False, progress=silent):
    out.mkdir(parents=True, exist_ok=True)
    return fit.fit(model or towers(), data or corpus(), recipe, out, resume=resume, progress=progress)


def assert_same(one, other):
    assert one.history == other.history
    assert one.temperature == other.temperature
    there = other.towers.state_dict()
    assert all(torch.equal(value, there[name]) for name, value in one.towers.state_dict().items())


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    return run(tmp_path_factory.mktemp("whole") / "run")


def test_it_learns_what_is_plain_to_see(tmp_path):
    history = run(tmp_path / "run", replace(RECIPE, epochs=6), data=corpus(posts=240)).history
    losses = [epoch["train_loss"] for epoch in history]
    assert losses[-1] < 0.7 * losses[0]
    assert history[-1]["tuning_loss"] < history[0]["tuning_loss"]
    for way in ("both", "text", "image"):
        assert max(epoch[f"tuning_macro_f1 0 {way}"] for epoch in history) > 0.9


def test_every_epoch_is_told_by_way(uninterrupted):
    ways = {f"tuning_{score} 0 {way}" for score in ("loss", "macro_f1") for way in ("both", "text", "image")}
    assert set(uninterrupted.history[0]) == {"epoch", "train_loss", "tuning_loss", "tuning_macro_f1", *ways}
    assert [epoch["epoch"] for epoch in uninterrupted.history] == [1, 2, 3]


def test_one_seed_one_result(uninterrupted, tmp_path):
    torch.randn(7)  # what ran before does not count
    again = run(tmp_path / "again")
    assert_same(again, uninterrupted)
    other = run(tmp_path / "other", replace(RECIPE, seed=1))
    assert other.history != uninterrupted.history


class Stopped(Exception):
    pass


@pytest.mark.parametrize("steps", [[1], [2], [3, 6, 11], [12]])  # of 4 an epoch; a checkpoint every 2
def test_interrupted_and_resumed_is_uninterrupted(uninterrupted, tmp_path, monkeypatch, steps):
    monkeypatch.setattr(fit, "_STEPS_PER_CHECKPOINT", 2)

    def stop_at(step):
        def progress(stage, done, total, detail):
            assert total == 12
            if done == step:
                raise Stopped

        return progress

    for number, step in enumerate(steps):
        with pytest.raises(Stopped):
            run(tmp_path / "run", model=towers(number), resume=number > 0, progress=stop_at(step))
        model = towers(9)  # its weights come from the checkpoint
    assert_same(run(tmp_path / "run", model=model, resume=True), uninterrupted)


def test_a_finished_training_resumed_is_the_same_once_more(uninterrupted, tmp_path):
    run(tmp_path / "run")
    assert_same(run(tmp_path / "run", model=towers(5), resume=True), uninterrupted)


def test_a_checkpoint_is_not_continued_with_another_recipe_or_other_posts(tmp_path):
    run(tmp_path / "run", replace(RECIPE, epochs=1))
    before = (tmp_path / "run" / checkpoint.FILE).read_bytes()
    for recipe, data in ((RECIPE, corpus()), (replace(RECIPE, epochs=1), corpus(posts=64))):
        with pytest.raises(ModelError, match="belongs to another recipe or other posts"):
            run(tmp_path / "run", recipe, data=data, resume=True)
    assert (tmp_path / "run" / checkpoint.FILE).read_bytes() == before


def test_it_stops_when_the_tuning_part_gets_no_better_and_keeps_the_best(tmp_path):
    fitted = run(tmp_path / "run", replace(RECIPE, epochs=9, patience=1))
    scores = [epoch["tuning_macro_f1"] for epoch in fitted.history]
    assert len(scores) < 9
    assert scores[-1] <= max(scores[:-1]), "the last one was no better"
    assert scores[:-1] == sorted(set(scores[:-1]))
    kept = fit.tuning.mean_macro_f1(fit.tuning.answer(fitted.towers, corpus().tuning, corpus().trunk))
    assert kept == pytest.approx(max(scores))


def test_without_tuning_part_the_last_average_and_the_recipes_temperature_are_kept(tmp_path):
    data = replace(corpus(), tuning=[[]])
    fitted = run(tmp_path / "run", replace(RECIPE, epochs=1, temperature=1.7), data=data)
    assert fitted.temperature == 1.7
    assert set(fitted.history[0]) == {"epoch", "train_loss"}
    assert not (tmp_path / "run" / checkpoint.BEST).exists()


def test_a_loss_that_is_no_number_stops_with_one_line(tmp_path):
    model = towers()
    model.fusion.head[-1].bias.data[0] = torch.nan
    with pytest.raises(ModelError, match=r"^the loss is nan at step 1: train again with lower rates$"):
        run(tmp_path / "run", model=model)


def test_there_is_a_checkpoint_from_the_first_step_on(tmp_path):
    def stop(stage, done, total, detail):
        raise Stopped

    with pytest.raises(Stopped):
        run(tmp_path / "run", progress=stop)
    assert checkpoint.find(tmp_path / "run")


def test_rates_rise_then_fall_to_nothing():
    rates = [fit.rate(number, 100, 0.1) for number in range(100)]
    assert rates[:10] == pytest.approx([(at + 1) / 10 for at in range(10)])
    assert rates[10:] == pytest.approx([(100 - at) / 90 for at in range(10, 100)])
    assert all(
        0 < fit.rate(number, total, share) <= 1 for total in (1, 2, 7) for number in range(total) for share in (0, 1)
    )


def test_lower_layers_learn_slower_and_only_matrices_decay():
    model = towers()
    groups = dict(zip((name for name, _ in model.named_parameters()), fit.parameter_groups(model, RECIPE), strict=True))
    rates = {name: group["top_rate"] for name, group in groups.items()}
    decay = RECIPE.layer_decay
    assert rates["text.bert.embeddings.word_embeddings.weight"] == pytest.approx(RECIPE.text_rate * decay**6)
    assert rates["text.bert.encoder.layer.0.output.dense.weight"] == pytest.approx(RECIPE.text_rate * decay**5)
    assert rates["image_top.0.weight"] == RECIPE.image_rate
    assert rates["fusion.absent"] == RECIPE.fusion_rate
    assert groups["image_top.0.weight"]["weight_decay"] == RECIPE.weight_decay
    assert groups["fusion.gate.bias"]["weight_decay"] == 0
    assert groups["text.bert.embeddings.LayerNorm.weight"]["weight_decay"] == 0


@pytest.mark.slow
def test_killed_at_any_moment_and_resumed_is_uninterrupted(uninterrupted, tmp_path):
    """`kill -9` while it trains and writes a checkpoint after every step, again and again, until it is done."""
    out = tmp_path / "run"
    out.mkdir()
    draw = random.Random(0)
    killed = 0
    for _ in range(40):
        training = subprocess.Popen(
            [sys.executable, str(Path(small_training.__file__)), str(out)],
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            stderr=subprocess.PIPE,
            text=True,
        )
        before = stamp(out)
        while training.poll() is None and stamp(out) == before:  # until it has written something new
            time.sleep(0.005)
        if killed < 5:
            time.sleep(draw.random() * 0.03)
            training.send_signal(signal.SIGKILL)
        error = training.communicate()[1]
        if training.returncode == 0:
            break
        assert training.returncode == -signal.SIGKILL, error
        killed += 1
    assert killed >= 2
    reference = tmp_path / "reference"
    reference.mkdir()
    subprocess.run([sys.executable, str(Path(small_training.__file__)), str(reference)], check=True)
    assert (out / "done.json").read_text() == (reference / "done.json").read_text()


def stamp(out):
    try:
        return (out / checkpoint.FILE).stat().st_mtime_ns
    except FileNotFoundError:
        return 0
