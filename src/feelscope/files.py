"""Files: written whole or not at all, told apart by their digests, and with one writer at a time."""

import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from feelscope.errors import FeelscopeError


@contextmanager
def write_whole(path: Path, mode: str = "w", **options: Any) -> Iterator[IO[Any]]:
    """Open a file for writing under a name of its own; it takes the place of `path` when the block ends without error.

    Whoever reads `path` meanwhile, or after a crash, finds the file of before or the whole new one.

    Args:
        mode: `w` for text, in UTF-8, or `wb`.
        options: As `open` takes them, such as `newline`.

    Example:
        >>> with write_whole(Path("scores.json")) as file:
        ...     file.write("{}")
    """
    partial = partial_name(path)
    if "b" not in mode:
        options = {"encoding": "utf-8", **options}
    try:
        with partial.open(mode, **options) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def partial_name(path: Path) -> Path:
    """Where this thread writes what is to become `path`; nobody else writes there."""
    return path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.partial")


def write_text(path: Path, text: str) -> None:
    """Write a whole text file in UTF-8, with line ends as they are."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write a whole file."""
    with write_whole(path, "wb") as file:
        file.write(content)


def digest(path: Path) -> str:
    """The SHA-256 of a file's content, 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def lock(path: Path, busy: FeelscopeError | None) -> Iterator[None]:
    """Keep other processes from what `path` stands for, until the block ends or this process does.

    Args:
        path: The lock's own file, such as `folder / ".lock"`; it stays behind, empty.
        busy: Raised at once where another process has the lock; None waits for it.
    """
    from filelock import FileLock, Timeout

    try:
        with FileLock(path, timeout=-1 if busy is None else 0):
            yield
    except Timeout:
        if busy is None:
            raise
        raise busy from None
