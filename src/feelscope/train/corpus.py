"""From posts tables to what a training reads: pools of encoded posts, and a tuning part kept apart."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np

from feelscope import emotions
from feelscope.config import did_you_mean
from feelscope.encoders.tokenizer import Tokenizer
from feelscope.encoders.trunk_cache import TrunkFeatures, digest
from feelscope.errors import ConfigError, PictureError, TableError
from feelscope.images import read_rgb
from feelscope.post import Post
from feelscope.prepare.validation_split import validation_split
from feelscope.progress import Progress
from feelscope.table import PostsTable, Quarantine
from feelscope.text.near_duplicates import fold
from feelscope.train.batches import Encoded, Pool
from feelscope.train.recipe import Recipe, Source
from feelscope.train.teachers import read_teachers


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
        sources: The posts behind the pools and the tuning part.
        held: The posts behind the tuning part alone.
        parts: The emotion's index and the finer label of each output, where a source tells parts of emotions apart.
    """

    emotions: tuple[str, ...]
    training: list[Pool]
    tuning: list[list[Encoded]]
    trunk: np.ndarray
    sources: list[SourcePosts]
    held: list[Post]
    parts: tuple[tuple[int, str], ...] = ()

    @property
    def modalities(self) -> tuple[str, ...]:
        """What the posts have, of `text` and `image`."""
        posts = [post for pool in self.training for post in pool.posts]
        return (("text",) if any(post.ids for post in posts) else ()) + (
            ("image",) if any(post.row >= 0 for post in posts) else ()
        )

    @property
    def taught(self) -> int:
        """How many of the posts a teacher answered for."""
        lists = [*(pool.posts for pool in self.training), *self.tuning]
        return sum(bool(post.taught) for posts in lists for post in posts)

    def whole(self) -> "Corpus":
        """The same posts with nothing kept apart."""
        pairs = zip(self.training, self.tuning, strict=True)
        training = [replace(pool, posts=[*pool.posts, *kept]) for pool, kept in pairs]
        return replace(self, training=training, tuning=[[] for _ in self.tuning], held=[])

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
    mapping = _mapping(source, Counter(post.emotion or "" for post in found), known)
    posts = [
        replace(post, emotion=mapping[post.emotion], other=post.other if other_columns else _finer(post, source))
        for post in found
        if post.emotion is not None and post.emotion in mapping
    ]
    if source.finer and not any(source.finer in post.other for post in posts):
        raise TableError(f"{path}: no column {source.finer!r}, which was to tell parts of an emotion apart")
    if not posts:
        wanted = ", ".join(known) or f"those of the map {source.map}"
        raise TableError(f"{path}: none of its labels is among {wanted}; give a recipe with other emotions")
    return SourcePosts(source, posts, len(found) - len(posts))


def _finer(post: Post, source: Source) -> dict[str, object]:
    """Of the further columns only the one that is learnt."""
    value = post.other.get(source.finer)
    return {source.finer: str(value)} if value not in (None, "") else {}


def _part(post: Post, source: Source, index: Mapping[str, int]) -> tuple[int, str]:
    """A post's emotion and its finer label, empty where there is none."""
    return index[str(post.emotion)], str(post.other.get(source.finer, ""))


def _mapping(source: Source, found: Counter[str], known: Sequence[str]) -> dict[str, str]:
    if not source.map:
        if known:
            return emotions.match(found, known)[0]
        usual = {name.strip().lower(): name for name, _ in reversed(found.most_common())}  # of each its usual spelling
        return {name: usual[name.strip().lower()] for name in found}
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
    teachers: Sequence[Path] = (),
) -> Corpus:
    """Encode words, compute pictures' trunk outputs, and keep the tuning part apart."""
    names = order_emotions(sources, recipe.emotions)
    taught = read_teachers(teachers, names)
    index = {name: position for position, name in enumerate(names)}
    posts = [post for entry in sources for post in entry.posts]
    if teachers and not any(post.id in taught for post in posts):
        raise TableError(f"{teachers[0]}: its ids are none of the posts to train on; predict on the same table")
    progress("looking for near-duplicates", 0, 0, "")
    # Of all sources at once: one text may stand in two of them.
    apart = validation_split(posts, recipe.tuning) if recipe.tuning else [False] * len(posts)
    marks = iter(apart)
    parts: tuple[tuple[int, str], ...] = ()
    if any(entry.source.finer for entry in sources):
        parts = tuple(sorted({_part(post, entry.source, index) for entry in sources for post in entry.posts}))
    number = {part: at for at, part in enumerate(parts) if part[1]}
    training, tuning = [], []
    for entry in sources:
        rows = _picture_rows(entry, features, quarantine, progress)
        progress("encoding words", 0, 0, entry.source.name)
        encoded = [
            Encoded(
                tokenizer(post).ids if post.has_text else [],
                row,
                index[str(post.emotion)],
                part=number.get(_part(post, entry.source, index), -1),
                taught=taught.get(post.id, ()),
            )
            for post, row in zip(entry.posts, rows, strict=True)
        ]
        marked = zip(encoded, islice(marks, len(encoded)), strict=True)
        readable = [(post, held) for post, held in marked if post.ids or post.row >= 0]
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
    held = [post for post, mark in zip(posts, apart, strict=True) if mark]
    return Corpus(names, training, tuning, features.array(), sources, held, parts)


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
        post = entry.posts[pictured[at]]
        reason = "picture not used in training"
        quarantine.add(post.id, post.row, reason, detail=str(error), table=entry.source.table)

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
    text = post.text.strip() or post.title.strip()
    return fold(text) or text  # a text without words, of emoji say, stands for itself


def _picture_key(post: Post) -> str:
    try:
        return "" if post.image is None else digest(post.image)
    except PictureError:  # not read in training either, and reported there
        return ""
