"""Altered answers of open networks: a quarantined row or one line, never a traceback, and no sound post lost."""

import pytest
from altered import Altered
from platforms import serve


@pytest.mark.parametrize("network", ["bluesky", "mastodon"])
def test_altered_answers_cost_themselves(network, tmp_path):
    bad = refused = 0
    for seed in range(25):
        answers, folder = Altered(network, seed), tmp_path / str(seed)
        folder.mkdir()
        with serve(answers.platform) as address:
            counts = answers.check(address, folder)
        bad, refused = bad + counts[0], refused + counts[1]
    assert bad > 15
    assert refused > 0
