"""Near-duplicate texts, grouped, so that no text is on both sides of a split.

By hand: datasketch finds the same groups of 40,000 Reddit posts in 6.4 s and 391 MB, this in 1.0 s and 63 MB
(`python experiments/near_duplicates/libraries.py texts datasketch posts.parquet 40000`).
"""

import re
import zlib
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from feelscope.text.union_find import UnionFind

_WORD = re.compile(r"\w+")
_BANDS, _ROWS = 20, 4  # at Jaccard 0.7 a pair is a candidate with probability 1 - (1 - 0.7^4)^20 = 0.996
_AT_ONCE = 30_000  # words whose hashes are computed at a time; they stay in the processor's nearest memory
_PAIRS_AT_ONCE = 50_000
_DOUBT = 0.15  # an estimate from 80 rows is this far below a similarity of 0.7 twice in 1,000 times
_CROWD = 100  # texts that share a band; up to so many are compared each with each
_MOST_KINDS = 2000  # of texts in a crowd


def fold(text: str) -> str:
    """The words of a text in lower case, without punctuation: equal for texts that differ in nothing else."""
    return " ".join(_WORD.findall(text.lower()))


def group(texts: Sequence[str], similarity: float = 0.7) -> list[int]:
    """Group texts that share most of their words, directly or through others.

    Args:
        texts: Any number of texts.
        similarity: Jaccard similarity of their sets of words at which two texts are near-duplicates; ours.

    Returns:
        For each text the index of its group's first text; a text without words is like no other.

    Source:
        Broder 1997, MinHash, with bands as in Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", 3.4. Every
        candidate is checked: the bands alone would chain the posts of a small vocabulary to one group.
    """
    grouping = Grouping(similarity)
    for text in texts:
        grouping.add(text)
    return grouping.groups()


class Grouping:
    """Texts that come one at a time; of each only its words' hashes are kept, 4 bytes a word."""

    def __init__(self, similarity: float = 0.7) -> None:
        self.similarity = similarity
        self._first: dict[bytes, int] = {}  # a set of words, as bytes, to the number of its first text
        self._number: list[int] = []  # of the set of each text
        self._sets: list[np.ndarray] = []  # sorted uint32 (words,)
        self._text: list[int] = []  # first text of each set

    def add(self, text: str) -> None:
        """Take the next text."""
        words = set(map(zlib.crc32, set(fold(text).encode(errors="replace").split())))
        hashes = np.fromiter(words, np.uint32, len(words))
        hashes.sort()
        number = self._first.setdefault(hashes.tobytes(), len(self._sets)) if words else len(self._sets)
        if number == len(self._sets):
            self._sets.append(hashes)
            self._text.append(len(self._number))
        self._number.append(number)

    def groups(self) -> list[int]:
        """As `group`."""
        groups = UnionFind(range(len(self._sets)))
        filled = np.array([number for number, words in enumerate(self._sets) if len(words)], np.int64)
        signatures = self._signatures(filled)  # (sets, rows)
        for one, other in _candidates(signatures, self.similarity - _DOUBT):
            first, second = int(filled[one]), int(filled[other])
            if groups.first(first) != groups.first(second) and self._is_near(first, second):
                groups.join(first, second)
        return [self._text[groups.first(number)] for number in self._number]

    def _is_near(self, one: int, other: int) -> bool:
        first, second = self._sets[one], self._sets[other]
        if min(len(first), len(second)) < self.similarity * max(len(first), len(second)):
            return False
        shared = len(set(first.tolist()).intersection(second.tolist()))
        return bool(shared >= self.similarity * (len(first) + len(second) - shared))

    def _signatures(self, filled: np.ndarray) -> np.ndarray:
        """The least hash of each set's words, for every row: uint32 (sets, rows)."""
        draw = np.random.default_rng(0)
        rows = _BANDS * _ROWS
        factors = draw.integers(1, 2**63, rows, np.uint64) | np.uint64(1)
        shifts = draw.integers(0, 2**63, rows, np.uint64)
        lengths = np.array([len(self._sets[number]) for number in filled], np.int64)
        ends = np.cumsum(lengths)
        signatures = np.empty((len(filled), rows), np.uint32)
        done = 0
        while done < len(filled):
            words_before = ends[done] - lengths[done]
            batch = slice(done, max(done + 1, int(np.searchsorted(ends, words_before + _AT_ONCE, side="right"))))
            words = np.concatenate([self._sets[number] for number in filled[batch]]).astype(np.uint64)  # (words,)
            hashes = np.empty_like(words)
            starts = np.concatenate([[0], np.cumsum(lengths[batch])[:-1]])
            for row in range(rows):
                # The upper half of a product with an odd number hashes well (Dietzfelbinger et al. 1997).
                np.multiply(words, factors[row], out=hashes)
                hashes += shifts[row]
                hashes >>= np.uint64(32)
                signatures[batch, row] = np.minimum.reduceat(hashes, starts)
            done = batch.stop
        return signatures


def _candidates(signatures: np.ndarray, agreement: float) -> Iterator[tuple[int, int]]:
    """Pairs that share a band and agree in at least a share of their rows, which estimates their similarity.

    In a crowd, each text is compared only with the first of every kind.
    """
    if len(signatures) < 2:
        return
    for band in range(_BANDS):
        rows = np.ascontiguousarray(signatures[:, band * _ROWS : (band + 1) * _ROWS])
        keys = rows.view(np.uint64)  # (sets, 2): sorted as numbers much faster than as rows
        order = np.lexsort(keys.T)
        keys = keys[order]
        starts = np.concatenate([[0], np.flatnonzero((keys[1:] != keys[:-1]).any(axis=1)) + 1])
        ends = np.concatenate([starts[1:], [len(order)]])
        shared = ends - starts > 1
        pairs: list[tuple[int, int]] = []
        for start, end in zip(starts[shared].tolist(), ends[shared].tolist(), strict=True):
            members = order[start:end].tolist()
            if len(members) <= _CROWD:
                pairs += combinations(members, 2)
            else:
                yield from _crowd(signatures, members, agreement)
        for start in range(0, len(pairs), _PAIRS_AT_ONCE):
            batch = np.array(pairs[start : start + _PAIRS_AT_ONCE])  # (pairs, 2)
            agree = (signatures[batch[:, 0]] == signatures[batch[:, 1]]).mean(axis=1)
            yield from map(tuple, batch[agree >= agreement].tolist())


def _crowd(signatures: np.ndarray, members: list[int], agreement: float) -> Iterator[tuple[int, int]]:
    kinds = [members[0]]  # the first text of each
    for member in members[1:]:
        agree = (signatures[kinds] == signatures[member]).mean(axis=1)
        near = np.flatnonzero(agree >= agreement)
        for place in near[np.argsort(-agree[near])][:_CROWD]:
            yield kinds[place], member
        if (not len(near) or agree.max() < 1 - agreement / 2) and len(kinds) < _MOST_KINDS:
            kinds.append(member)
