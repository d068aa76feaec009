"""`feelscope audit`: what it writes, and one line for what is wrong."""

import json

import pytest
from command_runs import EXAMPLES, Run, error, usage_error, write

SWAPS = ("first,second,group", "my young friend,my old friend,age")


def test_pairs_of_a_file_in_templates_of_ones_own(run: Run, tmp_path) -> None:
    write(tmp_path / "given.csv", *SWAPS)
    write(tmp_path / "own.txt", "{} missed the bus.", "Now {} is at home.")
    ran = run("audit", "pairs", "given.csv", "--templates", "own.txt", "--out", "out", "--emotion", "angry", "--json")
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert {one["swaps"] for one in found["effects"]} == {"age", "control"}
    assert "the page is out/index.html" in ran.stderr
    assert "audit pairs given.csv --templates own.txt" in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["pairs", "gone.csv"], "gone.csv: the list of pairs cannot be read"),
        (["pairs", "empty.csv"], "empty.csv: no pair below the heading"),
        (["pairs", "equal.csv"], "equal.csv, line 2: 'old' is paired with itself"),
        (["pairs", "given.csv", "--templates", "slotless.txt"], "slotless.txt, line 1: 'We went home.' has no slot"),
        (["pairs", "given.csv", "--emotion", "boredom"], "--emotion: the model knows no 'boredom'"),
        (["gender", "--emotion", "boredom"], "--emotion: the model knows no 'boredom'"),
        (["gender", "--model", "gone"], "gone: no model folder is there"),
        (["gender", "--card"], "--card: the cards of what comes with Feelscope"),
        (["gender", "--occupations", "given.csv"], "given.csv: the column occupation is missing"),
        (["gender", "--sentences", "given.csv"], "--sentences: asked of a writer alone"),
        (
            ["gender", "--model", "builtin-writer", "--sentences", "given.csv"],
            "there is no sentence with an occupation",
        ),
        (["scores", "gone.csv"], "gone.csv: no such file"),
    ],
)
def test_wrong_input_is_one_line(run: Run, tmp_path, arguments, said) -> None:
    write(tmp_path / "given.csv", *SWAPS)
    write(tmp_path / "empty.csv", "first,second")
    write(tmp_path / "equal.csv", "first,second", "old,old")
    write(tmp_path / "slotless.txt", "We went home.")
    assert said in error(run("audit", *arguments))


def test_wrong_usage(run: Run) -> None:
    assert "Missing argument 'FILE'" in usage_error(run("audit", "pairs"))


def test_the_built_in_writer_is_asked_for_occupations(run: Run) -> None:
    ran = run("audit", "gender", "--model", "builtin-writer", "--json")
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert found["measures"] == ["ln probability"] and {one["set"] for one in found["effects"]} == {"occupations"}
    assert any("James / Mary" in note for note in found["notes"])


def test_scores_by_kind_of_post(run: Run, tmp_path) -> None:
    ran = run("audit", "scores", EXAMPLES / "posts.csv", "--out", "out")
    assert ran.returncode == 0, ran.stderr
    assert "has: words and a picture" in ran.stdout
    assert (tmp_path / "out" / "groups.png").is_file()
