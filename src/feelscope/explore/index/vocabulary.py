"""The subjects that at least five posts have: their numbers, kinds and how many posts have each."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from feelscope.config import did_you_mean
from feelscope.errors import ExploreError
from feelscope.explore.index.shards import Shards
from feelscope.explore.index.subjects import KINDS
from feelscope.explore.search.document import document
from feelscope.files import write_whole

LEAST_POSTS = 5  # posts that have a subject of the vocabulary, as in Rookie
_KINDS = {kind[0]: kind for kind in KINDS}  # by the letter that shards write


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Subjects by number.

    Args:
        names: Kind's letter and text of each, as shards write them.
        posts: int64 (subjects,), how many posts have each.
    """

    names: list[str]
    posts: np.ndarray

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Text to number; the kinds rule out two subjects with the same text."""
        return {name[1:]: number for number, name in enumerate(self.names)}

    @cached_property
    def mentions(self) -> int:
        """Of all subjects together: each once a post."""
        return int(self.posts.sum())

    @cached_property
    def frequencies(self) -> np.ndarray:
        """How many posts a subject may have, each number that occurs once, ascending."""
        return np.unique(self.posts)

    def text(self, number: int) -> str:
        """A subject as it is shown."""
        return self.names[number][1:]

    def kind(self, number: int) -> str:
        """`phrase`, `hashtag`, `mention` or `emoji`."""
        return _KINDS[self.names[number][0]]

    def number(self, text: str) -> int:
        """The number of a subject.

        Raises:
            ExploreError: The vocabulary does not have it.
        """
        folded = " ".join(text.split())
        for written in (folded, folded.lower()):
            if written in self.numbers:
                return self.numbers[written]
        hint = did_you_mean(folded, self.numbers)
        raise ExploreError(f"{text!r} is not a subject that {LEAST_POSTS} or more posts have; {hint}")

    @cached_property
    def _beginnings(self) -> tuple[list[str], np.ndarray]:
        """Every subject from each of its words on, sorted; and the numbers of these subjects."""
        pairs = []
        for number, name in enumerate(self.names):
            words = name[1:].split(" ")
            pairs += [(" ".join(words[first:]), number) for first in range(len(words))]
            if not words[0][:1].isalnum():  # of #aleppo and @bbc without their sign too
                pairs.append((name[2:], number))
        pairs.sort()
        return [text for text, _ in pairs], np.array([number for _, number in pairs], np.int64)

    def beginning(self, typed: str, most: int = 10) -> list[int]:
        """The most frequent subjects with words that begin as typed; a subject that is what was typed goes first."""
        folded = " ".join(typed.lower().split())
        if not folded:
            return []
        texts, numbers = self._beginnings
        places = slice(bisect_left(texts, folded), bisect_left(texts, folded + "\U0010ffff"))
        found = np.unique(numbers[places])
        found = found[np.lexsort((found, -self.posts[found]))][:most].tolist()
        whole = self.numbers.get(folded)
        return found if whole is None else [whole, *(number for number in found if number != whole)][:most]

    def write(self, path: Path) -> None:
        """Write it as Parquet: subject, kind, posts."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        columns = {
            "subject": [name[1:] for name in self.names],
            "kind": [_KINDS[name[0]] for name in self.names],
            "posts": self.posts,
        }
        with write_whole(path, "wb") as file:
            pq.write_table(pa.table(columns), file, write_page_checksum=True)

    @classmethod
    def read(cls, path: Path) -> "Vocabulary":
        """Read what `write` wrote."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            table = pq.read_table(path, page_checksum_verification=True)
            rows = zip(table["kind"].to_pylist(), table["subject"].to_pylist(), strict=True)
            names, posts = [kind[0] + text for kind, text in rows], table["posts"].to_numpy()
        except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
            raise ExploreError(f"{path}: cannot be read; rebuild it with --rebuild") from error
        return cls(names, posts)


class SubjectCounts:
    """The subjects of some shards, counted: rare ones too, as a later post may bring them into the vocabulary."""

    def __init__(self, shards: Shards, names: Iterable[str]) -> None:
        self._shards = shards
        self._codes: dict[str, int] = {}
        self._of_shard: dict[str, tuple[np.ndarray, np.ndarray, int]] = {}  # codes, bounds, number of the first post
        first = 0
        for name in names:
            texts, indices, bounds = shards.subjects(name)
            codes = (self._codes.setdefault(text, len(self._codes)) for text in texts)
            self._of_shard[name] = np.fromiter(codes, np.int32, len(texts))[indices], bounds, first
            first += len(bounds) - 1

    def vocabulary(self, before: Vocabulary | None = None) -> tuple[Vocabulary, np.ndarray]:
        """The subjects that enough posts have.

        Args:
            before: Whose subjects keep their numbers.

        Returns:
            The vocabulary; for each code here its number there, -1 for none, int32.
        """
        names = list(self._codes)
        posts = np.zeros(len(names), np.int64)
        for codes, _, _ in self._of_shard.values():
            posts += np.bincount(codes, minlength=len(names))  # each subject once per post
        kept = [] if before is None else before.names
        numbers = np.full(len(names), -1, np.int32)
        known = [self._codes[name] for name in kept]
        numbers[known] = np.arange(len(kept))
        enough = np.flatnonzero((posts >= LEAST_POSTS) & (numbers < 0))
        new = sorted(enough.tolist(), key=lambda code: (-int(posts[code]), names[code]))
        numbers[new] = np.arange(len(kept), len(kept) + len(new))
        all_codes = known + new
        return Vocabulary([names[code] for code in all_codes], posts[all_codes]), numbers

    def documents(self, name: str, numbers: np.ndarray, having: np.ndarray | None = None) -> Iterator[dict[str, Any]]:
        """The posts of a shard as engines hold them.

        Args:
            numbers: Of the subjects, as `vocabulary` gives them.
            having: Only posts that have any of these subjects, bool (codes,); None for all.
        """
        codes, bounds, first = self._of_shard[name]
        chosen: Sequence[int] = range(len(bounds) - 1)
        if having is not None:
            chosen = np.unique(np.searchsorted(bounds, np.flatnonzero(having[codes]), side="right") - 1).tolist()
        if not chosen:
            return
        subjects = numbers[codes]
        kept = subjects >= 0
        kept_bounds = np.concatenate([[0], np.cumsum(kept)])[bounds].tolist()  # bounds among those kept
        values = subjects[kept].tolist()
        emotions = self._shards.emotions(name)
        rows = self._shards.rows(name, None if having is None else chosen)
        for number, row in zip(chosen, rows, strict=True):
            own = values[kept_bounds[number] : kept_bounds[number + 1]]
            yield document(row, first + number, own, emotions)
