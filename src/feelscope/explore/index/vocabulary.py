"""The subjects that at least five posts have: their numbers, kinds and how many posts have each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np

from feelscope.config import did_you_mean
from feelscope.errors import ExploreError
from feelscope.explore.index.shards import Shards
from feelscope.explore.index.subjects import KINDS
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
        """Text to number; of two subjects with the same text, which the kinds rule out, the first counts."""
        return {name[1:]: number for number, name in reversed([*enumerate(self.names)])}

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
    """The subjects of all shards, counted: rare ones too, as a later post may bring them into the vocabulary."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self._posts = np.zeros(1024, np.int64)
        self.shards: dict[str, tuple[np.ndarray, np.ndarray]] = {}  # name to codes and bounds

    def add(self, shards: Shards, names: Iterable[str]) -> None:
        """Count the posts of some shards."""
        for name in names:
            texts, indices, bounds = shards.subjects(name)
            code_of_text = np.fromiter(
                (self._codes.setdefault(text, len(self._codes)) for text in texts), np.int32, len(texts)
            )
            if len(self._codes) > len(self._posts):
                self._posts = np.concatenate([self._posts, np.zeros(len(self._codes), np.int64)])
            codes = code_of_text[indices]  # each subject once per post
            self._posts += np.bincount(codes, minlength=len(self._posts))
            self.shards[name] = codes, bounds

    def vocabulary(self, before: Vocabulary | None = None) -> tuple[Vocabulary, np.ndarray]:
        """The subjects that enough posts have.

        Args:
            before: Whose subjects keep their numbers.

        Returns:
            The vocabulary; for each code here its number there, -1 for none, int32.
        """
        names = list(self._codes)
        kept = [] if before is None else before.names
        numbers = np.full(len(names), -1, np.int32)
        known = [self._codes[name] for name in kept]
        numbers[known] = np.arange(len(kept))
        enough = np.flatnonzero((self._posts[: len(names)] >= LEAST_POSTS) & (numbers < 0))
        new = sorted(enough.tolist(), key=lambda code: (-int(self._posts[code]), names[code]))
        numbers[new] = np.arange(len(kept), len(kept) + len(new))
        all_codes = known + new
        return Vocabulary([names[code] for code in all_codes], self._posts[all_codes]), numbers

    def rows(self, name: str, numbers: np.ndarray) -> Iterator[list[int]]:
        """For each post of a shard the numbers of its subjects that are in a vocabulary."""
        codes, bounds = self.shards[name]
        subjects = numbers[codes]
        kept = subjects >= 0
        kept_bounds = np.concatenate([[0], np.cumsum(kept)])[bounds].tolist()  # bounds among those kept
        values = subjects[kept].tolist()
        return (values[start:end] for start, end in pairwise(kept_bounds))

    def rows_with(self, name: str, chosen: np.ndarray) -> np.ndarray:
        """Numbers within a shard, int64, of the posts that have any subject that is chosen, bool (codes,)."""
        codes, bounds = self.shards[name]
        return np.unique(np.searchsorted(bounds, np.flatnonzero(chosen[codes]), side="right") - 1)
