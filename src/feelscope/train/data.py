"""From posts tables to the posts of a training: labels by the recipe's names, and a validation split kept apart."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from feelscope import emotions
from feelscope.config import did_you_mean, shown
from feelscope.errors import ConfigError, TableError
from feelscope.post import Post
from feelscope.prepare.validation_split import validation_split
from feelscope.progress import Progress
from feelscope.table import PostsTable, Quarantine
from feelscope.table.in_memory import MemoryRows
from feelscope.table.labels import same_by
from feelscope.table.settings import reading_with
from feelscope.text.near_duplicates import fold
from feelscope.train.kept_apart import copies_of, picture_key, unlike_those_apart
from feelscope.train.recipe import LABELS, Recipe, Source, find_tables
from feelscope.train.teachers import Taught, read_teachers


@dataclass(frozen=True, slots=True)
class SourcePosts:
    """The labelled posts of one table, and what was left out of it."""

    source: Source
    posts: list[Post]  # `emotion` is one of the recipe's
    dropped: int  # labels that the map has no single emotion for
    notes: tuple[str, ...] = ()  # what a person should know of its labels


@dataclass(frozen=True, slots=True)
class Corpus:
    """Everything that is trained on.

    Args:
        emotions: In the order of the labels.
        sources: The tables' posts.
        held: Of every post of every table, whether it is in the validation split.
        subclasses: The emotion's index and the subclass of each output, where a table tells subclasses apart.
        taught: What teachers answered, by the post's id.
        copies: Of every post of every table its counterfactual copies; empty where none are learnt.
        unlabelled: Posts to learn from without labels, and the table of each; for an objective that asks for them.
    """

    emotions: tuple[str, ...]
    sources: list[SourcePosts]
    held: list[bool]
    subclasses: tuple[tuple[int, str], ...] = ()
    taught: Taught | None = None
    copies: tuple[tuple[Post, ...], ...] = ()
    unlabelled: tuple[tuple[str, Post], ...] = ()

    def rows(self, held: bool) -> list[tuple[int, Post]]:
        """The number of the table and the post, of those in the validation split or of the others, then their copies.

        A post of the validation split has no copies there.
        """
        rows = [(number, post) for number, entry in enumerate(self.sources) for post in entry.posts]
        found = [row for row, mark in zip(rows, self.held, strict=True) if mark == held]
        if self.copies and not held:
            copied = zip(rows, self.copies, self.held, strict=True)
            found += [(number, copy) for (number, _), copies, mark in copied if not mark for copy in copies]
        return found

    def posts(self, held: bool) -> list[Post]:
        """The posts of the validation split, or the others."""
        return [post for _, post in self.rows(held)]

    def subclass(self, number: int, post: Post) -> int:
        """The index of a post's subclass; -1 where only its emotion is known."""
        pair = _subclass(post, self.sources[number].source, self.emotions)
        return self.subclasses.index(pair) if pair[1] and pair in self.subclasses else -1

    def digest(self, *, pictures: bool) -> str:
        """Equal for the same posts, with the same words and, where they count, the same pictures."""
        rows = hashlib.sha256()
        for entry in self.sources:
            for post in entry.posts:
                row = [post.id, post.emotion, post.texts, picture_key(post) if pictures else ""]
                rows.update(json.dumps(row).encode())
        for _, post in self.unlabelled:
            row = [post.id, None, post.texts, picture_key(post) if pictures else ""]
            rows.update(json.dumps(row).encode())
        return rows.hexdigest()

    def whole(self) -> "Corpus":
        """The same posts with nothing kept apart."""
        return replace(self, held=[False] * len(self.held))


def read_corpus(
    recipe: Recipe,
    *,
    table: Path | MemoryRows | None,
    data: Path | None,
    columns: Mapping[str, str] | None,
    teachers: Sequence[Path] = (),
    unlabelled: Path | MemoryRows | None = None,
    quarantine: Quarantine,
    progress: Progress,
) -> Corpus:
    """Read a recipe's tables, or the one that is given, and keep the validation split apart.

    Args:
        unlabelled: A table of posts to learn from without labels, besides those of the tables whose label is empty; for
            a recipe that asks for them.

    Raises:
        TableError, ConfigError: One line that says what to do.
    """
    bare: list[tuple[str, Post]] | None = [] if recipe.enaet else None
    sources = _read_sources(recipe, table, data, columns, quarantine, bare)
    sources = _one_name_each(sources, recipe)
    for entry in sources:
        for note in entry.notes:
            progress(f"{entry.source.name}: {note}", 0, 0, "")
    names = order_emotions(sources, recipe.data.emotions)
    posts = [post for entry in sources for post in entry.posts]
    taught = read_teachers(teachers, names) if teachers else None
    if taught is not None and not any(post.id in taught for post in posts):
        raise TableError(f"{teachers[0]}: its ids are none of the posts to train on; predict on the same table")
    progress("looking for near-duplicates", 0, 0, "")
    share = recipe.choices.validation
    # Of all tables at once: one text may be in two of them.
    held = validation_split(posts, share) if share else [False] * len(posts)
    subclasses: set[tuple[int, str]] = set()
    if any(entry.source.subclass for entry in sources):
        subclasses = {_subclass(post, entry.source, names) for entry in sources for post in entry.posts}
        known = {emotion for emotion, _ in subclasses}
        subclasses |= {(emotion, "") for emotion in range(len(names)) if emotion not in known}
    copies: tuple[tuple[Post, ...], ...] = ()
    if recipe.augmentation:
        progress("swapping words", 0, 0, "")
        copies, taught = copies_of(posts, held, recipe.augmentation, names, taught)
    if bare is not None:
        if unlabelled is not None:
            bare += [(str(unlabelled), post) for post in PostsTable(unlabelled, columns, quarantine=quarantine)]
        bare = unlike_those_apart(bare, [post for post, mark in zip(posts, held, strict=True) if mark], unlabelled)
    return Corpus(names, sources, held, tuple(sorted(subclasses)), taught, copies, tuple(bare or ()))


