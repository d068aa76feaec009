"""The line of a card that makes the run again: what was typed or called, quoted; and it does."""

import re
import shlex
import sys
from pathlib import Path
from types import ModuleType

import pytest
from small_comparison import write_posts
from typer.testing import CliRunner

import feelscope
from feelscope.cli import app
from feelscope.encoders.encoder import Resources
from feelscope.table.in_memory import rows_of
from feelscope.train import choosing, given
from feelscope.train.rebuild_line import of_arguments, of_training
from feelscope.train.recipe import Recipe
from feelscope.train.run_folder import WEIGHTS

OUT = Path("runs/mine")


@pytest.mark.parametrize(
    ("before", "line"),
    [
        ("train posts.csv --out runs/mine", "train posts.csv --recipe fusion --seed 3 --out runs/mine-again"),
        (
            "--debug train --out=runs/mine 'my posts.csv' --resume --recipe=own.toml --seed 3 --columns 'text=What a'",
            "--debug train 'my posts.csv' --recipe=own.toml --seed 3 --columns 'text=What a' --out runs/mine-again",
        ),
        (
            "train --out runs/mine --recipe fusion -- -posts.csv",
            "train --recipe fusion --seed 3 --out runs/mine-again -- -posts.csv",
        ),
        ("scale train p.csv --recipe a --out o", "scale train p.csv --recipe a --seed 3 --out runs/mine-again"),
    ],
)
def test_what_was_typed_with_its_recipe_and_seed_and_a_folder_of_its_own(before: str, line: str) -> None:
    assert of_arguments(shlex.split(before), "train", OUT, "fusion", 3) == f"feelscope {line}"


def test_another_command_says_nothing() -> None:
    assert of_arguments(["-q", "tests"], "train", OUT, "fusion", 3) == ""


def test_the_arguments_of_a_training_as_a_command() -> None:
    nothing = {
        "table": None,
        "dev": None,
        "data": None,
        "columns": None,
        "resources": Resources(OUT.parent / "features"),
    }
    assert of_training(OUT, **nothing) == "feelscope train --recipe runs/mine/recipe.toml --out runs/mine-again"
    line = of_training(
        OUT,
        table=Path("my posts.csv"),
        dev=Path("dev.csv"),
        data=Path("data"),
        columns={"text": "What", "emotion": "mood"},
        teachers=[Path("a.jsonl"), Path("b.jsonl")],
        unlabelled=Path("more.csv"),
        resources=Resources(Path("cache"), Path("w.txt"), Path("weights"), Path("e.txt")),
        most_broken=0.1,
        folds=4,
    )
    assert line == (
        "feelscope train 'my posts.csv' --recipe runs/mine/recipe.toml --dev dev.csv --data data --columns "
        "text=What,emotion=mood --unlabelled more.csv --words w.txt --weights weights --emoji-vectors e.txt "
        "--cache cache --max-errors 10 --folds 4 --out runs/mine-again --teacher a.jsonl --teacher b.jsonl"
    )
    known = {option for command in app_options() for option in command}
    assert {part for part in shlex.split(line) if part.startswith("--")} <= known


def app_options() -> list[list[str]]:
    import typer

    return [parameter.opts for parameter in typer.main.get_command(app).commands["train"].params]  # type: ignore[attr-defined]


def typed(line: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a command as a shell would; returns what it printed."""
    argv = shlex.split(line)
    monkeypatch.setattr(sys, "argv", argv)
    ran = CliRunner().invoke(app, argv[1:])
    assert ran.exit_code == 0, ran.output
    return ran.output


def line_of(run: Path) -> str:
    """The line in a run's card."""
    card = (run / "README.md").read_text(encoding="utf-8")
    return re.findall(r"^## How to rebuild it\n\n```\n(.*?)\n```", card, re.M | re.S)[0]


def test_a_line_of_the_command_makes_the_same_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_posts(Path("my posts.csv"), 60)
    typed("feelscope train 'my posts.csv' --recipe tfidf/text_only --epochs 2 --seed 7 --out mine", monkeypatch)
    line = line_of(Path("mine"))
    assert line == "feelscope train 'my posts.csv' --recipe tfidf/text_only --epochs 2 --seed 7 --out mine-again"
    typed(line, monkeypatch)
    assert Path("mine-again", WEIGHTS).read_bytes() == Path("mine", WEIGHTS).read_bytes()
    assert line_of(Path("mine-again")) == line.replace("mine-again", "mine-again-again")


class Begun(Exception):
    """Instead of a training."""


def begins(monkeypatch: pytest.MonkeyPatch, place: ModuleType) -> dict:
    """What a training is given, which then does not happen."""
    taken: dict = {}

    def begin(recipe: Recipe, out: Path, **given: object) -> None:
        taken.update(given, recipe=recipe, out=out)
        raise Begun

    monkeypatch.setattr(place, "train", begin)
    return taken


def test_the_recipe_that_was_chosen_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(choosing, "FEW", 10)
    monkeypatch.setattr(choosing, "MANY", 30)
    write_posts(Path("posts.csv"), 60)
    taken = begins(monkeypatch, sys.modules["feelscope.train.train"])
    line = "feelscope train posts.csv --epochs 1 --out mine"
    monkeypatch.setattr(sys, "argv", line.split())
    assert isinstance(CliRunner().invoke(app, line.split()[1:]).exception, Begun)
    assert taken["command"] == (
        "feelscope train posts.csv --epochs 1 --recipe tfidf/text_only --seed 0 --out mine-again"
    )


def test_a_call_from_python_calls_the_same_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(choosing, "FEW", 10)
    monkeypatch.setattr(choosing, "MANY", 30)
    write_posts(Path("posts.csv"), 60)
    taken = begins(monkeypatch, given)
    with pytest.raises(Begun):
        feelscope.train("posts.csv", "mine", epochs=1, columns={"text": "text"}, folds=3, progress=False)
    before = dict(taken)
    assert before["command"] == (
        "feelscope.train('posts.csv', 'mine-again', recipe='tfidf/text_only', seed=0, columns={'text': 'text'}, "
        "epochs=1, folds=3)"
    )
    with pytest.raises(Begun):
        exec(before["command"], {"feelscope": feelscope})
    assert taken["out"] == Path("mine-again") and taken["command"] == before["command"].replace("again", "again-again")
    for name in ("recipe", "table", "columns", "folds", "dev"):
        assert taken[name] == before[name], name


def test_posts_in_memory_are_called_by_the_arguments_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from feelscope.train.given import _call

    further = {"columns": None, "device": "cpu", "cache": Path("c"), "folds": 3, "words": None, "epochs": None}
    assert _call([1], OUT, "fusion", labels=[1], dev=rows_of([]), seed=0, further=further) == (
        "feelscope.train(posts, 'runs/mine-again', labels=labels, recipe='fusion', seed=0, dev=dev, device='cpu', "
        "cache='c', folds=3)"
    )
