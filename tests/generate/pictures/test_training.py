"""Trainings of small generators, what they leave behind, and what is refused."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import small_pictures
import torch
from small_device import held, other_device
from small_family import Stopped, stop_at

from feelscope.errors import ConfigError, ModelError, TableError
from feelscope.files import digest
from feelscope.generate.pictures import folder, task
from feelscope.generate.pictures.fit import fit_pictures, new_networks
from feelscope.generate.pictures.reading import read_pictures
from feelscope.generate.pictures.settings import PictureSettings
from feelscope.generate.pictures.task import PictureTask, scaled, to_bytes
from feelscope.generate.pictures.train import train_pictures
from feelscope.progress import silent
from feelscope.table import PostsTable, Quarantine
from feelscope.train import checkpoint

SETTINGS = small_pictures.SETTINGS


def train(table, settings, out, **given):
    with Quarantine(None) as quarantine:
        posts = PostsTable(table, quarantine=quarantine)
        saved = train_pictures(
            posts, settings, out, source=table.name, cache=out.parent / "features", quarantine=quarantine, **given
        )
    return saved, quarantine


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return small_pictures.write_posts(tmp_path_factory.mktemp("posts") / "table")


@pytest.fixture(scope="module")
def run(table, tmp_path_factory):
    """A trained generator's folder; no test changes it."""
    out = tmp_path_factory.mktemp("runs") / "pictures"
    train(table, SETTINGS, out)
    return out


def test_a_run_has_a_card_sheets_and_what_was_measured(run) -> None:
    assert {path.name for path in (run / "sheets").iterdir()} == {"drawn.png", "nearest.png", "walk.png"}
    saved = folder.read(run)
    assert saved.emotions == small_pictures.EMOTIONS
    assert saved.scores["pictures"] == 108, "one picture is of one pixel, and one is none"
    assert saved.scores["training_to_nearest"] > 0
    assert [set(one) for one in saved.scores["history"]] == [{"epoch", "train_loss", "variety"}] * 2
    assert not (run / checkpoint.FILE).exists()
    assert "It is asked for an emotion: anger, sadness." in (run / "README.md").read_text()


def test_pictures_that_cannot_be_used_are_counted_with_the_reason(table, tmp_path) -> None:
    with Quarantine(tmp_path / "bad.jsonl") as quarantine:
        posts = PostsTable(table, quarantine=quarantine)
        shown = read_pictures(posts, SETTINGS, "posts.csv", cache=tmp_path, quarantine=quarantine, progress=silent)
    assert (len(shown), quarantine.count) == (108, 2)
    said = (tmp_path / "bad.jsonl").read_text()
    assert "1 x 1 pixels, expected 8 x 8 or more" in said
    assert "1.png" in said
    assert shown.conditions.sum(dim=1).tolist() == [1.0] * 108


def test_texts_become_conditions_of_length_1(table, tmp_path) -> None:
    settings = replace(SETTINGS, by="text")
    with Quarantine(None) as quarantine:
        posts = PostsTable(table, quarantine=quarantine)
        shown = read_pictures(posts, settings, "posts.csv", cache=tmp_path, quarantine=quarantine, progress=silent)
    assert shown.conditions.shape == (108, 384)
    assert shown.conditions.norm(dim=1).tolist() == pytest.approx([1.0] * 108, abs=1e-5)
    assert not shown.emotions and len(shown.reader) == 64


def test_bytes_and_the_range_of_tanh() -> None:
    every = torch.arange(256, dtype=torch.uint8)
    assert (float(scaled(every).min()), float(scaled(every).max())) == (-1, 1)
    assert torch.equal(to_bytes(scaled(every)), every)


def test_the_discriminator_steps_first_and_the_generator_sees_it_after_its_step() -> None:
    shown = small_pictures.shown(32)
    generator, discriminator = new_networks(SETTINGS, 2)
    made = PictureTask(generator, discriminator, shown.pixels, shown.conditions, SETTINGS)
    first, second = made.optimizers()
    before = [{name: value.clone() for name, value in net.state_dict().items()} for net in (generator, discriminator)]
    losses = made.losses(torch.arange(32))
    next(losses).backward()
    assert all(weight.grad is None for weight in generator.parameters()), "what it drew is detached"
    first.step()
    first.zero_grad()
    loss = next(losses)
    loss.backward()
    assert all(weight.grad is None for weight in discriminator.parameters())
    second.step()
    assert next(losses, None) is None
    for net, old in ((generator, before[0]), (discriminator, before[1])):
        assert all(weight.requires_grad for weight in net.parameters())
        moved = [not torch.equal(weight, old[name]) for name, weight in net.named_parameters()]
        assert all(moved)


