"""An index is built from a table of posts and added to; whatever stops that, what was complete stays as it was.

Posts are tagged into shards first. Then the engine's folder is made beside the one in use, and about.json names it in
one step. Adding starts from hard links to the files in use, so only new posts are written; the result is the same as
building from all posts at once, because a post that is there already is written again where one of its subjects has
just become frequent enough for the vocabulary.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from feelscope.config import did_you_mean
from feelscope.errors import ExploreError, ModelError, PictureError, TableError
from feelscope.explore.index import rows
from feelscope.explore.index.about import (
    ABOUT,
    OLD_LOCK,
    POSTS,
    THUMBNAILS,
    VOCABULARY,
    About,
    is_index,
    put_back,
    read_about,
    read_complete,
    rebuild_place,
    rebuilt,
    write_about,
)
from feelscope.explore.index.shards import BYTES_A_SHARD, ROWS_A_SHARD, Shards, Tagged
from feelscope.explore.index.subjects import find_subjects
from feelscope.explore.index.tagging import SubjectFinder, tag, write_thumbnail
from feelscope.explore.index.vocabulary import SubjectCounts, Vocabulary
from feelscope.explore.search.state import FACETS, Facts, in_usual_order
from feelscope.explore.search.tantivy_engine import TantivyWriter
from feelscope.files import digest, is_lock, remove_partials, writing, writing_folder
from feelscope.post import Post
from feelscope.progress import Progress, silent
from feelscope.table import BadRow, PostsTable
from feelscope.table.unused_pictures import count_fault

BROKEN_PICTURE = "picture cannot be read, its post is indexed without it"
CHANGED = "not as the index has the post of this id, which stays as it is"


def build(
    table: PostsTable,
    folder: Path,
    *,
    name: str = "",
    model: str = "builtin",
    facets: Sequence[str] = (),
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
        facets: Columns of the table that posts can be filtered by, beside author, source and tags.
        rebuild: Replace an index; it can be asked until the new one is complete.

    Raises:
        ExploreError: There is a complete index already, something else, or another process writes; a build that was
            stopped began with another model, other facets or other posts; the table has no such column.
    """
    facets = _columns(table, facets)
    put_back(folder)
    with writing_folder(folder, ExploreError):
        place = folder
        if rebuild and is_index(folder):
            place = rebuild_place(folder)
        elif is_index(folder):
            if read_about(folder).facts is not None:
                hint = f"feelscope explore add TABLE {folder} adds to it, --rebuild replaces it"
                raise ExploreError(f"{folder}: is a complete index; {hint}")
        elif not all(is_lock(path) or path.name == OLD_LOCK for path in folder.iterdir()):
            raise ExploreError(f"{folder}: holds files that are not an index; name a new folder")
        again = f"delete {place} to begin again" if place != folder else "begin again with --rebuild"
        if is_index(place):
            about = read_about(place)
            _check_same_model(about, model, place, again)
            if about.facets != facets:
                then = f"--facets {','.join(about.facets)}" if about.facets else "no --facets"
                raise ExploreError(f"{place}: was begun with {then}; complete it with the same, or {again}")
        else:
            place.mkdir(exist_ok=True)
            about = About(name or table.path.stem, model, (), model_digest=_model_digest(model), facets=facets)
            write_about(place, about)
        return _Writer(table, folder, place, about, again, progress, find_subjects).write()


def add(
    table: PostsTable,
    folder: Path,
    *,
    progress: Progress = silent,
    find_subjects: SubjectFinder = find_subjects,
) -> Facts:
    """Add the posts of a table whose ids the index does not have; those it has stay as they are.

    A row whose id the index has with other content goes to the table's quarantine.

    Raises:
        ExploreError: There is no complete index, another process writes, or the index's model has changed.
    """
    read_complete(folder)
    with writing(folder, ExploreError):
        about, _ = read_complete(folder)
        return _Writer(table, folder, folder / about.inside, about, "", progress, find_subjects).write()


def _columns(table: PostsTable, facets: Sequence[str]) -> tuple[str, ...]:
    """The columns that are facets, without those that always are."""
    always = {*FACETS, *(table.columns[name] for name in FACETS if name in table.columns)}
    for name in facets:
        if name not in table.types and name not in always:
            raise ExploreError(f"{table.path}: --facets {name}: no such column; {did_you_mean(name, table.types)}")
    return tuple(dict.fromkeys(name for name in facets if name not in always))


