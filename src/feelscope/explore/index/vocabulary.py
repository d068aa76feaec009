"""The subjects that at least five posts have: their numbers, kinds and how many posts have each."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from feelscope.config import did_you_mean
from feelscope.errors import ExploreError
from feelscope.explore.index.shards import as_array
from feelscope.explore.index.subjects import KINDS
from feelscope.files import write_whole

if TYPE_CHECKING:
    import pyarrow as pa

LEAST_POSTS = 5  # posts that have a subject of the vocabulary, as in Rookie
_KINDS = {kind[0]: kind for kind in KINDS}  # by the letter that shards write


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Subjects by number.

    Args:
        names: Kind's letter and text of each, as shards write them.
        posts: int64 (subjects,), how many posts have each.
    """

    names: Sequence[str]
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

    @classmethod
    def read(cls, path: Path) -> "Vocabulary":
        """Read what `write_vocabulary` wrote."""
        names, posts = read_vocabulary(path)
        return cls(tuple(names.to_pylist()), posts)  # which the garbage collector does not go through, as it does lists


def write_vocabulary(path: Path, names: "pa.Array", posts: np.ndarray) -> None:
    """Write a vocabulary as Parquet: subject, kind, posts.

    Args:
        names: As those of `Vocabulary`, strings.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    letters = pc.index_in(pc.utf8_slice_codeunits(names, 0, 1), pa.array([*_KINDS]))
    kinds = pa.array([*_KINDS.values()]).take(letters)
    columns = {"subject": pc.utf8_slice_codeunits(names, 1), "kind": kinds, "posts": posts}
    with write_whole(path, "wb") as file:
        pq.write_table(pa.table(columns), file, write_page_checksum=True)


def read_vocabulary(path: Path) -> tuple["pa.Array", np.ndarray]:
    """Names, strings, and posts of what `write_vocabulary` wrote."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path, page_checksum_verification=True)
        known = pc.index_in(table["kind"], pa.array([*_KINDS.values()]))
        if known.null_count or table["subject"].null_count or table["posts"].null_count:
            raise ValueError("a kind that is none")
        letters = pa.array([*_KINDS]).take(as_array(known))
        names = pc.binary_join_element_wise(letters, as_array(table["subject"]), "")
        return names, table["posts"].to_numpy().astype(np.int64)
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        raise ExploreError(f"{path}: cannot be read; rebuild it with --rebuild") from error
