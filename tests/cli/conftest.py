"""What the tests of the commands share."""

import subprocess
import sys
from pathlib import Path

import pytest
from command_runs import COMMAND, Ran, Run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a command in an empty folder."""

    def run(*arguments: object, code: str = "") -> Ran:
        command = [sys.executable, "-c", code] if code else COMMAND
        return subprocess.run([*command, *map(str, arguments)], capture_output=True, text=True, cwd=tmp_path)

    return run