def _model_digest(model: str) -> str:
    """What a model is known by; empty for one that is not there, which posts with emotions do not need."""
    from feelscope.saved_model.locate import locate

    try:
        return digest(locate(model) / "manifest.json")
    except (ModelError, OSError):
        return ""


def _check_same_model(about: About, model: str, place: Path, again: str) -> None:
    """Refuse to complete an index with another model."""
    now = _model_digest(model)
    if now != about.model_digest if now and about.model_digest else model != about.model:
        which = f"the model {about.model}" if model != about.model else f"{model} as it was then"
        raise ExploreError(f"{place}: was begun with {which}; complete it with the same, or {again}")


@dataclass(frozen=True)
class _Writer:
    """Takes the posts of a table into an index that this process holds for writing."""

    table: PostsTable
    folder: Path
    place: Path  # where its files are: the folder, or one in it
    about: About
    again: str  # how to begin a build again, as messages say it
    progress: Progress
    find_subjects: SubjectFinder

    def write(self) -> Facts:
        """Tag the posts that are new, and make the engine's folder of all."""
        about = self.about
        self._sweep(about)
        shards = Shards(self.place / POSTS)
        self._tag(shards)
        names = tuple(shards.names())
        if not names:
            raise ExploreError(f"{self.table.path}: has no post that can be read")
        if names == about.shards and about.facts is not None:
            return about.facts
        facts = _facts(shards, about)
        written = self._index(shards, facts)
        write_about(self.folder, written)
        self._sweep(written)
        return facts

    def _tag(self, shards: Shards) -> None:
        """Tag the posts that no shard has, into new shards; Ctrl+C keeps those that are done."""
        known = rows.Known(shards, self.about.facets)
        is_added_to = self.about.facts is not None
        if known.numbers and not is_added_to:
            self._check_same_posts(known)
        left_out, is_checked = 0, False
        digests: dict[str, int] = {}  # of the posts that are being tagged

        def new_posts() -> Iterator[Post]:
            nonlocal left_out, is_checked
            for post in self.table:
                number = known.numbers.get(post.id)
                if number is not None:
                    left_out += 1
                    if is_added_to and not known.is_same(number, post):
                        self._quarantine(post, CHANGED)
                    elif not is_added_to and post.image is not None and not known.images[number]:
                        self._thumbnail(post)  # a stopped build found it broken, and its quarantine is gone
                    continue
                try:
                    rows.check(post, self.about.facets)
                except BadRow as bad:
                    left_out += 1
                    self._quarantine(post, bad.reason, bad.detail)
                    continue
                if post.emotion is None and not is_checked:
                    self._check_model()
                    is_checked = True
                digests[post.id] = rows.digest(post, self.about.facets)
                yield post

        total = self.table.rough_length()

        def tell(of: int) -> None:
            self.progress("tagging", done, of, f"{left_out:,} known before" if left_out else "")

        waiting: list[Tagged] = []
        done = size = 0
        before = {*shards.names()}
        try:
            posts = new_posts()
            for row in tag(posts, self.about.model, self.find_subjects, self._thumbnail, self.about.facets):
                waiting.append(replace(row, digest=digests.pop(row.id)))
                done, size = done + 1, size + row.size
                if len(waiting) == ROWS_A_SHARD or size >= BYTES_A_SHARD:
                    shards.write(waiting)
                    waiting, size = [], 0
                tell(max(total - left_out, done))
            tell(done)  # how many rows a table has is only roughly known before
        except TableError:  # it is refused: nothing of it may come into the index with the next table
            if self.about.facts is not None:
                waiting = []
                for name in {*shards.names()} - before:
                    (shards.folder / name).unlink()
            raise
        finally:
            if waiting:
                shards.write(waiting)

    def _check_same_posts(self, known: rows.Known) -> None:
        """Refuse to complete a build with a table that is not the one it began with."""
        left = set(known.numbers)
        for done, post in enumerate(self.table, 1):
            if (number := known.numbers.get(post.id)) is not None:
                left.discard(post.id)
                if not known.is_same(number, post):
                    raise ExploreError(
                        f"{self.table.path}: post {post.id!r} in row {post.row} is not as it was when {self.place} was "
                        f"begun; give the table of then, or {self.again}"
                    )
            self.progress("looking for what is tagged", done, 0, "")
            if not left:
                return
        raise ExploreError(
            f"{self.table.path}: has no post {min(left)!r}, with which {self.place} was begun; give the table of then, "
            f"or {self.again}"
        )

    def _check_model(self) -> None:
        """Refuse to read emotions with another model than those that are there."""
        before = self.about.model_digest
        if before and (now := _model_digest(self.about.model)) and now != before:
            raise ExploreError(
                f"{self.folder}: its emotions were read with {self.about.model} as it was then, which has changed; "
                "rebuild it with --rebuild, or add posts with emotions"
            )

    def _quarantine(self, post: Post, reason: str, detail: str = "") -> None:
        self.table.quarantine.add(post.id, post.row, reason, detail=detail, table=str(self.table.path))

    def _thumbnail(self, post: Post) -> str:
        """The name of a post's small picture; empty where there is none, or none that can be read."""
        try:
            return write_thumbnail(post, self.place / THUMBNAILS)
        except PictureError as error:
            self._quarantine(post, BROKEN_PICTURE, str(error))
            count_fault(self.table.quarantine, str(error))
            return ""

    def _index(self, shards: Shards, facts: Facts) -> About:
        """Make the engine's folder of all shards; gives what about.json will say."""
        about, names = self.about, shards.names()
        counts = SubjectCounts(shards, names)
        probabilities = tuple(dict.fromkeys(emotion for name in names for emotion in shards.emotions(name)))
        target = self.place / f"search-{int(about.search.rpartition('-')[2] or 0) + 1:06}"
        if about.search and set(probabilities) <= set(about.probabilities):
            probabilities = about.probabilities
            before = Vocabulary.read(self.place / about.search / VOCABULARY)
            skipped = shutil.ignore_patterns(VOCABULARY, "*.lock")
            shutil.copytree(self.place / about.search, target, ignore=skipped, copy_function=_link)
        else:
            before = None
            target.mkdir()
        vocabulary, subject_numbers = counts.vocabulary(before)
        promoted = subject_numbers >= (len(vocabulary.names) if before is None else len(before.names))
        with TantivyWriter(target, probabilities, (*FACETS, *about.facets)) as writer:
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
        inside = "" if self.place == self.folder else self.place.name
        return replace(
            about, probabilities=probabilities, search=target.name, shards=tuple(names), facts=facts, inside=inside
        )

    def _sweep(self, about: About) -> None:
        """Remove what a build that was stopped, or an earlier index, left; shards and half-built rebuilds stay."""
        left = [path for path in self.place.glob("search-*") if path.name != about.search]
        if about.inside:  # the index is in there, and complete
            (self.place / ABOUT).unlink(missing_ok=True)
            left += [self.folder / POSTS, self.folder / THUMBNAILS, *self.folder.glob("search-*")]
            left += [path for path in rebuilt(self.folder) if path < self.place]
        for path in left:
            shutil.rmtree(path, ignore_errors=True)
        remove_partials(self.folder)
        (self.folder / OLD_LOCK).unlink(missing_ok=True)


def _facts(shards: Shards, about: About) -> Facts:
    """What all posts together are."""
    import pyarrow.compute as pc

    posts = shards.columns(shards.names(), ("created_at", "emotion", "image", "source", "author"))
    used = {name for name in ("source", "author") if pc.any(pc.not_equal(posts[name], "")).as_py()}
    used.update(name for shard in shards.names() for name in shards.facets(shard))
    facets = tuple(name for name in (*FACETS, *about.facets) if name in used)
    first, last = pc.min_max(posts["created_at"]).as_py().values()
    start, end = (None, None) if first is None else (_day(first), _day(last + 86_400))
    emotions = in_usual_order({*posts["emotion"].unique().to_pylist()} - {""})
    pictures = pc.any(pc.not_equal(posts["image"], "")).as_py()
    return Facts(len(posts), start, end, emotions, posts["created_at"].null_count, pictures, about.name, facets)


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
