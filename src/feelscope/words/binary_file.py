"""Word vectors as word2vec writes them in binary: counts in a line of text, then word, space, D 4-byte floats.

Its own program puts a line break after every vector, other programs do not; both are read.

Source: Mikolov et al. 2013, "Distributed Representations of Words and Phrases"; the word2vec program's `-binary 1`.
"""

import mmap
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

from feelscope.files import write_whole
from feelscope.words.word_vectors import Gathering, WordVectors

_LONGEST_WORD = 2000  # bytes; what is longer is no word
_REPAIR = "the file is damaged or cut off: download or export it again"


def read_binary(path: Path, file: BinaryIO, keep: Collection[str] | None, counts: tuple[int, int]) -> WordVectors:
    """Read the words of a binary file, mapped from disk: what is not wanted never enters memory.

    Args:
        path: For messages.
        file: The open file.
        keep: The words that are wanted; None wants all.
        counts: Words and width by the first line.

    Raises:
        WordsError: The file is cut off or too long, a word repeats, or a number is infinite or not a number.
    """
    kept = Gathering(keep, str(path), "byte")
    words, width = counts
    size = 4 * width  # bytes of a vector
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        place = data.find(b"\n") + 1
        for number in range(words):
            while data[place : place + 1] == b"\n":
                place += 1
            space = data.find(b" ", place, place + _LONGEST_WORD)
            if space < 0 or space + 1 + size > len(data):
                what = "no end of a word" if space < 0 <= place < len(data) - _LONGEST_WORD else "the end of the file"
                raise kept.fault(
                    place, f"expected word {number + 1:,} of {words:,} with {width} numbers, found {what}", _REPAIR
                )
            word = data[place:space]
            if kept.wants(word):
                kept.add(word, data[space + 1 : space + 1 + size], place)
            place = space + 1 + size
        if data[place : place + 2] not in (b"", b"\n"):
            raise kept.fault(
                place, f"expected the end after {words:,} words, found {len(data) - place:,} bytes", _REPAIR
            )
    return kept.done(width)


def write_binary(path: Path, words: Sequence[str], vectors: np.ndarray) -> None:
    """Write vectors (V, D) as the word2vec program does, whole or not at all."""
    with write_whole(path, "wb") as file:
        file.write(f"{len(words)} {vectors.shape[1]}\n".encode())
        for word, vector in zip(words, vectors.astype("<f4"), strict=True):
            file.write(word.encode() + b" " + vector.tobytes() + b"\n")
