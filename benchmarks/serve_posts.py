"""The posts that a service is asked, with words and a picture each, in memory."""

import itertools
from dataclasses import replace
from pathlib import Path

from feelscope.post import Post
from feelscope.table import PostsTable

MOST = 500  # posts; longer runs go through them again


def read_posts(table: Path) -> list[Post]:
    """The first posts of a table that have both, their pictures as the bytes of their files."""
    whole = (
        post for post in PostsTable(table) if post.has_text and isinstance(post.image, Path) and post.image.is_file()
    )
    return [replace(post, image=post.image.read_bytes()) for post in itertools.islice(whole, MOST)]  # type: ignore[union-attr]
