"""Fifteen expectations, and the commands that are said to show them."""

import re
import shutil
from pathlib import Path

import pytest
from documented import ROOT, shell

PAGE = (ROOT / "docs" / "expectations.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\d+) \| .+ \| (.+) \|$", PAGE, re.MULTILINE)
# What takes long, never ends, or asks the web; each has tests of its own.
NOT_HERE = re.compile(r"feelscope (train|serve|push|audit|doctor|collect posts.db sync)|--model runs/a|runs/a")
FAILS = {"feelscope predict posts.csv --columns text=Caption": 1, "feelscope predcit posts.csv": 2}


def test_there_are_fifteen_each_with_a_command() -> None:
    assert [int(number) for number, _ in ROWS] == list(range(1, 16))
    assert all("feelscope " in shown or "`ls runs/a/figures`" in shown for _, shown in ROWS)


@pytest.mark.slow
def test_the_commands_run_in_their_order(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path, dirs_exist_ok=True)
    shown = "\n".join(shown for _, shown in ROWS)
    commands = re.findall(r"`((?:[A-Z_]+=1 )?(?:feelscope|printf) [^`]+)`", shown)
    run = [command for command in commands if not NOT_HERE.search(command)]
    assert len(run) >= 18
    for command in run:
        ran = shell(command, tmp_path)
        assert ran.returncode == FAILS.get(command, 0), f"{command}: {ran.stderr}"
        assert "Traceback" not in ran.stderr
    assert (tmp_path / "b.quarantine.jsonl").read_text(encoding="utf-8").count("neither text nor image") == 1
    assert (tmp_path / "d.parquet").is_file()
