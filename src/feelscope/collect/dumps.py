"""Dumps of Reddit (Pushshift, Arctic Shift): one submission a line, packed or not, read as a stream.

Self-service keys for Reddit are closed, so a dump is what most people can get. Reddit's terms still hold for its
posts.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from feelscope.collect import reddit
from feelscope.collect.entry import Entry, Opened, Opening
from feelscope.collect.plan import of_files
from feelscope.collect.rows import is_folder, place, read_pages, read_post
from feelscope.collect.wanted import EVERY, Wanted
from feelscope.errors import CollectError, TableError, needs_extra
from feelscope.store import CollectedPost, Page
from feelscope.table import BadRow, Quarantine
from feelscope.table.packing import open_unpacked, packing_of
from feelscope.text import json_lines

A_PAGE = 1000  # lines
# Bytes that zstd may look back, and so what a .zst can take of memory; Pushshift wrote with --long=31.
WINDOW = 2**31
REMINDER = "Reddit's terms hold for dumps as well: research needs its approval, and nobody may be re-identified"


class Dumps:
    """Submissions of dumps.

    Args:
        subreddits: Only these, without the r/; empty takes all.
        wanted: Which posts are kept.
        quarantine: Where lines go that are no submission; None only counts them.
    """

    name, at_once = "dumps", 1000

    def __init__(
        self,
        files: Sequence[Path],
        subreddits: Sequence[str] = (),
        wanted: Wanted = EVERY,
        quarantine: Quarantine | None = None,
    ) -> None:
        self._subreddits = {name.removeprefix("r/").lower() for name in subreddits}
        self.wanted, self.quarantine = wanted, Quarantine() if quarantine is None else quarantine
        chosen = f" r/{'+'.join(sorted(self._subreddits))}" if self._subreddits else ""
        for file in files:
            if is_folder(file):
                raise CollectError(f"{file}: a folder; name the dumps in it")
        self.queries = {f"{file.resolve()}{chosen}{wanted}": file for file in files}

    def pages(self, query: str, cursor: Mapping[str, Any] | None) -> Iterator[Page]:
        file, done = self.queries[query], place(cursor, {"lines": 0})["lines"]
        bad = self.quarantine.count
        lines = enumerate(self.fetch(file), 1)
        for page in read_pages(lines, self._post, self.quarantine, str(file), "lines", done, A_PAGE):
            number = page.cursor["lines"]
            if not number:
                raise CollectError(f"{file}: the dump is empty")
            if page.done and not done and number <= A_PAGE and self.quarantine.count - bad == number:
                raise CollectError(f"{file}: none of its lines is a submission; is it a dump of comments?")
            yield page

    def still_there(self, posts: Sequence[CollectedPost]) -> set[str]:
        """All of them: a dump takes nothing back. Its posts are Reddit's, and Reddit can be asked."""
        return {post.id for post in posts}

    def _post(self, line: bytes) -> CollectedPost | None:
        try:
            raw = json_lines.parse(line)
        except json_lines.BadLine as error:
            raise BadRow(error.reason, error.detail) from error
        if "id" not in raw or "title" not in raw:  # a comment has no title
            raise BadRow("not a submission")
        post = read_post(reddit.parse, raw)
        assert post is not None
        if self._subreddits and str(post.other["subreddit"]).lower() not in self._subreddits:
            return None
        return post if self.wanted(post) else None

    def fetch(self, file: Path) -> Iterator[bytes]:
        """The lines of a dump; a line that is too long comes cut, which its parser says."""
        try:
            with file.open("rb") as raw:
                packing = packing_of(raw.peek(8))
                if packing == ".zst":
                    yield from _unpacked(raw)
                    return
            with open_unpacked(file, packing) as lines:
                yield from json_lines.read_lines(lines)
        except TableError as error:
            raise CollectError(str(error)) from error
        except OSError as error:
            raise CollectError(f"{file}: cannot be read ({error.strerror or error})") from error


def _unpacked(raw: BinaryIO) -> Iterator[bytes]:
    with needs_extra("reading .zst", "collect"):
        import zstandard

    unpacker = zstandard.ZstdDecompressor(max_window_size=WINDOW)
    try:
        unpacked = io.BufferedReader(unpacker.stream_reader(raw, read_across_frames=True), 2**20)
        yield from json_lines.read_lines(unpacked)
    except (zstandard.ZstdError, MemoryError) as error:
        raise OSError(f"damaged zstd: {error}") from error


def _open(opening: Opening) -> Opened:
    job = opening.job
    return Dumps(job.paths, job.subreddits, job.wanted, opening.quarantine), None


ENTRY = Entry("dumps", _open, lambda job, made: of_files(job.paths), terms=reddit.TERMS, reminder=REMINDER)
