import json
from dataclasses import replace

import numpy as np
import pytest
import small_emoji
import torch
from small_family import Stopped, stop_at

from feelscope.emoji.autoencoder import baselines, folder, task
from feelscope.emoji.autoencoder.baselines import mean_over_bases
from feelscope.emoji.autoencoder.settings import AutoencoderSettings
from feelscope.emoji.autoencoder.task import AutoencoderTask, measure, new_network, varied
from feelscope.emoji.autoencoder.train import fit_autoencoder, split, to_tensor, train_autoencoder
from feelscope.emoji.catalogue import find
from feelscope.errors import ConfigError, ModelError, TableError
from feelscope.files import digest
from feelscope.train import checkpoint

SETTINGS = small_emoji.SETTINGS


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return small_emoji.discs(tmp_path_factory.mktemp("discs"))


@pytest.fixture(scope="module")
def run(pictures, tmp_path_factory):
    """A trained autoencoder's folder; no test changes it."""
    return train_autoencoder(pictures, SETTINGS, tmp_path_factory.mktemp("runs") / "emoji")


def test_a_run_has_scores_sheets_and_a_card(run) -> None:
    assert {path.name for path in run.iterdir()} >= {"autoencoder.json", "manifest.json", "README.md", "sheets"}
    assert {path.name for path in (run / "sheets").iterdir()} == {
        *("held_out.png", "grid_A.png", "grid_B.png", "grid_C.png", "samples.png", "walk.png")
    }
    saved = folder.read(run)
    assert saved.codes.shape == (60, 6)
    assert saved.codes.isfinite().all()
    assert saved.scores["infinite_codes"] == 0
    assert saved.scores["errors"]["mean picture"][0] > saved.scores["errors"]["PCA, 16 components"][0]
    assert len(saved.scores["history"]) == 2


def test_what_is_read_draws_as_what_was_saved(run, pictures) -> None:
    saved = folder.read(run)
    again = measure(saved.network, to_tensor(pictures))
    assert torch.allclose(again.codes, saved.codes, atol=1e-4)
    assert saved.code(find(pictures.sequences[3])).tolist() == saved.codes[3].tolist()
    with pytest.raises(ModelError, match="was not among the pictures"):
        saved.code(find("🫠"))


def test_an_altered_folder_is_refused(run, tmp_path) -> None:
    import shutil

    copy = shutil.copytree(run, tmp_path / "copy")
    values = json.loads((copy / "autoencoder.json").read_text())
    (copy / "autoencoder.json").write_text(json.dumps(values | {"emoji": []}))
    with pytest.raises(ModelError, match="was altered since"):
        folder.read(copy)
    manifest = json.loads((copy / "manifest.json").read_text())
    for change, said in (
        ({"emoji": ["😀", "😀"]}, "expected different emoji"),
        ({"settings": values["settings"] | {"code": 7}}, "has not the size that the settings say"),
        ({"settings": values["settings"] | {"codes": 7}}, "did you mean 'code'"),
        ({"scores": 1}, "expected an object"),
    ):
        (copy / "autoencoder.json").write_text(json.dumps(values | change))
        manifest["autoencoder.json"] = digest(copy / "autoencoder.json")
        (copy / "manifest.json").write_text(json.dumps(manifest))
        with pytest.raises(ModelError, match=said):
            folder.read(copy)
    with pytest.raises(ModelError, match="feelscope emoji train-autoencoder --out RUN"):
        folder.read(tmp_path)


def test_the_published_network_trains_in_the_same_loop(pictures) -> None:
    settings = small_emoji.WOLF
    network, history = fit_autoencoder(split(pictures, settings), settings)
    assert set(history[0]) == {"epoch", "train_loss", "held_out_mse", "held_out_kl", "held_out_infinite_codes"}
    assert not torch.equal(*(measure(network, to_tensor(pictures)).codes for _ in range(2))), "its codes are drawn"


def test_infinite_codes_are_counted_and_left_out_of_the_error(pictures) -> None:
    network = new_network(small_emoji.WOLF)
    with torch.no_grad():
        network.encoder[-1].bias[4:] = 400.0
    found = measure(network, to_tensor(pictures))
    assert found.errors.isnan().all()
    assert found.summary()["infinite_codes"] == 1


def test_a_loss_that_is_no_number_stops_it_and_the_last_good_state_is_kept(pictures, tmp_path, monkeypatch) -> None:
    real, calls = task.calibrated_loss, []

    def failing(outputs, truth, weight):
        calls.append(1)
        return real(outputs, truth, weight) * (float("nan") if len(calls) == 8 else 1)

    monkeypatch.setattr(task, "calibrated_loss", failing)
    with pytest.raises(ModelError, match=rf"loss is nan at step 8: .*{checkpoint.FILE} has the last good state"):
        train_autoencoder(pictures, SETTINGS, tmp_path / "run")
    assert (tmp_path / "run" / checkpoint.FILE).is_file()
    assert not (tmp_path / "run" / "manifest.json").exists()
    monkeypatch.undo()
    train_autoencoder(pictures, SETTINGS, tmp_path / "run", resume=True)
    assert folder.read(tmp_path / "run").codes.isfinite().all()


