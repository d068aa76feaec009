"""`feelscope emoji`: a model is trained and asked."""

import json
from pathlib import Path

import pytest
import small_answers
from command_runs import Run, error, usage_error
from typer.testing import CliRunner

from feelscope.cli import app
from feelscope.errors import FeelscopeError


def ask(*arguments: object) -> str:
    """What a command prints; run in this process, as training imports torch, which takes seconds."""
    ran = CliRunner().invoke(app, [*map(str, arguments)])
    if isinstance(ran.exception, FeelscopeError):
        return f"Error: {ran.exception}"
    assert ran.exit_code in (0, 2), ran.output
    return ran.output


def test_a_model_is_trained_and_asked(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    table, out = small_answers.write_posts(tmp_path), tmp_path / "run"
    said = ask("emoji", "train", table, "--out", out, "--epochs", 30)
    assert f"{out}: answers with 3 emoji; ask it with --model {out}" in said
    lines = run("emoji", "answer", "my flight was awful", "--model", out, "--top", 2).stdout.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("😡 ")
    assert lines[0].endswith("%  enraged face")
    found = json.loads(run("emoji", "answer", "my flight was awful", "--model", out, "--unseen", "--json").stdout)
    assert found["text"] == "my flight was awful"
    assert len(found["answers"]) == 5
    assert {*found["answers"][0]} == {"emoji", "name", "score", "seen"}
    assert "no words to answer" in error(run("emoji", "answer", "  ", "--model", out))
    long = run("emoji", "answer", "awful " * 10_000, "--model", out)
    assert long.returncode == 0
    assert long.stderr == "the text is long, and its end was not read\n"
    assert "something is there already" in ask("emoji", "train", table, "--out", out)
    assert "answers with 3 emoji" in ask("emoji", "train", table, "--out", out, "--resume")


def test_what_is_no_answer_model(run: Run, tmp_path: Path) -> None:
    assert "no answer model is there" in error(run("emoji", "answer", "hello", "--model", tmp_path))
    assert "--top" in usage_error(run("emoji", "answer", "hello", "--top", 0))
