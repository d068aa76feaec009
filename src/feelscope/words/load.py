"""Load word vectors from a file in any of the usual formats, recognised by its content and not by its name."""

import re
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO

from feelscope.errors import WordsError
from feelscope.words.binary_file import read_binary
from feelscope.words.npz_file import read_npz
from feelscope.words.text_file import read_text
from feelscope.words.word_vectors import WordVectors

_ENDS = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x80": "a pickle, which could run any program"}
_LINE = 2**16  # bytes in which the first line and the first vector are looked for
_NUMBER_SIGNS = frozenset(b"0123456789+-.eE \t\r\n")


def load(path: Path | str, keep: Collection[str] | None = None) -> WordVectors:
    """Load word vectors: GloVe text, word2vec text, word2vec binary, or `.npz`.

    The file is read once, and only what is kept is in memory (of an `.npz`: everything).

    Args:
        path: The file; its width is that of the vectors.
        keep: The words to load, as the file writes them; those it lacks are left out. None loads all. Other words are
            not checked closely: their numbers may be wrong, and they may be there twice.

    Raises:
        WordsError: The file is missing, of another format, damaged, or has a word twice.
    """
    path = Path(path)
    try:
        if path.exists() and not path.is_file():
            raise WordsError(f"{path}: not a regular file; give a file of word vectors")
        with path.open("rb") as file:
            return _read(path, file, keep)
    except OSError as error:
        raise WordsError(f"{path}: cannot be read ({error.strerror}); check its path") from error


def _read(path: Path, file: BinaryIO, keep: Collection[str] | None) -> WordVectors:
    head = file.read(_LINE)
    file.seek(0)
    if head.startswith(b"PK\x03\x04"):
        return read_npz(path, file, keep)
    for sign, name in _ENDS.items():
        if head.startswith(sign):
            raise WordsError(f"{path}: this is {name}; unpack it, or save the vectors as word2vec text or binary")
    if not head.strip() or (b"\0" in head.split(b"\n", 1)[0]):
        what = f"its content begins with {head[:8]!r}" if head else "the file is empty"
        raise WordsError(f"{path}: expected word vectors (GloVe, word2vec text or binary, .npz); {what}")
    line, _, rest = head.partition(b"\n")
    counts = re.fullmatch(rb"(\d{1,12}) (\d{1,9})\s*", line)
    if counts is None:
        return read_text(path, file, keep, None)
    words, width = int(counts[1]), int(counts[2])
    if width < 1:
        raise WordsError(f"{path}, line 1: vectors of width 0; download or export the file again")
    # After the first word come digits in a text, and bytes of any kind in a binary file.
    first = rest.lstrip(b"\n").partition(b" ")[2][: 4 * width]
    reader = read_text if _NUMBER_SIGNS.issuperset(first.split(b"\n")[0]) else read_binary
    return reader(path, file, keep, (words, width))
