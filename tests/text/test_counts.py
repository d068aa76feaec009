import pytest

from feelscope.text.counts import counted


@pytest.mark.parametrize(("number", "said"), [(0, "0 posts"), (1, "1 post"), (2, "2 posts"), (1234, "1,234 posts")])
def test_one_is_singular(number: int, said: str) -> None:
    assert counted(number, "post") == said
