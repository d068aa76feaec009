"""`feelscope explain bottleneck`, and `feelscope train` with a recipe of one."""

import json
from pathlib import Path

import pytest
import small_bottleneck
from command_runs import EXAMPLES, Run, error
from typer.testing import CliRunner

from feelscope.cli import app
from feelscope.cli.emotions import bar
from feelscope.config import to_toml
from feelscope.emotions import EMOJI
from feelscope.errors import FeelscopeError


def ask(*arguments: object) -> str:
    """What a command prints; run in this process, as it imports torch, which takes seconds."""
    ran = CliRunner().invoke(app, [*map(str, arguments)])
    if isinstance(ran.exception, FeelscopeError):
        return f"Error: {ran.exception}"
    assert ran.exit_code in (0, 2), ran.output
    return ran.output


def test_without_a_run_the_line_that_trains_one_is_printed(run: Run) -> None:
    said = error(run("explain", "bottleneck", EXAMPLES / "images" / "cake.png"))
    assert "feelscope train posts.csv --recipe bottleneck --out runs/bottleneck" in said


def test_a_bottleneck_is_trained_and_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    table = small_bottleneck.write_posts(tmp_path)
    recipe = tmp_path / "small.toml"
    recipe.write_text(to_toml(small_bottleneck.recipe(tmp_path)), encoding="utf-8")
    out = tmp_path / "run"
    base = ("train", table, "--recipe", recipe, "--out", out)
    assert "a bottleneck learns from labels and captions alone" in ask(*base, "--teacher", table)
    said = ask(*base, "--dev", table)
    assert f"feelscope explain bottleneck IMAGE --model {out}" in said
    assert "dev, all posts" in (out / "README.md").read_text()
    explain = ("explain", "bottleneck", tmp_path / "0.png", "--model", out)
    found = json.loads(ask(*explain, "--json"))
    assert found["emotion"] == "anger"
    assert len(found["answers"]) == 6
    shown = ask(*explain)
    assert shown.splitlines()[0] == found["caption"]
    assert all(f"{question} " in shown for question, answer in found["answers"].items() if answer != "no")
    lines = [line.split() for line in shown.splitlines()]
    assert [EMOJI["anger"], "anger,", "read", "from", "this", "text", "alone"] in lines
    share, (row,) = found["probabilities"]["anger"], [line for line in lines if line[1:2] == ["anger"]]
    assert (row[0], row[2], row[-1]) == (EMOJI["anger"], bar(share, 40), f"{share:.1%}")
    for arguments, line in (
        (("explain", "bottleneck", tmp_path / "none.png", "--model", out), "none.png"),
        ((*explain[:4], tmp_path), "no bottleneck is there"),
        ((*explain, "--captioner", tmp_path), "has no config.json"),
        ((*explain, "--quiz", tmp_path), "has no config.json"),
    ):
        message = ask(*arguments)
        assert message.startswith("Error: ") and "\n" not in message and line in message
