"""Commands that are stopped, and how they continue."""

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command_runs import COMMAND, EXAMPLES, Run, error, rows, write

from feelscope.saved_model import folder as model_folder

EMOTIONS = model_folder.read_labels(model_folder.BUILTIN).emotions


@pytest.fixture(scope="module")
def long_job(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a table of some seconds, and what an uninterrupted run makes of it."""
    folder = tmp_path_factory.mktemp("long")
    words = ("glad", "sad", "angry", "afraid", "so-so")
    lost = ("gone.png", "", "", "", "", "", "")
    posts = [f"{number},I am {words[number % 5]} {number},{lost[number % 7]}" for number in range(3000)]
    posts[5], posts[2500] = "5,,gone.png", "2500,,gone.png"  # nothing to read in these
    write(folder / "posts.csv", "id,text,image", *posts)
    ran = subprocess.run([*COMMAND, "predict", "posts.csv", "--out", "whole.jsonl"], cwd=folder, capture_output=True)
    assert ran.returncode == 0
    (folder / "quarantine.jsonl").rename(folder / "whole.quarantine")
    return folder


def stop(folder: Path, out: str, number: int) -> subprocess.CompletedProcess[str]:
    """Start the job and send it a signal when some rows are written."""
    command = [*COMMAND, "predict", "posts.csv", "--out", out]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    partial = folder / f"{out}.partial"
    while process.poll() is None and not (partial.exists() and partial.stat().st_size > 60_000):
        time.sleep(0.01)
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=120)
    return subprocess.CompletedProcess(command, process.returncode, stdout, stderr)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda one: one.name)
def test_a_stopped_run_continues_where_it_ended_and_gives_the_same(long_job: Path, number: signal.Signals) -> None:
    out = f"{number.name}.jsonl"
    stopped = stop(long_job, out, number)
    assert not (long_job / out).exists()
    if number == signal.SIGKILL:
        assert stopped.returncode == -signal.SIGKILL
    else:
        assert stopped.returncode == 130
        command = f"feelscope predict posts.csv --out {out} --resume"
        assert stopped.stderr.splitlines()[-1] == f"stopped; continue with: {command}"
        assert "Traceback" not in stopped.stderr
    kept = len((long_job / f"{out}.partial").read_bytes().splitlines())
    assert 0 < kept < 2998
    went_on = subprocess.run([*stopped.args, "--resume"], cwd=long_job, capture_output=True, text=True)
    assert went_on.returncode == 0
    assert (long_job / out).read_bytes() == (long_job / "whole.jsonl").read_bytes()
    assert (long_job / "quarantine.jsonl").read_bytes() == (long_job / "whole.quarantine").read_bytes()
    done = re.search(r"([\d,]+) posts in .*, and ([\d,]+) from before", went_on.stderr)
    assert done and int(done[2].replace(",", "")) == kept
    assert int(done[1].replace(",", "")) == 3000 - kept  # the first post without words and picture is tried again
    assert not (long_job / f"{out}.partial").exists()


@pytest.mark.slow
def test_csv_and_parquet_cannot_be_resumed(long_job: Path) -> None:
    command = [*COMMAND, "predict", "posts.csv", "--out", "a.csv"]
    stopped = subprocess.Popen(command, cwd=long_job, stderr=subprocess.PIPE)
    while stopped.poll() is None and not (long_job / "a.csv.partial").exists():
        time.sleep(0.01)
    stopped.send_signal(signal.SIGINT)
    assert b"kept in a.csv.partial, but CSV and Parquet cannot be resumed" in stopped.communicate(timeout=120)[1]
    ran = subprocess.run([*command, "--resume"], cwd=long_job, capture_output=True, text=True)
    assert "only JSON Lines can be resumed" in error(ran)


def test_resume_refuses_what_is_no_part_of_the_job(run: Run, tmp_path: Path) -> None:
    def resumed(*kept: dict) -> str:
        write(tmp_path / "out.jsonl.partial", *map(json.dumps, kept))
        return error(run("predict", EXAMPLES / "posts.csv", "--out", "out.jsonl", "--resume"))

    shares = dict.fromkeys(EMOTIONS, 1 / len(EMOTIONS))
    assert "from another model" in resumed({"id": "1", "probabilities": {"bliss": 1.0}})
    assert "has no post 'z'" in resumed({"id": "z", "probabilities": shares})
    assert "post '1' is missing from the kept rows" in resumed({"id": "2", "probabilities": shares})
    assert not (tmp_path / "out.jsonl").exists()


def test_resume_says_when_the_file_is_complete(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "out.jsonl", "{}")
    assert "is complete" in error(run("predict", EXAMPLES / "posts.csv", "--out", "out.jsonl", "--resume"))


def test_resume_without_a_partial_file_begins(run: Run, tmp_path: Path) -> None:
    assert run("predict", EXAMPLES / "posts.csv", "--out", "out.jsonl", "--resume").returncode == 0
    assert len(rows((tmp_path / "out.jsonl").read_text(encoding="utf-8"))) == 12


@pytest.mark.slow
@pytest.mark.parametrize(("stage", "more"), [("reading pictures", ""), ("training", " --resume")])
def test_a_stopped_training_says_how_to_continue(tmp_path: Path, stage: str, more: str) -> None:
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    arguments = ["train", "examples/posts.csv", "--recipe", "fusion", "--out", "run"]
    # It sends itself the signal, so that the test does not depend on the machine's speed.
    code = f"""
import signal
from feelscope.cli import main, progress
show = progress.Stages.__call__
def show_and_stop(self, stage, done, total, detail):
    show(self, stage, done, total, detail)
    if stage == {stage!r}:
        signal.raise_signal(signal.SIGINT)
progress.Stages.__call__ = show_and_stop
main()
"""
    ran = subprocess.run([sys.executable, "-c", code, *arguments], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 130
    assert ran.stderr.splitlines()[-1] == f"stopped; continue with: feelscope {' '.join(arguments)}{more}"
    assert "Traceback" not in ran.stderr
