"""The guard: a written post may not repeat 8 words in a row of a training post.

Of the training posts only 64-bit hashes are kept: of every 8 words in a row, and of every shorter post as a whole.
Words are letters and digits in small letters; signs, line breaks and hyphens do not count, so that nothing hides a
copy. Two different runs of words have one hash with a probability of 2 ** -64: among 100,000 hashes a new run is
refused by mistake once in 10 ** 14 times, and a copy never passes. From hashes alone nobody reads a sentence, though
whoever has one can tell that it was there.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence

import numpy as np

RUN = 8  # words
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def words(text: str) -> list[str]:
    """The words of a text that count, in small letters."""
    return _WORD.findall(text.lower())


def runs(text: str, length: int = RUN) -> list[tuple[str, ...]]:
    """Every so many words in a row; of a shorter text all its words, as one."""
    found = words(text)
    return [tuple(found[at : at + length]) for at in range(max(1, len(found) - length + 1))] if found else []


class Verbatim:
    """Tells what was in the training posts.

    Args:
        hashes: uint64 (R,), sorted.
    """

    def __init__(self, hashes: np.ndarray):
        self.hashes = hashes
        self._known = frozenset(hashes.tolist())

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Verbatim":
        """The guard of some texts."""
        return cls(np.array(sorted({hash_of(run) for text in texts for run in runs(text)}), np.uint64))

    def repeats(self, text: str) -> bool:
        """Whether a text has a run of a training text, or is a shorter one."""
        return any(hash_of(run) in self._known for run in runs(text))


def hash_of(run: Sequence[str]) -> int:
    """64 bits of the SHA-256 of words in a row."""
    return int.from_bytes(hashlib.sha256(" ".join(run).encode(errors="replace")).digest()[:8])


def share_known(text: str, known: Collection[tuple[str, ...]], length: int) -> tuple[int, int]:
    """How many of a text's runs of so many words are known, and of how many; a shorter text has none."""
    found = [run for run in runs(text, length) if len(run) == length]
    return sum(run in known for run in found), len(found)
