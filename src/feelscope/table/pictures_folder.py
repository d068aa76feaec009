"""A folder of pictures as a posts table: a post each, whose id is the picture's path in it."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from feelscope.errors import TableError
from feelscope.table.quarantine import BadRow

PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".avif", ".heic", ".heif")
VIDEOS = (".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi", ".mts", ".m2ts")
_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class FolderRows:
    """The pictures and videos of a folder and below, by their names' endings and in the order of their paths."""

    path: Path

    def columns(self) -> dict[str, str]:
        """Give the columns that every row has."""
        if not self._names():
            raise TableError(f"{self.path}: no picture in this folder ({', '.join(PICTURES)})")
        return {"id": "text", "image": "text"}

    def __iter__(self) -> Iterator[dict[str, object] | BadRow]:
        for name in self._names():
            yield {"id": name, "image": name}

    def length(self) -> int:
        """Give the number of pictures."""
        return len(self._names())

    def _names(self) -> Sequence[str]:
        names: list[str] = []
        try:
            for folder, folders, files in os.walk(self.path):  # links to folders are not followed
                folders[:] = [name for name in folders if not name.startswith(".")]
                found = (name for name in files if not name.startswith("."))
                pictures = (name for name in found if os.path.splitext(name)[1].lower() in PICTURES + VIDEOS)  # noqa: PTH122
                names += (Path(folder, name).relative_to(self.path).as_posix() for name in pictures)
                if len(names) > _MOST:
                    raise TableError(f"{self.path}: over {_MOST:,} pictures; name the folders in it")
        except OSError as error:
            raise TableError(f"{self.path}: cannot be read ({error.strerror})") from error
        return sorted(names)
