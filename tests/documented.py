"""Commands of the pages, and whether what they print is what a page says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PATH = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}  # where feelscope is


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of a page, or several."""
    return subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=folder, env=PATH)


def printed_alike(pasted: str, found: str) -> bool:
    """Whether two outputs have the same words, and numbers within 2% of the largest: processors round otherwise."""
    words, numbers = _shape(pasted)
    found_words, found_numbers = _shape(found)
    return words == found_words and numbers == pytest.approx(found_numbers, abs=0.02 * max(numbers, default=1))


def _shape(text: str) -> tuple[str, list[float]]:
    """The words of an output without its numbers and bars, and the numbers."""
    number = r"\d+\.\d+"
    words = " ".join(re.sub(rf"{number}|[▏▎▍▌▋▊▉█]", " ", text).split())
    return words, [float(one) for one in re.findall(number, text)]
