"""An index is built from a table of posts and added to; whatever stops that, what was complete stays as it was.

Posts are tagged into shards first. Then the engine's folder is made beside the one in use, see `indexing`, and
about.json names it in one step.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from feelscope.config import did_you_mean
from feelscope.errors import ExploreError, ModelError, PictureError, TableError
from feelscope.explore.index import rows
from feelscope.explore.index.about import (
    ABOUT,
    MAP,
    OLD_LOCK,
    POSTS,
    THUMBNAILS,
    About,
    is_index,
    put_back,
    read_about,
    read_complete,
    rebuild_place,
    rebuilt,
    write_about,
)
from feelscope.explore.index.indexing import index_shards
from feelscope.explore.index.layout import check_installed
from feelscope.explore.index.placing import Places
from feelscope.explore.index.shards import BYTES_A_SHARD, ROWS_A_SHARD, Shards, Tagged
from feelscope.explore.index.subjects import find_subjects
from feelscope.explore.index.tagging import SubjectFinder, tag, write_thumbnail
from feelscope.explore.index.vectors import KINDS, Vectors, as_integers
from feelscope.explore.search.state import FACETS, Facts
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
    mapped: bool = False,
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
        mapped: Whether posts get a place on a map, by the vectors of their words; the model reads all posts for these.
        rebuild: Replace an index; it can be asked until the new one is complete.

    Raises:
        ExploreError: There is a complete index already, something else, or another process writes; a build that was
            stopped began with another model, other facets or other posts; the table has no such column; there is to be
            a map and the model reads no words.
        MissingExtra: There is to be a map, and what lays it out is not installed.
    """
    facets = _columns(table, facets)
    if mapped:
        check_installed()
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
            if about.mapped != mapped:
                then = "with --map" if about.mapped else "without --map"
                raise ExploreError(f"{place}: was begun {then}; complete it in the same way, or {again}")
        else:
            place.mkdir(exist_ok=True)
            digest = _model_digest(model)
            about = About(name or table.path.stem, model, (), model_digest=digest, facets=facets, mapped=mapped)
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

    @property
    def _vectors(self) -> Vectors:
        return Vectors(self.place / MAP)

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
        inside = "" if self.place == self.folder else self.place.name
        written = replace(index_shards(self.place, about, self.progress), inside=inside)
        write_about(self.folder, written)
        self._sweep(written)
        assert written.facts is not None
        return written.facts

    def _tag(self, shards: Shards) -> None:
        """Tag the posts that no shard has, into new shards; Ctrl+C keeps those that are done."""
        known = rows.Known(shards, self.about.facets)
        is_added_to = self.about.facts is not None
        if known.ids and not is_added_to:
            self._check_same_posts(known)
        left_out, is_checked = 0, False
        digests: dict[str, int] = {}  # of the posts that are being tagged
        vectors: dict[str, dict[str, np.ndarray]] = {}  # the same

        def new_posts() -> Iterator[Post]:
            nonlocal left_out, is_checked
            for post in self.table:
                number = known.ids.number(post.id)
                if number is not None:
                    left_out += 1
                    if is_added_to and not known.is_same(number, post):
                        self._quarantine(post, CHANGED)
                    elif not is_added_to and post.image is not None and not known.has_picture(number):
                        self._thumbnail(post)  # a stopped build found it broken, and its quarantine is gone
                    continue
                try:
                    rows.check(post, self.about.facets)
                except BadRow as bad:
                    left_out += 1
                    self._quarantine(post, bad.reason, bad.detail)
                    continue
                if (post.emotion is None or self.about.mapped) and not is_checked:
                    self._check_model()
                    is_checked = True
                digests[post.id] = rows.digest(post, self.about.facets)
                yield post

        total = self.table.rough_length()

        def tell(of: int) -> None:
            self.progress("tagging", done, of, f"{left_out:,} known before" if left_out else "")

        def keep(id: str, found: Mapping[str, np.ndarray]) -> None:
            vectors[id] = {kind: as_integers(found[kind]) for kind in KINDS if kind in found}

        def write(rows: list[Tagged]) -> None:
            if self.about.mapped:
                self._vectors.write(shards.next_name(), [vectors.pop(row.id) for row in rows])
            shards.write(rows)

        waiting: list[Tagged] = []
        done = size = 0
        before = {*shards.names()}
        try:
            posts = new_posts()
            kept = keep if self.about.mapped else None
            for row in tag(posts, self.about.model, self.find_subjects, self._thumbnail, self.about.facets, kept):
                waiting.append(replace(row, digest=digests.pop(row.id)))
                done, size = done + 1, size + row.size
                if len(waiting) == ROWS_A_SHARD or size >= BYTES_A_SHARD:
                    write(waiting)
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
                write(waiting)

    def _check_same_posts(self, known: rows.Known) -> None:
        """Refuse to complete a build with a table that is not the one it began with."""
        import pyarrow as pa

        is_left, left = np.ones(len(known.ids), bool), len(known.ids)
        for done, post in enumerate(self.table, 1):
            if (number := known.ids.number(post.id)) is not None:
                left -= int(is_left[number])
                is_left[number] = False
                if not known.is_same(number, post):
                    raise ExploreError(
                        f"{self.table.path}: post {post.id!r} in row {post.row} is not as it was when {self.place} was "
                        f"begun; give the table of then, or {self.again}"
                    )
            self.progress("looking for what is tagged", done, 0, "")
            if not left:
                return
        first = min(known.ids.texts.filter(pa.array(is_left)).to_pylist())
        raise ExploreError(
            f"{self.table.path}: has no post {first!r}, with which {self.place} was begun; give the table of then, "
            f"or {self.again}"
        )

    def _check_model(self) -> None:
        """Refuse to read emotions with another model than those that are there."""
        before = self.about.model_digest
        if before and (now := _model_digest(self.about.model)) and now != before:
            raise ExploreError(
                f"{self.folder}: its emotions were read with {self.about.model} as it was then, which has changed; "
                f"rebuild it with --rebuild{'' if self.about.mapped else ', or add posts with emotions'}"
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

    def _sweep(self, about: About) -> None:
        """Remove what a build that was stopped, or an earlier index, left; shards and half-built rebuilds stay."""
        left = [path for path in self.place.glob("search-*") if path.name != about.search]
        if about.inside:  # the index is in there, and complete
            (self.place / ABOUT).unlink(missing_ok=True)
            left += [*(self.folder / name for name in (POSTS, THUMBNAILS, MAP)), *self.folder.glob("search-*")]
            left += [path for path in rebuilt(self.folder) if path < self.place]
        for path in left:
            shutil.rmtree(path, ignore_errors=True)
        Places(self._vectors).remove_but(Shards(self.place / POSTS).names())
        remove_partials(self.folder)
        (self.folder / OLD_LOCK).unlink(missing_ok=True)