def check_unlabelled(recipe: Recipe, unlabelled: Path | MemoryRows | None) -> None:
    """Refuse posts without labels that nothing would learn from.

    Raises:
        ConfigError: The recipe has no objective that asks for them.
    """
    if unlabelled is not None and not recipe.enaet:
        raise ConfigError(
            f"--unlabelled {unlabelled}: this recipe learns from labels alone; leave it out, or give a recipe with "
            "[enaet]"
        )


def read_dev(
    recipe: Recipe, data: Path | None, known: tuple[str, ...], quarantine: Quarantine
) -> dict[str, list[Post]]:
    """The dev tables that a recipe names itself, by their names."""
    named = [source for source in recipe.data.tables if source.dev]
    return {
        source.dev: read_source(Path(str(data)) / source.dev, source, known, quarantine=quarantine).posts
        for source in named
    }


def _read_sources(
    recipe: Recipe,
    table: Path | MemoryRows | None,
    data: Path | None,
    columns: Mapping[str, str] | None,
    quarantine: Quarantine,
    bare: list[tuple[str, Post]] | None,
) -> list[SourcePosts]:
    tables = recipe.data.tables
    if tables and table is not None:
        raise ConfigError("this recipe names its own tables; give --data and no table, or another recipe")
    if tables and data is None:
        raise ConfigError(
            "this recipe names its own tables; say where they are with --data DIR (`feelscope docs data`)"
        )
    if tables:
        paths = find_tables(tables, Path(str(data)))
        return [
            read_source(path, source, recipe.data.emotions, quarantine=quarantine, bare=bare, labels=recipe.data.labels)
            for path, source in zip(paths, tables, strict=True)
        ]
    if data is not None:
        raise ConfigError("this recipe names no tables of its own; give the TABLE and leave --data out")
    if table is None:
        raise ConfigError("this recipe needs a posts table: feelscope train TABLE --recipe ... --out ...")
    return [read_table(table, recipe, columns, quarantine, bare)]


def read_table(
    table: Path | MemoryRows,
    recipe: Recipe,
    columns: Mapping[str, str] | None,
    quarantine: Quarantine | None,
    bare: list[tuple[str, Post]] | None = None,
) -> SourcePosts:
    """The labelled posts of one's own table."""
    source = Source(table=str(table), name=table.name, licence="as its owner says", subclass=recipe.data.subclass)
    known, labels = recipe.data.emotions, recipe.data.labels
    return read_source(table, source, known, columns=columns, quarantine=quarantine, bare=bare, labels=labels)


def read_source(
    path: Path | MemoryRows,
    source: Source,
    known: Sequence[str],
    *,
    columns: Mapping[str, str] | None = None,
    quarantine: Quarantine | None = None,
    bare: list[tuple[str, Post]] | None = None,
    labels: str = LABELS[0],
) -> SourcePosts:
    """Read a table and bring its labels to the recipe's names.

    Args:
        known: The recipe's emotions; empty takes the table's own.
        bare: Takes the posts whose label is empty; None has them quarantined.
        labels: Whether names that mean the same are one, one of `LABELS`.

    Raises:
        TableError: The table is no table of labelled posts, or none of its labels is known.
        ConfigError: The recipe names a map of labels that does not exist.
    """
    columns = columns or ({} if source.column == "emotion" else {"emotion": source.column})
    same = same_by(labels)
    with reading_with(labels="" if labels == LABELS[0] else labels):  # of lists of labels too
        rows = PostsTable(path, columns, need=("emotion",), quarantine=quarantine, same=same)
        if bare is not None:  # the column is needed, a label in each of its cells is not
            rows = PostsTable(path, columns, quarantine=quarantine, same=same)
        posts = list(rows)
    labelled = [post for post in posts if post.emotion]
    if bare is not None:
        bare += [(str(path), post) for post in posts if not post.emotion]
    if not labelled:
        raise TableError(f"{path}: none of its rows is a labelled post; quarantine.jsonl says what is wrong with each")
    counts = Counter(post.emotion or "" for post in labelled)
    mapping = _mapping(source, counts, known, same)
    notes = [*_merged(mapping if not source.map and not known else {}), *([str(rows.raters)] if rows.raters else [])]
    posts = [replace(post, emotion=mapping[post.emotion]) for post in labelled if post.emotion in mapping]
    if source.subclass and not any(source.subclass in post.other for post in posts):
        raise TableError(f"{path}: no column {source.subclass!r}, which was to tell subclasses of an emotion apart")
    if not posts:
        wanted = ", ".join(known) or f"those of the map {source.map}"
        raise TableError(f"{path}: none of its labels is among {wanted}; give a recipe with other emotions")
    return SourcePosts(source, posts, len(labelled) - len(posts), tuple(note for note in notes if note))


