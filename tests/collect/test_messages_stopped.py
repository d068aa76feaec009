"""Comments and exports, collected through kills: nothing lost, nothing twice."""

import pytest
from killed_messages import through_telegram, through_youtube


@pytest.mark.slow
def test_comments_through_kills(tmp_path):
    assert "4 kills" in through_youtube(tmp_path, 1200, 4)


@pytest.mark.slow
@pytest.mark.parametrize("html", [False, True])
def test_an_export_through_kills(html, tmp_path):
    assert "4 kills" in through_telegram(tmp_path, 3000, 4, html=html)
