"""Wrong usage: exit code 2, and a hint."""

import subprocess
from pathlib import Path

import pytest
from command_runs import COMMAND, Run, error, usage_error, write


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["predit"], "Did you mean 'predict'?"),
        (["predict", "--txt", "We won!"], "--text"),
        (["predict"], "give a TABLE of posts, or one post with --text, --title or --image"),
        (["predict", "posts.csv", "--text", "We won!"], "--text is for one post, but a TABLE is given"),
        (["predict", "--text", "We won!", "--resume"], "--resume is for a TABLE"),
        (["predict", "--text", "We won!", "--quarantine", "a.jsonl"], "--quarantine is for a TABLE"),
        (["predict", "posts.csv", "--resume"], "--resume needs --out FILE"),
        (["predict", "We won!"], "the words of a post are given with --text"),
        (["predict", "cup.JPG"], "feelscope predict --image cup.JPG"),
        (["predict", "posts.csv", "--limit", "0"], "--limit"),
        (["predict", "posts.csv", "--columns", "text"], "expected NAME=COLUMN,..., found 'text'"),
        (["predict", "--text", "We won!", "--skip-pictures", "1.5"], "expected a share from 0 to 1, such as 0.8"),
        (["predict", "--text", "We won!", "--skip-pictures", "nan"], "expected a share from 0 to 1, such as 0.8"),
        (["serve", "--skip-pictures", "-1"], "expected a share from 0 to 1, such as 0.8"),
        (["evaluate"], "TABLE"),
        (["train", "posts.csv", "--recipe", "fusion"], "--out"),
    ],
)
def test_wrong_usage(run: Run, arguments: list[str], expected: str) -> None:
    assert expected in usage_error(run(*arguments))


def test_words_that_are_not_utf_8(tmp_path: Path) -> None:
    ran = subprocess.run([*COMMAND, "predict", "--text", b"caf\xe9"], capture_output=True, cwd=tmp_path)
    assert ran.returncode == 2
    assert b"have to be UTF-8" in ran.stderr


@pytest.mark.parametrize("option", ["--out", "--quarantine"])
def test_the_table_is_not_overwritten(run: Run, tmp_path: Path, option: str) -> None:
    before = write(tmp_path / "posts.jsonl", '{"id": "1", "text": "We won!"}').read_bytes()
    (tmp_path / "link.jsonl").symlink_to("posts.jsonl")
    for name in ("posts.jsonl", "./posts.jsonl", "link.jsonl"):
        assert "is already the file of TABLE" in usage_error(run("predict", "posts.jsonl", option, name))
    assert (tmp_path / "posts.jsonl").read_bytes() == before


def test_out_and_quarantine_are_two_files(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "posts.csv", "id,text", "1,We won!")
    line = usage_error(run("predict", "posts.csv", "--out", "a.jsonl", "--quarantine", "a.jsonl"))
    assert "is already the file of --out" in line


def test_posts_without_labels_that_a_training_would_not_learn_from(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "posts.csv", "id,text,emotion", "1,We won!,joy", "2,We lost.,sadness")
    options = ["train", "posts.csv", "--unlabelled", "posts.csv", "--out", "run", "--recipe"]
    assert "--unlabelled posts.csv: this recipe learns from labels alone; leave it out" in error(
        run(*options, "fusion")
    )
    assert "a bottleneck learns from labelled posts alone" in usage_error(run(*options, "bottleneck"))
