"""JSON Lines: the one parser and the one appender of lines, for tables, dumps, answers, logs and lists of bad rows.

A line ends at a line feed and nowhere else: within a text, U+2028, U+0085 and the like are characters as any other,
which `str.splitlines` does not know.
"""

import errno
import json
import os
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, BinaryIO

from feelscope.errors import one_line
from feelscope.files import json_text, no_link

LONGEST = 4 * 2**20  # characters of a line; parsed, one can take twenty times as many bytes
_MOST_DIGITS = 4000  # of a whole number; Python refuses to turn more into one


class BadLine(ValueError):
    """A line that is no JSON object.

    Attributes:
        reason: In words that are the same for every such line, so that they can be counted.
        detail: What is wrong with this one.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason, self.detail = reason, detail


def _whole(digits: str) -> int | str:
    """A whole number; its digits where they are too many, so that one number does not cost the line."""
    return int(digits) if len(digits) <= _MOST_DIGITS else digits


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[{]|[\]}]', re.DOTALL)
_DEEPEST = 200  # brackets around a value of an answer
_PATIENT = json.JSONDecoder(parse_int=_whole)


def parse(line: str | bytes) -> dict[str, Any]:
    """The object of one line; bytes that are not UTF-8 become lone surrogates.

    Raises:
        BadLine: It is none, is too long, or has a NUL byte.
    """
    text = line if isinstance(line, str) else line.decode("utf-8", "surrogateescape")
    text = text.removeprefix("\ufeff")  # before the first line of some files
    if len(text) > LONGEST:
        raise BadLine(f"line is over {LONGEST} characters")
    if "\0" in text:
        raise BadLine("NUL byte in the line")
    try:
        row = _loads(text)
    except (ValueError, RecursionError, MemoryError) as error:
        raise BadLine("not JSON, or torn", one_line(error)) from error
    if not isinstance(row, dict):
        raise BadLine("a JSON line that is not an object", type(row).__name__)
    return row


def patient_loads(content: bytes) -> Any:
    """The value of an answer of many rows, of which one may be odd: a number of too many digits is read as text, and
    what is nested too deep as null.

    Raises:
        ValueError: It is no JSON.
    """
    text = content.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    try:
        return _loads(text)
    except RecursionError:
        return _loads(_shallow(text))


def _shallow(text: str) -> str:
    """JSON with null in place of what lies below `_DEEPEST` brackets."""
    kept, end, depth = [], 0, 0
    for token in _TOKEN.finditer(text):
        if token[0] in "[{":
            depth += 1
            if depth == _DEEPEST + 1:
                kept += [text[end : token.start()], "null"]
        elif token[0] in "]}":
            if depth == _DEEPEST + 1:
                end = token.end()
            depth -= 1
    return "".join((*kept, text[end:])) if depth == 0 else ""


def _loads(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except ValueError:  # a whole number of too many digits
        return _PATIENT.decode(text)


def read_lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file that are not blank, without their ends; one that is too long comes cut, and `parse` says so.

    Memory is bounded by `LONGEST`.
    """
    most = 4 * LONGEST + 1  # a character has four bytes at most
    while line := file.readline(most):
        is_cut = not line.endswith(b"\n")
        while is_cut and (rest := file.readline(most)):
            is_cut = not rest.endswith(b"\n")
        if line.strip():
            yield line.removesuffix(b"\n")


def read(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a file that `append` wrote, each with the number of its line, from 1; a torn last line is none.

    Raises:
        OSError: It cannot be read.
        BadLine: One of the lines is no object; its number comes first.
    """
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                if line.strip():
                    yield number, parse(line)
            except BadLine as error:
                if line.endswith(b"\n"):
                    raise BadLine(f"line {number}", str(error)) from error


def dump(row: Mapping[str, object]) -> bytes:
    """A row as one line, in UTF-8; see `files.json_text`."""
    return json_text(row).encode() + b"\n"


def append(path: Path, row: Mapping[str, object], *, sync: bool = False) -> None:
    """Append one row to a file, which is made where it is missing; what a crash left of a line before it is cut off.

    One process at a time may do so: see `files.writing`.

    Args:
        sync: Wait for the disk.

    Raises:
        OSError: It cannot be written; the file is then as it was.
    """
    with open(path, "a+b", buffering=0, opener=no_link) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        end = file.seek(_whole_end(file))
        try:
            parse(last := file.read())
            line_break = b"\n"  # somebody's editor left the last one out
        except BadLine:
            line_break = last = b""
        end = file.truncate(end + len(last))
        line = line_break + dump(row)
        try:
            if file.write(line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        except OSError:
            file.truncate(end)
            raise
        if sync:
            os.fsync(file.fileno())


def _whole_end(file: IO[bytes]) -> int:
    """Where the last line ends that has a line feed, in bytes; after it may be one that a crash has torn."""
    end = file.seek(0, os.SEEK_END)
    while end:
        start = max(end - 2**16, 0)
        file.seek(start)
        if (found := file.read(end - start).rfind(b"\n")) >= 0:
            return start + found + 1
        end = start
    return 0
