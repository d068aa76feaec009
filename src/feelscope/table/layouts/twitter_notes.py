"""Long posts of X's archive: tweets.js has their beginnings, note-tweet.js beside it their whole words.

    tweets.js       created_at, full_text: "The whole of it has more than … https://t.co/..."
    note-tweet.js   createdAt, core: {text}, and an id of its own

A post and its note are of the same second, and the note's words begin as the post's do. Whichever of the files is
read, the post has the id of tweets.js, so that it is one post.
"""

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from feelscope.table.layouts import twitter_archive
from feelscope.table.layouts.record import Record, Row
from feelscope.table.quarantine import BadRow
from feelscope.table.tags import read_tags
from feelscope.table.times import read_time

_APART = 2  # seconds between a post and its note; ours
_END = re.compile(r"(?:…|\s)*(?:https://t\.co/\w+\s*)*$")  # what X puts behind a beginning
_MENTIONS = re.compile(r"^(?:@\w+\s+)+")
_BLANKS = re.compile(r"\s+")
_KINDS = {"tweet": "note-tweet*.js", "noteTweet": "tweets*.js"}  # of an entry, where its other half is
_LONGEST = 1000  # characters of a beginning that are looked at
_SHORTEST = 140  # characters of a beginning; ours: X cuts after 280, of which a link takes some
Entries = Callable[[Path], Iterable[Mapping[str, Any] | BadRow]]


class Halves:
    """The other halves of long posts.

    Args:
        kind: Of the entries of the file that is read, one of `tweet` and `noteTweet`.
        folder: Where it lies.
        entries: Gives the entries of a file.
    """

    def __init__(self, kind: str, folder: Path, entries: Entries) -> None:
        self._reads_notes = kind == "noteTweet"
        self._by_second: dict[int, list[Row]] = {}
        for path in sorted(folder.glob(_KINDS[kind])):
            for row in _rows(entries(path)):
                if (second := _second(row)) is not None and len(str(row["text"])) >= _SHORTEST:
                    self._by_second.setdefault(second, []).append(row)

    def joined(self, row: Row) -> Row:
        """A post with its whole words; itself where it has no other half."""
        second = _second(row) if self._by_second else None
        if second is None:
            return row
        near = (other for at in range(second - _APART, second + _APART + 1) for other in self._by_second.get(at, ()))
        for other in near:
            post, note = (other, row) if self._reads_notes else (row, other)
            if _begins(str(post["text"]), str(note["text"])):
                tags = dict.fromkeys((*read_tags(post.get("tags")), *read_tags(note.get("tags"))))
                return note | post | {"text": note["text"]} | ({"tags": [*tags]} if tags else {})
        return row


def kind_of(record: Record) -> str:
    """What an entry of an archive is: `tweet`, `noteTweet`, or something without another half."""
    return next((kind for kind in _KINDS if kind in record), "")


def _rows(entries: Iterable[Mapping[str, Any] | BadRow]) -> Iterator[Row]:
    for entry in entries:
        if not isinstance(entry, BadRow) and kind_of(entry):
            try:
                yield from twitter_archive.rows(entry)
            except BadRow:  # it is told where its own file is read
                continue


def _begins(post: str, note: str) -> bool:
    """Whether a note begins with the words of a post; links and mentions are not always in both."""
    beginning, whole = _plain(_END.sub("", post[:_LONGEST])), _plain(note)
    return len(beginning) >= _SHORTEST // 2 and whole.startswith(beginning)


def _plain(text: str) -> str:
    return _BLANKS.sub(" ", _MENTIONS.sub("", html.unescape(text).strip())).strip()


def _second(row: Row) -> int | None:
    time = read_time(row.get("created_at"))
    return None if time is None else int(time.timestamp())
