"""Word vectors in NumPy's `.npz`: one list of words (V,) and one table of numbers (V, D) of any float type."""

import lzma
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO

import numpy as np

from feelscope.errors import WordsError
from feelscope.words.word_vectors import Gathering, WordVectors

# What zipfile and NumPy's header parser raise for foreign bytes: an encrypted entry is a RuntimeError, another
# compression a NotImplementedError, a header that is no Python a SyntaxError, a shape no memory holds a MemoryError.
_DAMAGE = (
    *(ArithmeticError, AttributeError, EOFError, LookupError, MemoryError, OSError, RuntimeError, SyntaxError),
    *(TypeError, ValueError, lzma.LZMAError, struct.error, tokenize.TokenError, zipfile.BadZipFile, zlib.error),
)


def read_arrays(file: BinaryIO | Path, repair: str) -> dict[str, np.ndarray]:
    """All arrays of an `.npz`, by name.

    Args:
        repair: What to do about a file that cannot be read.

    Raises:
        WordsError: It cannot be read, whatever is wrong with it.
    """
    try:
        with np.load(file, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except _DAMAGE as error:
        why = " ".join(str(error).split()) or type(error).__name__
        path = file if isinstance(file, Path) else file.name
        raise WordsError(f"{path}: not a readable .npz ({why}); {repair}") from error


def read_npz(path: Path, file: BinaryIO, keep: Collection[str] | None) -> WordVectors:
    """Read the two arrays, whatever their names.

    Raises:
        WordsError: They are missing, do not fit each other, are damaged, or a word repeats.
    """
    arrays = read_arrays(file, "download or export it again, without objects")
    words = [array for array in arrays.values() if array.dtype.kind in "US" and array.ndim == 1]
    tables = [array for array in arrays.values() if array.dtype.kind == "f" and array.ndim == 2]
    if len(words) != 1 or len(tables) != 1 or len(words[0]) != len(tables[0]):
        shown = ", ".join(f"{name} {array.dtype} {array.shape}" for name, array in arrays.items())
        raise WordsError(
            f"{path}: expected one list of V words and one table of (V, D) floats, found {shown or 'nothing'}"
        )
    kept = Gathering(keep, str(path), "row")
    rows = []
    for row, word in enumerate(words[0].tolist()):
        raw = word if isinstance(word, bytes) else word.encode("utf-8", "surrogatepass")
        if kept.wants(raw):
            kept.add(raw, (), row)
            rows.append(row)
    return kept.done(tables[0].shape[1], tables[0][rows])
