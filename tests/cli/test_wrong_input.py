"""Wrong input: one line on stderr, exit code 1, nothing written."""

import shutil
from pathlib import Path

import pytest
import small_emoji
from command_runs import EXAMPLES, Run, error, write

from feelscope.saved_model import folder as model_folder


def model_with(folder: Path, name: str, content: bytes | None) -> Path:
    """A copy of the built-in model with one file altered, or removed where `content` is None."""
    shutil.copytree(model_folder.BUILTIN, folder / "model")
    (folder / "model" / name).unlink()
    if content is not None:
        (folder / "model" / name).write_bytes(content)
    return folder / "model"


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (None, "posts.csv: no such file"),
        ([], "posts.csv: the file is empty"),
        (["id,text"], "posts.csv: no rows below the header"),
        (["id,colour,emotion", "1,red,fear"], "posts.csv: no text and no image column"),
    ],
)
@pytest.mark.parametrize("command", ["predict", "evaluate"])
def test_a_table_that_cannot_be_read(
    run: Run, tmp_path: Path, command: str, table: list[str] | None, expected: str
) -> None:
    if table is not None:
        write(tmp_path / "posts.csv", *table)
    arguments = ["--out", "out.jsonl"] if command == "predict" else []
    assert expected in error(run(command, "posts.csv", *arguments))
    assert {path.name for path in tmp_path.iterdir()} <= {"posts.csv"}


def test_a_model_folder_that_does_not_exist(run: Run) -> None:
    assert "gone: no model folder is there" in error(run("predict", "--text", "We won!", "--model", "gone"))


@pytest.mark.parametrize("name", model_folder.CHECKED)
def test_a_model_with_an_altered_file_is_not_opened(run: Run, tmp_path: Path, name: str) -> None:
    content = bytearray((model_folder.BUILTIN / name).read_bytes())
    content[len(content) // 2] ^= 1
    model = model_with(tmp_path, name, bytes(content))
    assert f"{model / name}: this file was altered" in error(run("predict", "--text", "We won!", "--model", model))


@pytest.mark.parametrize("name", ["text.onnx", "labels.json", "manifest.json"])
def test_a_model_with_a_missing_file_is_not_opened(run: Run, tmp_path: Path, name: str) -> None:
    model = model_with(tmp_path, name, None)
    assert f"{model / name}: this file is missing" in error(run("predict", "--text", "We won!", "--model", model))


def test_a_label_the_model_does_not_know(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "posts.csv", "id,text,emotion", "1,We won!,hapiness", "2,Oh no,sad")
    line = error(run("evaluate", "posts.csv"))
    assert "'hapiness'" in line and "did you mean 'happiness'?" in line


def test_a_recipe_that_does_not_exist(run: Run, tmp_path: Path) -> None:
    assert "did you mean 'fusion'?" in error(run("train", "posts.csv", "--recipe", "fusin", "--out", "run"))
    assert not list(tmp_path.iterdir())


def test_training_without_its_packages_says_what_to_install(run: Run) -> None:
    code = "import sys; sys.modules['torch'] = None; from feelscope.cli import main; main()"
    line = error(run("train", EXAMPLES / "posts.csv", "--recipe", "fusion", "--out", "run", code=code))
    assert line == 'Error: training needs torch: pip install "feelscope[train]"'


def test_debug_shows_the_traceback_wherever_it_is_given(run: Run) -> None:
    for arguments in (["--debug", "predict", "gone.csv"], ["predict", "gone.csv", "--debug"]):
        ran = run(*arguments)
        assert ran.returncode == 1
        assert "Traceback" in ran.stderr
        assert ran.stderr.splitlines()[-1] == "feelscope.errors.TableError: gone.csv: no such file"


@pytest.mark.parametrize(
    "command",
    [
        ["explore", "build", "posts.csv", "taken"],
        ["explore", "build", "posts.csv", "taken/archive"],
        ["explore", "trend", "posts.csv", "--out", "taken"],
        ["explain", "structure", "posts.csv", "--out", "taken"],
        ["explain", "structure", "posts.csv", "--out", "taken/structure"],
        ["words", "train", "posts.csv", "--out", "taken"],
        ["words", "train", "posts.csv", "--out", "taken/words"],
        ["predict", "posts.csv", "--out", "taken/predictions.jsonl"],
        ["prepare", "posts.csv", "taken/dataset", "--labels", "column"],
        ["train", "posts.csv", "--recipe", "strong/text_only", "--out", "new", "--cache", "taken"],
    ],
    ids=lambda command: " ".join(command[:2] + command[-1:]),
)
def test_a_file_in_the_place_of_a_folder(run: Run, tmp_path: Path, command: list[str]) -> None:
    rows = [
        f"{number},2012-05-0{1 + number % 9},We won the cup {number},{('joy', 'fear')[number % 2]}"
        for number in range(8)
    ]
    write(tmp_path / "posts.csv", "id,created_at,text,emotion", *rows)
    (tmp_path / "taken").write_text("mine")
    ran = run(*command)
    last = ran.stderr.splitlines()[-1]
    assert (ran.returncode, last.startswith("Error: "), "taken" in last) == (1, True, True), ran.stderr
    assert "Traceback" not in ran.stderr
    assert (tmp_path / "taken").read_text() == "mine"


@pytest.mark.parametrize(
    "command",
    [
        ["train", "posts.csv", "--recipe", "fusion"],
        ["compare", "posts.csv"],
        ["emoji", "train-answers", "posts.csv"],
        ["emoji", "train-autoencoder", "--pictures", "discs.parquet"],
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_a_device_that_does_not_exist(run: Run, tmp_path: Path, command: list[str]) -> None:
    write(tmp_path / "posts.csv", "id,text,emotion", "1,We won!,happiness")
    small_emoji.write_parquet(tmp_path, 3)
    said = error(run(*command, "--out", "runs/mine", "--device", "gpu"))
    assert said == "Error: --device gpu: no such device; known are auto, cpu, cuda"
    assert not (tmp_path / "runs" / "mine").exists()
