"""Paste below the README's `$ ` commands what they print: `python examples/fill_readme.py`, after a change of model."""

import contextlib
import os
import pty
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
BLOCK = re.compile(r"(```console\n\$ (?P<command>[^\n]+)\n)(?P<output>.*?)(```)", re.DOTALL)


def printed(command: str) -> str:
    """What a shell command prints to a terminal of 100 columns, in the repository; progress is left out."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": "100"}
    process = subprocess.Popen(
        ["bash", "-c", command], stdout=theirs, stderr=subprocess.DEVNULL, cwd=ROOT, env=environment
    )
    os.close(theirs)
    output = b""
    with contextlib.suppress(OSError):  # as Linux says that the other end is closed
        while block := os.read(ours, 65536):
            output += block
    os.close(ours)
    process.wait()
    if not output:
        raise SystemExit(f"{command}: prints nothing; the README stays as it is")
    return output.decode().replace("\r\n", "\n")


def main() -> None:
    text = README.read_text(encoding="utf-8")
    filled = BLOCK.sub(lambda match: f"{match[1]}{printed(match['command'])}{match[4]}", text)
    README.write_text(filled, encoding="utf-8")
    print(README)


if __name__ == "__main__":
    main()
