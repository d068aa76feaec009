"""A walk back in time over answers that are newest first, or should be."""

from collections.abc import Sequence


def next_place(times: Sequence[int], until: int, max_gap: int) -> tuple[int, bool]:
    """Before which moment to ask next, and whether the walk would have stood still.

    The second of the oldest post is asked for again, as it may hold more of them. Of an answer out of order only half
    is believed, and a post that is more than `max_gap` older than its neighbour is not: either may be a stray one, and
    what lies between would be lost.

    Args:
        times: Of an answer's posts in its order, in Unix seconds; one at least.
        until: Before which moment was asked.
    """
    ordered = sorted(times, reverse=True)
    places = [ordered[len(ordered) // 2]] if ordered != list(times) else []
    jump = next((n for n in range(1, len(ordered)) if ordered[n - 1] - ordered[n] > max_gap), len(ordered))
    places += [ordered[jump - 1], *ordered[jump : jump + 1], ordered[-1]]
    found = next((place + 1 for place in places if place + 1 < until), None)
    return (until - 1, True) if found is None else (found, False)
