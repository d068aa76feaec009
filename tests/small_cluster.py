"""A Ray cluster of several nodes on this machine, for tests: each node has processes of its own and can be killed."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

# Given before any node starts, as Ray reads it once a process; nothing is written to the home folder.
TOKEN = {
    "RAY_AUTH_MODE": "token",
    "RAY_ENABLE_AUTO_CONNECT": "0",
    "RAY_AUTH_TOKEN": "t" * 64,
    "RAY_USAGE_STATS_ENABLED": "0",
}


@contextmanager
def settings() -> Iterator[None]:
    """What Ray finds in this process while it is used."""
    # pandas would take tests/bottleneck for a package of that name.
    folders = [folder for folder in sys.path if Path(folder) != Path(__file__).parent]
    with mock.patch.dict(os.environ, TOKEN), mock.patch.object(sys, "path", folders):
        yield


@contextmanager
def nodes(*processors: int) -> Iterator[Any]:
    """A cluster whose head and nodes have so many processors each; `.address` is where to join it."""
    with settings():
        from ray.cluster_utils import Cluster

        made = Cluster(shutdown_at_exit=True)
        try:
            for count in processors:
                made.add_node(num_cpus=count, include_dashboard=False, object_store_memory=80_000_000)
            yield made
        finally:
            made.shutdown()
