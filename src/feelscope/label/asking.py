"""Active learning: which posts to ask people about next, so that few labels teach a model much.

    random      by chance, the same order for everybody
    uncertain   the smaller the margin between a model's two most probable emotions, the earlier
    diverse     each post as far as can be from all that were asked before, in the space of the model's vectors
    both        as diverse, among the posts whose margin is small

Distances are of the vectors of words and picture, each of length one, side by side; a post without a modality has zeros
there. Posts that were answered already count as asked. Posts that the model cannot read come last.

Source: Scheffer et al. 2001 (margin); Sener and Savarese 2018, algorithm 1 (k-center greedy). `both` is ours.
"""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from feelscope.post import MODALITIES, Post

if TYPE_CHECKING:
    from feelscope.saved_model.classifier import EmotionClassifier

ORDERS = ("random", "uncertain", "diverse", "both")
AHEAD = 2000  # posts that are chosen one after the other; further ones follow by margin
_DOUBTFUL = 0.25  # the share of posts with the smallest margins that `both` chooses among; ours


def in_order(
    posts: Sequence[Post], order: str, classifier: "EmotionClassifier", answered: Collection[str] = ()
) -> list[Post]:
    """All posts, those that teach the model most first.

    Args:
        posts: In an order by chance, by which ties are broken.
        order: One of ORDERS.
        answered: Ids of posts whose labels are known.
    """
    if order == "random":
        return list(posts)
    margins, rows = _read(posts, classifier)
    readable = np.flatnonzero(np.isfinite(margins))
    known = np.array([post.id in answered for post in posts], bool)[readable]
    chosen = readable[choose(margins[readable], rows[readable], order, known)]
    left = sorted({*range(len(posts))} - {*chosen.tolist()})
    return [posts[int(row)] for row in (*chosen, *left)]


def choose(margins: np.ndarray, vectors: np.ndarray, order: str, known: np.ndarray, ahead: int = AHEAD) -> np.ndarray:
    """The order of N posts as row numbers (N,), those whose labels are known last.

    Args:
        margins: float (N,), of the two most probable emotions, 0 to 1.
        vectors: float (N, D).
        known: bool (N,), posts whose labels are known.
        ahead: How many are chosen one after the other.
    """
    by_margin = np.argsort(margins, kind="stable")
    open_ = by_margin[~known[by_margin]]
    done = by_margin[known[by_margin]]
    if order == "uncertain":
        return np.concatenate([open_, done])
    pool = open_[: max(1, round(_DOUBTFUL * len(open_)))] if order == "both" else np.sort(open_)
    chosen = _farthest_first(vectors, pool, done, ahead)
    rest = open_[~np.isin(open_, chosen)]
    return np.concatenate([chosen, rest, done])


def _farthest_first(vectors: np.ndarray, pool: np.ndarray, done: np.ndarray, ahead: int) -> np.ndarray:
    """Rows of the pool, each the farthest from all before it and from `done`; at most `ahead`."""
    some = vectors[pool]  # (P, D)
    nearest = np.full(len(pool), np.inf)  # squared distance to what was asked
    for start in range(0, len(done), 256):
        nearest = np.minimum(nearest, _squared(some, vectors[done[start : start + 256]]).min(axis=1))
    chosen: list[int] = []
    while len(chosen) < min(ahead, len(pool)):
        place = int(nearest.argmax())
        chosen.append(place)
        nearest = np.minimum(nearest, _squared(some, some[place : place + 1])[:, 0])
        nearest[chosen] = -1  # not again
    return pool[chosen]


def _squared(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Squared distances (P, O) of rows."""
    return np.maximum(
        (some**2).sum(axis=1)[:, None] + (others**2).sum(axis=1)[None] - 2 * some @ others.T,
        0,
    )


def _read(posts: Sequence[Post], classifier: "EmotionClassifier") -> tuple[np.ndarray, np.ndarray]:
    """Margins (N,), infinite where nothing can be read, and vectors (N, D) of unit length by modality."""
    margins = np.full(len(posts), np.inf)
    found: list[dict[str, np.ndarray]] = []
    for row, (prediction, vectors) in enumerate(classifier.stream_vectors(posts)):
        found.append({name: vector for name, vector in vectors.items() if name in MODALITIES})
        if prediction.probabilities:
            *_, second, first = sorted(prediction.probabilities.values())
            margins[row] = first - second
    widths = {name: len(vector) for vectors in found for name, vector in vectors.items()}
    parts = [np.zeros((len(posts), width), np.float32) for width in widths.values()]
    for part, name in zip(parts, widths, strict=True):
        for row, vectors in enumerate(found):
            if name in vectors:
                part[row] = vectors[name] / max(float(np.linalg.norm(vectors[name])), 1e-12)
    return margins, np.concatenate(parts, axis=1) if parts else np.zeros((len(posts), 0), np.float32)
