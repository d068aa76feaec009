"""How far a query of YouTube is: videos, the comments on one, the replies to one of these."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from feelscope.errors import CollectError

MOST_EMPTY = 20  # answers without a comment in a row, each of which says that there are more


@dataclass(slots=True)
class Walk:
    """How far a query is: the places in three lists, one within the other.

    Args:
        targets: Videos, or a channel, whose comments are left; the first of them is being read.
        searched: Whether a search has no more videos.
        search: The place in the search.
        page: The place in the comments on the first target.
        threads: Comments with more replies than came with them, each with its video.
        replies: The place in the replies to the first of these.
        empty: Answers without a comment in a row.
        again: How often the first target was begun again.
        seen: Comments so far.
    """

    targets: list[str]
    searched: bool
    search: str = ""
    page: str = ""
    threads: list[list[str]] = field(default_factory=list)
    replies: str = ""
    empty: int = 0
    again: int = 0
    seen: int = 0

    def next_page(self, following: str, here: str, of: str, notes: list[str], *, is_empty: bool) -> str:
        """The place after an answer; empty at the end of a list, and where the server does not get on.

        Args:
            following: The place that the answer names.
            here: The place that was asked for.
            of: What list it is, for people.
        """
        self.empty = self.empty + 1 if is_empty else 0
        if self.empty >= MOST_EMPTY:
            notes.append(f"{of}: {MOST_EMPTY} answers in a row without a comment; the rest is left out")
            return ""
        if following and following == here and not is_empty:
            notes.append(f"{of}: the server gives the same place again and again; the rest is left out")
            return ""
        return following

    def leave(self) -> None:
        """Leave the first target for the next."""
        self.targets, self.page, self.empty, self.again = self.targets[1:], "", 0, 0


def walk_of(state: Mapping[str, Any]) -> Walk:
    """The walk of a cursor.

    Raises:
        CollectError: It is none, as in a database of another program.
    """
    walk = Walk(**state)
    walk.targets, walk.threads = [*walk.targets], [*walk.threads]
    pairs = all(
        isinstance(one, list) and len(one) == 2 and all(isinstance(id, str) for id in one) for one in walk.threads
    )
    if not pairs or not all(isinstance(one, str) for one in walk.targets):
        raise CollectError("youtube: the database does not say where to continue; start at the top with --restart")
    return walk
