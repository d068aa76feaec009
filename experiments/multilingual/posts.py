"""The English posts that the head learns from: of train parts alone, drawn by a hash, some kept for choices."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from feelscope import Post
from feelscope.emotions import SEVEN
from feelscope.train.data import read_source
from feelscope.train.recipe import Recipe, Source, read_recipe

RECIPE = "builtin"  # which names the tables, their columns and maps
# By table the most posts of an emotion that are taken; ours, about 16,000 in all.
MOST = {"msed": 1000, "goemotions": 1300, "feelings": 400, "semeval2018": 400, "airline": 500}
TUNING = 0.2  # of each table, kept for choices


def tables() -> list[Source]:
    """The recipe's tables of words."""
    recipe: Recipe = read_recipe(RECIPE)
    return [source for source in recipe.data.tables if _name(source) in MOST]


def drawn(data: Path) -> dict[str, list[Post]]:
    """The posts of each table, by its name, as many of an emotion as `MOST` says."""
    return {_name(source): _some(read_source(data / source.table, source, SEVEN).posts, source) for source in tables()}


def is_tuning(post: Post) -> bool:
    """Whether a post is kept for choices; posts of the same words are on one side."""
    return share("\n".join(post.texts).casefold()) < TUNING


def is_third(post: Post) -> bool:
    """Whether a post is in the third of all by which a reading is chosen."""
    return share(f"reading {post.id}") < 1 / 3


def _some(posts: Sequence[Post], source: Source) -> list[Post]:
    by_emotion: dict[str, list[Post]] = defaultdict(list)
    for post in sorted(posts, key=lambda post: share(post.id)):
        if post.has_text:
            by_emotion[str(post.emotion)].append(post)
    return [post for found in by_emotion.values() for post in found[: MOST[_name(source)]]]


def _name(source: Source) -> str:
    return source.table.partition("/")[0]


def share(text: str) -> float:
    """A number from 0 to 1 that is the same whenever the text is."""
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:8]) / 2**64
