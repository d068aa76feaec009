"""Pictures' trunk outputs, kept on disk, so that training runs the frozen half of the image encoder only once.

Each picture has four views, as augmentation: the whole picture squeezed to a square, the same mirrored, and the two
squares at its ends, the second mirrored. Predicting uses the first view.
"""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch
from PIL import Image

from feelscope.encoders.efficientnet_lite0 import SIZE, TRUNK_SHAPE, EfficientNetLite0, scale_pixels
from feelscope.errors import PictureError
from feelscope.images import read_rgb

VIEWS = 4
_VERSION = 1  # raise it when views or scaling change: new files are made then
_PICTURES_PER_STEP = 8
_STEPS_PER_SAVE = 50

Progress = Callable[[int, int], None]
Refuse = Callable[[int, PictureError], None]


class TrunkFeatures:
    """Trunk outputs of pictures by content, in one growing file; a second training waits while one writes.

    Args:
        folder: Where the file and its index live; made if missing. A picture takes 176 kB.
        encoder: Its trunk is run; the files belong to its weights.
    """

    def __init__(self, folder: Path, encoder: EfficientNetLite0):
        folder.mkdir(parents=True, exist_ok=True)
        weights = hashlib.sha256()
        for value in encoder.trunk.state_dict().values():
            weights.update(value.numpy().tobytes())
        stem = f"trunk-v{_VERSION}-{weights.hexdigest()[:12]}"
        self._data, self._index = folder / f"{stem}.f16", folder / f"{stem}.json"
        self._trunk = encoder.trunk.eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._row_bytes = 2 * VIEWS * int(np.prod(TRUNK_SHAPE))
        self._rows = self._indexed()

    def rows(self, pictures: Sequence[Path | bytes], progress: Progress, refuse: Refuse) -> list[int]:
        """The row of each picture in the file, computing those that are not there yet.

        Args:
            progress: Called with the pictures done and their number.
            refuse: Called with the position and the error of a picture that cannot be read; its row is -1.
        """
        keys: list[str] = []
        waiting: dict[str, np.ndarray] = {}
        with self._data.open("ab") as file:
            _wait_for_others(file)
            self._rows = self._indexed()
            file.truncate(len(self._rows) * self._row_bytes)  # rows that an interrupted run wrote but did not index
            for position, picture in enumerate(pictures):
                key = ""
                try:
                    key = digest(picture)
                    if key not in self._rows and key not in waiting:
                        waiting[key] = square_views(picture)
                except PictureError as error:
                    key = ""
                    refuse(position, error)
                keys.append(key)
                if len(waiting) == _PICTURES_PER_STEP:
                    self._append(waiting, file)
                if position % (_PICTURES_PER_STEP * _STEPS_PER_SAVE) == 0:
                    self._save(file)
                progress(position + 1, len(pictures))
            self._append(waiting, file)
            self._save(file)
        return [self._rows[key] if key else -1 for key in keys]

    def array(self) -> np.ndarray:
        """All rows, float16 (rows, views, 112, 14, 14), mapped from disk."""
        shape = (len(self._rows), VIEWS, *TRUNK_SHAPE)
        return np.memmap(self._data, np.float16, "r", shape=shape) if self._rows else np.zeros(shape, np.float16)

    def _indexed(self) -> dict[str, int]:
        """The rows that are whole: both indexed and written."""
        known: dict[str, int] = json.loads(self._index.read_text()) if self._index.exists() else {}
        written = self._data.stat().st_size // self._row_bytes if self._data.exists() else 0
        return {key: row for key, row in known.items() if row < written}

    def _append(self, waiting: dict[str, np.ndarray], file: BinaryIO) -> None:
        if not waiting:
            return
        pixels = scale_pixels(np.concatenate(list(waiting.values())))  # (4 P, 3, 224, 224)
        with torch.inference_mode():
            trunk = self._trunk(torch.from_numpy(pixels).contiguous(memory_format=torch.channels_last))
        file.write(trunk.contiguous().numpy().astype(np.float16).tobytes())  # (4 P, 112, 14, 14)
        for key in waiting:
            self._rows[key] = len(self._rows)
        waiting.clear()

    def _save(self, file: BinaryIO) -> None:
        file.flush()
        os.fsync(file.fileno())
        partial = self._index.with_suffix(".partial")
        partial.write_text(json.dumps(self._rows))
        partial.replace(self._index)


def _wait_for_others(file: BinaryIO) -> None:
    """Hold the file until it is closed, so that two trainings do not write rows over each other."""
    if sys.platform != "win32":  # there, one training at a time is the user's to see to
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)


def square_views(picture: Path | bytes) -> np.ndarray:
    """The four views of a picture, uint8 (4, 224, 224, 3); the first is what predicting sees.

    Raises:
        PictureError: It cannot be read.
    """
    whole, full = read_rgb(picture, SIZE), read_rgb(picture)
    height, width = full.shape[:2]
    side = min(height, width)
    start, end = _shrink(full[:side, :side]), _shrink(full[height - side :, width - side :])
    return np.stack([whole, whole[:, ::-1], start, end[:, ::-1]])


def _shrink(rgb: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(rgb).resize((SIZE, SIZE), Image.Resampling.BICUBIC, reducing_gap=2.0))


def digest(picture: Path | bytes) -> str:
    """The SHA-256 of a picture's content.

    Raises:
        PictureError: The file cannot be read.
    """
    if isinstance(picture, bytes):
        return hashlib.sha256(picture).hexdigest()
    try:
        if not picture.is_file() and picture.exists():  # reading a pipe would wait for ever
            raise PictureError(f"{picture}: the picture is no regular file; check its path")
        return hashlib.sha256(picture.read_bytes()).hexdigest()
    except OSError as error:
        raise PictureError(f"{picture}: the picture cannot be opened ({error.strerror}); check its path") from error
