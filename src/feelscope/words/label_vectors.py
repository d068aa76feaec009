"""Vectors of labels: where the words that a label is called by have theirs.

"fear of snakes" -> the mean of fear, of and snakes, of length one
"""

from collections.abc import Sequence

import numpy as np

from feelscope.errors import WordsError
from feelscope.text.tokens import split
from feelscope.words.word_vectors import WordVectors


def label_vectors(labels: Sequence[str], vectors: WordVectors) -> np.ndarray:
    """The mean vector of each label's words, float32 (K, D), each of length one.

    Raises:
        WordsError: A label has no word with a vector.
    """
    rows = []
    for label in labels:
        known = [word for word in split(label.replace("_", " ")) if word in vectors]
        if not known:
            raise WordsError(
                f"no word of the label {label!r} has a vector; take word vectors that have one (--words FILE), or call "
                "the label by a more common word"
            )
        row = vectors.vectors[vectors.rows(known)].mean(axis=0)
        rows.append(row / max(float(np.linalg.norm(row)), 1e-12))
    return np.stack(rows).astype(np.float32)  # (K, D)


def permuted(table: np.ndarray, seed: int) -> np.ndarray:
    """The same vectors (K, D), each label with another's, as a control: one cycle through all labels, by the seed."""
    cycle = np.random.default_rng(seed).permutation(len(table))  # (K,)
    other = np.empty_like(table)
    other[cycle] = table[np.roll(cycle, 1)]
    return other
