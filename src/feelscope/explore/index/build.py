"""An index is built from a table of posts and added to; whatever stops that, what was complete stays as it was.

Posts are tagged into shards first. Then the engine's folder is made beside the one in use, and about.json names it in
one step. Adding starts from hard links to the files in use, so only new posts are written; the result is the same as
building from all posts at once, because a post that is there already is written again where one of its subjects has
just become frequent enough for the vocabulary.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from feelscope.errors import ExploreError, PictureError
from feelscope.explore.index.about import (
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
from feelscope.explore.index.shards import ROWS_A_SHARD, Shards, Tagged
from feelscope.explore.index.subjects import find_subjects
from feelscope.explore.index.tagging import SubjectFinder, tag, write_thumbnail
from feelscope.explore.index.vocabulary import SubjectCounts, Vocabulary
from feelscope.explore.search.state import Facts, in_usual_order
from feelscope.explore.search.tantivy_engine import TantivyWriter
from feelscope.post import Post
from feelscope.progress import Progress, silent
from feelscope.table import PostsTable

BROKEN_PICTURE = "picture cannot be read, its post is indexed without it"


def build(
    table: PostsTable,
    folder: Path,
    *,
    name: str = "",
    model: str = "builtin",
    rebuild: bool = False,
    progress: Progress = silent,
    find_subjects: SubjectFinder = find_subjects,
) -> Facts:
    """Build the index of a table, or complete a build that was stopped.

    A picture that cannot be read goes to the table's quarantine; its post is indexed without it.

    Args:
        folder: New, empty, or half built.
        name: What people call the archive; by default, the table's file name.
        model: Reads the emotion of posts that have none.
        rebuild: Replace a complete index; it can be asked until the new one is complete.

    Raises:
        ExploreError: There is a complete index already, something else, or another process writes.
    """
    target = folder.with_name(f"{folder.name}.new") if rebuild and is_index(folder) else folder
    if is_index(target):
        if read_about(target).facts is not None:
            hint = f"feelscope explore add TABLE {folder} adds to it, --rebuild replaces it"
            raise ExploreError(f"{folder}: is a complete index; {hint}")
    elif target.is_dir() and any(target.iterdir()):
        raise ExploreError(f"{folder}: holds files that are not an index; name a new folder")
    target.mkdir(parents=True, exist_ok=True)
    with ExitStack() as locks:
        if target != folder:
            locks.enter_context(writing(folder))
        locks.enter_context(writing(target))
        if not is_index(target):
            write_about(target, About(name or table.path.stem, model, ()))
        facts = _Writer(table, target, progress, find_subjects).write()
        if target != folder:
            old = folder.with_name(f"{folder.name}.old")
            folder.replace(old)
            target.replace(folder)
            shutil.rmtree(old)
    return facts


def add(
    table: PostsTable,
    folder: Path,
    *,
    progress: Progress = silent,
    find_subjects: SubjectFinder = find_subjects,
) -> Facts:
    """Add the posts of a table whose ids the index does not have; those it has stay as they are.

    Raises:
        ExploreError: There is no complete index, or another process writes.
    """
    read_complete(folder)
    with writing(folder):
        return _Writer(table, folder, progress, find_subjects).write()


@dataclass(frozen=True)
class _Writer:
    """Takes the posts of a table into an index that this process holds for writing."""

    table: PostsTable
    folder: Path
    progress: Progress
    find_subjects: SubjectFinder

    def write(self) -> Facts:
        """Tag the posts that are new, and make the engine's folder of all."""
        about = read_about(self.folder)
        _sweep(self.folder, about)
        shards = Shards(self.folder / POSTS)
        self._tag(about, shards)
        names = tuple(shards.names())
        if not names:
            raise ExploreError(f"{self.table.path}: has no post that can be read")
        if names == about.shards and about.facts is not None:
            return about.facts
        facts = _facts(shards, about.name)
        written = self._index(about, shards, facts)
        write_about(self.folder, written)
        _sweep(self.folder, written)
        return facts

    def _tag(self, about: About, shards: Shards) -> None:
        """Tag the posts that no shard has, into new shards; Ctrl+C keeps those that are done."""
        tagged = shards.columns(shards.names(), ("id", "image"))
        known = dict(zip(tagged["id"].to_pylist(), tagged["image"].to_pylist(), strict=True))
        left_out = 0

        def new_posts() -> Iterator[Post]:
            nonlocal left_out
            for post in self.table:
                if post.id not in known:
                    yield post
                    continue
                left_out += 1
                if about.facts is None and post.image is not None and not known[post.id]:
                    self._thumbnail(post)  # a stopped build found it broken, and its quarantine is gone

        total = self.table.rough_length()

        def tell(of: int) -> None:
            self.progress("tagging", done, of, f"{left_out:,} known before" if left_out else "")

        rows: list[Tagged] = []
        done = 0
        try:
            for row in tag(new_posts(), about.model, self.find_subjects, self._thumbnail):
                rows.append(row)
                done += 1
                if len(rows) == ROWS_A_SHARD:
                    shards.write(rows)
                    rows = []
                tell(max(total - left_out, done))
            tell(done)  # how many rows a table has is only roughly known before
        finally:
            if rows:
                shards.write(rows)

    def _thumbnail(self, post: Post) -> str:
        """The name of a post's small picture; empty where there is none, or none that can be read."""
        try:
            return write_thumbnail(post, self.folder / THUMBNAILS)
        except PictureError as error:
            table = self.table
            table.quarantine.add(post.id, post.row, BROKEN_PICTURE, detail=str(error), table=str(table.path))
            return ""

    def _index(self, about: About, shards: Shards, facts: Facts) -> About:
        """Make the engine's folder of all shards; gives what about.json will say."""
        names = shards.names()
        counts = SubjectCounts(shards, names)
        probabilities = tuple(dict.fromkeys(emotion for name in names for emotion in shards.emotions(name)))
        target = self.folder / f"search-{int(about.search.rpartition('-')[2] or 0) + 1:06}"
        if about.search and set(probabilities) <= set(about.probabilities):
            probabilities = about.probabilities
            before = Vocabulary.read(self.folder / about.search / VOCABULARY)
            skipped = shutil.ignore_patterns(VOCABULARY, "*.lock")
            shutil.copytree(self.folder / about.search, target, ignore=skipped, copy_function=_link)
        else:
            before = None
            target.mkdir()
        vocabulary, subject_numbers = counts.vocabulary(before)
        promoted = subject_numbers >= (len(vocabulary.names) if before is None else len(before.names))
        with TantivyWriter(target, probabilities) as writer:
            done = 0
            for name in names:
                is_known = before is not None and name in about.shards
                for post in counts.documents(name, subject_numbers, promoted if is_known else None):
                    if is_known:
                        writer.delete(post["id"])
                    writer.add(post)
                    done += 1
                    self.progress("indexing", done, done if before else facts.posts, "")
            writer.commit()
        vocabulary.write(target / VOCABULARY)
        return About(about.name, about.model, probabilities, target.name, tuple(names), facts)


