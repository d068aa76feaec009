"""What the tests of estimates share."""

import pytest
from small_estimate import Known, write_known


@pytest.fixture(scope="session")
def known(tmp_path_factory: pytest.TempPathFactory) -> Known:
    return write_known(tmp_path_factory.mktemp("known"))
