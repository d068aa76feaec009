"""A part of the map of posts: a rectangle on its grid, as addresses and JSON write it."""

import re
from typing import NamedTuple, Self

from feelscope.errors import ExploreError

SIDE = 10_000  # of the grid: every place on it is a whole number from 0


class Area(NamedTuple):
    """From the lower left corner to the upper right one; posts on the right and the upper edge are outside."""

    left: int
    bottom: int
    right: int
    top: int

    @classmethod
    def read(cls, text: str) -> Self:
        """Read `LEFT,BOTTOM,RIGHT,TOP`.

        Raises:
            ExploreError: It is something else, or has no inside.
        """
        expected = f"expected LEFT,BOTTOM,RIGHT,TOP, four whole numbers from 0 to {SIDE:,}"
        if not re.fullmatch("[0-9]{1,5}(,[0-9]{1,5}){3}", text, re.ASCII):
            raise ExploreError(f"a part of the map: {expected}, and found {text[:40]!r}")
        area = cls(*map(int, text.split(",")))
        if max(area) > SIDE or area.left >= area.right or area.bottom >= area.top:
            raise ExploreError(f"a part of the map: {expected}, right of left and top above bottom; found {text!r}")
        return area

    def __str__(self) -> str:
        return ",".join(map(str, self))
