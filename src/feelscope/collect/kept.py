"""The posts of an answer that are kept; of the others why not, and how many."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TypeVar

from feelscope.collect.rows import read_post
from feelscope.store import CollectedPost
from feelscope.table import BadRow, Quarantine

ASKED_NOT = "whose authors ask not to be collected"
NOTHING_OWN = "without words or a picture of their own"
OTHER_TIME = "from another time"
Row = TypeVar("Row")


class NotKept(Exception):
    """A sound post that is not kept, in words that go on "left out: 3 posts ..."."""


def asks_not(signal: str) -> NotKept:
    """The author of a post asks not to be collected, by a signal such as #nobot."""
    return NotKept(f"{ASKED_NOT} ({signal})")


def read_kept(
    rows: Iterable[Row], parse: Callable[[Row], CollectedPost], quarantine: Quarantine, table: str
) -> tuple[list[CollectedPost], Counter[str]]:
    """The posts of an answer, and what was left out, by reason; rows that are none go to the quarantine.

    Args:
        parse: Raises `NotKept` for a row that is sound and not kept.
        table: Where the rows are from, for the quarantine.
    """
    posts: list[CollectedPost] = []
    left_out: Counter[str] = Counter()
    for number, row in enumerate(rows, 1):
        try:
            post = read_post(parse, row)
        except NotKept as reason:
            left_out[str(reason)] += 1
        except BadRow as bad:
            quarantine.add(bad.id, number, bad.reason, detail=bad.detail, table=table)
        else:
            posts += [] if post is None else [post]
    return posts, left_out


def is_refused(parse: Callable[[Row], CollectedPost], row: Row) -> bool:
    """Whether the author, or a moderator, does not want a post to be kept that a source still has."""
    try:
        read_post(parse, row)
    except NotKept as reason:
        return str(reason) != NOTHING_OWN
    except BadRow:
        pass  # a post that cannot be read says nothing of the kind
    return False
