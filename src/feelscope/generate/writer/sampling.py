"""Drawing the next word: emphasis of the emotion, temperature, and the nucleus of the likeliest words.

    scores = with the emotion + emphasis * (with the emotion - with the mean of all emotions' vectors)

Source: the nucleus is of Holtzman et al. 2020, section 3.1; the emphasis is the guidance of Ho and Salimans 2021,
"Classifier-free diffusion guidance", section 3.2, for words. In place of their "no class" we take the mean of the
emotions' vectors, which no training saw. The defaults are ours, for posts that read well: `experiments/writer` measures
with a higher temperature and emphasis, which vary more and say the emotion more clearly.
"""

import math
from dataclasses import dataclass

import numpy as np

from feelscope.config import check_ranges


@dataclass(frozen=True, slots=True)
class SamplingSettings:
    """How words are drawn."""

    temperature: float = 0.7  # that scores are divided by; lower is more usual, higher more surprising
    nucleus: float = 0.9  # share of the probability that may be drawn, the likeliest words first; 1 leaves none out
    emphasis: float = 1.0  # how many times more what the emotion adds to the scores of words is added; 0 as learnt
    allow_verbatim: bool = False  # whether a post may repeat 8 words in a row of a training post

    def __post_init__(self) -> None:
        """Refuse what draws nothing, or anything."""
        check_ranges(
            self,
            ("temperature", lambda value: math.isfinite(value) and 0 < value <= 100, "more than 0, up to 100"),
            ("emphasis", lambda value: 0 <= value <= 10, "0 to 10"),
            ("nucleus", lambda value: 0 < value <= 1, "more than 0, up to 1"),
        )


def draw(scores: np.ndarray, chances: np.ndarray, settings: SamplingSettings) -> np.ndarray:
    """One word's number for each of B posts.

    Args:
        scores: (B, V); minus infinity for what may not be drawn.
        chances: (B,), uniform in 0 to 1; the same ones draw the same words.
    """
    scores = (scores - scores.max(axis=1, keepdims=True)) / settings.temperature
    shares = np.exp(scores.astype(np.float64))  # (B, V)
    shares /= shares.sum(axis=1, keepdims=True)
    order = np.argsort(-shares, axis=1, kind="stable")  # (B, V)
    sums = np.take_along_axis(shares, order, axis=1).cumsum(axis=1)  # (B, V)
    kept = (sums < settings.nucleus).sum(axis=1, keepdims=True)  # (B, 1), the place of the last word of the nucleus
    top = np.take_along_axis(sums, np.minimum(kept, scores.shape[1] - 1), axis=1)  # (B, 1)
    places = (sums <= chances[:, None] * top).sum(axis=1, keepdims=True)  # (B, 1)
    return np.take_along_axis(order, np.minimum(places, kept), axis=1)[:, 0]
