"""Files: posts tables, exports of platforms, and folders of pictures, with their captions where there are any."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from feelscope.collect.entry import Entry, Opened, Opening
from feelscope.collect.file_names import FileNames, identity_of, usual_name
from feelscope.collect.plan import of_files
from feelscope.collect.read_before import ReadBefore
from feelscope.collect.rows import is_folder, place, read_pages, whole
from feelscope.errors import CollectError, PictureError
from feelscope.images import PictureLimits, content
from feelscope.post import Post
from feelscope.store import CollectedPost, Page, Store, WebAddress
from feelscope.table import BadRow, PostsTable, Quarantine
from feelscope.table.columns import PASSED_ON
from feelscope.table.layouts.record import text_of
from feelscope.table.opening import open_rows
from feelscope.table.picture_paths import PicturePaths
from feelscope.table.times import unix_seconds
from feelscope.text import json_lines

A_PAGE = 500  # rows
CAPTIONS = ("captions.csv", "captions.jsonl", "captions.parquet", "captions.txt", "captions.tsv")
VOTES = ("votes", "score", "ups", "notes", "likes", "like_count", "num_likes")
TITLE = "subject"  # 4CAT's name for a title
_FIELDS = {*PASSED_ON} - {"alt_text"}  # of a collected post; other columns are kept beside them
LIMITS = PictureLimits(max_bytes=20_000_000)  # as `prepare` takes them
_DIGEST = "read"  # in a cursor, of the rows up to there
Raw = Mapping[str, Any] | BadRow


class Files:
    """Posts of files and folders. Pictures in them are stored as content: no database names a file.

    Args:
        columns: Standard name to the table's name, where the names do not speak for themselves.
        quarantine: Where bad rows go; None only counts them.
        store: Where the posts will be saved, which knows the files that were read before.
    """

    name, at_once = "files", 1000

    def __init__(
        self,
        paths: Sequence[Path],
        columns: Mapping[str, str] | None = None,
        quarantine: Quarantine | None = None,
        store: Store | None = None,
    ) -> None:
        self._folders = {path for path in paths if is_folder(path)}
        self.queries = {str(path.resolve()): path for path in paths}
        self.columns, self.quarantine = columns or {}, quarantine or Quarantine(most_broken=1.0)
        self._names = FileNames(store)
        self._table: PostsTable | None = None  # that is read
        self._unread: Counter[str] = Counter()  # pictures of posts that have words, by what is wrong with them

    def pages(self, query: str, cursor: Mapping[str, Any] | None) -> Iterator[Page]:
        path = self.queries[query]
        digest = str((cursor or {}).get(_DIGEST, ""))  # older databases have none
        done = place({"row": cursor["row"]} if digest and cursor else cursor, {"row": 0})["row"]
        before, found, name = ReadBefore(path, done, digest), 0, self._names.of(path, query)
        self._table = None
        notes: list[str] = []
        is_told = name == usual_name(path)
        for page in self._read(path, done, before, query, name):
            page = replace(page, cursor={**page.cursor, _DIGEST: before.hexdigest()})
            found += len(page.posts)
            if page.done and not done and not found:
                raise CollectError(f"{path}: no post in it; see the rows that were left out")
            if not is_told and any(post.source == name for post in page.posts):
                is_told = True
                notes.append(f"its posts are {name}:..., as another file has the name")
            unread = Counter(self._unread)
            self._unread.clear()
            notes += [f"{n:,} pictures left out, their words kept: {why}" for why, n in unread.most_common()]
            if page.done and self._table is not None:
                notes += [f"{n:,} texts mended: {what}" for what, n in self._table.mended.most_common()]
                notes += [undated] if (undated := str(self._table.undated)) else []
            yield replace(page, notes=tuple(notes))
            notes = []

    def still_there(self, posts: Sequence[CollectedPost]) -> set[str]:
        """All of them: nobody takes posts back from a file."""
        return {post.id for post in posts}

    def _read(self, path: Path, done: int, before: ReadBefore, query: str, name: str) -> Iterator[Page]:
        """The pages of a table, an export or a folder, in their order."""
        more = (self.quarantine, str(path), "row", done, A_PAGE)
        if path in self._folders and _captions_of(path) is not None:
            folder = Folder(path, name)
            return read_pages(before.checked(enumerate(folder.rows(), 1)), folder.post, *more)
        first = next(iter(open_rows(path)), None)
        names = first if isinstance(first, dict) else {}
        if {"date_unixtime", "text_entities"} <= names.keys():  # whose names of people would be kept as they are
            command = f"feelscope collect POSTS.DB telegram {path}"
            raise CollectError(f"{path}: an export of Telegram, which has a source of its own: {command}")
        has_title = "title" in self.columns or "title" in names or TITLE not in names
        columns = self.columns if has_title else {**self.columns, "title": TITLE}
        self._table = PostsTable(path, columns, quarantine=self.quarantine, addresses=True)

        def parse(post: Post) -> CollectedPost:
            source, id = identity_of(post, name)
            post = replace(post, id=id, source=source)
            self._names.check_free(source, post, query)
            return from_row(post, self._unread)

        return read_pages(before.checked((post.row, post) for post in self._table), parse, *more)


@dataclass(frozen=True, slots=True)
class Caption:
    """A row of a captions file, and the how-manieth of its picture it is."""

    name: str
    again: int
    words: str
    emotion: object


class Folder:
    """A folder of pictures with their captions.

    Args:
        name: Of the source that its posts are of.

    Raises:
        CollectError: It has no captions file.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.path, self._name = path, name
        captions = _captions_of(path)
        if captions is None:
            raise CollectError(f"{path}: no captions file; expected one of {', '.join(CAPTIONS)}")
        self._captions, self._pictures = captions, PicturePaths(path)

    def rows(self) -> Iterator[Caption | BadRow]:
        """The captions in their order; a picture may have several."""
        seen: Counter[str] = Counter()
        for row in _captions(self._captions):
            if isinstance(row, BadRow):
                yield row
                continue
            name = next((str(row[key]) for key in ("image", "filename", "file_name", "file") if row.get(key)), "")
            said = next((row[key] for key in ("caption", "text", "title") if row.get(key)), "")
            seen[name] += 1
            yield Caption(name, seen[name], said, row.get("emotion"))

    def post(self, caption: Caption | BadRow) -> CollectedPost:
        """A picture with one of its captions."""
        if isinstance(caption, BadRow):
            raise caption
        name = caption.name
        id = name if caption.again == 1 else f"{name}#{caption.again}"
        try:
            picture = read_picture(self._find(name))
        except BadRow as bad:
            bad.id = id
            raise
        except PictureError as error:
            raise BadRow("picture cannot be read", str(error), id) from error
        more = {"emotion": caption.emotion} if caption.emotion else {}
        said = text_of("caption", caption.words)
        return CollectedPost(self._name, id, text=said, image=picture, other=more)

    def _find(self, name: str) -> Path:
        """The picture's file, in the folder or in `images`."""
        found = [self._pictures.find(f"{images}{name}") for images in ("", "images/")] if name else []
        # Unlike `Path.is_file`, `isfile` takes a name that is too long.
        picture = next((path for path in found if os.path.isfile(path)), None)  # noqa: PTH113
        if picture is None:
            raise BadRow("picture is not in the folder")
        return picture


