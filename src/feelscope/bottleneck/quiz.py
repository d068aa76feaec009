"""The quiz: which of the captions' own words to ask a picture for.

Each question is the word that says most about the labels beyond any one question before it: the word whose least
conditional mutual information with the labels, given one asked word, is largest.

    next = argmax over words w of  min over asked words a of  I(labels; w | a)

Source: Fleuret 2004, "Fast binary feature selection with conditional mutual information", section 3.3 (CMIM). That
questions are the captions' words, and that the information of several labels is summed, is ours; several are
those of the experiment of Bucher's two chains.
"""

from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.float64]
# Nobody can look for these in a picture.
_FUNCTION_WORDS = frozenset(
    """a about above after all also an and any are around as at back be been before behind being between both but by can
    during each for from get getting had has have he her herself him himself his how in into is it its itself just made
    make makes many me more most my near next no not of off on one onto other our out outside over own she so some such
    than that the their them themselves then there these they this those through to too under up very was way we were
    what when where which while who whom whose why will with within without would you your""".split()
)


def frequent_words(said: Sequence[Collection[str]], least: int) -> tuple[str, ...]:
    """The words that are said of so many pictures or more, and not of all, in alphabetical order.

    Single letters, numbers and words without a meaning of their own are left out.
    """
    counts = Counter(word for words in said for word in set(words))
    return tuple(
        sorted(
            word
            for word, count in counts.items()
            if least <= count < len(said) and len(word) > 1 and not word[0].isdigit() and word not in _FUNCTION_WORDS
        )
    )


def presence(said: Sequence[Collection[str]], words: Sequence[str]) -> NDArray[np.float32]:
    """Whether each word is said of each picture: (N, V), 1 or 0."""
    return np.array([[word in one for word in words] for one in said], dtype=np.float32).reshape(len(said), len(words))


def choose_words(present: NDArray[np.float32], labels: NDArray[np.int64], most: int) -> list[int]:
    """Choose what is asked.

    Args:
        present: (N, V), 1 where a word is said of a picture.
        labels: (N,) the emotion's index, or (N, L) with 1 for each of L labels that a picture has and 0 elsewhere.
        most: Questions.

    Returns:
        Columns of `present`, the first question first; fewer than `most` where no word says anything more.
    """
    sides = [np.eye(column.max() + 1)[column] for column in labels.reshape(len(labels), -1).T]  # (N, K) each
    least = np.sum([information(one.T @ present, one.sum(axis=0)) for one in sides], axis=0)  # (V,)
    chosen: list[int] = []
    for _ in range(min(most, present.shape[1])):
        best = int(least.argmax())
        if least[best] <= 1e-12 * len(labels):
            break
        chosen.append(best)
        has = present[:, best : best + 1]  # (N, 1)
        given = np.zeros(present.shape[1])
        for one in sides:
            for part in (one * has, one * (1 - has)):
                given += information(part.T @ present, part.sum(axis=0))
        least = np.minimum(least, given)
        least[chosen] = 0.0
    return chosen


def information(counts: Counts, totals: Counts) -> Counts:
    """Mutual information of a label and of each word, in nats, times the number of pictures.

    Args:
        counts: (K, V), pictures of each label that have a word.
        totals: (K,), pictures of each label.
    """
    without = totals[:, None] - counts  # (K, V)
    joint = _entropy_part(counts).sum(axis=0) + _entropy_part(without).sum(axis=0)  # (V,)
    words = _entropy_part(counts.sum(axis=0)) + _entropy_part(without.sum(axis=0))  # (V,)
    return np.maximum(0.0, joint - words - _entropy_part(totals).sum() + _entropy_part(totals.sum()))


def _entropy_part(counts: Counts) -> Counts:
    """n log n, and 0 of 0."""
    return counts * np.log(np.maximum(counts, 1e-300))
