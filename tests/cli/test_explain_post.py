"""`feelscope explain post` as people type it: JSON, a terminal, files, and what is refused."""

import json
import os
import pty
import subprocess
from itertools import pairwise

import pytest
from command_runs import COMMAND, EXAMPLES, Run, error, rows, usage_error, write

from feelscope.cli.explained import explained
from feelscope.explain.explanation import Explanation, Region, Word
from feelscope.post import Post, Prediction
from feelscope.text.width import columns

QUICK = ["--passes", "40"]


def test_in_a_pipe_it_is_json_whose_shares_sum(run: Run) -> None:
    (row,) = rows(run("explain", "post", "--text", "She was terrified 😱", *QUICK).stdout)
    assert row["emotion"] == row["explained"] == "fear"
    assert sum(row["modalities"].values()) == pytest.approx(row["probability"] - row["baseline"], abs=1e-6)
    assert [word["word"] for word in row["words"]] == ["She", "was", "terrified", "😱"]


def test_a_post_of_a_table_and_another_emotion_into_files(run: Run, tmp_path) -> None:
    asked = ["explain", "post", EXAMPLES / "posts.csv", "--id", "12", "--emotion", "joy", *QUICK]
    assert run(*asked, "--out", "why.json").stdout == ""
    row = json.loads((tmp_path / "why.json").read_text())
    assert (row["id"], row["explained"], row["emotion"]) == ("12", "happiness", "neutral")
    assert run(*asked, "--out", "why.html").returncode == 0
    assert "Content-Security-Policy" in (tmp_path / "why.html").read_text()


def test_on_a_terminal_words_have_marks_below_them() -> None:
    ours, theirs = pty.openpty()
    command = [*COMMAND, "explain", "post", "--text", "She was terrified", *QUICK]
    process = subprocess.Popen(command, stdout=theirs, stderr=theirs, env={**os.environ, "COLUMNS": "60"})
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 65536):
            shown += part
    except OSError:
        pass  # how Linux says that the other end is closed
    os.close(ours)
    assert process.wait() == 0
    lines = shown.decode().replace("\r\n", "\n").splitlines()
    at = lines.index("She was terrified")
    assert lines[at + 1].endswith("▇" * len("terrified"))


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["--text", " "], "there is nothing to read in this post"),
        (["--image", "gone.png"], "gone.png: no such file"),
        (["--text", "a", "--emotion", "hapiness"], "this model knows no emotion 'hapiness'; did you mean 'happiness'?"),
        (["posts.csv", "--id", "seven"], "posts.csv: no post has the id 'seven'; did you mean 'seventh'?"),
        (["--text", "a", "--method", "gradients"], "--model RUN"),
    ],
)
def test_bad_input_is_one_line(run: Run, tmp_path, arguments, wanted) -> None:
    write(tmp_path / "posts.csv", "id,text", "first,hello", "seventh,bye")
    assert wanted in error(run("explain", "post", *arguments))


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ([], "give a TABLE of posts"),
        (["posts.csv"], "--id"),
        (["posts.csv", "--id", "1", "--text", "a"], "give a TABLE with --id, or one post"),
        (["--text", "a", "--id", "1"], "--id is for a TABLE"),
        (["--text", "a", "--out", "why.txt"], ".json or .html"),
        (["--text", "a", "--method", "shaply"], "did you mean 'shapley'?"),
        (["--text", "a", "--method", "gradients", "--passes", "50"], "is not for --method gradients"),
        (["--text", "a", "--method", "gradients", "--read-pictures"], "is not for --method gradients"),
        (["--text", "a", "--method", "gradients", "--skip-pictures", "0.8"], "is not for --method gradients"),
        (["--text", "a", "--weights", "."], "is for --method gradients"),
    ],
)
def test_wrong_usage(run: Run, arguments, wanted) -> None:
    ran = run("explain", "post", *arguments)
    assert usage_error(ran)
    assert wanted in " ".join(ran.stderr.replace("│", " ").split())


def made(post: Post, words=(), regions=()) -> Explanation:
    prediction = Prediction("1", "fear", {"fear": 0.9, "neutral": 0.1}, ("text",))
    return Explanation(prediction, "fear", 0.9, 0.5, {"text": 0.4}, words, regions, 9, ("something was cut",))


@pytest.mark.parametrize("width", [12, 20, 60])
def test_marks_stand_below_wide_characters_and_emoji(width: int) -> None:
    """Every line of marks, cut where the words are cut, has marks below the word they belong to and nowhere else."""
    text = "日本 is 👩‍👧‍👦 terrifying \x1b[2J 한글, é"
    weights = {"日": 0.8, "terrifying": -0.4, "é": 0.2}
    words = tuple(
        Word("text", text.index(word), text.index(word) + len(word), weights.get(word, 0.0))
        for word in ("日", "本", "is", "👩‍👧‍👦", "terrifying", "한글", "é")
    )
    lines = explained(made(Post("1", text), words), Post("1", text), width).splitlines()
    assert not any("\x1b" in line for line in lines)
    found = {}
    for line, below in pairwise(lines):
        for word, mark in (("日", "▇"), ("terrifying", ":"), ("é", "▁")):
            if line.strip() and word in line and set(below) <= {" ", "▇", ":", "▁"} and mark in below:
                start = columns(line[: line.index(word)])
                found[word] = below[start : start + columns(word)] == mark * columns(word)
    assert found == {"日": True, "terrifying": True, "é": True}


def test_regions_are_a_grid_and_warnings_come_last() -> None:
    weights = {(0, 0): 0.4, (1, 1): -0.2}
    regions = tuple(
        Region(x / 2, y / 2, (x + 1) / 2, (y + 1) / 2, weights.get((x, y), 0)) for y in (0, 1) for x in (0, 1)
    )
    shown = explained(made(Post("1"), (), regions), Post("1"), 60)
    assert "  ┌────┐\n  │▇▇  │\n  │  ::│\n  └────┘" in shown
    assert shown.endswith("Note: something was cut")
