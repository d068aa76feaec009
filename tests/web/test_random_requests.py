"""Random requests to both servers, as their commands start them; thousands are asked by the benchmark itself."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "robustness" / "servers.py"


@pytest.mark.slow
def test_random_requests_find_no_fault() -> None:
    # Memory says nothing after so few.
    few = "--count 300 --at-once 40 --idle 20 --seed 7 --posts 200 --growth 9".split()
    run = subprocess.run([sys.executable, SCRIPT, *few], capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.count("faults: 0") == 2
