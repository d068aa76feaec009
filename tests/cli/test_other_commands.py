"""`feelscope evaluate`, `models`, `--help` and `--version`."""

import json
import re
import shutil
from pathlib import Path

from command_runs import EXAMPLES, Run, write

import feelscope
from feelscope.saved_model import folder as model_folder

EMOTIONS = model_folder.read_labels(model_folder.BUILTIN).emotions


def test_evaluate_shows_scores_as_text_and_as_json(run: Run) -> None:
    ran = run("evaluate", EXAMPLES / "posts.csv")
    assert ran.returncode == 0
    assert "12 posts" in ran.stdout and "macro-F1" in ran.stdout and "restricted" in ran.stdout
    found = json.loads(run("evaluate", EXAMPLES / "posts.csv", "--json").stdout)
    assert (found["both"]["posts"], found["text"]["posts"], found["image"]["posts"]) == (12, 11, 10)
    assert all(0 <= found["both"][key] <= 1 for key in ("accuracy", "macro_f1", "micro_f1", "ece"))


def test_evaluate_gives_null_for_a_part_the_table_lacks_and_says_what_it_mapped(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "posts.csv", "id,text,Label", "1,We won!,Joy", "2,Oh no,afraid", "3,none,")
    ran = run("evaluate", "posts.csv", "--json")
    found = json.loads(ran.stdout)
    assert found["image"] is None
    assert found["mapped"] == {"Joy": "happiness", "afraid": "fear"}
    assert "emotion from 'Label'" in ran.stderr
    assert "1 no emotion" in ran.stderr


def test_evaluate_limit(run: Run) -> None:
    assert json.loads(run("evaluate", EXAMPLES / "posts.csv", "--limit", 4, "--json").stdout)["posts"] == 4


def test_models_shows_the_built_in_one_runs_and_recipes(run: Run, tmp_path: Path) -> None:
    shutil.copytree(model_folder.BUILTIN, tmp_path / "mine")
    shown = run("models", "mine").stdout
    assert shown.count(f"emotions: {', '.join(EMOTIONS)}") == len(model_folder.SHIPPED) + 1
    assert "mine: mine" in shown
    assert re.search(r"macro-F1 on .*: 0\.\d{3} as they are", shown)
    for recipe in ("builtin", "fusion"):
        assert re.search(rf"^  {recipe} +\w+", shown, re.MULTILINE)


def test_models_refuses_a_folder_that_is_no_model(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ran = run("models", "empty")
    assert ran.returncode == 1
    assert "manifest.json: this file is missing" in ran.stderr


def test_the_version_is_shown(run: Run) -> None:
    assert run("--version").stdout == f"feelscope {feelscope.__version__}\n"


def test_help_has_a_short_option(run: Run) -> None:
    assert "Examples:" in (shown := run("predict", "--help").stdout)
    assert shown == run("predict", "-h").stdout
