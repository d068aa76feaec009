"""`feelscope predict` of one post: what is shown on a terminal, printed elsewhere, and written to a file."""

import json
import os
import pty
import re
import subprocess
from pathlib import Path

import pytest
from command_runs import COMMAND, EXAMPLES, KEYS, Run, error, rows

from feelscope.saved_model import folder as model_folder

EMOTIONS = model_folder.read_labels(model_folder.BUILTIN).emotions


def test_without_a_terminal_one_post_is_a_json_line(run: Run) -> None:
    picture = ("--image", EXAMPLES / "images" / "fireworks.jpg", "--skip-pictures", "1")
    ran = run("predict", "--text", "We won!", "--title", "Cup", *picture)
    assert (ran.returncode, ran.stderr) == (0, "")
    (row,) = rows(ran.stdout)
    assert list(row) == KEYS
    assert (row["id"], row["modalities"], row["warnings"]) == ("1", ["text", "image"], [])
    assert list(row["probabilities"]) == [*EMOTIONS]
    assert sum(row["probabilities"].values()) == pytest.approx(1, abs=1e-6)
    assert row["emotion"] == max(row["probabilities"], key=row["probabilities"].__getitem__)


@pytest.mark.parametrize(
    ("arguments", "modalities"),
    [
        (["--text", "We won!"], ["text"]),
        (["--title", "We won!"], ["text"]),
        (["--image", EXAMPLES / "images" / "cake.png"], ["image"]),
    ],
)
def test_one_post_may_have_one_modality(run: Run, arguments: list[object], modalities: list[str]) -> None:
    assert rows(run("predict", *arguments).stdout)[0]["modalities"] == modalities


def test_words_change_the_answer(run: Run) -> None:
    glad, sad = (rows(run("predict", "--text", text).stdout)[0] for text in ("I am so happy!", "I cry, he died."))
    assert glad["probabilities"] != sad["probabilities"]


def on_a_terminal(*arguments: str) -> str:
    """What a command shows on a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": "80"}
    process = subprocess.Popen([*COMMAND, *arguments], stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 65536):
            shown += part
    except OSError:
        pass  # how Linux says that the other end is closed
    os.close(ours)
    assert process.wait() == 0
    return shown.decode().replace("\r\n", "\n")


def test_one_post_on_a_terminal_is_a_table_with_emoji_and_bars() -> None:
    shown = on_a_terminal("predict", "--text", "We won!")
    best, bars = shown.split("\n\n")
    assert re.fullmatch(r"\S+ \w+, read from text", best)
    lines = bars.strip("\n").splitlines()
    assert {line.split()[1] for line in lines} == set(EMOTIONS)
    shares = [float(line.split()[-1].rstrip("%")) for line in lines]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(100, abs=0.5)
    assert max(map(len, lines)) <= 80


def test_json_on_a_terminal_is_json() -> None:
    assert list(json.loads(on_a_terminal("predict", "--text", "We won!", "--json"))) == KEYS


def test_one_post_may_go_to_a_file(run: Run, tmp_path: Path) -> None:
    assert run("predict", "--text", "We won!", "--out", "one.jsonl").stdout == ""
    assert [list(row) for row in rows((tmp_path / "one.jsonl").read_text())] == [KEYS]


def test_a_picture_that_cannot_be_read_is_left_out_with_a_warning(run: Run) -> None:
    (row,) = rows(run("predict", "--text", "We won!", "--image", "gone.png").stdout)
    assert row["modalities"] == ["text"]
    assert "gone.png" in row["warnings"][0]


def test_a_post_with_nothing_readable_is_an_error(run: Run) -> None:
    assert "gone.png: no such file" in error(run("predict", "--image", "gone.png"))


def test_broken_exif_prints_nothing(run: Run, tmp_path: Path) -> None:
    from PIL import Image

    Image.radial_gradient("L").save(tmp_path / "a.jpg", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x09broken")
    ran = run("predict", "--image", "a.jpg")
    assert (ran.returncode, ran.stderr) == (0, "")