def plain_loss(discriminator, real, own, drawn, wanted):
    """The discriminator's loss, one picture at a time; batch statistics are switched off."""

    def surprise(score, is_real):
        chance = 1 / (1 + np.exp(-float(score)))
        return -np.log(chance if is_real else 1 - chance)

    right = [surprise(discriminator(real[i : i + 1], own[i : i + 1])[0], True) for i in range(len(real))]
    false = [surprise(discriminator(drawn[i : i + 1], wanted[i : i + 1])[0], False) for i in range(len(drawn))]
    wrong = [
        surprise(discriminator(real[i : i + 1], own[[i - 1]])[0], False)
        for i in range(len(real))
        if not torch.equal(own[i], own[i - 1])
    ]
    return np.mean(right) + (np.mean(false) + np.mean(wrong)) / 2


def test_the_discriminators_loss_as_a_plain_loop() -> None:
    shown = small_pictures.shown(32)
    generator, discriminator = (net.eval() for net in new_networks(SETTINGS, 2))
    made = PictureTask(generator, discriminator, shown.pixels, shown.conditions, SETTINGS)
    own = shown.conditions[[0, 0, 1, 1, 0]]
    real, drawn = scaled(shown.pixels[:5]), scaled(shown.pixels[5:11])
    wanted = shown.conditions[5:11]
    with torch.no_grad():
        found = float(made._discriminator_loss(real, own, drawn, wanted))
        assert found == pytest.approx(plain_loss(discriminator, real, own, drawn, wanted), rel=1e-5)


def test_real_and_drawn_pictures_have_batch_statistics_of_their_own() -> None:
    shown = small_pictures.shown(32)
    generator, discriminator = new_networks(SETTINGS, 2)
    made = PictureTask(generator, discriminator, shown.pixels, shown.conditions, SETTINGS)
    sizes = []
    for layer in discriminator.layers:
        layer.register_forward_pre_hook(lambda _, given: sizes.append(len(given[0])))
    list(zip(range(2), made.losses(torch.arange(20)), strict=False))
    assert sizes == [20] * 6 + [32] * 6 + [32] * 6, "20 real ones are left in the last batch, and 32 are drawn"


def test_a_stopped_training_resumed_is_the_uninterrupted_one(table, run, tmp_path) -> None:
    with pytest.raises(Stopped):
        train(table, SETTINGS, tmp_path / "run", progress=stop_at("training", 5))
    with pytest.raises(ModelError, match="belongs to another recipe"):
        train(table, replace(SETTINGS, beta1=0.9), tmp_path / "run", resume=True)
    train(table, SETTINGS, tmp_path / "run", resume=True)
    ours, theirs = (folder.read(one).network.state_dict() for one in (tmp_path / "run", run))
    assert all(torch.equal(value, theirs[name]) for name, value in ours.items())


def test_a_finished_training_is_not_done_again(table, run) -> None:
    before = (run / "generator.json").read_bytes()
    train(table, SETTINGS, run, resume=True)
    assert (run / "generator.json").read_bytes() == before
    with pytest.raises(ModelError, match="had other settings; give a new folder"):
        train(table, replace(SETTINGS, seed=5), run, resume=True)
    with pytest.raises(ModelError, match="something is there already"):
        train(table, SETTINGS, run)


def test_a_training_can_be_made_longer(tmp_path) -> None:
    shown = small_pictures.shown(64)
    (tmp_path / "run").mkdir()
    fit_pictures(shown, SETTINGS, tmp_path / "run")
    longer = replace(SETTINGS, epochs=4)
    again, _, history = fit_pictures(shown, longer, tmp_path / "run", resume=True)
    whole, _, _ = fit_pictures(shown, longer)
    assert len(history) == 4
    assert all(torch.equal(value, whole.state_dict()[name]) for name, value in again.state_dict().items())


def test_a_loss_that_is_no_number_stops_it_and_the_last_good_state_is_kept(table, tmp_path, monkeypatch) -> None:
    real, calls = task.F.softplus, []

    def failing(scores):
        calls.append(1)
        return real(scores) * (float("nan") if len(calls) == 14 else 1)

    monkeypatch.setattr(task.F, "softplus", failing)
    out = tmp_path / "run"
    with pytest.raises(ModelError, match=rf"loss is nan at step 4: .*{checkpoint.FILE} has the last good state"):
        train(table, SETTINGS, out)
    assert (out / checkpoint.FILE).is_file() and not (out / "manifest.json").exists()
    monkeypatch.undo()
    train(table, SETTINGS, out, resume=True)
    assert folder.read(out).emotions == small_pictures.EMOTIONS


def test_ten_posts_are_too_few_and_none_has_no_picture(tmp_path) -> None:
    few = small_pictures.write_posts(tmp_path / "few", 10)
    with pytest.raises(TableError, match=r"8 posts with a picture .* and an emotion, .* needs 100 or more"):
        train(few, SETTINGS, tmp_path / "run")
    words = tmp_path / "words.csv"
    words.write_text("id,text\n1,no picture here\n")
    with pytest.raises(TableError, match="0 posts with a picture that can be read, and a generator needs 100"):
        train(words, replace(SETTINGS, by="nothing"), tmp_path / "run")


