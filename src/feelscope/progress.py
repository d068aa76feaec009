"""How long work tells how far it is, and how other packages are kept quiet meanwhile."""

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self

Count = Callable[[int, int], object]  # how many are done, and of how many; 0 where nobody knows
Progress = Callable[[str, int, int, str], object]  # the stage, the same two numbers, and a remark


def silent(stage: str, done: int, total: int, remark: str) -> None:
    """Show no progress."""


@contextmanager
def errors_only(logger_name: str | None) -> Iterator[None]:
    """Keep a logger, None for the root, to errors for a while."""
    logger = logging.getLogger(logger_name)
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


class Watched:
    """Shows how far a call is, where somebody watches: one line on a terminal or in a notebook, gone at the end.

    Calls that are soon over show none.

    Args:
        stage: What is being done, as in "predicting".
        total: How many there are; 0 where nobody knows.
    """

    AFTER, EVERY = 2.0, 0.2  # seconds before the first line, and between two

    def __init__(self, stage: str, total: int = 0) -> None:
        self._stage, self._total = stage, total
        self._started = time.monotonic()
        self._next = self._started + self.AFTER
        self._line: Any = None  # what shows a line; None before the first

    def __enter__(self) -> Self:
        return self

    def __call__(self, done: int, total: int = 0) -> None:
        """Say that so many are done."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + self.EVERY
            self._line = self._line or _notebook_line() or _terminal_line
            self._line(progress_line(self._stage, done, total or self._total, now - self._started))

    def __exit__(self, *_: object) -> None:
        if self._line is not None:
            self._line("")


class WatchedStages:
    """The same of a job of many stages, as of a training."""

    def __init__(self) -> None:
        self._stage, self._watched = "", Watched("")

    def __call__(self, stage: str, done: int, total: int, remark: str) -> None:
        """Say that `done` of `total` of a stage are done."""
        if stage != self._stage:
            self.close()
            self._stage, self._watched = stage, Watched(stage, total)
        self._watched(done, total)

    def close(self) -> None:
        """Take the line away."""
        self._watched.__exit__()


def progress_line(stage: str, done: int, total: int, seconds: float, before: int = 0) -> str:
    """How far work is, how fast, and how long it will still take.

    Args:
        total: 0 where nobody knows; it may be rough.
        seconds: That it has taken so far.
        before: How many of `done` do not count towards the rate.
    """
    of = f" of {total:,}" if total >= done else ""
    parts = [f"{stage}: {done:,}{of}" if total or done else stage]
    rate = (done - before) / max(seconds, 1e-6)
    if rate:
        parts.append(f"{rate:,.0f} per second" if rate >= 10 else f"{rate:.1f} per second")
        if total > done:
            parts.append(f"{duration((total - done) / rate)} left")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """A time for people: 0.42 s, 12 s, 3:20 min, 1:05 h."""
    whole = round(seconds)
    if seconds < 10:
        return f"{seconds:.2f} s"
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60}:{whole % 60:02} min" if whole < 3600 else f"{whole // 3600}:{whole % 3600 // 60:02} h"


def _terminal_line(line: str) -> None:
    if sys.stderr is not None and sys.stderr.isatty():
        sys.stderr.write(f"\r{line}\x1b[K")
        sys.stderr.flush()


def _notebook_line() -> Callable[[str], object] | None:
    """What shows a line below a cell of a notebook; None where there is none."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if getattr(shell, "kernel", None) is None:
        return None
    from IPython.display import display

    shown = display({"text/plain": ""}, raw=True, display_id=True)
    return lambda line: shown.update({"text/plain": line}, raw=True)
