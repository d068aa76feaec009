"""Dumps of Reddit (Pushshift, Arctic Shift): one submission a line, plain or .zst, read as a stream.

Self-service keys for Reddit are closed, so a dump is what most people can get. Reddit's terms still hold for its
posts.
"""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from feelscope.collect.reddit import parse
from feelscope.errors import CollectError, needs_extra
from feelscope.store import CollectedPost, Page

A_PAGE = 1000  # lines
LONGEST = 16 * 2**20  # bytes of a line; more is no dump
WINDOW = 2**31  # bytes that zstd may look back; Pushshift wrote with --long=31
ZSTD = b"\x28\xb5\x2f\xfd"  # begins a .zst file
TERMS = "Reddit's terms hold for dumps as well: research needs its approval, and nobody may be re-identified"


class Dumps:
    """Submissions of dumps.

    Args:
        subreddits: Only these, without the r/; empty takes all.
        min_votes: Posts with fewer are left out.
    """

    name, at_once = "dumps", 1000

    def __init__(self, files: Sequence[Path], subreddits: Sequence[str] = (), min_votes: int | None = None) -> None:
        self._subreddits = {name.removeprefix("r/").lower() for name in subreddits}
        self.min_votes = min_votes
        chosen = f" r/{'+'.join(sorted(self._subreddits))}" if self._subreddits else ""
        votes = f" from {min_votes} votes" if min_votes else ""
        self.queries = {f"{file.resolve()}{chosen}{votes}": file for file in files}
        for file in files:
            if not file.is_file():
                raise CollectError(f"{file}: no such file")

    def pages(self, query: str, cursor: Mapping[str, Any] | None) -> Iterator[Page]:
        done = cursor["lines"] if cursor else 0
        posts: list[CollectedPost] = []
        bad = number = 0
        for number, line in enumerate(self.fetch(self.queries[query]), 1):
            if number <= done:
                continue
            try:
                raw = json.loads(line)
                is_post = isinstance(raw, dict) and "id" in raw and "title" in raw  # a comment has no title
                post = parse(raw) if is_post else None
            except (ValueError, TypeError, RecursionError, OverflowError):
                post = None
            bad += post is None
            if post is not None and self._wanted(post):
                posts.append(post)
            if number % A_PAGE == 0:
                yield Page(posts, {"lines": number}, _notes(bad))
                posts, bad = [], 0
        if not number:
            raise CollectError(f"{self.queries[query]}: the dump is empty")
        if number <= A_PAGE and bad == number:
            raise CollectError(f"{self.queries[query]}: none of its lines is a submission; is it a dump of comments?")
        yield Page(posts, {"lines": number}, _notes(bad), done=True)

    def still_there(self, posts: Sequence[CollectedPost]) -> set[str]:
        """All of them: a dump takes nothing back. Its posts are Reddit's, and Reddit can be asked."""
        return {post.id for post in posts}

    def _wanted(self, post: CollectedPost) -> bool:
        if self._subreddits and str(post.other["subreddit"]).lower() not in self._subreddits:
            return False
        return self.min_votes is None or (post.votes or 0) >= self.min_votes

    def fetch(self, file: Path) -> Iterator[bytes]:
        """The lines of a dump; a line that is too long comes cut, and is then no JSON."""
        try:
            with file.open("rb") as raw:
                yield from _unpacked(raw) if raw.peek(4).startswith(ZSTD) else _lines(raw)
        except OSError as error:
            raise CollectError(f"{file}: cannot be read ({error.strerror or error})") from error


def _unpacked(raw: BinaryIO) -> Iterator[bytes]:
    with needs_extra("reading .zst", "collect"):
        import zstandard

    unpacker = zstandard.ZstdDecompressor(max_window_size=WINDOW)
    try:
        yield from _lines(io.BufferedReader(unpacker.stream_reader(raw, read_across_frames=True), 2**20))
    except zstandard.ZstdError as error:
        raise OSError(f"damaged zstd: {error}") from error


def _lines(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(LONGEST):
        if len(line) == LONGEST and not line.endswith(b"\n"):
            while (rest := file.readline(LONGEST)) and not rest.endswith(b"\n"):
                pass
            line = line[:100]
        if line.strip():
            yield line


def _notes(bad: int) -> tuple[str, ...]:
    return (f"{bad} lines that are not submissions, left out",) if bad else ()
