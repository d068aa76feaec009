"""Files: written whole or not at all, told apart by their digests, with one writer at a time; foreign ones fenced."""

import errno
import hashlib
import json
import math
import os
import re
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from io import BufferedReader
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO

from feelscope.errors import FeelscopeError, one_line

if TYPE_CHECKING:
    import numpy as np

LOCK = ".lock"
_PARTIAL = re.compile(r".+\.[0-9a-f]{16}\.partial")
_PARTIAL_FOLDER = re.compile(r"tmp\w{8}\.partial")  # as `tempfile` names it
_UNFOLDED, _UNFOLDS = 100_000_000, 20  # bytes that a small `.npz` may unfold to, and how many times its size a big one


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
    if not path.name:  # as "." and "/"
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
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
    except OSError as error:
        if error.filename in (None, str(partial)):  # a full disk names none
            error.filename = str(path)
        raise
    finally:
        partial.unlink(missing_ok=True)


def no_link(path: str, flags: int) -> int:
    """Open a file whose name is no link; for `open(opener=...)` where a file is written in place.

    Raises:
        OSError: It is a link, or cannot be opened.
    """
    try:
        return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o666)  # Windows has no such flag
    except OSError as error:
        if error.errno == errno.ELOOP:
            error.strerror = "is a link, and nothing is written through one"
        raise


def write_text(path: Path, text: str) -> None:
    """Write a whole text file in UTF-8, with line ends as they are."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes, *, sync: bool = True) -> None:
    """Write a whole file; see `write_whole`."""
    with write_whole(path, "wb", sync=sync) as file:
        file.write(content)


def write_json(path: Path, value: object, indent: int | None = 2) -> None:
    """Write a value as a whole JSON file; see `json_text`."""
    write_text(path, json_text(value, indent) + "\n")


def json_text(
    value: object,
    indent: int | None = None,
    *,
    only_ascii: bool = False,
    default: Callable[[object], object] | None = None,
) -> str:
    """A value as JSON that every program reads (RFC 8259): null for NaN and infinity, lone surrogates as escapes.

    Args:
        indent: Blanks of a level; None gives one line.
        only_ascii: All other characters as escapes, for where UTF-8 is not understood.
        default: Turns what JSON does not know into what it does; see `json.dumps`.
    """
    try:
        text = json.dumps(value, ensure_ascii=only_ascii, allow_nan=False, indent=indent, default=default)
    except ValueError:
        text = json.dumps(finite(value), ensure_ascii=only_ascii, allow_nan=False, indent=indent, default=default)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def finite(value: object) -> object:
    """A value with None for NaN and infinity."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {name: finite(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [finite(inner) for inner in value]
    return value


def digest(path: Path, most: float = math.inf) -> str:
    """The SHA-256 of a regular file's content, 64 hexadecimal digits.

    Args:
        most: Bytes; a larger file is an error.

    Raises:
        OSError: As `open_regular`.
    """
    with open_regular(path, most) as file:
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
        with open_regular(file) if isinstance(file, Path) else nullcontext(file) as opened:
            most = _UNFOLDED + _UNFOLDS * os.fstat(opened.fileno()).st_size
            with np.load(opened, allow_pickle=False) as arrays:
                size = sum(entry.file_size for entry in arrays.zip.infolist())
                if size > most:  # zipfile reads no more of an entry than this says
                    raise ValueError(f"it would unfold to {size / 1e6:,.0f} MB")
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
    """Remove the half-written files and folders of killed processes, from a folder and below, that this one writes."""
    for path in [*folder.rglob("*.partial")]:
        if path.is_symlink():
            continue
        if _PARTIAL_FOLDER.fullmatch(path.name) and path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif _PARTIAL.fullmatch(path.name) and path.is_file():
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


def open_regular(path: Path, most: float = math.inf) -> BufferedReader:
    """Open a regular file for reading, without waiting for the other end of a pipe.

    Args:
        most: Bytes.

    Raises:
        OSError: It cannot be opened, is a folder, a pipe or a device, or is larger.
    """
    try:
        file = open(path, "rb", opener=_without_waiting)  # noqa: SIM115  # Path.open takes no opener
    except ValueError as error:  # a NUL byte in the name
        raise OSError(errno.EINVAL, str(error), str(path)) from error
    status = os.fstat(file.fileno())
    if stat.S_ISREG(status.st_mode) and status.st_size <= most:
        return file
    file.close()
    if stat.S_ISREG(status.st_mode):
        raise OSError(errno.EFBIG, f"{status.st_size / 1e6:,.1f} MB, over {most / 1e6:g} MB", str(path))
    raise OSError(errno.EINVAL, "not a regular file", str(path))


def read_bounded(path: Path, most: int) -> bytes:
    """The content of a regular file of at most so many bytes.

    Raises:
        OSError: As `open_regular`.
    """
    with open_regular(path, most) as file:
        return file.read(most)


def read_json(path: Path, damaged: type[FeelscopeError], repair: str, most: int = 16_000_000) -> dict[str, Any]:
    """The JSON object in a file.

    Args:
        damaged: Raised for a file that is missing or no such file, whatever is wrong with it.
        repair: What to do about it.
        most: Bytes; in memory it may become twenty times as many.
    """
    try:
        value = json.loads(read_bounded(path, most).decode("utf-8"))
    except FileNotFoundError as error:
        raise damaged(f"{path}: this file is missing; {repair}") from error
    except OSError as error:
        raise damaged(f"{path}: cannot be read ({error.strerror}); {repair}") from error
    except (ValueError, RecursionError, MemoryError) as error:  # ValueError: also a number of 5,000 digits
        raise damaged(f"{path}: not JSON ({one_line(error)}); {repair}") from error
    if not isinstance(value, dict):
        raise damaged(f"{path}: expected a JSON object, found {type(value).__name__}; {repair}")
    return value


def _without_waiting(path: str, flags: int) -> int:
    """Open a file without blocking; Windows has neither the flag nor pipes that are files."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
