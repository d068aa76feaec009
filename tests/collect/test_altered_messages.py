"""Altered exports and comments: a quarantined row or one line, never a traceback, and no sound one lost."""

import pytest
from altered_messages import KINDS, AlteredMessages


@pytest.mark.parametrize("kind", KINDS)
def test_altered_messages_cost_themselves(kind, tmp_path):
    bad = refused = 0
    for seed in range(25):
        (tmp_path / str(seed)).mkdir()
        counts = AlteredMessages(kind, seed).check(tmp_path / str(seed))
        bad, refused = bad + counts[0], refused + counts[1]
    assert bad > 15
    assert refused > 0
