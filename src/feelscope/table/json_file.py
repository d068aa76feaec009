"""Posts tables as one JSON value: a list of objects, or an object with one; a `.json` of lines is read as such."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from feelscope.errors import TableError, one_line
from feelscope.table.encodings import UTF_8
from feelscope.table.growing import GrowingFile, Wait, open_lines
from feelscope.table.jsonl_file import LOOK_AHEAD, MOST_NAMES, JsonLinesRows
from feelscope.table.packing import inner_ending
from feelscope.table.quarantine import BadRow
from feelscope.text.json_lines import LONGEST, patient_loads
from feelscope.text.json_stream import JsonStream, OddValue, Torn

_BLOCK = 2**20  # characters
_LARGEST_OBJECT = 200_000_000  # characters of a file that is an object: it is held whole, a list is not
_BLANKS = " \t\r\n\ufeff"
_LONGEST_START = 200  # characters of what a script has before its list: window.YTD.tweets.part0 =
# Lists of posts that lie beside others, such as those of accounts: of ActivityPub, Mastodon, X, Bluesky.
SCRIPT = "a file of X's archive that begins with window.YTD.tweets.part0 ="
_OF_POSTS = ("orderedItems", "statuses", "tweets", "posts", "feed")


@dataclass(frozen=True, slots=True)
class JsonRows:
    """The rows of a JSON file, each a dict or a `BadRow`."""

    path: Path
    wait: Wait | None = None  # at the end of a file of lines that grows; None ends there
    encoding: str = UTF_8

    def columns(self) -> dict[str, str]:
        """Give the names in the first rows, each with the type `json`; later rows may bring more."""
        if (lines := self._lines()) is not None:
            return lines.columns()
        names: dict[str, str] = {}
        seen = 0
        for row in islice(self, LOOK_AHEAD):
            seen += 1
            if not isinstance(row, BadRow):
                names |= dict.fromkeys(islice(row, MOST_NAMES - len(names)), "json")
        if not seen:
            raise TableError(f"{self.path}: the table has no rows")
        if not names:
            raise TableError(f"{self.path}: no object with a column in its list; expected a list of objects")
        return names

    def __iter__(self) -> Iterator[dict[str, object] | BadRow]:
        if (lines := self._lines()) is not None:
            yield from lines
            return
        with self._open() as file:
            for value in _elements(file, self.path) if self._first(1) == "[" else self._of_object():
                is_row = isinstance(value, dict | BadRow)
                yield value if is_row else BadRow("an entry that is not an object", type(value).__name__)

    def _open(self) -> TextIO:
        file = open_lines(self.path, None, newline="\n", encoding=self.encoding)
        assert not isinstance(file, GrowingFile)
        if inner_ending(self.path) == ".js":
            start = ""
            while not start.endswith("="):
                if not (sign := file.read(1)) or len(start) > _LONGEST_START:
                    file.close()
                    raise TableError(f"{self.path}: a script without posts; expected {SCRIPT}")
                start += sign
        return file

    def _first(self, size: int) -> str:
        """The first characters that are not blanks."""
        with self._open() as file:
            text = ""
            while len(text) < size and (block := file.read(_BLOCK)):
                text = (text + block).lstrip(_BLANKS)
        if not text:
            raise TableError(f"{self.path}: the file is empty; expected a list of objects")
        return text[:size]

    def _lines(self) -> JsonLinesRows | None:
        """The file as JSON Lines, where its first line is a whole object and another follows."""
        if self._first(1) == "[":
            return None
        start = self._first(LONGEST)
        line, _, rest = start.partition("\n")
        is_one = not rest.strip() or not _is_object(line)
        return None if is_one else JsonLinesRows(self.path, self.wait, self.encoding)

    def _of_object(self) -> list[Any]:
        """The one list of objects in the file's object; or the object itself, where it has none, as one row."""
        with self._open() as file:
            text = file.read(_LARGEST_OBJECT + 1)
        if len(text) > _LARGEST_OBJECT:
            raise TableError(
                f"{self.path}: too large for one JSON object; save its list of posts alone, or as JSON Lines"
            )
        try:
            whole = patient_loads(text.encode("utf-8", "surrogateescape"))
        except (ValueError, RecursionError, MemoryError) as error:
            raise TableError(f"{self.path}: not JSON ({one_line(error)})") from error
        if not isinstance(whole, dict):
            raise TableError(f"{self.path}: expected a list of objects, or an object with one, found {text[:20]!r}")
        lists = {name: value for name, value in whole.items() if isinstance(value, list) and _of_objects(value)}
        lists.pop("@context", None)
        if "data" in lists and isinstance(whole.get("includes"), dict):  # a page of an API, with what its posts name
            return [whole]
        if len(usual := [name for name in _OF_POSTS if name in lists]) == 1:
            return lists[usual[0]]
        if len(lists) > 1:
            raise TableError(f"{self.path}: has several lists ({', '.join(lists)}); save that of the posts alone")
        return next(iter(lists.values())) if lists else [whole]


def _of_objects(values: list[Any]) -> bool:
    return bool(values) and any(isinstance(value, dict) for value in values)


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _elements(file: TextIO, path: Path) -> Iterator[Any]:
    """The values of a list, one after another, of a file that may be longer than memory; a `BadRow` for an odd one.

    Raises:
        TableError: The list is torn, or no JSON from somewhere on.
    """
    stream, done = JsonStream(file), 0
    try:
        for number in stream.elements():
            try:
                value = stream.value()
            except OddValue as error:
                value = BadRow("a value too long, or not JSON", str(error))
            yield value
            done = number
    except Torn as error:
        raise TableError(f"{path}: torn, or not JSON after row {done} ({error})") from error
