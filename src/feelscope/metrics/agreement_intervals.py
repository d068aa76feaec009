"""Agreement with its 95% interval: a percentile bootstrap over posts.

What counts of a post is how many people gave it each answer (or, of two people, which answer each gave), so posts are
drawn as counts of such patterns, all resamples at once. `agreement.py` has the plain formulas, post by post.

Letters: K answers, P different patterns, R resamples.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from feelscope.metrics.agreement import cohen_kappa, fleiss_kappa, krippendorff_alpha
from feelscope.metrics.intervals import Interval, interval, resample

Array = NDArray[np.float64]
Scored = tuple[float, Interval]


def cohen(first: Sequence[str], second: Sequence[str]) -> Scored:
    """Cohen's kappa of two people on the same posts."""
    names = {name: place for place, name in enumerate(sorted({*first, *second}))}
    counts = np.zeros((len(names), len(names)), np.int64)  # (K, K)
    for one, other in zip(first, second, strict=True):
        counts[names[one], names[other]] += 1
    drawn = resample(counts) / max(len(first), 1)  # (R, K, K)
    agree = np.trace(drawn, axis1=1, axis2=2)  # (R,)
    chance = (drawn.sum(axis=2) * drawn.sum(axis=1)).sum(axis=1)
    return cohen_kappa(first, second), interval(_beyond(agree, chance))


def fleiss(posts: Sequence[Sequence[str]]) -> Scored:
    """Fleiss' kappa of the same number of people on every post."""
    patterns, counts = _patterns(posts)  # (P, K), (P,)
    raters = len(posts[0])
    drawn = resample(counts) / len(posts)  # (R, P)
    agree = drawn @ ((patterns * (patterns - 1)).sum(axis=1) / (raters * (raters - 1)))  # (R,)
    chance = ((drawn @ patterns / raters) ** 2).sum(axis=1)
    return fleiss_kappa(posts), interval(_beyond(agree, chance))


def krippendorff(posts: Sequence[Sequence[str]]) -> Scored:
    """Krippendorff's alpha of any people on any posts, nominal data."""
    paired = [answers for answers in posts if len(answers) > 1]
    if not paired:
        return float("nan"), (float("nan"), float("nan"))
    patterns, counts = _patterns(paired)  # (P, K), (P,)
    sizes = patterns.sum(axis=1)  # (P,)
    drawn = resample(counts).astype(np.float64)  # (R, P)
    disagree = drawn @ ((sizes**2 - (patterns**2).sum(axis=1)) / (sizes - 1))  # (R,)
    values = drawn @ patterns  # (R, K)
    total = values.sum(axis=1)
    expected = (total**2 - (values**2).sum(axis=1)) / (total - 1)
    alpha = 1 - np.divide(disagree, expected, out=np.zeros_like(disagree), where=expected > 0)
    return krippendorff_alpha(posts), interval(alpha)


def _patterns(posts: Sequence[Sequence[str]]) -> tuple[Array, NDArray[np.int64]]:
    """How many people gave each answer, (P, K), and how many posts have that, (P,)."""
    names = sorted({answer for answers in posts for answer in answers})
    found = Counter(tuple(Counter(answers)[name] for name in names) for answers in posts)
    return np.array([*found], np.float64), np.array([*found.values()], np.int64)


def _beyond(agree: Array, chance: Array) -> Array:
    """Agreement beyond chance; 1 where all give the same answer."""
    return 1 - np.divide(1 - agree, 1 - chance, out=np.zeros_like(agree), where=chance < 1)
