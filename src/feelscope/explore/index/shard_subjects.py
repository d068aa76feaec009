"""The subjects of a shard's posts by number, the posts as engines hold them, and what is too rare for either."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from feelscope.explore.index.shards import Shards
from feelscope.explore.index.text_numbers import text_hashes
from feelscope.explore.search.document import document, map_fields

if TYPE_CHECKING:
    import pyarrow as pa

Numbers = Callable[["pa.Array", np.ndarray], np.ndarray]  # subjects and their hashes to their numbers, -1 for none


class ShardSubjects:
    """The subjects of one shard.

    Args:
        first: The number of its first post in the archive.
        numbers: Of the vocabulary.
    """

    def __init__(self, shards: Shards, name: str, first: int, numbers: Numbers) -> None:
        self._shards, self._name, self._first = shards, name, first
        texts, self._places, self._bounds = shards.subjects(name)
        self._hashes = text_hashes(texts)
        self._of_texts = numbers(texts, self._hashes)

    def documents(
        self, from_number: int | None = None, places: Mapping[int, tuple[int, int]] | None = None
    ) -> Iterator[dict[str, Any]]:
        """The posts.

        Args:
            from_number: Only posts that have a subject of this number or a higher one; None for all.
            places: On the map, by the number in the shard; None for an index without one.
        """
        subjects, bounds = self._of_texts[self._places], self._bounds
        chosen: Sequence[int] = range(len(bounds) - 1)
        if from_number is not None:
            having = np.flatnonzero(subjects >= from_number)
            chosen = np.unique(np.searchsorted(bounds, having, side="right") - 1).tolist()
        if not chosen:
            return
        kept = subjects >= 0
        kept_bounds = np.concatenate([[0], np.cumsum(kept)])[bounds].tolist()  # bounds among those kept
        values = subjects[kept].tolist()
        emotions = self._shards.emotions(self._name)
        rows = self._shards.rows(self._name, None if from_number is None else chosen)
        for number, row in zip(chosen, rows, strict=True):
            own = values[kept_bounds[number] : kept_bounds[number + 1]]
            post = document(row, self._first + number, own, emotions)
            if places is not None:
                post |= map_fields(self._first + number, row["emotion"], places.get(number))
            yield post

    def rare(self) -> tuple[np.ndarray, np.ndarray]:
        """Hash and post of every subject that has no number, uint64 and int64 (N,)."""
        kept = self._of_texts[self._places] < 0
        posts = np.repeat(np.arange(len(self._bounds) - 1), np.diff(self._bounds))[kept]
        return self._hashes[self._places[kept]], posts + self._first
