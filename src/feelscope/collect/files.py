"""Files: posts tables (CSV, JSON Lines, Parquet), exports of 4CAT, and a folder of pictures with their captions."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from feelscope.collect import reddit, tumblr
from feelscope.errors import CollectError
from feelscope.post import Post
from feelscope.store import CollectedPost, Page
from feelscope.table import BadRow, PostsTable, Quarantine
from feelscope.table.columns import PASSED_ON
from feelscope.table.posts import open_rows
from feelscope.table.times import unix_seconds
from feelscope.text.html import is_address

A_PAGE = 500  # rows
CAPTIONS = ("captions.csv", "captions.jsonl", "captions.parquet", "captions.txt", "captions.tsv")
# Other columns that name a picture on the web, 4CAT's among them.
PICTURE_ADDRESSES = ("image_url", "image_urls", "images", "image_link", "photo_url", "photo", "thumbnail_url")
VOTES = ("votes", "score", "ups", "notes", "likes", "like_count", "num_likes")
TITLE = "subject"  # 4CAT's name for a title


class Files:
    """Posts of files and folders.

    Args:
        columns: Standard name to the table's name, where the names do not speak for themselves.
        quarantine: Where bad rows go; None only counts them.
    """

    name, at_once = "files", 1000

    def __init__(
        self, paths: Sequence[Path], columns: Mapping[str, str] | None = None, quarantine: Quarantine | None = None
    ) -> None:
        self.queries = {str(path.resolve()): path for path in paths}
        self.columns, self.quarantine = columns or {}, Quarantine() if quarantine is None else quarantine
        for path in paths:
            if not path.exists():
                raise CollectError(f"{path}: no such file or folder")

    def pages(self, query: str, cursor: Mapping[str, Any] | None) -> Iterator[Page]:
        path = self.queries[query]
        done = cursor["rows"] if cursor else 0
        posts = islice(self.fetch(path), done, None)
        while page := list(islice(posts, A_PAGE)):
            done += len(page)
            yield Page(page, {"rows": done})
        if not done:
            raise CollectError(f"{path}: no post in it; see the rows that were left out")
        yield Page([], {"rows": done}, done=True)

    def still_there(self, posts: Sequence[CollectedPost]) -> set[str]:
        """All of them: nobody takes posts back from a file."""
        return {post.id for post in posts}

    def fetch(self, path: Path) -> Iterator[CollectedPost]:
        """The posts of a table, an export or a folder, in their order."""
        if path.is_dir():
            return self._folder(path)
        first = next(iter(open_rows(path)), None)
        names = first if isinstance(first, dict) else {}
        if platform(names):
            return self._raw(path)
        has_title = "title" in self.columns or "title" in names or TITLE not in names
        columns = self.columns if has_title else {**self.columns, "title": TITLE}
        return (from_row(post, path) for post in PostsTable(path, columns, quarantine=self.quarantine))

    def _raw(self, path: Path) -> Iterator[CollectedPost]:
        """4CAT's NDJSON: posts as their platform gave them."""
        for number, row in enumerate(open_rows(path), 1):
            post = row if isinstance(row, BadRow) else from_platform(row)
            if isinstance(post, CollectedPost):
                yield post
            else:
                self.quarantine.add(post.id, number, post.reason, detail=post.detail, table=str(path))

    def _folder(self, folder: Path) -> Iterator[CollectedPost]:
        captions = next((folder / name for name in CAPTIONS if (folder / name).is_file()), None)
        if captions is None:
            raise CollectError(f"{folder}: no captions file; expected one of {', '.join(CAPTIONS)}")
        seen: dict[str, int] = {}
        for number, row in enumerate(_captions(captions), 1):
            name = next((str(row[key]) for key in ("image", "filename", "file_name", "file") if row.get(key)), "")
            words = next((str(row[key]) for key in ("caption", "text", "title") if row.get(key)), "")
            picture = next((at for at in (folder / name, folder / "images" / name) if name and at.is_file()), None)
            if picture is None or not picture.resolve().is_relative_to(folder.resolve()):
                self.quarantine.add(name or None, number, "picture is not in the folder", table=str(captions))
                continue
            again = seen[name] = seen.get(name, 0) + 1  # a picture may have several captions
            more = {"emotion": row["emotion"]} if row.get("emotion") else {}
            id = name if again == 1 else f"{name}#{again}"
            yield CollectedPost(folder.resolve().name, id, text=words, image=picture.resolve(), other=more)


def _captions(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a captions file; in a .txt or .tsv the picture's name, a tab, the caption."""
    if path.suffix not in (".txt", ".tsv"):
        yield from (row for row in open_rows(path) if not isinstance(row, BadRow))
        return
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        for line in lines:
            name, _, caption = line.rstrip("\n").partition("\t")
            if name.strip():
                # Flickr8k numbers the captions of a picture: name.jpg#0
                yield {"image": name.split("#")[0].strip(), "caption": caption.strip()}


def from_row(post: Post, path: Path) -> CollectedPost:
    """A post of a table as it is collected; pictures on the web are kept by their address."""
    cells = post.other.items()
    more = {name: value for name, value in cells if name not in PASSED_ON and not isinstance(value, bytes)}
    more = json.loads(json.dumps(more, default=str))  # as the database keeps it
    addresses = (address for name in PICTURE_ADDRESSES for address in _addresses(more.get(name)))
    votes = next((more[name] for name in VOTES if name in more), None)
    if post.emotion:
        more["emotion"] = post.emotion
    return CollectedPost(
        source=post.source or path.stem,
        id=post.id,
        created_at=unix_seconds(post.created_at),
        author=post.author,
        title=post.title,
        text=post.text,
        tags=post.tags,
        url=post.url,
        image=_picture(post.image, path) or next(addresses, ""),
        votes=_whole(votes),
        licence=str(more.pop("licence", "") or more.pop("license", "") or ""),
        other=more,
    )


def platform(row: Mapping[str, Any]) -> str:
    """Which platform's own posts a row of NDJSON holds; empty for a plain table."""
    item = row.get("data") if "source_platform" in row else row
    if not isinstance(item, Mapping):
        return ""
    if "subreddit" in item and "selftext" in item and "permalink" in item:
        return "reddit"
    if "timestamp" in item and ("blog_name" in item or "blog" in item) and ("content" in item or "post_url" in item):
        return "tumblr"
    return ""


def from_platform(row: Mapping[str, Any]) -> CollectedPost | BadRow:
    """A row of 4CAT's NDJSON."""
    item, kind = row["data"] if "source_platform" in row else row, platform(row)
    try:
        post = reddit.parse(item) if kind == "reddit" else tumblr.parse_post(item) if kind == "tumblr" else None
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        return BadRow("not a post as its platform writes it", f"{type(error).__name__}: {error}")
    return BadRow("neither a photo nor a text post") if post is None else post


def _picture(image: Path | bytes | None, path: Path) -> str | Path | bytes:
    """A picture's bytes, file, or address where the table's `image` holds addresses."""
    if not isinstance(image, Path):
        return image or ""
    parts = image.relative_to(path.parent).parts
    if parts and parts[0] in ("http:", "https:"):
        return f"{parts[0]}//{'/'.join(parts[1:])}"
    return image.resolve()


def _addresses(value: object) -> list[str]:
    parts = value if isinstance(value, list) else re.split(r"[,|\s]+", str(value or ""))
    return [str(part) for part in parts if is_address(part)]


def _whole(value: object) -> int | None:
    try:
        return int(float(str(value)))
    except (ValueError, OverflowError):
        return None
