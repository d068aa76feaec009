"""Commands run as people type them, and what their tests ask of how they end."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

EXAMPLES = Path(__file__).parents[1] / "examples"
KEYS = ["id", "emotion", "probabilities", "modalities", "warnings"]  # of a row of predictions
COMMAND = [sys.executable, "-m", "feelscope.cli"]
Ran = subprocess.CompletedProcess[str]
Run = Callable[..., Ran]


def rows(text: str) -> list[dict]:
    """The rows of JSON Lines."""
    return [json.loads(line) for line in text.splitlines()]


def error(ran: Ran) -> str:
    """The one line of a failed run."""
    assert ran.returncode == 1
    assert ran.stdout == ""
    lines = [line for line in ran.stderr.splitlines() if "column" not in line or line.startswith("Error")]
    assert len(lines) == 1, ran.stderr
    return lines[0]


def usage_error(ran: Ran) -> str:
    """The last line of a run that was written wrong."""
    assert ran.returncode == 2
    assert ran.stdout == ""
    return ran.stderr.splitlines()[-1]


def write(path: Path, *lines: str) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path
