"""How long work tells how far it is, and how other packages are kept quiet meanwhile."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

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
