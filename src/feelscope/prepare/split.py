"""Split posts by a hash of their group, so that a split is stable and no near-duplicate is on both sides."""

import hashlib
from collections.abc import Sequence

from feelscope.errors import TableError
from feelscope.post import Post
from feelscope.text.union_find import UnionFind
from feelscope.text.near_duplicates import fold, group

TEST, DEV = 0.1, 0.1  # shares; Duong et al. 2017, 5.4, and ours for the splits by author


def tuning_part(posts: Sequence[Post], share: float) -> list[bool]:
    """Which posts are kept apart for every choice: about `share` of them, whole near-duplicate groups at a time.

    A post without words is a group of its own, by its id.
    """
    texts = [fold(f"{post.title} {post.text}" if post.title != post.text else post.text) for post in posts]
    worded = [position for position, text in enumerate(texts) if text]
    groups: dict[int, list[int]] = {}
    for position, first in zip(worded, group([texts[position] for position in worded]), strict=True):
        groups.setdefault(first, []).append(position)
    names = [post.id for post in posts]
    for members in groups.values():
        name = min(texts[position] for position in members)  # whichever of them comes first in the table
        for position in members:
            names[position] = name
    return [_fraction(name) < share for name in names]


def units(authors: Sequence[str], texts: Sequence[str], groups: Sequence[int]) -> list[str]:
    """What may not be torn apart: the posts of an author, and near-duplicates, whoever posted them.

    Args:
        authors: Hashed; empty where nobody knows.
        texts: A digest of each post's words.
        groups: For each post the index of its near-duplicate group's first.

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
        at = joined.first(position)
        names[at] = min(names.get(at, name), name)
    return [names[first] for first in joined.firsts()]


def by_unit(names: Sequence[str]) -> list[str]:
    """`test`, `dev` or `train` for each post, by a hash of its unit's name."""
    sides: dict[str, str] = {}
    for name in names:
        if name not in sides:
            fraction = _fraction(name)
            sides[name] = "test" if fraction < TEST else "dev" if fraction < TEST + DEV else "train"
    return [sides[name] for name in names]


def by_votes(votes: Sequence[int | None], ids: Sequence[str]) -> list[str]:
    """The paper's split: the tenth with most votes is `test`, the next tenth `dev`, the rest `train`.

    Raises:
        TableError: No post has votes.
    """
    if not any(vote is not None for vote in votes):
        raise TableError("--split votes: no post has votes; use --split author")
    order = sorted(range(len(votes)), key=lambda at: (-(votes[at] if votes[at] is not None else -(2**60)), ids[at]))  # type: ignore[operator]
    sides = ["train"] * len(votes)
    test = round(TEST * len(votes))
    for rank, at in enumerate(order[: test + round(DEV * len(votes))]):
        sides[at] = "test" if rank < test else "dev"
    return sides


def _fraction(name: str) -> float:
    """A number in [0, 1) that depends on the name alone."""
    return int.from_bytes(hashlib.sha256(name.encode(errors="replace")).digest()[:8]) / 2**64
