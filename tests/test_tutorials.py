"""The tutorials as written: each command in its order, and what it prints."""

import re
import shutil
from pathlib import Path

import pytest
from documented import ROOT, printed_alike, shell

TUTORIALS = sorted((ROOT / "docs" / "tutorials").glob("*.md"))
STEP = re.compile(r"^```(sh|console)\n(.*?)^```", re.DOTALL | re.MULTILINE)


@pytest.mark.slow
@pytest.mark.parametrize("tutorial", TUTORIALS, ids=lambda tutorial: tutorial.stem)
def test_a_tutorial_works_as_written(tutorial: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    steps = STEP.findall(tutorial.read_text(encoding="utf-8"))
    assert steps
    for kind, block in steps:
        command, _, pasted = block.removeprefix("$ ").partition("\n") if kind == "console" else (block, "", "")
        ran = shell(f"set -e\n{command}", tmp_path)
        assert ran.returncode == 0, f"{command}: {ran.stderr}"
        if kind == "console":
            assert printed_alike(pasted, ran.stdout), f"{command} prints:\n{ran.stdout}"
