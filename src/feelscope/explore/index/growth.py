"""How a vocabulary grows when posts are added: the same as if it were counted from all posts, in the work of the new.

Subjects keep their numbers. New ones are those that enough posts have only now; of the old posts, those with one of
them are found by their rare pairs, see `rare_subjects`, and no others are read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from feelscope.explore.index import rare_subjects
from feelscope.explore.index.shard_subjects import ShardSubjects
from feelscope.explore.index.shards import Shards
from feelscope.explore.index.subject_counts import counted, frequent, ordered
from feelscope.explore.index.text_numbers import TextNumbers, text_hashes
from feelscope.explore.index.vocabulary import LEAST_POSTS, read_vocabulary

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True, eq=False)
class Growth:
    """A vocabulary that has grown.

    Args:
        before: Its subjects of before.
        new: Those after them.
        posts: How many have each, int64 (before + new,).
        touched: The shards of before in which posts have a new one.
    """

    before: TextNumbers
    new: TextNumbers
    posts: np.ndarray
    touched: frozenset[str]

    @property
    def names(self) -> "pa.Array":
        """All subjects, by number."""
        import pyarrow as pa

        return pa.concat_arrays([self.before.texts, self.new.texts])

    def numbers(self, texts: "pa.Array", hashes: np.ndarray | None = None) -> np.ndarray:
        """Their numbers, -1 for none, int32 (N,); see `TextNumbers.numbers`."""
        hashes = text_hashes(texts) if hashes is None else hashes
        old, new = self.before.numbers(texts, hashes), self.new.numbers(texts, hashes)
        return np.where(new >= 0, new + np.int32(len(self.before)), old)


def first_vocabulary(shards: Shards, names: Sequence[str]) -> Growth:
    """The vocabulary of posts that are all new."""
    texts, posts = frequent(shards, names)
    return Growth(TextNumbers(texts[:0]), TextNumbers(texts), posts, frozenset())


def grown(shards: Shards, firsts: Mapping[str, int], new: Sequence[str], vocabulary: Path, folder: Path) -> Growth:
    """The vocabulary with the posts of new shards.

    Args:
        firsts: The shards of before, and the number of the first post of each.
        vocabulary: The file of before.
        folder: Where the rare pairs are; those of an index that has none are made.
    """
    import pyarrow as pa

    names, posts = read_vocabulary(vocabulary)
    before, posts = TextNumbers(names), posts.copy()
    if not rare_subjects.are_there(folder):
        write_rare(shards, firsts, before, folder)
    texts, having = counted(shards, new)
    known = before.numbers(texts)
    is_known = known >= 0
    posts[known[is_known]] += having[is_known]
    others, more = TextNumbers(texts.filter(pa.array(~is_known))), having[~is_known]
    hashes = text_hashes(others.texts)
    order = np.argsort(hashes)
    places, numbers = rare_subjects.find(folder, hashes[order])
    pairs = order[places]  # the subject of each post that may have one: it has its hash
    maybe = more + np.bincount(pairs, minlength=len(more)) >= LEAST_POSTS
    pairs, numbers = pairs[maybe[pairs]], numbers[maybe[pairs]]
    old = [*firsts]
    in_shard = np.searchsorted([*firsts.values()], numbers, side="right") - 1
    for place in np.unique(in_shard).tolist():
        of_shard, subjects, _ = shards.subjects(old[place])
        found = others.numbers(of_shard)
        counts = np.bincount(subjects, minlength=len(of_shard))
        wanted = found >= 0
        wanted[wanted] = maybe[found[wanted]]
        np.add.at(more, found[wanted], counts[wanted])
    enough = more >= LEAST_POSTS
    touched = frozenset(old[place] for place in np.unique(in_shard[enough[pairs]]).tolist())
    texts, counts = ordered(others.texts, more, enough)
    return Growth(before, TextNumbers(texts), np.concatenate([posts, counts]), touched)


def write_rare(shards: Shards, firsts: Mapping[str, int], vocabulary: TextNumbers, folder: Path) -> None:
    """Write the rare pairs of all shards of before."""
    names = [*firsts]
    with rare_subjects.RareWriter(folder, names[0]) as rare:
        for name, after in zip(names, [*names[1:], names[-1]], strict=True):
            rare.add(*ShardSubjects(shards, name, firsts[name], vocabulary.numbers).rare(), after)
