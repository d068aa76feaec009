"""Lines in the order in which people read them."""

import itertools

from feelscope.image_text.lines import Line
from feelscope.image_text.reading_order import in_blocks, in_rows


def line(text: str, left: float, top: float, height: float = 20, width: float = 100) -> Line:
    return Line(text, 1.0, left, top, left + width, top + height)


def said(groups: list[list[Line]]) -> list[str]:
    return [" ".join(line.text for line in group) for group in groups]


def test_lines_side_by_side_are_a_row_also_where_one_is_a_little_higher() -> None:
    lines = [line("two", 200, 4), line("three", 0, 30), line("one", 0, 0)]
    assert said(in_rows(lines)) == ["one two", "three"]


def test_rows_that_touch_a_little_stay_apart() -> None:
    lines = [line("one", 0, 0), line("two", 200, 15), line("three", 0, 30)]
    assert said(in_rows(lines)) == ["one", "two", "three"]


def test_a_gap_begins_a_block_whatever_order_lines_are_found_in() -> None:
    lines = [line("how to", 0, 0), line("fold it", 0, 22), line("in four", 0, 200), line("steps", 0, 221)]
    for order in itertools.permutations(lines):
        assert said(in_blocks(order)) == ["how to fold it", "in four steps"]


def test_no_lines_are_no_blocks() -> None:
    assert in_blocks([]) == []
