"""A small archive of storms, and a server of it; a file that needs another one has its own."""

import pytest
from small_archive import served, storm_archive


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return storm_archive(tmp_path_factory.mktemp("archive"))


@pytest.fixture(scope="module")
def address(archive):
    with served(archive) as address:
        yield address
