"""A Ray cluster of several nodes on this machine, for tests: each node has processes of its own and can be killed."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

# Ray reads them once a process, when it is imported; nothing is written to the home folder.
SETTINGS = {
    "RAY_AUTH_MODE": "token",
    "RAY_AUTH_TOKEN": "t" * 64,
    "RAY_ENABLE_AUTO_CONNECT": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
}
MEMORY = 80_000_000  # bytes of a node's object store


@contextmanager
def without_tests() -> Iterator[None]:
    """Leave the folder of tests out of where packages are looked for, here and in Ray's processes.

    pandas would take tests/bottleneck for a package of that name.
    """
    folders = [folder for folder in sys.path if Path(folder) != Path(__file__).parent]
    with mock.patch.object(sys, "path", folders):
        yield


def set_up() -> None:
    """Have Ray imported as tests need it; asks for a token from then on."""
    os.environ.update(SETTINGS)
    with without_tests():
        import ray.data  # noqa: F401  # with pandas


@contextmanager
def nodes(*processors: int) -> Iterator[Any]:
    """A cluster whose head and nodes have so many processors each; `.address` is where to join it."""
    with without_tests():
        from ray.cluster_utils import Cluster

        made = Cluster(shutdown_at_exit=True)
    try:
        for count in processors:
            add(made, count)
        yield made
    finally:
        made.shutdown()


def add(made: Any, processors: int) -> None:
    """Add a node."""
    made.add_node(num_cpus=processors, include_dashboard=False, object_store_memory=MEMORY)


def kill(made: Any) -> None:
    """Kill a node that is not the head, without a word."""
    made.remove_node(next(iter(made.worker_nodes)), allow_graceful=False)
