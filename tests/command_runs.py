"""Commands run as people type them, and what their tests ask of how they end."""

import json
import os
import pty
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


def on_terminal(*arguments: object, folder: Path, columns: int | None = None) -> str:
    """What a terminal gets of a command's stdout and stderr."""
    return on_terminal_and_pipe(*arguments, folder=folder, stdout_is_pipe=False, columns=columns)[0]


def on_terminal_and_pipe(
    *arguments: object, folder: Path, stdout_is_pipe: bool = True, columns: int | None = None
) -> tuple[str, str]:
    """What a terminal gets, and what a pipe that takes stdout does."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdin=slave,
        stdout=subprocess.PIPE if stdout_is_pipe else slave,
        stderr=slave,
        cwd=folder,
        env=os.environ | ({} if columns is None else {"COLUMNS": str(columns)}),
    )
    os.close(slave)
    piped = process.stdout.read().decode() if process.stdout else ""
    got = b""
    try:
        while part := os.read(master, 65_536):
            got += part
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(master)
    process.wait()
    return got.decode("utf-8").replace("\r\n", "\n"), piped
