"""Union-find: groups of positions that grow when two of their members are joined.

Source: Galler and Fischer 1964, disjoint sets; paths are halved on the way (Tarjan and van Leeuwen 1984).
"""

from collections.abc import Sequence


class UnionFind:
    """Positions in groups, each named by its first member.

    Args:
        groups: For each position an earlier one, or itself, that it belongs with from the start.
    """

    def __init__(self, groups: Sequence[int]):
        self._earlier = list(groups)

    def first(self, position: int) -> int:
        """The first member of a position's group."""
        earlier = self._earlier
        while earlier[position] != position:
            earlier[position] = earlier[earlier[position]]
            position = earlier[position]
        return position

    def join(self, one: int, other: int) -> None:
        """Make one group of two positions' groups."""
        low, high = sorted((self.first(one), self.first(other)))
        self._earlier[high] = low

    def firsts(self) -> list[int]:
        """The first member of every position's group."""
        return [self.first(position) for position in range(len(self._earlier))]
