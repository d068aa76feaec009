"""The file of bad rows is the run's: a second run does not add to it, and a run without bad rows leaves none.

That of `collect` is the database's: it keeps the rows of all runs, each once.
"""

import json
import shutil
from pathlib import Path

import pytest
from command_runs import Run, write

COMMANDS = {
    "predict": ["predict", "posts.csv", "--quarantine", "bad.jsonl"],
    "evaluate": ["evaluate", "posts.csv", "--quarantine", "bad.jsonl"],
    "prepare": ["prepare", "posts.csv", "dataset", "--labels", "column", "--language", "any", "--accept-leak"],
    "collect": ["collect", "posts.db", "files", "posts.csv", "--restart", "--quarantine", "bad.jsonl"],
    "explore build": ["explore", "build", "posts.csv", "index", "--quarantine", "bad.jsonl"],
    "explore trend": ["explore", "trend", "posts.csv", "--quarantine", "bad.jsonl"],
    "explain structure": ["explain", "structure", "posts.csv", "--out", "structure", "--quarantine", "bad.jsonl"],
}
GOOD = [
    f"{n},the {thing} by the river,{('happy', 'sad')[n % 2]},2012-01-0{n % 9 + 1}"
    for n, thing in enumerate("boat storm garden train dog letter window bread candle horse winter song".split())
]
BAD = ["1,again,happy,2012-01-02", "bad,,happy,2012-01-02"]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_quarantine_is_that_of_the_run(run: Run, tmp_path: Path, command: str) -> None:
    quarantine = tmp_path / ("dataset/quarantine.jsonl" if command == "prepare" else "bad.jsonl")
    write(tmp_path / "posts.csv", "id,text,emotion,created_at", *GOOD, *BAD)
    for _ in range(2):
        shutil.rmtree(tmp_path / "index", ignore_errors=True)
        ran = run(*COMMANDS[command])
        assert ran.returncode == 0, ran.stderr
        reasons = [(row["row"], row["reason"]) for row in map(json.loads, quarantine.read_text().splitlines())]
        assert reasons == [(13, "duplicate id"), (14, "neither text nor image")]
    shutil.rmtree(tmp_path / "index", ignore_errors=True)
    write(tmp_path / "posts.csv", "id,text,emotion,created_at", *GOOD)
    assert run(*COMMANDS[command]).returncode == 0
    assert quarantine.exists() == (command == "collect")  # a collection that continues does not meet the old rows again
