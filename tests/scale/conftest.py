"""One cluster of three nodes with a processor each, for all tests that need one."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import small_cluster

from feelscope.scale.cluster import cluster

small_cluster.set_up()


@pytest.fixture(scope="session")
def nodes() -> Iterator[Any]:
    """The cluster; whoever kills a node adds another."""
    if os.name == "nt":
        pytest.skip("Ray has no clusters of several nodes on Windows")
    with small_cluster.nodes(1, 1, 1) as made:
        yield made


@pytest.fixture
def workers(nodes: Any) -> Iterator[int]:
    """How many processors the cluster has, which this process is in."""
    with small_cluster.without_tests(), cluster(nodes.address) as count:
        yield count
