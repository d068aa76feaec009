"""The validation split: training posts set aside for every choice that a training makes."""

from collections.abc import Sequence

from feelscope.post import Post
from feelscope.prepare.split import fraction
from feelscope.text.near_duplicates import fold, group


def validation_split(posts: Sequence[Post], share: float) -> list[bool]:
    """Which posts are set aside: about `share` of them, whole near-duplicate groups at a time.

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
    return [fraction(name) < share for name in names]