def _captions_of(folder: Path) -> Path | None:
    """The captions file of a folder of pictures; None where each picture is a post by itself."""
    return next((folder / name for name in CAPTIONS if (folder / name).is_file()), None)


def _captions(path: Path) -> Iterator[Raw]:
    """The rows of a captions file; in a .txt or .tsv the picture's name, a tab, the caption."""
    if path.suffix not in (".txt", ".tsv"):
        yield from open_rows(path)
        return
    try:
        with path.open("rb") as file:
            for line in json_lines.read_lines(file):
                name, _, caption = line.decode("utf-8-sig", "replace").partition("\t")
                if len(line) > json_lines.LONGEST:
                    yield BadRow(f"line is over {json_lines.LONGEST} characters")
                elif name.strip():
                    # Flickr8k numbers the captions of a picture: name.jpg#0
                    yield {"image": name.split("#")[0].strip(), "caption": caption.strip()}
    except OSError as error:
        raise CollectError(f"{path}: cannot be read ({error.strerror or error})") from error


def from_row(post: Post, unread: Counter[str]) -> CollectedPost:
    """A post of a table as it is collected; pictures on the web are kept by their address.

    Args:
        post: Its `source` is that of the collected post.
        unread: Counts pictures that cannot be read, of posts that have words.
    """
    cells = post.other.items()
    more = {name: _json(value) for name, value in cells if name not in _FIELDS and not isinstance(value, bytes)}
    try:
        picture = None if post.image is None else read_picture(post.image)
    except PictureError as error:
        if not post.has_text and not post.picture_address:
            raise BadRow("picture cannot be read, and there are no words", str(error), post.id) from error
        picture = None
        unread["no such file" if str(error).endswith("no such file") else "cannot be read"] += 1
    votes = next((more[name] for name in VOTES if name in more), None)
    if post.emotion:
        more["emotion"] = post.emotion
    return CollectedPost(
        source=post.source,
        id=post.id,
        created_at=unix_seconds(post.created_at),
        author=post.author,
        title=post.title,
        text=post.text,
        tags=post.tags,
        url=post.url,
        image=picture or WebAddress.of(post.picture_address),
        votes=_whole(votes),
        licence=str(more.pop("licence", "") or more.pop("license", "") or ""),
        other=more,
    )


def read_picture(image: Path | bytes) -> bytes:
    """A picture's content; from here on the bound of a page counts it."""
    with content(image, LIMITS) as found:
        return found


def _json(value: object) -> object:
    """A cell as JSON has it; what JSON has no type for, such as a day, becomes text."""
    if isinstance(value, list | tuple):
        return [_json(inner) for inner in value]
    if isinstance(value, Mapping):
        return {str(name): _json(inner) for name, inner in value.items()}
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _whole(value: object) -> int | None:
    """Votes, which a column of that name may hold or not; None where they are no number of 64 bits."""
    try:
        return whole("votes", value)
    except BadRow:
        return None


def _open(opening: Opening) -> Opened:
    return Files(opening.job.paths, opening.job.columns, opening.quarantine, opening.store), None


ENTRY = Entry("files", _open, lambda job, made: of_files(job.paths, CAPTIONS))
