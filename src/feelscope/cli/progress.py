"""Remarks and progress on stderr: one line that is rewritten on a terminal, a plain line now and then elsewhere."""

import os
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Self

from feelscope.cli.output import write
from feelscope.progress import duration, progress_line
from feelscope.text import printable
from feelscope.text.counts import counted

_TERMINAL_EVERY, _FILE_EVERY = 0.1, 10.0  # seconds between two lines


_quiet = ContextVar("quiet", default=False)


@contextmanager
def quietly(quiet: bool = True) -> Iterator[None]:
    """Say nothing and show no progress until the block ends; errors are said after it."""
    before = _quiet.set(quiet)
    try:
        yield
    finally:
        _quiet.reset(before)


def say(line: str) -> None:
    """Say something in one line."""
    if not _quiet.get():
        write(sys.stderr, printable.line(line))


def goes_to_a_pipe() -> bool:
    """Whether results go to another program, which may show them on the same terminal at any time."""
    try:
        return stat.S_ISFIFO(os.fstat(sys.stdout.fileno()).st_mode)
    except (OSError, ValueError, AttributeError):  # closed, or no file
        return False


class Progress:
    """How far a job is, how fast, and how long it will still take.

    Args:
        stage: What is being done, as in "reading pictures".
        total: How many there are, at least roughly; 0 where nobody knows.
        done: How many were done before, by an earlier run say; they do not count towards the rate.
        later: Whether it begins when it is first called.
        shares: Whether results are printed meanwhile; a terminal then has no line of progress if they go to a pipe.
    """

    def __init__(self, stage: str, total: int = 0, done: int = 0, *, later: bool = False, shares: bool = False) -> None:
        self.stage, self.total, self.done, self.before = stage, total, done, done
        self._detail = ""
        self._started = self._shown = time.monotonic()
        self._terminal = sys.stderr.isatty()
        self._open = False  # whether the terminal shows a line that the next one replaces
        self._later = later
        self._hidden = _quiet.get() or (shares and self._terminal and goes_to_a_pipe())

    def __call__(self, done: int, total: int = 0, detail: str = "") -> None:
        """Say that `done` of `total` are done."""
        self.done, self.total, self._detail = done, total or self.total, detail
        now = time.monotonic()
        if self._later:
            self._started = self._shown = now
            self.before, self._later = done, False
        if now - self._shown >= (_TERMINAL_EVERY if self._terminal else _FILE_EVERY):
            self._shown = now
            self._show()

    def resumed(self, done: int, kept: int) -> None:
        """Say that `done` are done beside the `kept` of an earlier run, which are found again first."""
        self.before = kept
        if not done:
            self._started = time.monotonic()  # the rate is that of new ones
        self(done + kept, detail="" if done else "reading again what was done")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Take the line off the terminal, so that what follows stands alone."""
        if self._open:
            write(sys.stderr, "\r\x1b[K", end="")
            self._open = False

    def say(self, words: str) -> None:
        """Say something beside the progress."""
        self.close()
        say(words)

    def summary(self, noun: str) -> str:
        """How many were done in this run, and in what time."""
        seconds = time.monotonic() - self._started
        count = self.done - self.before
        kept = f", and {self.before:,} from before" if self.before else ""
        return f"{counted(count, noun)} in {duration(seconds)} ({count / max(seconds, 1e-6):,.0f} per second){kept}"

    def line(self) -> str:
        """How far it is now."""
        seconds = time.monotonic() - self._started
        said = progress_line(self.stage, self.done, self.total, seconds, self.before)
        return f"{said}, {self._detail}" if self._detail else said

    def _show(self) -> None:
        if self._hidden:
            return
        if self._terminal:
            write(sys.stderr, f"\r{printable.line(self.line())}\x1b[K", end="")
            self._open = True
        else:
            say(self.line())


class Stages:
    """Progress of a job of many stages, as of `train`: each has a line of its own."""

    def __init__(self) -> None:
        self._now: Progress | None = None

    def __call__(self, stage: str, done: int, total: int, detail: str) -> None:
        """Say that `done` of `total` of a stage are done."""
        if self._now is None or self._now.stage != stage or done < self._now.done:
            self.close()
            self._now = Progress(stage, total, done)
        self._now(done, total, detail)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind in (None, KeyboardInterrupt):
            self.close()
        elif self._now is not None:  # the error's own line says enough
            self._now.close()

    def close(self) -> None:
        """End the current stage with its own line."""
        if self._now is not None:
            self._now.close()
            say(self._now.line())
            self._now = None
