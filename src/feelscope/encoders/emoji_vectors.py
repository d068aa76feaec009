"""Emoji as vectors, joined from parts that know what they mean.

names    the built-in text network reads "angry face", and it was trained on emotions
known    vectors of emoji from a file, such as emoji2vec
posts    the mean of the texts that had the emoji, less the mean of all texts

Each part is brought to mean 0 and deviation 1 over the emoji and divided by the root of its width, so that parts count
alike; an emoji that a part lacks has zeros there.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from feelscope.text.emoji import name_of, plain
from feelscope.words.word_vectors import WordVectors


def by_names(emoji: Sequence[str], read: Callable[[list[str]], np.ndarray]) -> Mapping[str, np.ndarray]:
    """Vectors (S,) of the names.

    Args:
        read: Texts to their vectors (N, S), as `saved_model.sentence_vectors` does.
    """
    names = {one: name for one in emoji if (name := name_of(one))}
    return dict(zip(names, read([*names.values()]), strict=True))


def by_known(emoji: Sequence[str], vectors: WordVectors) -> Mapping[str, np.ndarray]:
    """Vectors (D,) of those that a file has, with or without U+FE0F."""
    spelled = {plain(word): word for word in reversed(vectors.words)}
    return {one: vectors[spelled[one]] for one in emoji if one in spelled}


def by_posts(emoji: Sequence[str], texts: np.ndarray, right: np.ndarray) -> Mapping[str, np.ndarray]:
    """The mean of the texts' vectors (N, S) of each emoji, less that of all texts.

    Args:
        right: (N,), which of the emoji each text had.
    """
    middle = texts.mean(axis=0)
    return {emoji[row]: texts[right == row].mean(axis=0) - middle for row in np.unique(right)}


def join(emoji: Sequence[str], parts: Sequence[Mapping[str, np.ndarray]]) -> np.ndarray:
    """Vectors float32 (E, F), F the sum of the parts' widths."""
    joined = []
    for part in parts:
        width = len(next(iter(part.values())))
        there = np.array([one in part for one in emoji])
        table = np.zeros((len(emoji), width), np.float32)  # (E, D)
        table[there] = np.stack([part[one] for one in emoji if one in part])
        deviation = table[there].std(axis=0)
        table[there] = (table[there] - table[there].mean(axis=0)) / np.where(deviation > 0, deviation, 1)
        joined.append(table / width**0.5)
    return np.concatenate(joined, axis=1)  # (E, F)


def reduce(table: np.ndarray, most: int) -> np.ndarray:
    """Vectors (E, F) by at most D = `most` principal components: float32 (E, D), of numbers of mean square 1."""
    middle = table - table.mean(axis=0)  # (E, F)
    left, sizes, _ = np.linalg.svd(middle.astype(np.float64), full_matrices=False)
    kept = max(1, min(most, int((sizes > sizes[0] * 1e-6).sum())))
    components = left[:, :kept] * sizes[:kept]  # (E, D)
    scale = np.sqrt((components**2).mean())
    return (components / (scale if scale > 0 else 1)).astype(np.float32)
