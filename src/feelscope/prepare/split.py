"""Split posts by a hash of their group, so that a split is stable and no near-duplicate is on both sides."""

import hashlib
from collections.abc import Sequence

from feelscope.post import Post
from feelscope.prepare.duplicates import fold, group


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


def _fraction(name: str) -> float:
    """A number in [0, 1) that depends on the name alone."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) / 2**64
