"""A training that several workers share: the model of one, also where a node is killed in between."""

from pathlib import Path
from typing import Any

import pytest
import small_cluster
import small_family

from feelscope.encoders.encoder import Resources
from feelscope.errors import ConfigError, FeelscopeError
from feelscope.scale.cluster import ScaleError
from feelscope.scale.train import Training, absolute, train
from feelscope.train.train import train as train_alone

POSTS, BATCH = 64, 8
# Batches that two workers share evenly: then the mean of their gradients is that of one, to the last digits.
EVEN = {"steps__epochs": 1, "steps__max_steps": 5}


def training(folder: Path, name: str, **changes: Any) -> Training:
    settings = {**EVEN, "steps__batch_size": BATCH, "choices__validation": 0.0, **changes}
    made = small_family.recipe("text_only", **settings)
    table = small_family.write_table(folder / "posts.csv", POSTS)
    words = small_family.write_vectors(folder / "vectors.txt")
    return Training(made, folder / name, Resources(folder / "features", words), table=table)


def weights(run: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    return load_file(run / "model.safetensors")


def same(one: Path, other: Path) -> None:
    mine, its = weights(one), weights(other)
    assert mine.keys() == its.keys()
    for name, value in mine.items():
        assert value.allclose(its[name], atol=1e-4), name


@pytest.mark.slow
def test_two_workers_train_the_model_of_one(workers: int, tmp_path: Path) -> None:
    asked = training(tmp_path, "two")
    said: list[str] = []
    train(asked, 2, progress=lambda stage, done, total, detail: said.append(stage))
    alone = train_alone(asked.recipe, tmp_path / "one", table=asked.table, resources=asked.resources)
    same(alone, asked.out)
    assert "training" in said or "saving the model" in said
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
    assert train(asked, 2, resume=True) == asked.out  # is finished: nothing is done


@pytest.mark.slow
def test_a_node_is_killed_and_the_training_goes_on(workers: int, nodes: Any, tmp_path: Path) -> None:
    asked = training(tmp_path, "two", steps__epochs=120, steps__max_steps=0)
    killed: list[int] = []

    def kill(stage: str, done: int, total: int, detail: str) -> None:
        if stage == "training" and not killed:
            killed.append(done)
            small_cluster.kill(nodes)
            small_cluster.add(nodes, 1)

    train(asked, 3, progress=kill)
    assert killed[0] < 120 * POSTS // BATCH
    assert (asked.out / "README.md").exists()


@pytest.mark.slow
def test_what_is_wrong_with_the_posts_is_said_once(workers: int, tmp_path: Path) -> None:
    asked = training(tmp_path, "run")
    (tmp_path / "posts.csv").write_text("id,text\n1,so sad\n")
    with pytest.raises(FeelscopeError, match=r"posts\.csv: no emotion column") as error:
        train(asked, 2)
    assert not isinstance(error.value, ScaleError)


def test_more_workers_than_posts_of_a_batch_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="a batch of 8 posts is no work for 9 workers"):
        train(training(tmp_path, "run"), 9)


def test_paths_become_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert absolute(Resources(Path("features"), words=Path("v"))) == Resources(tmp_path / "features", tmp_path / "v")
