"""Emoji as vectors, joined from parts that know what they mean.

names    the built-in text network reads "angry face", and it was trained on emotions
known    vectors of emoji from a file, such as emoji2vec
posts    the mean of the texts that had the emoji, less the mean of all texts

Each part is brought to mean 0 and deviation 1 over the emoji and divided by the root of its width, so that parts count
alike; an emoji that a part lacks has zeros there.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Protocol

import numpy as np

from feelscope.encoders.tokenizer import Tokens
from feelscope.text.emoji import VARIATIONS, find_emoji
from feelscope.words.word_vectors import WordVectors


class Sentences(Protocol):
    """What makes vectors of texts; `saved_model.builtin_sentences.BuiltinSentences` does."""

    def tokens(self, text: str) -> Tokens | None:
        """What is read of a text; None where there is nothing to read."""

    def vector(self, tokens: Tokens) -> np.ndarray:
        """float32 (S,)."""


def plain(emoji: str) -> str:
    """An emoji without skin tone and variation selectors, as `find_emoji` gives it; empty for what is not one emoji."""
    found = find_emoji(f"{emoji}\ufe0f") or find_emoji(emoji)
    return found[0] if found == [re.sub(VARIATIONS, "", emoji)] else ""


def name_of(emoji: str) -> str:
    """The English name of an emoji, as in "red heart"; empty where Unicode has none."""
    from emoji import EMOJI_DATA

    data = EMOJI_DATA.get(emoji) or EMOJI_DATA.get(f"{emoji}\ufe0f") or {}
    return data.get("en", "").strip(":").replace("_", " ")


def in_colour(emoji: str) -> str:
    """An emoji as `plain` gives it, with the variation selector that it needs to be drawn in colour."""
    from emoji import EMOJI_DATA

    return f"{emoji}\ufe0f" if f"{emoji}\ufe0f" in EMOJI_DATA else emoji


@cache
def all_emoji() -> tuple[str, ...]:
    """Every fully qualified emoji without its variation selectors and skin tones, each once, in Unicode's order."""
    from emoji import EMOJI_DATA, STATUS

    whole = [one for one, data in EMOJI_DATA.items() if data["status"] == STATUS["fully_qualified"]]
    return tuple(dict.fromkeys(filter(None, map(plain, whole))))


def by_names(emoji: Sequence[str], encoder: Sentences) -> Mapping[str, np.ndarray]:
    """Vectors (S,) of the names."""
    read = {one: encoder.tokens(name_of(one)) for one in emoji}
    return {one: encoder.vector(tokens) for one, tokens in read.items() if tokens is not None}


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
