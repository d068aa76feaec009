"""`feelscope explain structure`."""

import json
from pathlib import Path

from command_runs import EXAMPLES, Run, error, usage_error, write


def test_the_examples_are_predicted_and_explained(run: Run, tmp_path: Path) -> None:
    ran = run("explain", "structure", EXAMPLES / "posts.csv", "--out", "structure")
    assert ran.returncode == 0, ran.stderr
    assert "12 posts, 7 emotions" in ran.stdout
    found = json.loads((tmp_path / "structure" / "structure.json").read_text())
    assert found["posts"] == 12
    again = run(
        *("explain", "structure", EXAMPLES / "posts.csv", "--out", "again"),
        *("--predictions", "structure/predictions.jsonl", "--scale", "log-odds"),
    )
    assert again.returncode == 0, again.stderr
    assert "log-odds" in again.stdout
    thesis = run(
        *("explain", "structure", EXAMPLES / "posts.csv", "--out", "thesis", "--as-thesis"),
        *("--predictions", "structure/predictions.jsonl"),
    )
    assert thesis.returncode == 0, thesis.stderr
    assert "as the thesis' code: logits; Ward's linkage of the rows of r; words by each word alone" in thesis.stdout
    assert json.loads((tmp_path / "thesis" / "structure.json").read_text())["as_thesis"]


def test_wrong_use_is_one_line(run: Run, tmp_path: Path) -> None:
    table = write(tmp_path / "posts.csv", "id,text", "1,We won!")
    base = ("explain", "structure", table)
    assert "--out" in usage_error(run(*base))
    assert "expected probability or log-odds" in usage_error(run(*base, "--out", "a", "--scale", "logit"))
    assert "excludes --model and --resume" in usage_error(
        run(*base, "--out", "a", "--predictions", "p.jsonl", "--resume")
    )
    assert "excludes --scale" in usage_error(run(*base, "--out", "a", "--as-thesis", "--scale", "log-odds"))
    assert "no time zone is named 'Mars'" in error(run(*base, "--out", "a", "--zone", "Mars"))
    assert "needs 10 posts or more, found 1" in error(run(*base, "--out", "a"))
