"""The validation split: training posts set aside for every choice that a training makes."""

from collections.abc import Sequence

from feelscope.post import Post
from feelscope.prepare.split import fraction
from feelscope.text.near_duplicates import fold, group


def validation_split(posts: Sequence[Post], share: float) -> list[bool]:
    """Which posts are set aside: about `share` of them, whole near-duplicate groups at a time.

    A post without words is a group of its own, by its id.
    """
    texts = [folded(post) for post in posts]
    firsts = group(texts)
    names: dict[int, str] = {}  # of each group: the least of its texts, whichever comes first in the table
    for first, text in zip(firsts, texts, strict=True):
        names[first] = min(names.get(first, text), text)
    return [fraction(names[first] or post.id) < share for first, post in zip(firsts, posts, strict=True)]


def folded(post: Post) -> str:
    """The words by which posts are near-duplicates of one another."""
    return fold(f"{post.title} {post.text}" if post.title != post.text else post.text)
