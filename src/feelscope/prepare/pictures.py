"""Bring posts' pictures into a dataset: from files, bytes or the web; each is stored once, by its content."""

import contextlib
import hashlib
import threading
import urllib.parse
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feelscope.errors import PictureError
from feelscope.files import write_bytes
from feelscope.images import PictureLimits, content, ending, read_rgb
from feelscope.memory import BUDGET, batches, post_size, size_of
from feelscope.post import Post
from feelscope.prepare.folder import FETCHED, IMAGES
from feelscope.prepare.picture_hashes import SIZE, perceptual_hash
from feelscope.prepare.row_file import Row
from feelscope.text import json_lines
from feelscope.web.download import Downloader, NoAnswer

CONNECTIONS = 4  # at a time, and one per host
AT_ONCE = 256  # posts whose pictures are fetched together
LIMITS = PictureLimits(max_bytes=20_000_000, max_pixels=50_000_000)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a dataset: its path in it, empty where there is none, and its perceptual hash."""

    file: str = ""
    hash: int | None = None


class Pictures:
    """The pictures of one dataset.

    What was fetched is kept in pictures.jsonl, so that a stopped run can continue and a dead address is asked once.

    Args:
        out: The dataset's folder.
        downloader: Fetches from the web; None fetches nothing.

    Attributes:
        counts: How many pictures each outcome had.
    """

    def __init__(self, out: Path, downloader: Downloader | None = None) -> None:
        self.out, self.downloader = out, downloader
        self.counts: Counter[str] = Counter()
        self._hosts: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._known: dict[str, dict[str, Any]] = {}
        with contextlib.suppress(FileNotFoundError), (out / FETCHED).open("rb") as file:
            for line in json_lines.read_lines(file):
                with contextlib.suppress(json_lines.BadLine, TypeError, KeyError):  # it is fetched again
                    entry = json_lines.parse(line)
                    self._known[entry["url"]] = entry

    def get(self, rows: Iterable[tuple[Row, Post]]) -> Iterator[tuple[Row, Post, Picture]]:
        """Each row with its post and its picture, in order."""
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            for batch, _ in batches(rows, AT_ONCE, BUDGET.queue, lambda pair: size_of(pair[0]) + post_size(pair[1])):
                results = pool.map(self._one, (post for _, post in batch))
                for (row, post), (picture, outcome, entry) in zip(batch, results, strict=True):
                    self.counts[outcome] += bool(outcome)
                    if entry is not None:
                        self._log(entry)
                    yield row, post, picture

    def _one(self, post: Post) -> tuple[Picture, str, dict[str, Any] | None]:
        """A post's picture, what to count, and what to log."""
        url = str(post.other.get("image_url") or "")
        try:
            if post.image is not None:
                with content(post.image, LIMITS) as found:
                    return self._store(found), "stored", None
            if not url or self.downloader is None:
                return Picture(), "", None
            known = self._known.get(url, {})
            if known.get("file") and (self.out / known["file"]).is_file():
                return Picture(known["file"], known["hash"]), "there already", None
            if known.get("reason"):
                return Picture(), f"not to be had: {known['reason']}", None
            host = self._hosts[urllib.parse.urlsplit(url).netloc]
            with host, BUDGET.contents.take(LIMITS.max_bytes):  # how much will come is known when it has come
                found = self.downloader.fetch(url)
                if not ending(found):
                    raise PictureError(f"no picture, its content begins with {found[:8]!r}", "no picture")
                picture = self._store(found)
            return picture, "fetched", {"url": url, "file": picture.file, "hash": picture.hash}
        except NoAnswer as error:
            return Picture(), f"not to be had: {_kind(error)}", None  # another run tries again
        except PictureError as error:
            said = _kind(error)
            return Picture(), f"not to be had: {said}", {"url": url, "reason": said} if url else None
        except ValueError:  # an address that is none
            return Picture(), "not to be had: no address of a picture", None

    def _store(self, data: bytes) -> Picture:
        """Check a picture by decoding it, and keep it as it came under the hash of its content."""
        pixels = read_rgb(data, SIZE, LIMITS)
        digest = hashlib.sha256(data).hexdigest()
        name = f"{IMAGES}/{digest[:2]}/{digest}{ending(data)}"
        path = self.out / name
        if not path.is_file() or path.stat().st_size != len(data):  # a power cut may leave it empty
            path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(path, data, sync=False)
        return Picture(name, perceptual_hash(pixels))

    def _log(self, entry: dict[str, Any]) -> None:
        self._known[entry["url"]] = entry
        json_lines.append(self.out / FETCHED, entry)


def _kind(error: PictureError) -> str:
    """What went wrong, without what differs from picture to picture, so that it can be counted."""
    return error.kind or "damaged, or no picture"
