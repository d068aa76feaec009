"""Word vectors in NumPy's `.npz`: one list of words (V,) and one table of numbers (V, D) of any float type."""

from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO

from feelscope.errors import WordsError
from feelscope.files import read_arrays
from feelscope.words.word_vectors import Gathering, WordVectors


def read_npz(path: Path, file: BinaryIO, keep: Collection[str] | None) -> WordVectors:
    """Read the two arrays, whatever their names.

    Raises:
        WordsError: They are missing, do not fit each other, are damaged, or a word repeats.
    """
    arrays = read_arrays(file, WordsError, "download or export it again, without objects")
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
