"""Shapley values: what each of N players adds to what a group is worth, on average over the orders they may come in.

    value of player i = mean over orders of: worth(i and those before it) - worth(those before it)

They sum to worth(all) - worth(none), whatever is worth what. Of two players that each suffice, each gets half, where
leaving out one at a time gives both nothing.

Source: Shapley 1953, "A Value for n-Person Games". Orders are sampled as in Castro, Gomez, Tejada 2009, "Polynomial
calculation of the Shapley value based on sampling", each with its reverse (Mitchell, Cooper, Frank, Holmes 2022,
"Sampling Permutations for Shapley Value Estimation", section 3.1). Where players come in blocks that move through the
orders as one, it is Owen's value: Owen 1977, "Values of Games with a Priori Unions". Which blocks are opened is ours.
"""

from collections.abc import Callable, Sequence

import numpy as np

Worth = Callable[[np.ndarray], np.ndarray]  # coalitions, bool (C, N), to what each is worth, (C,)


def exact(worth: Worth, count: int) -> np.ndarray:
    """Shapley values (N,) from all 2^N coalitions."""
    coalitions = (np.arange(2**count)[:, np.newaxis] >> np.arange(count) & 1).astype(bool)  # (2^N, N)
    worths, sizes = np.asarray(worth(coalitions), float), coalitions.sum(axis=1)
    factorial = np.cumprod([1.0, *range(1, count + 1)])
    values = np.empty(count)
    for player in range(count):
        without = np.flatnonzero(~coalitions[:, player])
        weights = factorial[sizes[without]] * factorial[count - 1 - sizes[without]] / factorial[count]
        values[player] = weights @ (worths[without | 1 << player] - worths[without])
    return values


def sampled(worth: Worth, blocks: Sequence[Sequence[int]], passes: int, seed: int) -> np.ndarray:
    """Shapley values (N,) of as many players as `passes` coalitions tell apart.

    Args:
        blocks: Players that belong together, each player in one; used where single players would take too much.
        passes: The most coalitions whose worth is asked, at least 2.
        seed: Of the orders.

    Returns:
        Exact where all coalitions are few enough. They sum to worth(all) - worth(none); players of a block that was
        not opened get equal shares.
    """
    count = sum(map(len, blocks))
    if 2**count <= passes:
        return exact(worth, count)
    if 2 + 2 * (count - 1) <= passes:
        blocks = [[player] for block in blocks for player in block]
    most = max(1, passes // 2)  # that come in an order and in its reverse
    blocks = _at_most(blocks, most)
    pairs = (passes - 2) // max(1, 2 * (len(blocks) - 1)) if len(blocks) == count else 1
    return _Sample(worth, [*map(list, blocks)], count, pairs, seed).values(passes)


def one_at_a_time(worth: Worth, blocks: Sequence[Sequence[int]], passes: int) -> np.ndarray:
    """What each of N players takes along when it alone leaves, (N,); of two that each suffice, nothing.

    Args:
        blocks, passes: As of `sampled`; where passes are too few for single players, blocks leave instead, and where
            they are too few for these, several blocks together.
    """
    count = sum(map(len, blocks))
    few = count + 1 > passes
    leaving = _at_most(blocks, passes - 1) if few else [[player] for player in range(count)]
    coalitions = np.ones((1 + len(leaving), count), bool)
    for row, players in enumerate(leaving, 1):
        coalitions[row, players] = False
    whole, *without = worth(coalitions)
    values = np.empty(count)
    for players, left in zip(leaving, without, strict=True):
        values[players] = (whole - left) / len(players)
    return values


def _at_most(blocks: Sequence[Sequence[int]], most: int) -> list[list[int]]:
    """The blocks, or, where they are more than `most`, so many of neighbouring ones together."""
    if len(blocks) <= most:
        return [*map(list, blocks)]
    return [[player for place in part for player in blocks[place]] for part in np.array_split(range(len(blocks)), most)]


class _Sample:
    """Orders of blocks with their reverses, what blocks add in them, and the blocks that are opened then.

    Args:
        pairs: Orders with their reverses.
    """

    def __init__(self, worth: Worth, blocks: Sequence[list[int]], count: int, pairs: int, seed: int):
        self._worth, self._blocks, self._count = worth, blocks, count
        self._random = np.random.default_rng(seed)
        forward = [self._random.permutation(len(blocks)) for _ in range(pairs)]
        self._orders = [order for one in forward for order in (one, one[::-1])]

    def values(self, passes: int) -> np.ndarray:
        """Shapley values (N,); at most so many coalitions are asked."""
        coalitions = [np.zeros(self._count, bool), np.ones(self._count, bool)]
        for order in self._orders:
            coalitions += self._along(coalitions[0], [self._blocks[block] for block in order])
        none, all_, *between = self._worth(np.array(coalitions))
        before = np.empty((len(self._orders), len(self._blocks)))  # what those before each block are worth, by order
        after = np.empty_like(before)  # and with it
        for turn, (order, inner) in enumerate(zip(self._orders, np.reshape(between, (len(before), -1)), strict=True)):
            before[turn, order], after[turn, order] = [none, *inner], [*inner, all_]
        values = np.empty(self._count)
        for block, added in zip(self._blocks, (after - before).mean(axis=0), strict=True):
            values[block] = added / len(block)
        self._open(values, before, after, passes - len(coalitions))
        return values

    def _open(self, values: np.ndarray, before: np.ndarray, after: np.ndarray, passes: int) -> None:
        """Ask what each player of a block adds, in every order: of the blocks that add most, as far as passes go."""
        opened: list[tuple[int, list[np.ndarray]]] = []  # blocks, and their players as they come in each order
        coalitions: list[np.ndarray] = []
        for block in np.argsort(-np.abs((after - before).mean(axis=0)), kind="stable"):
            players = np.array(self._blocks[block])
            if len(players) < 2 or len(self._orders) * (len(players) - 1) > passes - len(coalitions):
                continue
            inner: list[np.ndarray] = []
            for turn, order in enumerate(self._orders):
                inner.append(inner[-1][::-1] if turn % 2 else self._random.permutation(players))
                there = np.zeros(self._count, bool)
                for earlier in order[: list(order).index(block)]:
                    there[self._blocks[earlier]] = True
                coalitions += self._along(there, [[player] for player in inner[-1]])
            opened.append((block, inner))
        worths = [*self._worth(np.array(coalitions))] if coalitions else []
        for block, inner in opened:
            values[self._blocks[block]] = 0
            for turn, players in enumerate(inner):
                within, worths = worths[: len(players) - 1], worths[len(players) - 1 :]
                added = np.diff([before[turn, block], *within, after[turn, block]])
                values[players] += added / len(inner)

    def _along(self, there: np.ndarray, order: Sequence[Sequence[int]]) -> list[np.ndarray]:
        """The coalitions of those who are there and more and more of an order, but not none and not all of it."""
        coalitions = []
        for players in order[:-1]:
            there = there.copy()
            there[players] = True
            coalitions.append(there)
        return coalitions
