"""What is printed: results on stdout, each line escaped, and streams that keep everything else from the terminal too.

A terminal obeys ESC and its like wherever they come from: posts, file names, answers of servers. So nothing else in the
commands prints. Output that is lost is an error, as `predict > /dev/full`.
"""

import errno
import io
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TextIO

import typer

from feelscope.errors import FeelscopeError
from feelscope.files import json_text
from feelscope.text import printable

_READER_GONE = 128 + 13  # the exit code of what SIGPIPE ends


class OutputLost(FeelscopeError):
    """Standard output cannot be written.

    Attributes:
        exit_code: What the command ends with.
        quiet: Whether nothing is said: whoever read it, as `head`, has enough.
    """

    def __init__(self, error: OSError) -> None:
        super().__init__(f"standard output cannot be written ({error.strerror}); what was to come is lost")
        self.quiet = error.errno == errno.EPIPE
        self.exit_code = _READER_GONE if self.quiet else 1


class Stream(io.TextIOWrapper):
    """A standard stream that escapes what a terminal would obey: in messages of other packages, warnings, tracebacks.

    What cannot be written is an `OutputLost` on stdout; on stderr it is dropped, and the work goes on.

    Attributes:
        lost: The first such error, as others may have caught it.
    """

    lost: OutputLost | None = None

    def write(self, text: str) -> int:
        return self.write_as_is(printable.lines(text))

    def write_as_is(self, text: str) -> int:
        """Write what only this project wrote: to move the cursor, to set a colour."""
        if self.lost is not None:
            raise self.lost
        with self._failing():
            super().write(text)
        return len(text)

    def flush(self) -> None:
        with self._failing():
            super().flush()

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())  # else Python complains of what is left when it ends
            os.close(nowhere)
            if self.fileno() == 1:
                self.lost = self.lost or OutputLost(error)
                raise self.lost from error


def open_streams() -> None:
    """Make the standard streams ready for a command, those too that the caller closed."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:  # else the next file that is opened would have its number, and get what libraries print
            os.open(os.devnull, os.O_RDONLY)  # to write to it fails, as it should
    sys.stdout, sys.stderr = _stream(sys.stdout, 1), _stream(sys.stderr, 2)
    sys.__stdout__ = sys.stdout  # type: ignore[misc]  # which the terminal's width is asked of


def end_output() -> None:
    """See that all of the output is written.

    Raises:
        OutputLost: Some of it was not.
    """
    sys.stdout.flush()
    if isinstance(sys.stdout, Stream) and sys.stdout.lost is not None:
        raise sys.stdout.lost


def _stream(given: TextIO | None, number: int) -> Stream:
    if given is None:  # it was closed
        return Stream(io.BufferedWriter(io.FileIO(number, "w", closefd=False)), "utf-8", "backslashreplace")
    assert isinstance(given, io.TextIOWrapper)
    options: dict[str, Any] = {"line_buffering": given.line_buffering, "write_through": given.write_through}
    return Stream(given.detach(), given.encoding, "backslashreplace", **options)


def write(stream: TextIO, text: str, end: str = "\n") -> None:
    """Write at once what a terminal may have, as `printable` makes it, or what moves its cursor."""
    getattr(stream, "write_as_is", stream.write)(text + end)
    stream.flush()


def show(line: str = "") -> None:
    """Print one line of the result."""
    write(sys.stdout, printable.line(line))


@dataclass(frozen=True, slots=True)
class Styled:
    """A text that a terminal shows in a style, as `typer.style` takes it."""

    text: str
    style: Mapping[str, Any] = field(default_factory=dict)


def show_text(*parts: str | Styled) -> None:
    """Print a result of several lines."""
    styled = sys.stdout.isatty()
    shown = []
    for part in parts:
        text = printable.lines(part.text if isinstance(part, Styled) else part)
        shown.append(typer.style(text, **part.style) if styled and isinstance(part, Styled) else text)
    write(sys.stdout, "".join(shown))


def show_json(value: object, indent: int | None = None) -> None:
    """Print a value as JSON, the same on a terminal as in a pipe: real characters, but for what `printable` escapes.

    A pipe gets UTF-8 whatever the locale; a terminal of another encoding gets escapes.
    """
    is_utf8 = (sys.stdout.encoding or "utf-8").lower().replace("-", "") == "utf8"
    if not is_utf8 and isinstance(sys.stdout, Stream) and not sys.stdout.isatty():
        sys.stdout.flush()
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
        is_utf8 = True
    write(sys.stdout, printable.json(json_text(value, indent, only_ascii=not is_utf8)))
