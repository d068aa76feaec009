"""Files: written whole or not at all, told apart by their digests, with one writer at a time; damaged `.npz` fenced."""

import csv
import errno
import hashlib
import math
import os
import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO

from feelscope.errors import FeelscopeError, one_line

if TYPE_CHECKING:
    import numpy as np

LOCK = ".lock"
_PARTIAL = re.compile(r".+\.[0-9a-f]{16}\.partial")


@contextmanager
def write_whole(path: Path, mode: str = "w", *, sync: bool = True, **options: Any) -> Iterator[IO[Any]]:
    """Open a file for writing under a name of its own; it takes the place of `path` when the block ends without error.

    Whoever reads `path` meanwhile, or after a crash, finds the file of before or the whole new one.

    Args:
        mode: `w` for text, in UTF-8, or `wb`.
        sync: Wait for the disk. Without, a file is written ten times as fast, and a power cut may leave it empty: for
            thousands of small files that can be made again.
        options: As `open` takes them, such as `newline`.

    Example:
        >>> with write_whole(Path("scores.json")) as file:
        ...     file.write("{}")
    """
    partial = path.with_name(f"{path.name}.{secrets.token_hex(8)}.partial")  # nobody else's
    if "b" not in mode:
        options = {"encoding": "utf-8", **options}
    try:
        with partial.open(mode.replace("w", "x"), **options) as file:  # never through a link that lies there
            yield file
            file.flush()
            if sync:
                os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a whole text file in UTF-8, with line ends as they are."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes, *, sync: bool = True) -> None:
    """Write a whole file; see `write_whole`."""
    with write_whole(path, "wb", sync=sync) as file:
        file.write(content)


def write_csv(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    """Write one or more rows of the same keys as CSV: six digits of a fraction, an empty cell for None and NaN."""
    with write_whole(path, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)


def _cell(value: object) -> object:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.6g}"
    return value


def digest(path: Path) -> str:
    """The SHA-256 of a file's content, 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_arrays(file: Path | BinaryIO, damaged: type[FeelscopeError], repair: str) -> dict[str, "np.ndarray"]:
    """All arrays of an `.npz`, by name.

    Args:
        damaged: Raised for a file that cannot be read, whatever is wrong with it.
        repair: What to do about it.
    """
    import lzma
    import struct
    import tokenize
    import zipfile
    import zlib

    import numpy as np

    try:
        with np.load(file, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    # What zipfile and NumPy's header parser raise for foreign bytes: an encrypted entry is a RuntimeError, another
    # compression a NotImplementedError, a header that is no Python a SyntaxError, too large a shape a MemoryError.
    except (
        *(ArithmeticError, AttributeError, EOFError, LookupError, MemoryError, OSError, RuntimeError, SyntaxError),
        *(TypeError, ValueError, lzma.LZMAError, struct.error, tokenize.TokenError, zipfile.BadZipFile, zlib.error),
    ) as error:
        path = file if isinstance(file, Path) else file.name
        raise damaged(f"{path}: not a readable .npz ({one_line(error)}); {repair}") from error


@contextmanager
def writing(output: Path, kind: type[FeelscopeError]) -> Iterator[None]:
    """Keep other processes from writing an output until the block ends or this process does.

    The lock is a file of its own, gone when the block ends: `.NAME.lock` beside a file, `.lock` in a folder.

    Args:
        output: A file, which need not be there, or a folder, which must be.
        kind: Raised at once where another process is writing.

    Raises:
        FileNotFoundError: The folder that the lock would be in does not exist.
    """
    path = output / LOCK if output.is_dir() else output.with_name(f".{output.name}{LOCK}")
    with lock(path, kind(f"{output}: another process is writing it; wait until it is done, or name another")):
        try:
            yield
        finally:
            with suppress(OSError):  # Windows removes no file that is open
                path.unlink()


@contextmanager
def writing_folder(folder: Path, kind: type[FeelscopeError]) -> Iterator[None]:
    """Keep other processes from writing a folder; it is made where it is missing.

    What was made for it goes again where nothing came to lie in it.

    Args:
        kind: Raised where another process is writing it, or where it cannot be made.
    """
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        with ExitStack() as held:
            for tries in reversed(range(3)):
                try:
                    folder.mkdir(parents=True, exist_ok=True)
                    held.enter_context(writing(folder, kind))
                    break
                except FileExistsError:
                    raise kind(f"{folder}: is a file; name a folder") from None
                except FileNotFoundError:  # another process that was refused, or wrote nothing, removed it just now
                    if not tries:
                        raise
                except OSError as error:
                    raise kind(f"{folder}: cannot be made ({error.strerror}); name another folder") from error
            yield
    finally:
        with suppress(OSError):  # it is not empty
            for path in made:
                path.rmdir()


def is_lock(path: Path) -> bool:
    """Whether a file is the lock of an output: one that is being written, or whose writer was killed."""
    return path.name.startswith(".") and path.name.endswith(LOCK)


def remove_partials(folder: Path) -> None:
    """Remove what killed processes left of `write_whole` in a folder and those below, which this one is `writing`."""
    for path in folder.rglob("*.partial"):
        if _PARTIAL.fullmatch(path.name):
            path.unlink(missing_ok=True)


@contextmanager
def lock(path: Path, busy: FeelscopeError | None, waiting: Callable[[], object] | None = None) -> Iterator[None]:
    """Keep other processes from what `path` stands for, until the block ends or this process does.

    Args:
        path: The lock's own file, such as `folder / ".lock"`; it stays behind, empty.
        busy: Raised at once where another process has the lock; None waits for it.
        waiting: Called once where that takes more than a second.

    Raises:
        FileNotFoundError: The folder of the lock does not exist.
    """
    from filelock import FileLock, Timeout

    if not path.parent.is_dir():  # filelock would make it
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path.parent))
    held = FileLock(path)
    try:
        held.acquire(timeout=1 if busy is None else 0)
    except Timeout:
        if busy is not None:
            raise busy from None
        if waiting is not None:
            waiting()
        held.acquire()
    try:
        yield
    finally:
        held.release()
