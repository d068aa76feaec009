"""What is learnt beside labelled posts, without what would give away those that are kept apart."""

from collections.abc import Sequence
from pathlib import Path

from feelscope.errors import ConfigError, PictureError, TableError
from feelscope.images import digest
from feelscope.post import Post
from feelscope.prepare.counterfactual import AugmentationSettings, counterfactual_copies, shares_answer
from feelscope.prepare.validation_split import folded
from feelscope.table.in_memory import MemoryRows
from feelscope.text.near_duplicates import group
from feelscope.train.teachers import Taught


def copies_of(
    posts: Sequence[Post],
    held: Sequence[bool],
    settings: AugmentationSettings,
    emotions: tuple[str, ...],
    taught: Taught | None,
) -> tuple[tuple[tuple[Post, ...], ...], Taught | None]:
    """Of each post its counterfactual copies, and what teachers answered, of copies as of their posts.

    Args:
        held: Which posts are kept apart; no copy says just what one of them says.
    """
    copies = tuple(counterfactual_copies(posts, held, settings, emotions))
    if taught is None:
        return copies, None
    # A teacher was asked about the posts alone.
    pairs = [(post, copy) for post, made in zip(posts, copies, strict=True) for copy in made]
    return copies, taught | {
        copy.id: taught[post.id] for post, copy in pairs if post.id in taught and shares_answer(copy)
    }


def unlike_those_apart(
    bare: list[tuple[str, Post]], held: Sequence[Post], table: Path | MemoryRows | None
) -> list[tuple[str, Post]]:
    """Posts without labels that are neither a near-duplicate of a post that is kept apart nor have its picture.

    Args:
        bare: With the table of each.
        held: The posts that are kept apart.
        table: That the posts were given in; None where they are rows of the training table.

    Raises:
        TableError, ConfigError: Nothing is left, or nothing was given.
    """
    if not bare and table is None:
        raise ConfigError(
            "enaet: it learns from posts without labels too; give some with --unlabelled TABLE, or leave the emotion "
            "of some rows of the table empty"
        )
    if not bare:
        raise TableError(f"{table}: none of its rows is a post that can be read; give another table")
    posts = [*held, *(post for _, post in bare)]
    firsts = group([folded(post) for post in posts])
    pictures = {picture_key(post) for post in held} - {""}
    left = [
        row
        for row, first in zip(bare, firsts[len(held) :], strict=True)
        if first >= len(held) and (not pictures or picture_key(row[1]) not in pictures)
    ]
    if not left:
        raise TableError(
            f"{bare[0][0]}: each post without a label is a near-duplicate of one in the validation split; give others"
        )
    return left


def picture_key(post: Post) -> str:
    """The SHA-256 of a post's picture; empty for a post without one that can be read."""
    try:
        return "" if post.image is None else digest(post.image)
    except PictureError:  # not read in training either, and reported there
        return ""