def test_a_stopped_training_resumed_is_the_uninterrupted_one(pictures, run, tmp_path) -> None:
    with pytest.raises(Stopped):
        train_autoencoder(pictures, SETTINGS, tmp_path / "run", progress=stop_at("training", 4))
    train_autoencoder(pictures, SETTINGS, tmp_path / "run", resume=True)
    assert torch.equal(folder.read(tmp_path / "run").codes, folder.read(run).codes)
    with pytest.raises(ModelError, match="had other settings"):
        train_autoencoder(pictures, replace(SETTINGS, seed=9), tmp_path / "run", resume=True)
    with pytest.raises(ModelError, match="something is there already"):
        train_autoencoder(pictures, SETTINGS, tmp_path / "run")


def test_a_training_is_not_continued_with_other_pictures(pictures, run, tmp_path) -> None:
    other = replace(pictures, pixels=255 - pictures.pixels)
    with pytest.raises(ModelError, match="is finished, and had other pictures; give a new folder"):
        train_autoencoder(other, SETTINGS, run, resume=True)
    assert train_autoencoder(pictures, SETTINGS, run, resume=True) == run
    with pytest.raises(Stopped):
        train_autoencoder(pictures, SETTINGS, tmp_path / "run", progress=stop_at("training", 4))
    with pytest.raises(ModelError, match="belongs to another recipe or other posts"):
        train_autoencoder(other, SETTINGS, tmp_path / "run", resume=True)


def test_another_checkpoint_is_not_continued(pictures) -> None:
    parts = split(pictures, SETTINGS)

    def identity(settings=SETTINGS, learnt=parts.training):
        return AutoencoderTask(new_network(SETTINGS), learnt, parts.held_out, settings).identity

    assert identity() == identity()
    assert identity(replace(SETTINGS, kl_weight=0.5)) != identity() != identity(learnt=parts.training.flip(0))


def test_the_settings_say_what_is_held_out(pictures) -> None:
    rows = {fold: set(split(pictures, replace(SETTINGS, fold=fold)).rows) for fold in (0, 1, 2)}
    assert set(split(pictures, SETTINGS).rows) == rows[1], "not fold 0, which the design was chosen on"
    assert not rows[0] & rows[1] and not rows[1] & rows[2]
    drawn = [set(split(pictures, replace(small_emoji.WOLF, seed=seed)).rows) for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_too_few_pictures_are_one_line(pictures) -> None:
    with pytest.raises(TableError, match="1 picture, too few to hold 20% of them out"):
        split(pictures.rows(np.array([0])), SETTINGS)


@pytest.mark.parametrize(
    "change", [{"network": "wolfe"}, {"code": 0}, {"held_out": 0.0}, {"fold": -1}, {"bound": 100.0}]
)
def test_wrong_settings_are_refused(change) -> None:
    with pytest.raises(ConfigError):
        AutoencoderSettings(**change)


def test_varied_pictures_keep_shape_range_and_opacity(pictures) -> None:
    before = to_tensor(pictures)
    torch.manual_seed(0)
    after = varied(before)
    assert after.shape == before.shape
    assert 0 <= after.min() <= after.max() <= 1
    assert (after - before).abs().mean() > 0.01
    assert after[:, 3].mean() == pytest.approx(float(before[:, 3].mean()), rel=0.1)


def test_baselines_as_plain_loops(pictures) -> None:
    parts = split(pictures, SETTINGS)
    known, asked = parts.training.flatten(1), parts.held_out.flatten(1)
    nearest = [min(float((one - other).square().mean()) for other in known) for one in asked]
    assert baselines.nearest_errors(parts.training, parts.held_out).tolist() == pytest.approx(nearest, abs=1e-5)
    mean = sum(known) / len(known)
    errors = [float((one - mean).square().mean()) for one in asked]
    assert baselines.mean_errors(parts.training, parts.held_out).tolist() == pytest.approx(errors, abs=1e-5)
    from sklearn.decomposition import PCA

    fitted = PCA(5, svd_solver="full").fit(known.numpy())
    again = fitted.inverse_transform(fitted.transform(asked.numpy())).clip(0, 1)
    wanted = ((again - asked.numpy()) ** 2).mean(axis=1)
    (found,) = baselines.components_errors(parts.training, parts.held_out, 5)
    assert found.tolist() == pytest.approx(wanted, abs=1e-3)


def test_an_interval_over_base_forms_holds_95_percent() -> None:
    draws, inside = np.random.default_rng(0), 0
    for _ in range(200):
        families = draws.normal(1.0, 0.5, 40)
        errors = np.repeat(families, 3) + draws.normal(0, 0.1, 120)
        _, low, high = mean_over_bases(errors, [str(family // 3) for family in range(120)])
        inside += low <= 1.0 <= high
    assert 0.905 <= inside / 200 <= 0.985, "pictures of one family are not independent"


def test_errors_that_are_no_numbers_are_left_out() -> None:
    value, low, high = mean_over_bases(np.array([1.0, np.nan, 3.0]), ["a", "b", "c"])
    assert value == 2.0
    assert low <= 2.0 <= high
    assert np.isnan(mean_over_bases(np.array([np.nan]), ["a"])).all()
