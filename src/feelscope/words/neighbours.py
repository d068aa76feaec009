"""Words whose vectors point in the same direction: the nearest by cosine."""

import numpy as np

from feelscope.config import did_you_mean
from feelscope.errors import WordsError
from feelscope.words.word_vectors import WordVectors


def unit(vectors: np.ndarray) -> np.ndarray:
    """Vectors (V, D) at length one; zero vectors stay as they are."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)  # (V, 1)
    return vectors / np.where(lengths > 0, lengths, 1)


def nearest(vectors: WordVectors, word: str, count: int) -> list[tuple[str, float]]:
    """The words nearest to one, with their cosines, the nearest first; the word itself is left out.

    Raises:
        WordsError: It has no vector.
    """
    if word not in vectors:
        folded = word.replace(" ", "_")  # phrases are joined by it
        candidates = [known for known in vectors.words if abs(len(known) - len(folded)) <= 2]  # all would take seconds
        raise WordsError(f"the word {word!r} has no vector; {did_you_mean(folded, candidates or vectors.words)}")
    every = unit(vectors.vectors)  # (V, D)
    cosines = every @ every[vectors.index[word]]  # (V,)
    cosines[vectors.index[word]] = -np.inf
    best = np.argsort(-cosines, kind="stable")[: min(count, len(vectors) - 1)]
    return [(vectors.words[row], float(cosines[row])) for row in best]
