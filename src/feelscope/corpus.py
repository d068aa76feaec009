"""From posts tables to what a training reads: pools of encoded posts, and a tuning part kept apart."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from feelscope import emotions
from feelscope.batches import Encoded, Pool
from feelscope.config import did_you_mean
from feelscope.encoders.features import TrunkFeatures, digest
from feelscope.encoders.words import Tokenizer
from feelscope.errors import ConfigError, PictureError, TableError
from feelscope.images import read_rgb
from feelscope.post import Post
from feelscope.prepare.duplicates import fold
from feelscope.prepare.split import tuning_part
from feelscope.recipe import Recipe, Source
from feelscope.table import PostsTable, Quarantine

Progress = Callable[[str, int, int, str], None]


@dataclass(frozen=True, slots=True)
class SourcePosts:
    """The labelled posts of one table, and what was left out of it."""

    source: Source
    posts: list[Post]  # `emotion` is one of the recipe's
    dropped: int  # labels that the map has no single emotion for


@dataclass(frozen=True, slots=True)
class Corpus:
    """Everything that is trained on.

    Args:
        emotions: In the order of the labels.
        training: One pool a source.
        tuning: The posts kept apart, one list a source.
        trunk: Trunk outputs of all pictures, mapped from disk.
        sources: The posts behind the pools.
    """

    emotions: tuple[str, ...]
    training: list[Pool]
    tuning: list[list[Encoded]]
    trunk: np.ndarray
    sources: list[SourcePosts]

    @property
    def modalities(self) -> tuple[str, ...]:
        """What the posts have, of `text` and `image`."""
        posts = [post for pool in self.training for post in pool.posts]
        return (("text",) if any(post.ids for post in posts) else ()) + (
            ("image",) if any(post.row >= 0 for post in posts) else ()
        )

    def some_pictures(self, count: int, size: int) -> list[np.ndarray]:
        """About `count` of the posts' pictures, evenly spread, uint8 (size, size, 3)."""
        pictures = [post.image for source in self.sources for post in source.posts if post.image is not None]
        found = []
        for picture in pictures[:: max(1, len(pictures) // count)][:count]:
            with suppress(PictureError):  # it stands in the quarantine already
                found.append(read_rgb(picture, size))
        return found


def read_source(
    path: Path,
    source: Source,
    known: Sequence[str],
    *,
    columns: Mapping[str, str] | None = None,
    quarantine: Quarantine | None = None,
    other_columns: bool = False,
) -> SourcePosts:
    """Read a table and bring its labels to the recipe's names.

    Args:
        known: The recipe's emotions; empty takes the table's own.
        other_columns: Whether the posts keep the columns they have no field for.

    Raises:
        TableError: The table is no table of labelled posts, or none of its labels is known.
        ConfigError: The recipe names a map of labels that does not exist.
    """
    columns = columns or ({} if source.column == "emotion" else {"emotion": source.column})
    table = PostsTable(path, columns, need=("emotion",), quarantine=quarantine)
    found = list(table)
    if not found:
        raise TableError(f"{path}: none of its rows is a labelled post; quarantine.jsonl says what is wrong with each")
    mapping = _mapping(source, {post.emotion or "" for post in found}, known)
    posts = [
        replace(post, emotion=mapping[post.emotion], other=post.other if other_columns else {})
        for post in found
        if post.emotion is not None and post.emotion in mapping
    ]
    if not posts:
        wanted = ", ".join(known) or f"those of the map {source.map}"
        raise TableError(f"{path}: none of its labels is among {wanted}; give a recipe with other emotions")
    return SourcePosts(source, posts, len(found) - len(posts))


def _mapping(source: Source, found: Iterable[str], known: Sequence[str]) -> dict[str, str]:
    if not source.map:
        if known:
            return emotions.match(found, known)[0]
        return {name: name for name in found}
    if source.map not in emotions.MAPS:
        raise ConfigError(f"no map of labels is named {source.map!r}; {did_you_mean(source.map, emotions.MAPS)}")
    single: dict[str, str] = {}
    for label in found:
        targets = {emotions.MAPS[source.map].get(part) for part in label.split("|")}
        target = targets.pop() if len(targets) == 1 else None
        if target and (not known or target in known):
            single[label] = target
    return single


def build(
    sources: list[SourcePosts],
    recipe: Recipe,
    tokenizer: Tokenizer,
    features: TrunkFeatures,
    *,
    quarantine: Quarantine,
    progress: Progress,
) -> Corpus:
    """Encode words, compute pictures' trunk outputs, and keep the tuning part apart."""
    names = order_emotions(sources, recipe.emotions)
    index = {name: position for position, name in enumerate(names)}
    training, tuning = [], []
    for entry in sources:
        rows = _picture_rows(entry, features, quarantine, progress)
        progress("encoding words", 0, 0, entry.source.name)
        encoded = [
            Encoded(tokenizer(post).ids if post.has_text else [], row, index[str(post.emotion)])
            for post, row in zip(entry.posts, rows, strict=True)
        ]
        apart = tuning_part(entry.posts, recipe.tuning) if recipe.tuning else [False] * len(encoded)
        readable = [(post, held) for post, held in zip(encoded, apart, strict=True) if post.ids or post.row >= 0]
        tuning.append([post for post, held in readable if held])
        source = entry.source
        training.append(
            Pool(
                [post for post, held in readable if not held],
                per_epoch=source.posts_per_epoch,
                balance=source.balance,
                borrow_picture=source.borrow_picture,
            )
        )
    return Corpus(names, training, tuning, features.array(), sources)


def order_emotions(sources: Iterable[SourcePosts], wanted: tuple[str, ...]) -> tuple[str, ...]:
    """The emotions in the order of the probabilities: as wanted, or those of the posts, the most frequent first.

    Raises:
        TableError: All posts have the same.
    """
    counts = Counter(post.emotion for source in sources for post in source.posts if post.emotion)
    if len(counts) < 2:
        raise TableError(f"every post has the emotion {next(iter(counts))!r}; training needs two emotions or more")
    return wanted or tuple(name for name, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def check_labels(table: PostsTable, known: tuple[str, ...]) -> None:
    """Refuse a table to be scored later whose labels are not trained on.

    Raises:
        TableError: It has such a label, or none at all.
    """
    labels = {post.emotion or "" for post in table}
    if not labels:
        raise TableError(f"{table.path}: none of its rows is a labelled post; mend them or give another table")
    unknown = emotions.match(labels, known)[1]
    if unknown:
        raise TableError(
            f"{table.path}: the label {unknown[0]!r} is not trained on, known are {', '.join(known)}; "
            "rename the label or leave its posts out"
        )


def _picture_rows(entry: SourcePosts, features: TrunkFeatures, quarantine: Quarantine, progress: Progress) -> list[int]:
    """The feature row of each post's picture; -1 without one. A picture that cannot be read is reported."""
    rows = [-1] * len(entry.posts)
    pictured = [position for position, post in enumerate(entry.posts) if post.image is not None]
    pictures = [entry.posts[position].image for position in pictured]

    def refuse(at: int, error: PictureError) -> None:
        quarantine.add(
            entry.posts[pictured[at]].id,
            pictured[at] + 1,
            "picture not used in training",
            detail=str(error),
            table=entry.source.table,
        )

    found = features.rows(
        [picture for picture in pictures if picture is not None],
        progress=lambda done, total: progress("reading pictures", done, total, entry.source.name),
        refuse=refuse,
    )
    for position, row in zip(pictured, found, strict=True):
        rows[position] = row
    return rows


def without_overlap(posts: Iterable[Post], sources: Iterable[SourcePosts]) -> list[Post]:
    """The posts whose text and picture are not also in the sources (case and punctuation do not count)."""
    known = [post for source in sources for post in source.posts]
    texts = {_text_key(post) for post in known} - {""}
    pictures = {_picture_key(post) for post in known} - {""}
    return [post for post in posts if _text_key(post) not in texts and _picture_key(post) not in pictures]


def _text_key(post: Post) -> str:
    return fold(post.text) or post.text.strip()  # a text without words, of emoji say, stands for itself


def _picture_key(post: Post) -> str:
    try:
        return "" if post.image is None else digest(post.image)
    except PictureError:  # not read in training either, and reported there
        return ""
