"""Many texts by number, without a Python object for each: a sorted table of hashes, and every answer compared.

A hash is a sum of random numbers, one for each byte and its place (simple tabulation); what it finds is compared with
the text itself, so two texts of one hash are told apart.

Source: Zobrist 1970, "A new hashing method with application for game playing"; places beyond 64 begin again (ours).
"""

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

_PLACES = 64
_BYTES_AT_ONCE = 250_000  # hashed; each takes some 40 bytes meanwhile


@lru_cache(1)
def _table() -> np.ndarray:
    """The random numbers, uint64 (64 * 256,); files of an index rest on them, so they never change."""
    return np.asarray(np.random.PCG64(0).random_raw(_PLACES * 256))


@lru_cache(1)
def _ints() -> list[int]:
    return [int(number) for number in _table()]


def text_hashes(texts: "pa.Array") -> np.ndarray:
    """64 bits of each text, uint64 (N,)."""
    ends = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    found = np.zeros(len(texts), np.uint64)
    data = texts.buffers()[2]
    if not len(texts) or data is None:
        return found
    content, table, first = np.frombuffer(data, np.uint8), _table(), 0
    while first < len(texts):
        last = max(first + 1, int(np.searchsorted(ends, ends[first] + _BYTES_AT_ONCE, side="right")) - 1)
        some = content[ends[first] : ends[last]].astype(np.int64)  # (B,)
        starts = ends[first : last + 1] - ends[first]
        places = np.arange(len(some)) - np.repeat(starts[:-1], np.diff(starts))
        sums = np.zeros(len(some) + 1, np.uint64)
        np.cumsum(table[(places % _PLACES) * 256 + some], out=sums[1:])
        found[first:last] = sums[starts[1:]] - sums[starts[:-1]]  # modulo 2 ** 64
        first = last
    return found


class TextNumbers:
    """Looks up the numbers of texts.

    Args:
        texts: Each once, a pyarrow array of strings; the number of a text is its place.
    """

    def __init__(self, texts: "pa.Array") -> None:
        self.texts = texts
        hashes = text_hashes(texts)
        self._order = np.argsort(hashes, kind="stable").astype(np.int32)
        self._hashes = hashes[self._order]
        same = np.flatnonzero(self._hashes[1:] == self._hashes[:-1])
        twice = np.unique(self._order[np.concatenate([same, same + 1])]).tolist()  # hardly ever any
        self._twice = {texts[number].as_py(): number for number in twice}

    def __len__(self) -> int:
        return len(self.texts)

    def numbers(self, texts: "pa.Array", hashes: np.ndarray | None = None) -> np.ndarray:
        """The number of each text, -1 for those that are not there, int32 (N,).

        Args:
            hashes: Theirs, where they are known.
        """
        import pyarrow.compute as pc

        found = np.full(len(texts), -1, np.int32)
        if not len(self.texts) or not len(texts):
            return found
        hashes = text_hashes(texts) if hashes is None else hashes
        places = np.minimum(np.searchsorted(self._hashes, hashes), len(self._hashes) - 1)
        alike = np.flatnonzero(self._hashes[places] == hashes)
        numbers = self._order[places[alike]]
        equal = pc.equal(self.texts.take(numbers), texts.take(alike)).to_numpy(zero_copy_only=False)
        found[alike[equal]] = numbers[equal]
        for place in alike.tolist() if self._twice else ():
            found[place] = self._twice.get(texts[place].as_py(), found[place])
        return found

    def number(self, text: str) -> int | None:
        """The number of one text; None where it is not there."""
        if not len(self.texts):
            return None
        content, table = text.encode(), _ints()
        found = sum(table[place % _PLACES * 256 + byte] for place, byte in enumerate(content)) % 2**64
        place = int(self._hashes.searchsorted(np.uint64(found)))
        if place == len(self._hashes) or self._hashes[place] != found:
            return None
        number = int(self._order[place])
        return number if self.texts[number].as_py() == text else self._twice.get(text)
