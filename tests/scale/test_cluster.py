"""Jobs on a real cluster of several nodes' processes, one of which is killed in the middle."""

import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import small_cluster

from feelscope.predict import predict_rows
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.scale import predict, running
from feelscope.scale.addresses import Address, parse
from feelscope.scale.blocks import Block
from feelscope.scale.cluster import ScaleError, cluster
from feelscope.scale.running import Done
from feelscope.table import PostsTable, Quarantine
from feelscope.table.parquet_file import RowRange

pytestmark = pytest.mark.slow

WORDS = "happy sad angry afraid tired lovely awful great grim proud".split()


@pytest.fixture(autouse=True)
def by_value(nodes: Any) -> None:
    """Work of this file goes to workers as it is: they cannot import it."""
    from ray import cloudpickle

    cloudpickle.register_pickle_by_value(sys.modules[__name__])


def write_posts(path: Path, count: int, group: int) -> Path:
    """Posts of a few words; every hundredth has none, and is left out."""
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = [f"I am so {WORDS[number % 10]} today, {number}" if number % 100 else "" for number in range(count)]
    table = pa.table({"id": [f"{path.stem}-{number}" for number in range(count)], "text": texts})
    pq.write_table(table, path, row_group_size=group)
    return path


def rows_of(out: Path) -> list[dict[str, Any]]:
    return [row for name in parse(str(out)).files(".parquet") for row in pq.read_table(out / name).to_pylist()]


def test_each_post_is_predicted_once_though_a_node_is_killed(workers: int, nodes: Any, tmp_path: Path) -> None:
    table = write_posts(tmp_path / "posts.parquet", 2000, 400)
    killed: list[float] = []

    def kill(done: int, kept: int) -> None:
        if not killed and done >= 400:
            killed.append(time.monotonic())
            small_cluster.kill(nodes)

    address, out = parse(str(table)), tmp_path / "predictions"
    found = predict.predict("builtin", address, parse(str(out)), workers, rows_a_block=100, progress=kill)
    assert killed
    assert (found.rows, found.left_out, found.kept) == (2000, 20, 0)
    small_cluster.add(nodes, 1)

    alone = list(predict_rows(EmotionClassifier.load(), PostsTable(table, quarantine=Quarantine())))
    many = rows_of(out)
    assert [row["id"] for row in many] == [row["id"] for row in alone]  # each once, in the table's order
    assert Counter(row["id"] for row in many).most_common(1)[0][1] == 1
    same = sum(one["emotion"] == other["emotion"] for one, other in zip(many, alone, strict=True))
    assert same >= 0.999 * len(alone)
    for one, other in zip(many, alone, strict=True):
        assert one["probabilities"] == pytest.approx(other["probabilities"], abs=1e-3)
        assert one.keys() == other.keys()
    bad = sorted((out / "_quarantine").rglob("*.jsonl"))
    assert sum(len(path.read_text().splitlines()) for path in bad) == 20
    assert '"row": 1901' in bad[-1].read_text()
    assert not list(out.rglob("*.partial"))

    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.parquet")}
    again = predict.predict("builtin", address, parse(str(out)), workers)
    assert (again.rows, again.left_out, again.kept) == (2000, 20, 2000)
    assert before == {path: path.stat().st_mtime_ns for path in out.rglob("*.parquet")}


class Waiting:
    """Work that takes a while, and says in which process."""

    def __init__(self, seconds: float):
        self.seconds = seconds

    def __call__(self, block: Block) -> Done:
        time.sleep(self.seconds)
        return Done(block.name, block.part.rows, reasons={str(os.getpid()): 1})


def waiting(seconds: float) -> Callable[[], Waiting]:
    return lambda: Waiting(seconds)


def small_blocks(count: int) -> list[Block]:
    return [Block(Address("/none.parquet"), f"{number:04}", RowRange(number, 0, 1), 1) for number in range(count)]


def test_small_blocks_are_shared_by_several_workers(workers: int) -> None:
    done = list(running.run(small_blocks(12), waiting(0.3), workers))
    assert sorted(one.name for one in done) == [f"{number:04}" for number in range(12)]
    assert len({process for one in done for process in one.reasons}) >= 2


def test_as_many_workers_as_processors_do_not_wait_for_ever(workers: int) -> None:
    assert workers == 3
    assert len(list(running.run(small_blocks(6), waiting(0.0), 3))) == 6


def test_a_machine_with_another_version_is_named(workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "__version__", "0.0.1")
    with pytest.raises(ScaleError, match=r"has feelscope .*, and this one 0\.0\.1; install the same on all"):
        list(running.run(small_blocks(1), waiting(0.0), workers))


def test_a_cluster_is_joined_only_with_its_token(nodes: Any, tmp_path: Path) -> None:
    import subprocess

    code = f"from feelscope.scale.cluster import cluster\nwith cluster({nodes.address!r}): pass"
    environment = {**os.environ, "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "f" * 64, "HOME": str(tmp_path)}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=120)
    assert ran.returncode
    assert "ScaleError" in ran.stderr.splitlines()[-1]


def test_without_a_worker_it_ends(nodes: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "NO_WORKER", 1.0)
    with small_cluster.nodes(0, 1) as other, small_cluster.without_tests(), cluster(other.address) as count:
        done = running.run(small_blocks(50), waiting(0.5), count)
        next(done)
        small_cluster.kill(other)
        with pytest.raises(ScaleError, match="no worker is left in the cluster"):
            list(done)
