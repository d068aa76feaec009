"""Split posts by a hash of their unit, so that a split is stable and no near-duplicate is on both sides."""

import hashlib
from collections import Counter
from collections.abc import Sequence

from feelscope.errors import TableError
from feelscope.text.union_find import UnionFind

TEST, DEV = 0.1, 0.1  # shares; Duong et al. 2017, 5.4, and ours for the splits by author
FEWEST_AUTHORS = (
    10  # with fewer, or one of more than this share of the posts, a split by author would be lopsided; ours
)
MOST_OF_ONE = 0.5


def authors_for_split(authors: Sequence[str]) -> tuple[list[str], str]:
    """The authors whose posts may not be separated, and why those of some may; with too few nothing could be split.

    Args:
        authors: Hashed; empty where unknown.

    Returns:
        The authors, empty where their posts are split as those of unknown ones; and what to say, empty where none are.
    """
    counts = Counter(author for author in authors if author)
    if not counts:
        return [*authors], "the posts have no authors"
    if len(counts) < FEWEST_AUTHORS:
        few = "one author" if len(counts) == 1 else f"{len(counts)} authors"
        return [""] * len(authors), f"the posts have only {few}"
    name, most = counts.most_common(1)[0]
    if most <= MOST_OF_ONE * len(authors):
        return [*authors], ""
    return [
        "" if author == name else author for author in authors
    ], f"one author has {most / len(authors):.0%} of the posts"


def units(authors: Sequence[str], texts: Sequence[str], groups: Sequence[int]) -> list[str]:
    """What may not be separated: the posts of an author, and near-duplicates, whoever posted them.

    Args:
        authors: Hashed; empty where unknown.
        texts: A digest of each post's words.
        groups: For each post the position of the first in its near-duplicate group.

    Returns:
        A name for each post's unit, which depends on who and what is in it and not on the order.
    """
    joined = UnionFind(groups)
    first_of: dict[str, int] = {}
    for position, author in enumerate(authors):
        if author:
            joined.join(first_of.setdefault(author, position), position)
    names: dict[int, str] = {}
    for position, (author, text) in enumerate(zip(authors, texts, strict=True)):
        name = f"author {author}" if author else f"text {text}"
        first = joined.first(position)
        names[first] = min(names.get(first, name), name)
    return [names[first] for first in joined.firsts()]


def by_unit(names: Sequence[str]) -> list[str]:
    """`test`, `dev` or `train` for each post, by a hash of its unit's name."""
    sides = {name: _side(fraction(name)) for name in set(names)}
    return [sides[name] for name in names]


def _side(fraction: float) -> str:
    return "test" if fraction < TEST else "dev" if fraction < TEST + DEV else "train"


def by_votes(votes: Sequence[int | None], ids: Sequence[str]) -> list[str]:
    """The paper's split: the tenth with the most votes is `test`, the next tenth `dev`, the rest `train`.

    Raises:
        TableError: No post has votes.
    """
    if not any(vote is not None for vote in votes):
        raise TableError("--split votes: no post has votes; use --split author")

    def rank(position: int) -> tuple[bool, int, str]:
        vote = votes[position]
        return vote is None, -(vote or 0), ids[position]

    test, dev = round(TEST * len(votes)), round(DEV * len(votes))
    sides = dict.fromkeys(sorted(range(len(votes)), key=rank), "train")
    for place, position in enumerate(sides):
        if place < test + dev:
            sides[position] = "test" if place < test else "dev"
    return [sides[position] for position in range(len(votes))]


def fraction(name: str) -> float:
    """A number in [0, 1) that depends on the name alone."""
    return int.from_bytes(hashlib.sha256(name.encode(errors="replace")).digest()[:8]) / 2**64
