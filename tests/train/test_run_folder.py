"""Which folders a training takes, which are done, and which go again."""

import pytest
from small_family import recipe

from feelscope.config import to_toml
from feelscope.errors import ModelError
from feelscope.train.run_folder import check_is_free, is_finished

RECIPE = recipe("joint")


def taken(folder):
    with pytest.raises(ModelError, match="something is there already; give a new folder, or --resume"):
        check_is_free(folder)


def test_a_folder_is_free_but_for_what_a_killed_training_leaves(tmp_path):
    check_is_free(tmp_path)
    check_is_free(tmp_path / "new")
    (tmp_path / "quarantine.jsonl").write_text("{}\n")
    (tmp_path / "checkpoint.safetensors.123.partial").write_bytes(b"half")
    (tmp_path / ".lock").write_bytes(b"")
    (tmp_path / ".quarantine.jsonl.lock").write_bytes(b"")
    (tmp_path / "tensorboard").mkdir()
    (tmp_path / "tensorboard" / "events").write_bytes(b"1")
    (tmp_path / "choosing" / "late-text" / "tensorboard").mkdir(parents=True)
    check_is_free(tmp_path)
    for name in ("checkpoint.safetensors", "notes.txt"):
        (tmp_path / "choosing" / "late-text" / name).write_bytes(b"whole")
        taken(tmp_path)
        (tmp_path / "choosing" / "late-text" / name).unlink()
    taken(tmp_path / "quarantine.jsonl")


def test_a_training_is_finished_once_the_card_is_there(tmp_path):
    assert not is_finished(tmp_path, RECIPE)
    (tmp_path / "README.md").write_text("# A card")
    assert not is_finished(tmp_path, RECIPE)
    (tmp_path / "recipe.toml").write_text(to_toml(RECIPE))
    assert is_finished(tmp_path, RECIPE)
    with pytest.raises(ModelError, match="the training is finished, and of another recipe; give a new folder"):
        is_finished(tmp_path, recipe("joint", seed=1))
    (tmp_path / "README.md").unlink()
    assert not is_finished(tmp_path, RECIPE)
