"""Lines in the order in which people read them: rows from the top, a row from the left, rows close together as a block.

HOW TO FOLD          block 1, two rows
A FITTED SHEET
   (picture)
IN FOUR STEPS        block 2
"""

from collections.abc import Iterable

from feelscope.image_text.lines import Line

_SAME_ROW = 0.5  # of the lower of two lines that they share in height; ours
_GAP = 0.6  # of a line's height, above which the next row begins a block; ours


def in_rows(lines: Iterable[Line]) -> list[list[Line]]:
    """Lines side by side as a row, from left to right; rows from top to bottom."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.top + line.bottom):
        if rows and _side_by_side(rows[-1], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda line: line.left) for row in rows]


def in_blocks(lines: Iterable[Line]) -> list[list[Line]]:
    """Lines in reading order, those of rows that are close together as a block."""
    blocks: list[list[Line]] = []
    before: list[Line] = []
    for row in in_rows(lines):
        near = before and min(line.top for line in row) - max(line.bottom for line in before) <= _GAP * _height(row)
        if near:
            blocks[-1] += row
        else:
            blocks.append([*row])
        before = row
    return blocks


def _side_by_side(row: list[Line], line: Line) -> bool:
    top, bottom = min(one.top for one in row), max(one.bottom for one in row)
    shared = min(bottom, line.bottom) - max(top, line.top)
    return shared > _SAME_ROW * min(bottom - top, line.height)


def _height(row: list[Line]) -> float:
    return sum(line.height for line in row) / len(row)