def test_one_emotion_is_refused(table, tmp_path) -> None:
    from feelscope.post import Post

    picture = (table.parent / "images" / "2.png").read_bytes()
    posts = [Post(str(number), image=picture, emotion="anger") for number in range(100)]
    with Quarantine(None) as quarantine, pytest.raises(TableError, match="all pictures have the emotion anger"):
        read_pictures(posts, SETTINGS, "posts", cache=tmp_path, quarantine=quarantine, progress=silent)


@pytest.mark.slow
def test_a_generator_learns_which_colour_is_which_emotion() -> None:
    shown = small_pictures.shown(256)
    settings = replace(SETTINGS, width=0.06, epochs=15, learning_rate=1e-3)
    generator, _, history = fit_pictures(shown, settings)
    with torch.no_grad():
        drawn = generator(torch.rand(40, 256) * 2 - 1, torch.eye(2).repeat_interleave(20, dim=0))  # (40, 3, 32, 32)
    redder = (drawn[:, 0] - drawn[:, 2]).mean(dim=(1, 2))  # (40,), red less blue
    assert (redder[:20] > redder[20:].max()).float().mean() > 0.8
    assert history[-1]["variety"] > 0.2


def test_batch_statistics_are_measured_at_the_end() -> None:
    shown = small_pictures.shown(64)
    generator, _, _ = fit_pictures(shown, replace(SETTINGS, by="emotion", batch_size=64))
    torch.manual_seed(1)
    noise, asked = torch.rand(64, 256) * 2 - 1, shown.conditions
    with torch.no_grad():
        by_measured = generator(noise, asked)
        by_batch = generator.train()(noise, asked)
    assert (by_measured - by_batch).abs().mean() < 0.02


@pytest.mark.filterwarnings("ignore:.*copying from a non-meta parameter")
def test_on_another_device_it_learns_the_same() -> None:
    shown = small_pictures.shown(64)
    settings = replace(SETTINGS, mirror=True, epochs=1)
    here, _, history = fit_pictures(shown, settings)
    with other_device() as other:
        there, _, found = fit_pictures(shown, settings, device=other)
    assert found[0]["train_loss"] == pytest.approx(history[0]["train_loss"], rel=1e-4)
    for name, value in here.state_dict().items():
        assert torch.allclose(held(there.state_dict()[name]), value, atol=1e-4), name


def test_half_precision_trains_too() -> None:
    shown = small_pictures.shown(64)
    generator, _, history = fit_pictures(shown, replace(SETTINGS, precision="bfloat16"))
    assert np.isfinite(history[-1]["train_loss"])
    assert next(generator.parameters()).dtype == torch.float32


def test_a_generator_that_heeds_the_condition_alone_has_no_variety() -> None:
    shown = small_pictures.shown(32)
    generator, discriminator = new_networks(SETTINGS, 2)
    made = PictureTask(generator, discriminator, shown.pixels, shown.conditions, SETTINGS)
    assert made.score(generator)[1]["variety"] > 1e-4
    with torch.no_grad():
        generator.project[0].weight[:, :256] = 0
    assert made.score(generator)[1]["variety"] < 1e-6


@pytest.mark.parametrize(
    "change", [{"size": 48}, {"by": "mood"}, {"width": 0.0}, {"batch_size": 1}, {"precision": "float16"}, {"seed": -1}]
)
def test_wrong_settings_are_refused(change) -> None:
    with pytest.raises(ConfigError):
        PictureSettings(**change)


def test_an_altered_folder_is_refused(run, tmp_path) -> None:
    copy = shutil.copytree(run, tmp_path / "copy")
    values = json.loads((copy / "generator.json").read_text())
    (copy / "generator.json").write_text(json.dumps(values | {"emotions": []}))
    with pytest.raises(ModelError, match="was altered since"):
        folder.read(copy)
    manifest = json.loads((copy / "manifest.json").read_text())
    for change, said in (
        ({"emotions": ["anger", "anger"]}, "expected those it can be asked for"),
        ({"emotions": ["anger", "fear", "joy"]}, "condition: expected its count of numbers, found 2"),
        ({"condition": True}, "condition: expected its count"),
        ({"settings": values["settings"] | {"width": 0.06}}, "has not the size that the settings say"),
        ({"settings": values["settings"] | {"widths": 1}}, "did you mean 'width'"),
        ({"scores": 1}, "expected an object"),
    ):
        (copy / "generator.json").write_text(json.dumps(values | change))
        manifest["generator.json"] = digest(copy / "generator.json")
        (copy / "manifest.json").write_text(json.dumps(manifest))
        with pytest.raises(ModelError, match=said):
            folder.read(copy)
    with pytest.raises(ModelError, match="feelscope generate train-pictures --out RUN"):
        folder.read(tmp_path)
