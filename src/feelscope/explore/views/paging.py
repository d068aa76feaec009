"""Any page of posts by date, in the time of the first one: the months before it are counted and not gone through.

An engine makes room for every post that comes before a page. So the posts of each month are counted, which engines do
fast, and only the months that the page is in are listed, from the end that is nearer.
"""

from collections.abc import Mapping
from itertools import accumulate
from typing import Any

import numpy as np

from feelscope.explore.search.bins import bins_request, counts_by_bin
from feelscope.explore.search.document import order_of
from feelscope.explore.search.engine import total
from feelscope.explore.search.request import Query, counting, listing, of_orders
from feelscope.explore.search.rounds import Asking

_NEAR = 1_000  # posts that are gone through sooner than months are counted


def page_of(query: Query, first: int, size: int, *, descending: bool = False) -> Asking:
    """Matching posts by date, and how many match.

    Args:
        first: The number of the first one, from 0.
        descending: The newest first; those without a date are the newest.

    Returns:
        The number of all, and the sources of those that are listed.
    """
    if first == 0:
        (reply,) = yield [listing(query, first=0, size=size, descending=descending)]
        return total(reply), _sources(reply)
    (reply,) = yield [bins_request(query, "month") if first > _NEAR else counting(query)]
    posts = total(reply)
    if first >= posts:
        return posts, []
    if first <= _NEAR:
        (reply,) = yield [listing(query, first=first, size=size, descending=descending)]
        return posts, _sources(reply)
    begin, end = (max(0, posts - first - size), posts - first) if descending else (first, min(posts, first + size))
    low, before, high, until = _months(counts_by_bin(reply, "month"), posts, begin, end)
    is_backward = until - end < begin - before
    part = listing(
        of_orders(query, low, high),
        first=until - end if is_backward else begin - before,
        size=end - begin,
        descending=is_backward,
    )
    (reply,) = yield [part]
    listed = _sources(reply)
    return posts, listed if is_backward == descending else listed[::-1]


def _months(by_month: Mapping[str, int], posts: int, begin: int, end: int) -> tuple[int, int, int | None, int]:
    """The span of `order` that the posts from number `begin` to before `end` are in, of all by date.

    Returns:
        The first order, the posts before it, the order that ends the span, None for no end, and the posts before that.
    """
    months = sorted(by_month)
    ends = [*accumulate(by_month[month] for month in months)]  # posts up to the end of each
    starts = [0, *ends]
    place = int(np.searchsorted(ends, begin, side="right"))  # the month of the first one; after the last: no date
    low = _start(months[place]) if place < len(months) else order_of(None)
    last = int(np.searchsorted(ends, end))
    if last >= len(months):
        return low, starts[place], None, posts
    after = str(np.datetime64(months[last], "M") + 1)
    return low, starts[place], _start(after), ends[last]


def _start(month: str) -> int:
    return order_of(int(np.datetime64(month, "s").astype(int)))


def _sources(reply: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [hit["_source"] for hit in reply["hits"]["hits"]]
