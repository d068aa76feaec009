"""Arrays that an encoder made, kept on disk one row a content, so that each is computed only once.

One growing file of rows and, beside it, a JSON file from the content's key to the row. A second training waits while
one writes; rows that an interrupted run wrote but did not index are written anew.
"""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Generic, TypeVar

import numpy as np

from feelscope.errors import PictureError
from feelscope.progress import Count

if TYPE_CHECKING:
    from torch import nn

_STEPS_PER_SAVE = 50

T = TypeVar("T")  # what is encoded
R = TypeVar("R")  # the same, read and ready to compute
Refuse = Callable[[int, PictureError], None]


class KeptRows(Generic[T, R]):
    """Rows of one shape by content, in one growing file.

    Args:
        folder: Where the file and its index live; made if missing.
        stem: Their name without ending; it must tell the encoder and its weights.
        shape: Of a row.
        dtype: Of a number; it gives the file its ending, `.f16`, `.f32` or `.u8`.
        key: The key of a content, equal for equal contents.
        read: Reads it for `compute`; only what is not there yet is read.
        compute: From some read ones (P) to an array (P, *shape).
        per_step: How many are computed at a time.
    """

    def __init__(
        self,
        folder: Path,
        stem: str,
        shape: tuple[int, ...],
        dtype: type[np.floating | np.uint8],
        *,
        key: Callable[[T], str],
        read: Callable[[T], R],
        compute: Callable[[list[R]], np.ndarray],
        per_step: int,
    ):
        folder.mkdir(parents=True, exist_ok=True)
        self._dtype, self._shape = np.dtype(dtype), shape
        self._data, self._index = (
            folder / f"{stem}.{self._dtype.kind}{8 * self._dtype.itemsize}",
            folder / f"{stem}.json",
        )
        self._key, self._read, self._compute, self._per_step = key, read, compute, per_step
        self._row_bytes = self._dtype.itemsize * int(np.prod(shape))
        self._rows = self._indexed()

    def rows(self, contents: Sequence[T], progress: Count, refuse: Refuse) -> list[int]:
        """The row of each content in the file, computing those that are not there yet.

        Args:
            progress: Called with the contents done and their number.
            refuse: Called with the position and the error of a picture that cannot be read; its row is -1.
        """
        keys: list[str] = []
        waiting: dict[str, R] = {}
        with self._data.open("ab") as file:
            _wait_for_others(file)
            self._rows = self._indexed()
            file.truncate(len(self._rows) * self._row_bytes)  # rows that an interrupted run wrote but did not index
            for position, content in enumerate(contents):
                key = ""
                try:
                    key = self._key(content)
                    if key not in self._rows and key not in waiting:
                        waiting[key] = self._read(content)
                except PictureError as error:
                    key = ""
                    refuse(position, error)
                keys.append(key)
                if len(waiting) == self._per_step:
                    self._append(waiting, file)
                if position % (self._per_step * _STEPS_PER_SAVE) == 0:
                    self._save(file)
                progress(position + 1, len(contents))
            self._append(waiting, file)
            self._save(file)
        return [self._rows[key] if key else -1 for key in keys]

    def known(self, content: T) -> int | None:
        """The row of a content; None where it is not there."""
        return self._rows.get(self._key(content))

    def array(self) -> np.ndarray:
        """All rows (rows, *shape), mapped from disk."""
        shape = (len(self._rows), *self._shape)
        return np.memmap(self._data, self._dtype, "r", shape=shape) if self._rows else np.zeros(shape, self._dtype)

    def _indexed(self) -> dict[str, int]:
        """The rows that are whole: both indexed and written."""
        known: dict[str, int] = json.loads(self._index.read_text()) if self._index.exists() else {}
        written = self._data.stat().st_size // self._row_bytes if self._data.exists() else 0
        return {key: row for key, row in known.items() if row < written}

    def _append(self, waiting: dict[str, R], file: BinaryIO) -> None:
        if not waiting:
            return
        made = self._compute(list(waiting.values()))  # (P, *shape)
        assert made.shape == (len(waiting), *self._shape), made.shape
        file.write(made.astype(self._dtype).tobytes())
        for key in waiting:
            self._rows[key] = len(self._rows)
        waiting.clear()

    def _save(self, file: BinaryIO) -> None:
        file.flush()
        os.fsync(file.fileno())
        partial = self._index.with_suffix(".partial")
        partial.write_text(json.dumps(self._rows))
        partial.replace(self._index)


def weights_digest(module: "nn.Module") -> str:
    """The SHA-256 of a module's weights, in their order."""
    weights = hashlib.sha256()
    for value in module.state_dict().values():
        weights.update(value.numpy().tobytes())
    return weights.hexdigest()


def _wait_for_others(file: BinaryIO) -> None:
    """Hold the file until it is closed, so that two trainings do not write rows over each other."""
    if sys.platform != "win32":  # there, one training at a time is the user's to see to
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)
