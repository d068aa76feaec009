"""The feature cache: arrays that an encoder made, kept on disk one row a content, so that each is computed only once.

One growing file of rows and, beside it, a JSON file from the content's key to the row. A second training waits while
one writes; rows that an interrupted run wrote but did not index are written again.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO, Generic, TypeVar

import numpy as np
from torch import nn

from feelscope.errors import ModelError, PictureError
from feelscope.files import lock, no_link, read_json, write_json

_STEPS_PER_SAVE = 50

T = TypeVar("T")  # what is encoded
R = TypeVar("R")  # the same, read and ready to compute
Count = Callable[[int, int, str], object]  # how many contents are done, of how many, and a remark
Refuse = Callable[[int, PictureError], object]  # a content's position, and why its picture cannot be read


class FeatureCache(Generic[T, R]):
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

    Raises:
        ModelError: The index is damaged.
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
        self._data = folder / f"{stem}.{self._dtype.kind}{8 * self._dtype.itemsize}"
        self._index, self._lock = folder / f"{stem}.json", folder / f"{stem}.lock"
        self._key, self._read, self._compute, self._per_step = key, read, compute, per_step
        self._row_bytes = self._dtype.itemsize * int(np.prod(shape))
        self._rows = self._indexed()

    def rows(self, contents: Sequence[T], progress: Count, refuse: Refuse) -> list[int]:
        """The row of each content in the file, computing those that are not there yet.

        Args:
            progress: Called with the contents done, their number, and what it waits for, if anything.
            refuse: Called with the position and the error of a picture that cannot be read; its row is -1.
        """
        keys: list[str] = []
        waiting: dict[str, R] = {}

        def tell_of_waiting() -> None:
            progress(0, len(contents), f"waiting for another process that fills {self._data}")

        with lock(self._lock, None, tell_of_waiting), open(self._data, "ab", opener=no_link) as file:
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
                progress(position + 1, len(contents), "")
            self._append(waiting, file)
            self._save(file)
        return [self._rows[key] if key else -1 for key in keys]

    def array(self) -> np.ndarray:
        """All rows (rows, *shape), mapped from disk."""
        shape = (len(self._rows), *self._shape)
        return np.memmap(self._data, self._dtype, "r", shape=shape) if self._rows else np.zeros(shape, self._dtype)

    def _indexed(self) -> dict[str, int]:
        """The rows that are whole: both indexed and written."""
        exists = self._index.exists()
        known = read_json(self._index, ModelError, "delete this feature cache", 10**9) if exists else {}
        if list(known.values()) != list(range(len(known))):  # they were appended in this order
            raise ModelError(f"{self._index}: a row is missing or told twice; delete this feature cache")
        written = self._data.stat().st_size // self._row_bytes if self._data.exists() else 0
        return {key: row for key, row in known.items() if row < written}

    def _append(self, waiting: dict[str, R], file: BinaryIO) -> None:
        if not waiting:
            return
        computed = self._compute(list(waiting.values()))  # (P, *shape)
        assert computed.shape == (len(waiting), *self._shape), computed.shape
        file.write(computed.astype(self._dtype).tobytes())
        for key in waiting:
            self._rows[key] = len(self._rows)
        waiting.clear()

    def _save(self, file: BinaryIO) -> None:
        file.flush()
        os.fsync(file.fileno())
        write_json(self._index, self._rows, indent=None)


def weights_digest(module: nn.Module) -> str:
    """The SHA-256 of a module's weights, in their order."""
    weights = hashlib.sha256()
    for value in module.state_dict().values():
        weights.update(value.numpy().tobytes())
    return weights.hexdigest()