def _merged(mapping: Mapping[str, str]) -> Iterator[str]:
    """What to say of names that are one label though they are different words."""
    several: dict[str, set[str]] = {}
    for name, usual in mapping.items():
        if name.strip().lower() != usual.strip().lower():
            several.setdefault(usual, set()).add(name)
    for usual, names in several.items():
        yield f"labels that mean the same are one: {', '.join(sorted(names))} count as {usual}"


def _one_name_each(sources: list[SourcePosts], recipe: Recipe) -> list[SourcePosts]:
    """The sources with one name for labels that are the same in several of them."""
    if len(sources) < 2 or recipe.data.emotions:
        return sources
    counts = Counter(post.emotion or "" for entry in sources for post in entry.posts)
    usual = emotions.usual_names(counts, same_by(recipe.data.labels))
    if all(name == one for name, one in usual.items()):
        return sources
    return [
        replace(
            entry,
            posts=[replace(post, emotion=usual[post.emotion or ""]) for post in entry.posts],
            notes=(
                *entry.notes,
                *_merged({name: usual[name] for name in {post.emotion or "" for post in entry.posts}}),
            ),
        )
        for entry in sources
    ]


def _subclass(post: Post, source: Source, names: Sequence[str]) -> tuple[int, str]:
    """The index of a post's emotion, and its subclass, empty where there is none."""
    value = post.other.get(source.subclass)
    return names.index(str(post.emotion)), "" if value is None else str(value)


def _mapping(source: Source, labels: Counter[str], known: Sequence[str], same: Callable[[str], str]) -> dict[str, str]:
    """From a table's labels to the recipe's, without those that are none of them."""
    if not source.map:
        if known:
            return emotions.match(labels, known)[0]
        return emotions.usual_names(labels, same)
    if source.map not in emotions.MAPS:
        raise ConfigError(f"no map of labels is named {source.map!r}; {did_you_mean(source.map, emotions.MAPS)}")
    single: dict[str, str] = {}
    for label in labels:
        targets = {emotions.MAPS[source.map].get(part) for part in label.split("|")}
        target = targets.pop() if len(targets) == 1 else None
        if target and (not known or target in known):
            single[label] = target
    return single


def order_emotions(sources: Iterable[SourcePosts], wanted: tuple[str, ...]) -> tuple[str, ...]:
    """The emotions in the order of the probabilities: as wanted, or those of the posts, the most frequent first.

    Raises:
        TableError: All posts have the same, or one is no name.
    """
    counts = Counter(post.emotion for source in sources for post in source.posts if post.emotion)
    if odd := [name for name in counts if not emotions.is_name(name)]:
        raise TableError(f"the label {shown(odd[0])}: expected at most {emotions.LONGEST} printable characters")
    if len(counts) < 2:
        raise TableError(f"every post has the emotion {next(iter(counts))!r}; training needs two emotions or more")
    return wanted or tuple(name for name, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def check_labels(posts: Iterable[Post], table: Path | MemoryRows, known: tuple[str, ...]) -> None:
    """Refuse a table's posts, to be scored later, whose labels are not trained on.

    Raises:
        TableError: There is such a label, or none at all.
    """
    labels = {post.emotion or "" for post in posts}
    if not labels:
        raise TableError(f"{table}: none of its rows is a labelled post; mend them or give another table")
    unknown = emotions.match(labels, known)[1]
    if unknown:
        raise TableError(
            f"{table}: the label {unknown[0]!r} is not trained on, known are {', '.join(known)}; "
            "rename the label or leave its posts out"
        )


def without_overlap(posts: Iterable[Post], sources: Iterable[SourcePosts]) -> list[Post]:
    """The posts whose text and picture are not also in the sources (case and punctuation do not count)."""
    known = [post for source in sources for post in source.posts]
    texts = {_text_key(post) for post in known} - {""}
    pictures = {picture_key(post) for post in known} - {""}
    return [post for post in posts if _text_key(post) not in texts and picture_key(post) not in pictures]


def _text_key(post: Post) -> str:
    text = post.text.strip() or post.title.strip()
    return fold(text) or text  # a text without words, of emoji say, stands for itself
