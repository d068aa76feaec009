"""`feelscope generate text` and `train-writer`; run in this process, as importing torch takes seconds."""

import json

import pytest
import small_writer
from typer.testing import CliRunner

from feelscope.cli import app
from feelscope.errors import FeelscopeError


def ask(*arguments: object) -> str:
    """What a command prints."""
    ran = CliRunner().invoke(app, [*map(str, arguments)])
    if isinstance(ran.exception, FeelscopeError):
        assert "\n" not in str(ran.exception)
        return f"Error: {ran.exception}"
    assert ran.exit_code in (0, 2), (ran.output, ran.exception)
    return ran.output


def text(run, *arguments: object) -> str:
    return ask("generate", "text", "--model", run, *arguments)


def test_posts_are_written_a_blank_line_between(run) -> None:
    written = text(run, "--emotion", "sad", "--count", 3)
    assert len(written.strip().split("\n\n")) == 3
    assert text(run, "--emotion", "sad", "--count", 3) == written


def test_json_says_how_they_were_written(run, tmp_path) -> None:
    (tmp_path / "red.png").write_bytes(small_writer.picture("anger"))
    given = ("--emotion", "anger", "--image", tmp_path / "red.png", "--first", "an", "--seed", 3, "--temperature", 0.5)
    answer = json.loads(text(run, *given, "--nucleus", 0.9, "--emphasis", 2, "--allow-verbatim", "--json"))
    wanted = {"emotion": "anger", "first": "an", "seed": 3, "temperature": 0.5, "nucleus": 0.9, "allow_verbatim": True}
    wanted |= {"emphasis": 2.0}
    assert answer == answer | wanted
    assert answer["image"].endswith("red.png")
    (post,) = answer["posts"]
    assert post["text"].startswith("An")
    assert post["refused"] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--emotion", "angry birds"), "this writer knows no 'angry birds'"),
        (("--emotion", "anger", "--first", "smiless"), "did you mean 'smiles'?"),
        (("--emotion", "anger", "--image", "none.png"), "none.png: "),
        (("--emotion", "anger", "--temperature", "0"), "temperature: expected more than 0"),
        (("--emotion", "anger", "--temperature", "-1"), "temperature: expected more than 0"),
        (("--emotion", "anger", "--nucleus", "1.1"), "nucleus: expected more than 0, up to 1"),
        ((), "--emotion: name one of anger, happiness, sadness"),
    ],
)
def test_wrong_input_is_one_line(run, arguments, said) -> None:
    answer = text(run, *arguments)
    assert answer.startswith("Error: ")
    assert said in answer


def test_a_folder_without_a_writer_is_one_line(tmp_path) -> None:
    assert "no writer is there" in text(tmp_path)


def test_a_writer_is_trained_and_a_table_of_ten_posts_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    table, out = small_writer.write_table(tmp_path / "posts.csv"), tmp_path / "run"
    ten = small_writer.write_table(tmp_path / "ten.csv", 10)
    assert "10 posts with words, and a writer needs 100 or more" in ask("generate", "train-writer", ten, "--out", out)
    given = ("generate", "train-writer", table, "--out", out, "--epochs", 1, "--device", "cpu")
    assert f"write with `feelscope generate text --model {out}`" in ask(*given)
    assert text(out, "--emotion", "anger", "--allow-verbatim").strip()
    assert "something is there already" in ask(*given)
    assert "a writer of characters has no words" in ask(*given, "--characters", "--vectors", table)


def test_swaps_that_cannot_be_used_are_one_line(tmp_path) -> None:
    table = small_writer.write_table(tmp_path / "posts.csv")
    train = ("generate", "train-writer", table, "--out", tmp_path / "run")
    assert "names: belongs to swaps = 'gender', found no swaps" in ask(*train, "--names")
    assert "gone.csv: the list of pairs cannot be read" in ask(*train, "--swaps", "gone.csv")
    (tmp_path / "pairs.csv").write_text("first,second\nlion,tiger\n")
    assert "training posts has a copy with the words of pairs.csv swapped" in ask(
        *train, "--swaps", tmp_path / "pairs.csv"
    )