def _facts(shards: Shards, name: str) -> Facts:
    """What all posts together are."""
    import pyarrow.compute as pc

    posts = shards.columns(shards.names(), ("created_at", "emotion", "image"))
    first, last = pc.min_max(posts["created_at"]).as_py().values()
    start, end = (None, None) if first is None else (_day(first), _day(last + 86_400))
    emotions = in_usual_order({*posts["emotion"].unique().to_pylist()} - {""})
    pictures = pc.any(pc.not_equal(posts["image"], "")).as_py()
    return Facts(len(posts), start, end, emotions, posts["created_at"].null_count, pictures, name)


def _day(seconds: int) -> str:
    return str(np.datetime64(seconds, "s").astype("datetime64[D]"))


def _link(source: str, target: str) -> None:
    """The same file under another name; the engine writes each once and never changes it, except its lists."""
    try:
        if source.endswith(".json"):
            shutil.copy(source, target)
        else:
            os.link(source, target)
    except OSError:  # a file system without links
        shutil.copy(source, target)


def _sweep(folder: Path, about: About) -> None:
    """Remove what a build that was stopped, or an earlier index, left; shards stay."""
    for path in folder.glob("search-*"):
        if path.name != about.search:
            shutil.rmtree(path)
    for path in (*folder.glob("*.partial"), *folder.glob("*/*.partial")):
        path.unlink()
