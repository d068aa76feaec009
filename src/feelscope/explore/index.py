"""An index is built from a table of posts and added to; whatever stops that, what was complete stays as it was.

Posts are tagged into pieces first. Then the engine's folder is made beside the one in use, and about.json names it in
one step. Adding starts from hard links to the files in use, so only new posts are written; the result is the same as
building from all posts at once, because a post that is there already is written again where one of its subjects has
just become frequent enough for the vocabulary.
"""

import functools
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from feelscope.emotions import SEVEN
from feelscope.errors import ExploreError
from feelscope.explore.about import (
    POSTS,
    THUMBNAILS,
    VOCABULARY,
    About,
    is_index,
    read_about,
    read_complete,
    write_about,
    writing,
)
from feelscope.explore.document import document
from feelscope.explore.pieces import ROWS_A_PIECE, Pieces, Tagged
from feelscope.explore.state import Facts
from feelscope.explore.tagging import Classifier, Tagger, tag
from feelscope.explore.tantivy_engine import TantivyWriter
from feelscope.explore.thumbnails import Thumbnails
from feelscope.explore.vocabulary import Counted, Vocabulary
from feelscope.post import Post
from feelscope.progress import Progress, silent
from feelscope.table import PostsTable


def build(
    table: PostsTable,
    folder: Path,
    *,
    name: str = "",
    model: str = "builtin",
    anew: bool = False,
    progress: Progress | None = None,
    tagger: Tagger | None = None,
) -> Facts:
    """Build the index of a table, or go on with a build that was stopped.

    Args:
        folder: New, empty, or half built.
        name: What people call the archive; otherwise the table's file name.
        model: Reads the emotion of posts that have none.
        anew: Replace a complete index; it can be asked until the new one is complete.

    Raises:
        ExploreError: There is a complete index already, something else, or another process writes.
    """
    target = folder.with_name(f"{folder.name}.new") if anew and is_index(folder) else folder
    if is_index(target):
        about = read_about(target)
        if about.facts is not None:
            hint = f"feelscope explore add TABLE {folder} adds to it, --anew builds it anew"
            raise ExploreError(f"{folder}: is a complete index; {hint}")
    elif target.is_dir() and any(target.iterdir()):
        raise ExploreError(f"{folder}: holds files that are no index; name a new folder")
    target.mkdir(parents=True, exist_ok=True)
    with ExitStack() as locks:
        if target != folder:
            locks.enter_context(writing(folder))
        locks.enter_context(writing(target))
        if not is_index(target):
            write_about(target, About(name or table.path.stem, model, ()))
        facts = _take_in(table, target, progress, tagger)
        if target != folder:
            old = folder.with_name(f"{folder.name}.old")
            folder.replace(old)
            target.replace(folder)
            shutil.rmtree(old)
    return facts


def add(table: PostsTable, folder: Path, *, progress: Progress | None = None, tagger: Tagger | None = None) -> Facts:
    """Add the posts of a table whose ids the index does not have; those it has stay as they are.

    Raises:
        ExploreError: There is no complete index, or another process writes.
    """
    read_complete(folder)
    with writing(folder):
        return _take_in(table, folder, progress, tagger)


def _take_in(table: PostsTable, folder: Path, progress: Progress | None, tagger: Tagger | None) -> Facts:
    about = read_about(folder)
    say = progress or silent
    _sweep(folder, about)
    pieces = Pieces(folder / POSTS)
    _tag(table, pieces, Thumbnails(folder / THUMBNAILS), about.model, tagger or _subjects, say)
    names = pieces.names()
    if not names:
        raise ExploreError(f"{table.path}: has no post that can be read")
    if names == list(about.pieces) and about.facts is not None:
        return about.facts
    facts = _facts(pieces, names, about.name)
    made = _index(folder, about, pieces, facts, say)
    write_about(folder, made)
    _sweep(folder, made)
    return facts


