"""Words whose vectors point in the same direction: the nearest by cosine."""

from collections.abc import Collection
from difflib import get_close_matches

import numpy as np

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
        raise WordsError(f"the word {word!r} has no vector{_close(word, vectors.words)}; give another word")
    every = unit(vectors.vectors)  # (V, D)
    cosines = every @ every[vectors.index[word]]  # (V,)
    cosines[vectors.index[word]] = -np.inf
    best = np.argsort(-cosines, kind="stable")[: min(count, len(vectors) - 1)]
    return [(vectors.words[row], float(cosines[row])) for row in best]


def _close(word: str, known: Collection[str]) -> str:
    folded = word.lower().replace(" ", "_")  # phrases are joined by it
    if folded in known:
        return f" (did you mean {folded!r}?)"
    near = get_close_matches(folded, [word for word in known if abs(len(word) - len(folded)) <= 2], n=1, cutoff=0.75)
    return f" (did you mean {near[0]!r}?)" if near else ""
