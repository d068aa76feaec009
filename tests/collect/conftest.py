"""What the tests of collecting share."""

import os
import subprocess
from pathlib import Path

import pytest
from command_runs import COMMAND, Ran, Run
from platforms import KEY
from small_clock import Clock

from feelscope.collect.api import Api
from feelscope.collect.quota import Meter
from feelscope.collect.sources import SOURCES
from feelscope.store import Store


@pytest.fixture
def store(tmp_path: Path):
    with Store(tmp_path / "posts.db") as opened:
        yield opened


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def api(store, clock):
    """An API of a name at an address, with a clock of its own."""

    def api(name: str, address: str, key: str = KEY) -> Api:
        meter = Meter(store, name, key, SOURCES[name].quotas, clock=clock, sleep=clock.sleep)
        return Api(address, meter, key, "check KEY")

    return api


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a command in an empty folder, with some environment."""

    def run(*arguments: object, **environment: str) -> Ran:
        # No other variables of the machine: no key of somebody, and no proxy between the test and its server.
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "HOME") if name in os.environ}
        command = [*COMMAND, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env={**kept, **environment})

    return run
