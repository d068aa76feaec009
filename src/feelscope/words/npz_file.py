"""Word vectors in NumPy's `.npz`: one list of words (V,) and one table of numbers (V, D) of any float type."""

import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO

import numpy as np

from feelscope.errors import WordsError
from feelscope.words.word_vectors import Gathering, WordVectors

_TOO_MUCH = (NotImplementedError, MemoryError)  # another compression; a shape that no memory holds


def read_npz(path: Path, file: BinaryIO, keep: Collection[str] | None) -> WordVectors:
    """Read the two arrays, whatever their names.

    Raises:
        WordsError: They are not there, do not fit each other, are damaged, or a word repeats.
    """
    try:
        with np.load(file, allow_pickle=False) as arrays:
            entries = {name: arrays[name] for name in arrays.files}
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error, *_TOO_MUCH) as error:
        why = " ".join(str(error).split()) or type(error).__name__
        raise WordsError(
            f"{path}: not a readable .npz ({why}); download or export it again, without objects"
        ) from error
    words = [array for array in entries.values() if array.dtype.kind in "US" and array.ndim == 1]
    tables = [array for array in entries.values() if array.dtype.kind == "f" and array.ndim == 2]
    if len(words) != 1 or len(tables) != 1 or len(words[0]) != len(tables[0]):
        shown = ", ".join(f"{name} {array.dtype} {array.shape}" for name, array in entries.items())
        raise WordsError(
            f"{path}: expected one list of V words and one table of (V, D) floats, found {shown or 'nothing'}"
        )
    found = Gathering(keep, str(path), "row")
    rows = []
    for row, word in enumerate(words[0].tolist()):
        raw = word if isinstance(word, bytes) else word.encode("utf-8", "surrogatepass")
        if found.wants(raw):
            found.add(raw, (), row)
            rows.append(row)
    return found.done(tables[0].shape[1], tables[0][rows])
