"""How much memory commands take; benchmarks/start.py has the seconds."""

import sys
from pathlib import Path

import pytest
from command_runs import EXAMPLES, Run, write

PEAK = """
import resource, subprocess, sys
subprocess.run([sys.executable, "-m", "feelscope.cli", *sys.argv[1:]], check=True, capture_output=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak_megabytes(run: Run, *arguments: object) -> float:
    """The most memory a command takes."""
    unit = 1 if sys.platform == "darwin" else 1024  # bytes per unit
    return int(run(*arguments, code=PEAK).stdout) * unit / 1e6


def test_one_post_takes_less_than_400_megabytes(run: Run) -> None:
    assert peak_megabytes(run, "predict", "--text", "We won!", "--image", EXAMPLES / "images" / "cake.png") < 400


@pytest.mark.slow
def test_memory_does_not_grow_with_the_table(run: Run, tmp_path: Path) -> None:
    for name, count in (("short.csv", 500), ("long.csv", 6000)):
        write(tmp_path / name, "id,text", *(f"{number},We won {'x' * 2000} {number}" for number in range(count)))
    short, long = (peak_megabytes(run, "predict", name, "--out", "out.jsonl") for name in ("short.csv", "long.csv"))
    assert long - short < 8  # of the 11 MB that the long table has more
