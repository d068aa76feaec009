"""`feelscope generate picture` and `feelscope generate train-pictures`."""

import pytest
import small_pictures
from command_runs import Run, error, usage_error
from PIL import Image
from typer.testing import CliRunner

from feelscope.cli import app
from feelscope.errors import FeelscopeError


def ask(*arguments: object) -> str:
    """What a command prints; run in this process, as it imports torch, which takes seconds."""
    ran = CliRunner().invoke(app, ["generate", *map(str, arguments)])
    if isinstance(ran.exception, FeelscopeError):
        return f"Error: {ran.exception}"
    assert ran.exit_code in (0, 2), (ran.output, ran.exception)
    return ran.output


def test_a_generator_is_trained_by_emotion_and_asked(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    table, out = small_pictures.write_posts(tmp_path / "table"), tmp_path / "run"
    asked = ("train-pictures", table, "--out", out, "--by", "emotion", "--width", 0.03, "--batch", 32, "--epochs", 1)
    said = ask(*asked)
    assert "108 pictures" in said
    assert "2 left out" in said
    assert f"pass it to `feelscope generate picture` as --model {out}" in said
    assert "something is there already" in ask(*asked)
    assert "108 pictures" in ask(*asked, "--resume")
    drawn = ask("picture", "--model", out, "--emotion", "sad", "--count", 3, "--scale", 2, "--out", "sad.png")
    assert drawn == "sad.png: 3 pictures\n"
    with Image.open("sad.png") as image:
        assert (image.size, image.mode) == ((2 * (3 * 34 - 2), 64), "RGBA")
    for further in (["--walk", 4], ["--arithmetic", "1,2-3,4+5,6"]):
        assert ask("picture", "--model", out, "--emotion", "anger", *further).startswith("picture.png: ")
    assert "did you mean 'anger'" in ask("picture", "--model", out, "--emotion", "angr")
    assert "not trained by text" in ask("picture", "--model", out, "--text", "two rings on a hand")
    assert "a smaller --scale" in ask("picture", "--model", out, "--emotion", "anger", "--count", 10_000, "--scale", 20)


def test_a_generator_is_trained_by_text_and_asked(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    table, out = small_pictures.write_posts(tmp_path / "table"), tmp_path / "run"
    small = ("--width", 0.03, "--batch", 32, "--epochs", 1, "--mirror", "--precision", "bfloat16")
    assert "108 pictures" in ask("train-pictures", table, "--out", out, "--by", "text", *small)
    assert ask("picture", "--model", out, "--text", "two rings on a hand") == "picture.png: 1 picture\n"
    assert "not trained by emotion: give --text" in ask("picture", "--model", out, "--emotion", "anger")


def test_without_a_run_the_line_that_trains_one_is_printed(run: Run, tmp_path) -> None:
    said = error(run("generate", "picture", "--emotion", "fear", "--out", "fear.png"))
    assert "feelscope generate train-pictures posts.csv --by emotion --out runs/pictures" in said
    assert "no picture generator is there" in error(run("generate", "picture", "--model", tmp_path))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--by", "mood"], "by: "),
        (["--size", "48"], "size: expected 32 or 64"),
        (["--width", "0"], "width: "),
        (["--precision", "half"], "precision: "),
        (["--device", "gpu"], "no such device"),
    ],
)
def test_wrong_options_are_one_line(tmp_path, asked, said) -> None:
    answer = ask("train-pictures", small_pictures.write_posts(tmp_path / "table", 4), "--out", tmp_path / "run", *asked)
    assert answer.startswith("Error: ")
    assert said in answer
    assert "\n" not in answer.strip()


def test_ten_posts_are_refused(tmp_path) -> None:
    table = small_pictures.write_posts(tmp_path / "table", 10)
    said = ask("train-pictures", table, "--out", tmp_path / "run")
    assert "a generator needs 100 or more: with fewer, its discriminator remembers each" in said
    assert not (tmp_path / "run").exists()


def test_one_thing_is_drawn_at_a_time(run: Run) -> None:
    assert "found both" in usage_error(run("generate", "picture", "--walk", 3, "--arithmetic", "1-2"))
