"""What commands cost: seconds and memory."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from command_runs import COMMAND, EXAMPLES, Run, write


def best_time(command: list[str], tries: int = 3) -> float:
    """Seconds of the fastest try, as other work on the machine only ever adds."""

    def once() -> float:
        started = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True)
        return time.perf_counter() - started

    return min(once() for _ in range(tries))


def test_help_takes_less_than_half_a_second() -> None:
    assert best_time([*COMMAND, "--help"]) < 0.5


def test_import_takes_less_than_a_third_of_a_second() -> None:
    empty, full = (best_time([sys.executable, "-c", code]) for code in ("pass", "import feelscope"))
    assert full - empty < 0.3


PEAK = """
import resource, subprocess, sys
subprocess.run([sys.executable, "-m", "feelscope.cli", *sys.argv[1:]], check=True, capture_output=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak_megabytes(run: Run, *arguments: object) -> float:
    """The most memory a command takes."""
    unit = 1 if sys.platform == "darwin" else 1024  # bytes a unit
    return int(run(*arguments, code=PEAK).stdout) * unit / 1e6


def test_one_post_takes_less_than_one_and_a_half_seconds_and_400_megabytes(run: Run) -> None:
    arguments = ["predict", "--text", "We won!", "--image", str(EXAMPLES / "images" / "cake.png")]
    assert best_time([*COMMAND, *arguments]) < 1.5
    assert peak_megabytes(run, *arguments) < 400


@pytest.mark.slow
def test_memory_does_not_grow_with_the_table(run: Run, tmp_path: Path) -> None:
    for name, count in (("short.csv", 500), ("long.csv", 6000)):
        write(tmp_path / name, "id,text", *(f"{number},We won {'x' * 2000} {number}" for number in range(count)))
    short, long = (peak_megabytes(run, "predict", name, "--out", "out.jsonl") for name in ("short.csv", "long.csv"))
    assert long - short < 8  # of the 11 MB that the long table has more
