"""The subjects that at least five posts have: their numbers, kinds and how many posts have each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from feelscope.errors import ExploreError
from feelscope.explore.pieces import Pieces
from feelscope.explore.state import close_match

LEAST = 5  # posts that have a subject of the vocabulary, as in Rookie
KINDS = {"p": "phrase", "h": "hashtag", "m": "mention", "e": "emoji"}
_LETTERS = {kind: letter for letter, kind in KINDS.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """Subjects by number.

    Args:
        names: Kind's letter and text of each, as pieces write them.
        posts: int64 (subjects,), how many posts have each.
    """

    names: list[str]
    posts: np.ndarray
    numbers: dict[str, int]  # text to number

    @classmethod
    def of(cls, names: list[str], posts: np.ndarray) -> "Vocabulary":
        """Make one; of two subjects that are written alike, which the kinds do not allow, the first counts."""
        numbers: dict[str, int] = {}
        for number, name in enumerate(names):
            numbers.setdefault(name[1:], number)
        return cls(names, posts, numbers)

    def text(self, number: int) -> str:
        """A subject as it is shown."""
        return self.names[number][1:]

    def kind(self, number: int) -> str:
        """`phrase`, `hashtag`, `mention` or `emoji`."""
        return KINDS[self.names[number][0]]

    def number(self, text: str) -> int:
        """The number of a subject.

        Raises:
            ExploreError: It is none of the vocabulary.
        """
        folded = " ".join(text.split())
        for written in (folded, folded.lower()):
            if written in self.numbers:
                return self.numbers[written]
        like = close_match(folded.lower(), self.numbers)
        raise ExploreError(f"{text!r} is no subject that {LEAST} or more posts have{like}")

    def write(self, path: Path) -> None:
        """Write it as Parquet: subject, kind, posts."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        columns = {
            "subject": [name[1:] for name in self.names],
            "kind": [KINDS[name[0]] for name in self.names],
            "posts": self.posts,
        }
        pq.write_table(pa.table(columns), path)

    @classmethod
    def read(cls, path: Path) -> "Vocabulary":
        """Read what `write` wrote."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            table = pq.read_table(path)
        except (pa.ArrowException, OSError) as error:
            raise ExploreError(f"{path}: cannot be read; build the index anew") from error
        rows = zip(table["kind"].to_pylist(), table["subject"].to_pylist(), strict=True)
        return cls.of([_LETTERS[kind] + text for kind, text in rows], table["posts"].to_numpy())


class Counted:
    """The subjects of all pieces, counted: rare ones too, as a later post may bring them into the vocabulary."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self._posts = np.zeros(1024, np.int64)
        self.pieces: dict[str, tuple[np.ndarray, np.ndarray]] = {}  # name to codes and bounds

    def add(self, pieces: Pieces, names: Iterable[str]) -> None:
        """Count the posts of some pieces."""
        for name in names:
            texts, places, bounds = pieces.subjects(name)
            codes = np.fromiter(
                (self._codes.setdefault(text, len(self._codes)) for text in texts), np.int32, len(texts)
            )
            if len(self._codes) > len(self._posts):
                self._posts = np.concatenate([self._posts, np.zeros(len(self._codes), np.int64)])
            found = codes[places]  # each subject once a post
            self._posts += np.bincount(found, minlength=len(self._posts))
            self.pieces[name] = found, bounds

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
        enough = np.flatnonzero((self._posts[: len(names)] >= LEAST) & (numbers < 0))
        new = sorted(enough.tolist(), key=lambda code: (-int(self._posts[code]), names[code]))
        numbers[new] = np.arange(len(kept), len(kept) + len(new))
        all_codes = known + new
        return Vocabulary.of([names[code] for code in all_codes], self._posts[all_codes]), numbers

    def rows(self, name: str, numbers: np.ndarray) -> Iterator[list[int]]:
        """For each post of a piece the numbers of its subjects that are in a vocabulary."""
        codes, bounds = self.pieces[name]
        found = numbers[codes]
        kept = found >= 0
        ends = np.concatenate([[0], np.cumsum(kept)])[bounds]  # bounds among those kept
        values, at = found[kept].tolist(), ends.tolist()
        return (values[start:end] for start, end in pairwise(at))

    def rows_with(self, name: str, chosen: np.ndarray) -> np.ndarray:
        """Which posts of a piece have any subject of those chosen, bool (codes,): int64 places."""
        codes, bounds = self.pieces[name]
        return np.unique(np.searchsorted(bounds, np.flatnonzero(chosen[codes]), side="right") - 1)
