"""`feelscope scale` as people type it: a cluster of its own, which goes with it, and faults in one line."""

import os
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command_runs import COMMAND, error, usage_error


def write_posts(path: Path, count: int) -> Path:
    table = {"id": [f"p{n}" for n in range(count)], "text": [f"I am so sad, {n}" for n in range(count)]}
    pq.write_table(pa.table(table), path)
    return path


def run(*arguments: object) -> "subprocess.CompletedProcess[str]":
    given = [*COMMAND, "scale", *map(str, arguments)]
    return subprocess.run(given, capture_output=True, text=True, timeout=300)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_ctrl_c_ends_the_cluster_and_the_command_goes_on(tmp_path: Path) -> None:
    table, out = write_posts(tmp_path / "posts.parquet", 3000), tmp_path / "out"
    given = ["scale", "predict", str(table), "--out", str(out), "--workers", "2", "--block-rows", "50"]
    running = subprocess.Popen([*COMMAND, *given], stderr=subprocess.PIPE, text=True)
    while running.poll() is None and not list(out.rglob("0*.parquet")):
        time.sleep(0.1)
    started = psutil.Process(running.pid).children(recursive=True)
    assert any("raylet" in process.name() for process in started)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=120)
    assert running.returncode == 130, said
    assert "stopped; continue with: feelscope scale predict" in said
    _, alive = psutil.wait_procs(started, timeout=60)
    assert not alive
    kept = len(list(out.rglob("0*.parquet")))
    assert 0 < kept < 60
    assert not list(out.rglob("*.partial"))
    again = run(*given[1:])
    assert again.returncode == 0, again.stderr
    assert "3,000" in again.stderr or "from before" in again.stderr
    assert pq.read_table(out)["id"].to_pylist() == [f"p{number}" for number in range(3000)]


@pytest.mark.slow
def test_a_cluster_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    table = write_posts(tmp_path / "posts.parquet", 3)
    said = error(run("predict", table, "--out", tmp_path / "out", "--address", "127.0.0.1:9"))
    assert said.startswith("Error: the cluster at 127.0.0.1:9 cannot be used")


def test_wrong_usage_is_one_line(tmp_path: Path) -> None:
    said = error(run("predict", "posts.parquet", "--out", "nothing://x"))
    assert said.startswith("Error: nothing://x: cannot be used")
    said = error(run("predict", "posts.parquet", "--out", tmp_path, "--address", "there"))
    assert said == "Error: --address there: expected HOST:PORT of a cluster's head, or auto"
    assert "Invalid value for '--workers'" in usage_error(run("predict", "t.parquet", "--out", "o", "--workers", "0"))
