"""The n-grams of texts: which are known, how telling each is, and which of them a text has.

    "So good!" -> words and pairs   so, good, so good
                  characters        " s", "so", ... "good!", " good" ...: 2 to 5 of a word with a blank on either side

An n-gram counts once in a text, however often it is there; those of fewer than two posts are not known. Words are those
of `text.tokens`; characters are read between blanks, so that marks such as "!!" are among them.

Source: Salton and Buckley 1988 (tf-idf); the kinds of n-grams are the usual ones of linear classifiers, characters as
scikit-learn's `char_wb` has them.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from feelscope.text.tokens import split

_LEAST = 2  # posts that have an n-gram that is known
_SIZES = range(2, 6)  # characters
_LONGEST = 40  # characters of a word that are read; the rest of an address says little


@dataclass(frozen=True)
class NGrams:
    """The known n-grams; ids count from 1, words and pairs first, then characters, and 0 is none.

    Args:
        words: Words and pairs of words.
        characters: Runs of characters.
    """

    words: tuple[str, ...]
    characters: tuple[str, ...]

    @cached_property
    def _ids(self) -> tuple[dict[str, int], dict[str, int]]:
        after = len(self.words) + 1
        return (
            {gram: id for id, gram in enumerate(self.words, 1)},
            {gram: id for id, gram in enumerate(self.characters, after)},
        )

    def __len__(self) -> int:
        return len(self.words) + len(self.characters)

    def ids(self, texts: Sequence[str], most: int) -> tuple[list[int], bool]:
        """The ids of the n-grams of a post's texts, rising, each once, and whether any word was left out.

        Args:
            texts: As `encoders.tokenizer.readable_texts` gives them.
            most: Words that are read.
        """
        found, cut = ngrams_of(texts, most)
        ids = {known[gram] for known, grams in zip(self._ids, found, strict=True) for gram in grams if gram in known}
        return sorted(ids), cut


def ngrams_of(texts: Sequence[str], most: int) -> tuple[tuple[set[str], set[str]], bool]:
    """The words and pairs, and the runs of characters, of a post's texts; and whether any word was left out."""
    words: set[str] = set()
    characters: set[str] = set()
    left, cut = most, False
    for text in texts:
        parts = text.lower().split()
        cut |= len(parts) > left
        parts = [part[:_LONGEST] for part in parts[:left]]
        left -= len(parts)
        own = split(" ".join(parts))
        words.update(own, (f"{first} {second}" for first, second in pairwise(own)))
        for part in {*parts}:
            padded = f" {part} "
            for size in _SIZES:
                characters.update(padded[at : at + size] for at in range(len(padded) - size + 1))
    return (words, characters), cut


def fit(posts: Iterable[Sequence[str]], most: int, words_read: int) -> tuple[NGrams, list[float]]:
    """The n-grams that posts have, and how telling each is: `ln((1 + N) / (1 + n)) + 1`, where n of N posts have it.

    Args:
        posts: Their texts.
        most: N-grams that are known, those of most posts first.
        words_read: Of a post, as `NGrams.ids` takes them.

    Returns:
        The n-grams, and their weights in the order of the ids, from 1 on.
    """
    counts: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    count = 0
    for count, texts in enumerate(posts, 1):  # noqa: B007  # it is how many there are, in the end
        for total, grams in zip(counts, ngrams_of(texts, words_read)[0], strict=True):
            total.update(grams)
    frequent = sorted(
        (-number, kind, gram) for kind, total in enumerate(counts) for gram, number in total.items() if number >= _LEAST
    )[:most]
    words, characters = ([row for row in frequent if row[1] == kind] for kind in (0, 1))
    weights = [math.log((1 + count) / (1 - number)) + 1 for number, _, _ in (*words, *characters)]
    return NGrams(tuple(gram for _, _, gram in words), tuple(gram for _, _, gram in characters)), weights
