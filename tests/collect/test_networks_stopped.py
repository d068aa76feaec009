"""Open networks, collected through kills while their people delete, edit and write."""

import pytest
from killed import Killed


@pytest.mark.slow
@pytest.mark.parametrize("network", ["mastodon", "bluesky-search", "bluesky-account"])
def test_nothing_is_lost_and_nothing_twice(network, tmp_path):
    assert "5 kills" in Killed(network, 1200, seed=1).run(tmp_path, kills=4)
