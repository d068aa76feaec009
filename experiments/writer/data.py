"""MSED's posts, cut in halves: the writer learns one, the judge who reads what it writes the other."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from feelscope import PostsTable
from feelscope.emotions import MSED, match
from feelscope.post import Post
from feelscope.prepare.split import fraction
from feelscope.text.near_duplicates import group

TUNING = 0.1  # share of train that choices are made on


def read(data: Path, name: str) -> list[Post]:
    """The posts of `train` or `dev`, emotions by the names of MSED's paper."""
    posts = [*PostsTable(data / "msed" / f"{name}.csv", need=("emotion",))]
    names = match({str(post.emotion) for post in posts}, MSED)[0]
    return [replace(post, emotion=names[str(post.emotion)]) for post in posts]


def tuning(posts: Sequence[Post]) -> tuple[list[Post], list[Post]]:
    """Train without the part for choices, and that part, by a hash of the id, as MSED's own split is at random."""
    return _split([fraction(f"tuning {post.id}") < TUNING for post in posts], posts)


def halves(posts: Sequence[Post]) -> tuple[list[Post], list[Post]]:
    """The writer's half and the judge's, by a hash of a group of near-duplicates, so that none is on both sides."""
    texts = ["\n".join(post.texts) for post in posts]
    return _split([fraction(f"half {texts[first]}") < 0.5 for first in group(texts)], posts)


def _split(second: Sequence[bool], posts: Sequence[Post]) -> tuple[list[Post], list[Post]]:
    return (
        [post for post, is_second in zip(posts, second, strict=True) if not is_second],
        [post for post, is_second in zip(posts, second, strict=True) if is_second],
    )
