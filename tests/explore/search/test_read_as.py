"""How an OR binds, in words."""

import pytest

from feelscope.explore.search.read_as import read_as


@pytest.mark.parametrize(
    ("query", "written"),
    [
        ("cairo OR tahrir protest", "(cairo OR tahrir) protest"),
        ("(arab spring) OR (egypt -mubarak) army", "((arab spring) OR (egypt -mubarak)) army"),
        ('not "one two" OR three', 'not ("one two" OR three)'),
        ("-(a OR b)", "-(a OR b)"),
        ("cairo OR tahrir", None),
        ("cairo -tahrir", None),
        ("", None),
        ("?", None),
    ],
)
def test_brackets_that_are_meant(query: str, written: str | None) -> None:
    assert read_as(query) == written
