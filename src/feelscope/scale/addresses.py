"""Where tables and results are: on a disk that all machines see, or at any address that fsspec knows."""

import posixpath
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from feelscope.errors import TableError, needs_extra, one_line
from feelscope.files import write_bytes

_AT_ONCE = ("s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl")  # an object appears whole, or not at all


@dataclass(frozen=True, slots=True)
class Address:
    """A file or a folder.

    Args:
        url: An absolute path, or `scheme://...`.
    """

    url: str

    @property
    def is_path(self) -> bool:
        """Whether it is a path of the file system."""
        return "://" not in self.url

    @property
    def name(self) -> str:
        """The last part."""
        return posixpath.basename(self.url.rstrip("/"))

    @property
    def parent(self) -> "Address":
        """The folder it is in."""
        return Address(posixpath.dirname(self.url.rstrip("/")))

    def __truediv__(self, name: str) -> "Address":
        return Address(f"{self.url.rstrip('/')}/{name}")

    def __str__(self) -> str:
        return self.url

    @property
    def path(self) -> Path:
        """As a path; of an address with a scheme for messages alone."""
        return Path(self.url)

    def open(self) -> BinaryIO:
        """Open a file for reading; raises `OSError`."""
        if self.is_path:
            return self.path.open("rb")
        system, inner = _system(self.url)
        return cast(BinaryIO, system.open(inner, "rb"))

    def read(self) -> bytes:
        """The content of a file; raises `OSError`."""
        with self.open() as file:
            return file.read()

    def exists(self) -> bool:
        """Whether there is a file or a folder."""
        if self.is_path:
            return self.path.exists()
        system, inner = _system(self.url)
        return bool(system.exists(inner))

    def is_folder(self) -> bool:
        """Whether it is a folder."""
        if self.is_path:
            return self.path.is_dir()
        system, inner = _system(self.url)
        return bool(system.isdir(inner))

    def write(self, content: bytes) -> None:
        """Write a whole file or none; folders are made. Raises `OSError`."""
        if self.is_path:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(self.path, content)
            return
        system, inner = _system(self.url)
        if not set(_protocols(system)).isdisjoint(_AT_ONCE):
            system.pipe_file(inner, content)
            return
        system.makedirs(posixpath.dirname(inner), exist_ok=True)
        partial = f"{inner}.{secrets.token_hex(8)}.partial"
        try:
            system.pipe_file(partial, content)
            system.mv(partial, inner)
        finally:
            if system.exists(partial):
                system.rm_file(partial)

    def names(self) -> list[str]:
        """What is directly in a folder, by name; nothing where there is none."""
        if self.is_path:
            return sorted(path.name for path in self.path.iterdir()) if self.path.is_dir() else []
        system, inner = _system(self.url)
        if not system.isdir(inner):
            return []
        return sorted(posixpath.basename(found.rstrip("/")) for found in system.ls(inner, detail=False))

    def files(self, ending: str) -> Iterator[str]:
        """The files of a folder and below, by their paths in it, in order; none whose path begins with . or _."""
        if self.is_path:
            found = [path.relative_to(self.path).as_posix() for path in self.path.rglob(f"*{ending}") if path.is_file()]
        else:
            system, inner = _system(self.url)
            root = inner.rstrip("/") + "/"
            found = [path.removeprefix(root) for path in system.find(inner) if path.endswith(ending)]
        yield from sorted(name for name in found if not any(part[0] in "._" for part in name.split("/")))


def parse(text: str) -> Address:
    """A path or an address as it was given.

    Raises:
        TableError: Nothing is known of such addresses.
    """
    if "://" not in text:
        return Address(str(Path(text).absolute()))
    try:
        _system(text)
    except (ValueError, ImportError, OSError) as error:
        raise TableError(f"{text}: cannot be used ({one_line(error)})") from error
    return Address(text.rstrip("/"))


def _system(url: str) -> tuple[Any, str]:
    """The file system of an address, and the path in it; fsspec keeps one of each."""
    with needs_extra("an address of another file system", "scale"):
        from fsspec.core import url_to_fs
    return cast(tuple[Any, str], url_to_fs(url))


def _protocols(system: Any) -> tuple[str, ...]:
    return (system.protocol,) if isinstance(system.protocol, str) else tuple(system.protocol)
