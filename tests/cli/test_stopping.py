"""Commands that are stopped, and how they continue."""

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as parquet
import pytest
from command_runs import COMMAND, EXAMPLES, Run, error, rows, write

from feelscope import EmotionClassifier, PostsTable
from feelscope.predict import predict_table
from feelscope.saved_model import folder as model_folder


@pytest.fixture(scope="module")
def long_job(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a table of some seconds, and what an uninterrupted run makes of it."""
    folder = tmp_path_factory.mktemp("long")
    words = ("glad", "sad", "angry", "afraid", "so-so")
    lost = ("gone.png", "", "", "", "", "", "")
    posts = [f"{number},I am {words[number % 5]} {number},{lost[number % 7]}" for number in range(1200)]
    posts[5], posts[1000] = "5,,gone.png", "1000,,gone.png"  # nothing to read in these
    write(folder / "posts.csv", "id,text,image", *posts)
    ran = subprocess.run([*COMMAND, "predict", "posts.csv", "--out", "whole.jsonl"], cwd=folder, capture_output=True)
    assert ran.returncode == 0
    (folder / "whole.quarantine.jsonl").rename(folder / "whole.quarantine")
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
    assert 0 < kept < 1198
    went_on = subprocess.run([*stopped.args, "--resume"], cwd=long_job, capture_output=True, text=True)
    assert went_on.returncode == 0
    assert (long_job / out).read_bytes() == (long_job / "whole.jsonl").read_bytes()
    assert (long_job / f"{number.name}.quarantine.jsonl").read_bytes() == (long_job / "whole.quarantine").read_bytes()
    done = re.search(r"([\d,]+) posts in .*, and ([\d,]+) from before", went_on.stderr)
    assert done
    from_before = int(done[2].replace(",", ""))
    # kill -9 may cost what was read last: rows whose posts' digests had not reached the disk are predicted again.
    assert 0 < from_before <= kept if number == signal.SIGKILL else from_before == kept
    assert int(done[1].replace(",", "")) == 1200 - from_before  # the first that has nothing is tried again
    assert not (long_job / f"{out}.partial").exists()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_csv_and_parquet_continue_too(long_job: Path, kind: str) -> None:
    whole = [*COMMAND, "predict", "posts.csv", "--out", f"whole.{kind}"]
    assert subprocess.run(whole, cwd=long_job, capture_output=True).returncode == 0
    command = [*COMMAND, "predict", "posts.csv", "--out", f"a.{kind}"]
    stopped = subprocess.Popen(command, cwd=long_job, stderr=subprocess.PIPE)
    partial = long_job / f"a.{kind}.partial"
    while stopped.poll() is None and not (partial.exists() and partial.stat().st_size > 20_000 * (kind == "csv")):
        time.sleep(0.01)
    stopped.send_signal(signal.SIGINT)
    said = stopped.communicate(timeout=120)[1].decode()
    assert said.splitlines()[-1] == f"stopped; continue with: feelscope predict posts.csv --out a.{kind} --resume"
    went_on = subprocess.run([*command, "--resume"], cwd=long_job, capture_output=True, text=True)
    assert went_on.returncode == 0
    found, expected = long_job / f"a.{kind}", long_job / f"whole.{kind}"
    if kind == "csv":
        assert found.read_bytes() == expected.read_bytes()
    else:  # whose metadata have the time
        assert parquet.read_table(found).equals(parquet.read_table(expected))


def test_resume_refuses_what_is_no_part_of_the_job(run: Run, tmp_path: Path) -> None:
    texts = {"1": "We won!", "2": "So sad.", "3": "I am afraid."}

    def interrupted() -> None:
        write(tmp_path / "posts.csv", "id,text", *(f"{id},{text}" for id, text in texts.items()))
        with pytest.raises(ZeroDivisionError):
            predict_table(
                *(EmotionClassifier.load(), PostsTable(tmp_path / "posts.csv"), tmp_path / "out.jsonl"),
                progress=lambda done, left_out: 1 / (3 - done),
            )
        assert len((tmp_path / "out.jsonl.partial").read_text().splitlines()) == 3

    def resumed(*options: str) -> str:
        return error(run("predict", "posts.csv", "--out", "out.jsonl", "--resume", *options))

    interrupted()
    write(tmp_path / "posts.csv", "id,text", "1,We won!", "2,So very sad.", "3,I am afraid.")
    assert "a post of the kept rows is missing or was changed" in resumed()
    interrupted()
    write(tmp_path / "posts.csv", "id,text", "1,We won!", "2,So sad.")
    assert "a post of the kept rows is missing or was changed" in resumed()
    interrupted()
    model = tmp_path / "model"
    EmotionClassifier.load().save(model)
    labels = json.loads((model / "labels.json").read_text())
    model_folder.write(model, replace(model_folder.read_labels(model), name=labels["name"] + "2"), lambda folder: None)
    assert "its rows are from another model" in resumed("--model", "model")
    (tmp_path / "out.jsonl.partial.read").unlink()
    assert "out.jsonl.partial.read is missing" in resumed()
    assert not (tmp_path / "out.jsonl").exists()

    interrupted()
    assert run("predict", "posts.csv", "--out", "out.jsonl", "--resume").returncode == 0
    whole = (tmp_path / "out.jsonl").read_bytes()
    assert run("predict", "posts.csv", "--out", "out.jsonl").returncode == 0
    assert (tmp_path / "out.jsonl").read_bytes() == whole
    assert not list(tmp_path.glob("*.partial*"))


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