def _tag(table: PostsTable, pieces: Pieces, thumbnails: Thumbnails, model: str, tagger: Tagger, say: Progress) -> None:
    """Tag the posts that no piece has, into new pieces; Ctrl+C keeps those that are done."""

    @functools.cache
    def classifier() -> Classifier:
        from feelscope.saved_model.classifier import EmotionClassifier

        return EmotionClassifier.load(model)

    known = pieces.ids(pieces.names())
    left_out = 0

    def new() -> Iterator[Post]:
        nonlocal left_out
        for post in table:
            if post.id in known:
                left_out += 1
            else:
                yield post

    total = table.rough_length() if table.limit is None else min(table.limit, table.rough_length())

    def tell(of: int) -> None:
        say("tagging", done, of, f"{left_out:,} known before" if left_out else "")

    rows: list[Tagged] = []
    done = 0
    try:
        for row in tag(new(), classifier, tagger, thumbnails):
            rows.append(row)
            done += 1
            if len(rows) == ROWS_A_PIECE:
                pieces.write(rows)
                rows = []
            tell(max(total - left_out, done))
        tell(done)  # how many rows a table has is only roughly known before
    finally:
        if rows:
            pieces.write(rows)


def _subjects(texts: Iterable[str]):  # type: ignore[no-untyped-def] # as `Tagger`; its module is read late
    from feelscope.explore.subjects import subjects

    return subjects(texts)


def _facts(pieces: Pieces, names: Sequence[str], name: str) -> Facts:
    """What all posts together are."""
    import pyarrow.compute as pc

    posts = undated = 0
    first: int | None = None
    last = 0
    emotions: set[str] = set()
    pictures = False
    for piece in names:
        times = pieces.column(piece, "created_at")
        posts += len(times)
        undated += times.null_count
        least, most = (pc.min_max(times)[end].as_py() for end in ("min", "max"))
        if least is not None:
            first, last = (least, most) if first is None else (min(first, least), max(last, most))
        emotions.update(pieces.column(piece, "emotion").unique().to_pylist())
        pictures = pictures or pc.any(pc.not_equal(pieces.column(piece, "image"), "")).as_py()
    order = [emotion for emotion in SEVEN if emotion in emotions] + sorted(emotions - {*SEVEN, ""})
    start, end = (None, None) if first is None else (_day(first), _day(last + 86_400))
    return Facts(posts, start, end, tuple(order), undated, pictures, name)


def _day(seconds: int) -> str:
    return str(np.datetime64(seconds, "s").astype("datetime64[D]"))


def _index(folder: Path, about: About, pieces: Pieces, facts: Facts, say: Progress) -> About:
    """Make the engine's folder of all pieces; gives what about.json will say."""
    names = pieces.names()
    counted = Counted()
    counted.add(pieces, names)
    probabilities = tuple(dict.fromkeys(emotion for piece in names for emotion in pieces.emotions(piece)))
    number = int(about.search.rpartition("-")[2] or 0) + 1
    target = folder / f"search-{number:06}"
    if about.search and set(probabilities) <= set(about.probabilities):
        probabilities = about.probabilities
        before = Vocabulary.read(folder / about.search / VOCABULARY)
        _link(folder / about.search, target)
    else:
        before = None
        target.mkdir()
    vocabulary, numbers = counted.vocabulary(before)
    promoted = numbers >= (len(vocabulary.names) if before is None else len(before.names))
    with TantivyWriter(target, probabilities) as writer:
        first = done = 0
        for name in names:
            emotions = pieces.emotions(name)
            size = len(counted.pieces[name][1]) - 1
            known = before is not None and name in about.pieces
            at = counted.rows_with(name, promoted).tolist() if known else range(size)
            subjects = list(counted.rows(name, numbers))
            rows = pieces.rows(name, at if known else None) if len(at) else ()
            for place, row in zip(at, rows, strict=True):
                if known:
                    writer.delete(row["id"])
                writer.add(document(row, first + place, subjects[place], emotions))
                done += 1
                say("indexing", done, done if before else facts.posts, "")
            first += size
        writer.commit()
    vocabulary.write(target / VOCABULARY)
    return About(about.name, about.model, probabilities, target.name, tuple(names), facts)


def _link(source: Path, target: Path) -> None:
    """The same files under another folder; the engine writes each once and never changes it, but for its lists."""
    target.mkdir()
    for path in source.iterdir():
        if path.name == VOCABULARY or path.name.endswith(".lock"):
            continue
        if path.suffix == ".json":
            shutil.copy(path, target)
            continue
        try:
            os.link(path, target / path.name)
        except OSError:  # a file system without links
            shutil.copy(path, target)


def _sweep(folder: Path, about: About) -> None:
    """Remove what a build that was stopped, or an earlier index, left; pieces stay."""
    for path in folder.glob("search-*"):
        if path.name != about.search:
            shutil.rmtree(path)
    for path in (*folder.glob("*.partial"), *folder.glob("*/*.partial")):
        path.unlink()
