"""From predictions to corrected shares: a sample is planned, people label it, and `estimate` reads its table."""

import csv
import json
import subprocess
from pathlib import Path

from command_runs import COMMAND
from small_estimate import EMOTIONS, Known

from feelscope.label.answers import Answers
from feelscope.label.codebook import of_names
from feelscope.label.opened import answers_of


def run(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, text=True, cwd=folder)


def test_the_sample_that_was_planned_is_labelled_and_read(known: Known, tmp_path: Path) -> None:
    predictions, posts = known.folder / "predictions.parquet", known.folder / "posts.jsonl"
    planned = ("estimate", "plan", predictions, "--posts", posts, "--posts-to-label", 120, "--out", "sample.csv")
    assert run(tmp_path, *planned).returncode == 0
    with (tmp_path / "sample.csv").open() as file:
        sample = {row["id"]: row for row in csv.DictReader(file)}
    assert len(sample) == 120 and "emotion" not in next(iter(sample.values()))

    answers = Answers(answers_of(tmp_path / "sample.csv"), "label")
    answers.keep_codebook(of_names(EMOTIONS))
    for id in sample:
        answers.add("ann", id, known.emotions[int(id.removeprefix("p"))], 1)
    assert run(tmp_path, "label", "sample.csv", "--export", "labels.csv").returncode == 0
    with (tmp_path / "labels.csv").open() as file:
        chances = {row["id"]: row["inclusion_probability"] for row in csv.DictReader(file)}
    assert chances == {id: row["inclusion_probability"] for id, row in sample.items()}

    ran = run(tmp_path, "estimate", predictions, "--labelled", "labels.csv", "--json")
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert found["labelled"] == 120
    for share in found["shares"]:
        true = known.emotions.count(share["emotion"]) / len(known.emotions)
        assert abs(share["share"] - true) < 0.1
