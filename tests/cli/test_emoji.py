"""`feelscope emoji`."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import small_answers
import small_emoji
from command_runs import COMMAND, Run, error, usage_error
from PIL import Image
from typer.testing import CliRunner

from feelscope.cli import app
from feelscope.emoji import font as fonts
from feelscope.emoji.autoencoder.train import train_autoencoder
from feelscope.errors import FeelscopeError


def ask(*arguments: object) -> str:
    """What a command prints; run in this process, as it imports torch, which takes seconds."""
    ran = CliRunner().invoke(app, [*map(str, arguments)])
    if isinstance(ran.exception, FeelscopeError):
        return f"Error: {ran.exception}"
    assert ran.exit_code in (0, 2), (ran.output, ran.exception)
    return ran.output


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("emoji")
    return train_autoencoder(small_emoji.discs(folder), small_emoji.SETTINGS, folder / "run")


def test_an_emoji_is_drawn_from_a_parquet_without_torch(run: Run, tmp_path) -> None:
    source = small_emoji.write_parquet(tmp_path, 20)
    code = "import sys; from feelscope.cli import app; app(standalone_mode=False); assert 'torch' not in sys.modules"
    ran = run("emoji", "draw", "AB button (blood type)", "--pictures", source, "--out", "ab.png", code=code)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == "ab.png: 🆎 AB button (blood type) (Symbols), as in discs.parquet\n"
    with Image.open(tmp_path / "ab.png") as image:
        assert image.size == (144, 144)
    assert "has no picture of 🫠" in error(run("emoji", "draw", "🫠", "--pictures", source))


def test_no_font_and_no_emoji_are_one_line(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(fonts, "FONT_FOLDERS", (tmp_path,))
    assert ask("emoji", "draw", "😀").startswith("Error: no colour emoji font is in ")
    assert "did you mean 'red heart'" in ask("emoji", "draw", "red hart")


def test_without_a_run_the_line_that_trains_one_is_printed(run: Run) -> None:
    for asked in (["--walk", "😀", "😡"], ["--grid", "A"], ["--sample", "3"], ["--code", "0"]):
        assert "feelscope emoji train-autoencoder --out runs/emoji" in error(run("emoji", "draw", *asked))


def test_one_thing_is_drawn_at_a_time(run: Run) -> None:
    assert "found EMOJI and --grid" in usage_error(run("emoji", "draw", "😀", "--grid", "A"))
    assert "found none" in usage_error(run("emoji", "draw"))
    both = usage_error(run("emoji", "draw", "😀", "--model", "run", "--pictures", "a.ttf"))
    assert "give --model, which draws by itself, or --pictures" in both
    assert "--seed" in usage_error(run("emoji", "draw", "--sample", "1", "--seed", str(2**31)))


def test_a_picture_that_cannot_be_written_is_one_line(run: Run, tmp_path) -> None:
    source = small_emoji.write_parquet(tmp_path, 3)
    for out in ("none/ab.png", "."):
        said = error(run("emoji", "draw", "🆎", "--pictures", source, "--out", out))
        assert said.startswith(f"Error: {out}: ")
        assert "check the path" in said
        assert "partial" not in said


@pytest.mark.parametrize(
    ("asked", "size"),
    [
        (["--walk", "🆎", "🅰️", "--steps", "4"], (4 * 38 - 2, 36)),
        (["--grid", "b"], (20 * 38 - 2, 20 * 38 - 2)),
        (["--sample", "12"], (10 * 38 - 2, 2 * 38 - 2)),
        (["--code", "0"], (36, 36)),
        (["--code", "0,1,2,3,-1,0.5"], (36, 36)),
        (["AB button (blood type)"], (36, 36)),
    ],
)
def test_an_autoencoder_draws(model, tmp_path, asked, size) -> None:
    said = ask("emoji", "draw", *asked, "--model", model, "--scale", 1, "--out", tmp_path / "drawn.png")
    assert said.startswith(f"{tmp_path / 'drawn.png'}: ")
    with Image.open(tmp_path / "drawn.png") as image:
        assert (image.size, image.mode) == (size, "RGBA")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--code", "1,2"], "has 6 numbers, found 2"),
        (["--code", "nan"], "expected numbers from -1000 to 1000"),
        (["--code", "a,b"], "expected numbers between commas"),
        (["--grid", "D"], "known are A, B, C"),
        (["🫠"], "was not among the pictures"),
    ],
)
def test_what_it_cannot_draw_is_one_line(model, asked, said) -> None:
    answer = ask("emoji", "draw", *asked, "--model", model)
    assert answer.startswith("Error: ")
    assert said in answer
    assert "\n" not in answer.strip()


def test_an_autoencoder_is_trained_into_a_run(tmp_path) -> None:
    source, out = small_emoji.write_parquet(tmp_path, 30), tmp_path / "runs" / "new"
    said = ask("emoji", "train-autoencoder", "--pictures", source, "--epochs", 1, "--code", 3, "--out", out)
    assert "its card is" in said
    assert (out / "README.md").is_file()
    assert [path.suffix for path in (tmp_path / "runs" / "features").iterdir()] == [".npz"]


def test_an_answer_model_is_trained_and_asked(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, model: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    table, out = small_answers.write_posts(tmp_path), tmp_path / "run"
    said = ask("emoji", "train-answers", table, "--out", out, "--epochs", 30, "--autoencoder", model)
    assert f"{out}: answers with 3 emoji; ask it with --model {out}" in said
    lines = run("emoji", "answer", "my flight was awful", "--model", out, "--top", 2).stdout.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("😡 ")
    assert lines[0].endswith("%  enraged face")
    found = json.loads(run("emoji", "answer", "my flight was awful", "--model", out, "--unseen", "--json").stdout)
    assert found["text"] == "my flight was awful"
    assert len(found["answers"]) == 5
    assert {*found["answers"][0]} == {"emoji", "name", "score", "seen"}
    drawn = json.loads(ask("emoji", "answer", "my flight was awful", "--model", out, "--novel", "--json"))["drawn"]
    assert (len(drawn["code"]), len(drawn["similar"])) == (6, 3)
    assert "no words to answer" in error(run("emoji", "answer", "  ", "--model", out))
    long = run("emoji", "answer", "awful " * 10_000, "--model", out)
    assert long.returncode == 0
    assert long.stderr == "the text is long, and its end was not read\n"
    assert "something is there already" in ask("emoji", "train-answers", table, "--out", out)
    assert "answers with 3 emoji" in ask("emoji", "train-answers", table, "--out", out, "--resume")


def test_what_is_no_answer_model(run: Run, tmp_path: Path) -> None:
    assert "no answer model is there" in error(run("emoji", "answer", "hello", "--model", tmp_path))
    assert "--top" in usage_error(run("emoji", "answer", "hello", "--top", 0))


def test_a_new_emoji_answers_without_torch(run: Run, tmp_path: Path) -> None:
    code = "import sys; from feelscope.cli import app; app(standalone_mode=False); assert 'torch' not in sys.modules"
    ran = run("emoji", "answer", "I love you so much", "--novel", "--out", "new.png", code=code)
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[0] == "new.png: a new emoji"
    assert lines[1].startswith("the best of 2,000: score 0.")
    assert lines[2].startswith("looks most like ")
    assert "\x1b" not in ran.stdout
    with Image.open(tmp_path / "new.png") as image:
        assert (image.size, image.mode) == ((144, 144), "RGBA")


def test_a_new_emoji_as_json_and_where_no_picture_can_be_shown(tmp_path: Path) -> None:
    out = tmp_path / "new.png"
    found = json.loads(ask("emoji", "answer", "I love you", "--novel", "--seed", 3, "--out", out, "--json"))
    assert found["text"] == "I love you"
    assert {*found["drawn"]} == {"picture", "seed", "score", "mean", "deviation", "count", "code", "similar"}
    assert (found["drawn"]["picture"], found["drawn"]["seed"]) == (str(out), 3)
    assert out.is_file()
    said = ask("emoji", "answer", "I love you", "--novel").splitlines()
    assert said[0] == "the picture cannot be shown here; write it with --out new.png"
    assert len(said) == 3


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--out", "new.png"], "give --novel too"),
        (["--seed", "1"], "give --novel too"),
        (["--novel", "--top", "3"], "leave them out with --novel"),
        (["--novel", "--unseen"], "leave them out with --novel"),
    ],
)
def test_options_that_do_not_go_together(asked: list[str], said: str) -> None:
    assert said in ask("emoji", "answer", "hello", *asked)


def test_a_new_emoji_into_a_folder_that_is_not_there(run: Run) -> None:
    said = error(run("emoji", "answer", "hello", "--novel", "--out", "missing/new.png"))
    assert "missing" in said
    assert "No such file or directory" in said


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals of this kind")
@pytest.mark.parametrize("no_colour", ["", "1"])
def test_on_a_terminal_it_is_a_picture(tmp_path: Path, no_colour: str) -> None:
    import pty

    ours, theirs = pty.openpty()
    command = [*COMMAND, "emoji", "answer", "I love you so much", "--novel"]
    environment = os.environ | {"NO_COLOR": no_colour, "TERM": "xterm", "PYTHONUTF8": "1", "COLUMNS": "80"}
    ran = subprocess.Popen(command, stdout=theirs, stderr=subprocess.PIPE, cwd=tmp_path, env=environment)
    os.close(theirs)
    seen = b""
    with suppress(OSError):  # how Linux says that the other end is closed
        while part := os.read(ours, 65536):
            seen += part
    os.close(ours)
    assert ran.wait() == 0
    lines = seen.decode().splitlines()
    assert len(lines) == (3 if no_colour else 18 + 2)
    assert ("▀" in seen.decode()) is not bool(no_colour)
