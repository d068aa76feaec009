"""What belongs together, directly or through others: groups that grow by joining two of their members.

Source: Galler and Fischer 1964, disjoint sets; paths are halved on the way (Tarjan and van Leeuwen 1984).
"""

from collections.abc import Sequence


class Joined:
    """Positions in groups, each named by its first member.

    Args:
        groups: For each position an earlier one, or itself, that it belongs with from the start.
    """

    def __init__(self, groups: Sequence[int]):
        self._before = list(groups)

    def first(self, position: int) -> int:
        """The first member of a position's group."""
        before = self._before
        while before[position] != position:
            before[position] = before[before[position]]
            position = before[position]
        return position

    def join(self, one: int, other: int) -> None:
        """Make one group of two positions' groups."""
        low, high = sorted((self.first(one), self.first(other)))
        self._before[high] = low

    def firsts(self) -> list[int]:
        """The first member of every position's group."""
        return [self.first(position) for position in range(len(self._before))]
