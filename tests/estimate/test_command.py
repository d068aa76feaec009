"""`feelscope estimate`, as people type it."""

import csv
import json
import subprocess
from pathlib import Path

import pytest
from command_runs import COMMAND, error, usage_error
from small_estimate import POSTS, Known


def run(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, "estimate", *map(str, arguments)], capture_output=True, text=True, cwd=folder)


@pytest.fixture
def files(known: Known) -> tuple[Path, Path, Path]:
    """Predictions, posts and labels."""
    return (
        known.folder / "predictions.parquet",
        known.folder / "posts.jsonl",
        known.label("command.csv", [*range(0, POSTS, 5)]),
    )


def test_shares_in_words_and_as_json_and_in_a_file(files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    predictions, _, labels = files
    ran = run(tmp_path, predictions, "--labelled", labels)
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[0] == "600 posts, 120 of them labelled"
    assert lines[2].split() == ["emotion", "corrected", "count", "of", "predictions"]
    assert [line.split()[0] for line in lines[3:6]] == ["happiness", "sadness", "anger"]
    assert "whatever errors the model makes" in ran.stdout and "nothing of the model's errors" in ran.stdout
    whole = run(tmp_path, "shares", predictions, "--labelled", labels, "--json", "--out", "figures.csv")
    figures = json.loads(whole.stdout)
    assert figures["labelled"] == 120 and len(figures["shares"]) == 3
    with (tmp_path / "figures.csv").open() as file:
        rows = [*csv.DictReader(file)]
    assert [float(row["share"]) for row in rows] == pytest.approx([row["share"] for row in figures["shares"]], rel=1e-5)


def test_groups_time_regression_and_another_set(files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    predictions, posts, labels = files
    given = (predictions, "--labelled", labels, "--posts", posts)
    by = run(tmp_path, *given, "--by", "party", "--emotion", "anger")
    assert by.returncode == 0, by.stderr
    assert "red: 400 posts, 80 labelled" in by.stdout and "blue less red, in points" in by.stdout
    assert "sadness" not in by.stdout
    over = json.loads(run(tmp_path, *given, "--over", "month", "--json").stdout)
    assert {row["group"] for row in over["shares"]} == {"all posts", "2012-01", "2012-02", "2012-03"}
    regressed = run(tmp_path, *given, "--regress", "party,votes", "--emotion", "anger")
    assert "party=blue" in regressed.stdout and "design-based supervised learning" in regressed.stdout
    other = run(tmp_path, predictions, "--labelled", labels, "--validation", predictions)
    assert "assume prior shift" in other.stdout


def test_a_plan_can_be_labelled_and_estimated(files: tuple[Path, Path, Path], known: Known, tmp_path: Path) -> None:
    predictions, posts, _ = files
    plan = (tmp_path, "plan", predictions, "--posts", posts, "--width", "0.2")
    ran = run(*plan, "--out", "sample.csv")
    assert ran.returncode == 0, ran.stderr
    run(*plan, "--out", "again.csv")
    assert (tmp_path / "sample.csv").read_text() == (tmp_path / "again.csv").read_text()
    with (tmp_path / "sample.csv").open() as file:
        rows = [*csv.DictReader(file)]
    assert ran.stdout.splitlines()[-1] == f"{len(rows)} posts to label"
    for row in rows:
        row["emotion"] = known.emotions[int(row["id"][1:])]
    with (tmp_path / "labels.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    found = run(tmp_path, predictions, "--labelled", "labels.csv")
    assert "if the chances in the labelled table are those by which" in " ".join(found.stdout.split())


def test_wrong_use_is_one_line(files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    predictions, _, labels = files
    given = (tmp_path, predictions, "--labelled", labels)
    assert "is needed: a table of labelled posts; draw some" in usage_error(run(tmp_path, predictions))
    assert "expected one of day, week, month, year" in usage_error(run(*given, "--over", "hour"))
    assert "one of them at a time: --by, --over" in usage_error(run(*given, "--over", "day", "--by", "party"))
    assert "is needed with --regress" in usage_error(run(*given, "--regress", "party"))
    assert "ends in .csv or .json" in usage_error(run(*given, "--out", "figures.txt"))
    assert "no column 'partei'; did you mean 'party'?" in error(run(*given, "--by", "partei"))
    assert "--emotion angry: no such emotion; did you mean 'anger'?" in error(run(*given, "--emotion", "angry"))
    assert "no such file" in error(run(tmp_path, "none.csv", "--labelled", labels))
    assert "--width 4: expected a number above 0" in error(
        run(tmp_path, "plan", predictions, "--width", 4, "--out", "s.csv")
    )
    assert not (tmp_path / "s.csv").exists()
