"""Shares of many posts from a model's probabilities, and how it errs on other posts whose emotions are known.

    count   the share of each answer, as it is
    ACC     the shares that, with the model's errors, would give these counts
    PACC    the same with mean probabilities in place of counts
    EMQ     the shares that make the probabilities of all posts likeliest, starting from those of the known posts

All but the count assume prior shift: posts of an emotion look alike in both sets, and only how many there are differs.
Where sadness is said in other words there than here, they are wrong, and nothing in the posts tells.

Letters: N posts, M known ones, K emotions, K' of them among the known posts.

Source: Forman 2008, "Quantifying counts and costs via classification" (ACC); Bella et al. 2010 (PACC); Saerens, Latinne
and Decaestecker 2002 (EMQ); the shares nearest to the equations within the simplex, as QuaPy has it, by
the projection of Duchi et al. 2008.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
_STEPS, _PRECISION = 1000, 1e-6  # of EMQ: mean change of a share
_DESCENT = 2000  # steps of the projected gradient


def answers(probabilities: ArrayLike) -> Array:
    """The most probable emotion of each post as a row of one 1: (N, K)."""
    table = np.asarray(probabilities, np.float64)
    return np.eye(table.shape[1])[table.argmax(axis=1)]


def mean_of_each(values: ArrayLike, labels: ArrayLike) -> Array:
    """The mean row of the posts of each emotion, as columns: what the emotion of a column is taken for, (K, K').

    Args:
        values: (M, K), probabilities or `answers`.
        labels: (M,), the emotion of each, from 0; K' of the K are there.
    """
    table, emotion = np.asarray(values, np.float64), np.asarray(labels)
    return np.stack([table[emotion == k].mean(axis=0) for k in np.unique(emotion)], axis=1)


def adjusted(means: ArrayLike, errors: ArrayLike) -> Array:
    """The shares (K',) whose posts would give these mean rows: ACC of answers, PACC of probabilities.

    Args:
        means: (K,), the mean row of the posts whose shares are asked for.
        errors: (K, K'), `mean_of_each` of the known posts.

    Returns:
        The point of the simplex of least squared error |errors @ shares - means|.
    """
    matrix, target = np.asarray(errors, np.float64), np.asarray(means, np.float64)
    rate = 1 / max(float(np.linalg.norm(matrix, 2)) ** 2, 1e-12)
    shares = moved = np.full(matrix.shape[1], 1 / matrix.shape[1])
    momentum = 1.0
    for _ in range(_DESCENT):  # Nesterov's, as the columns of a weak model are nearly alike
        following = _on_simplex(moved - rate * matrix.T @ (matrix @ moved - target))
        larger = (1 + (1 + 4 * momentum**2) ** 0.5) / 2
        moved = following + (momentum - 1) / larger * (following - shares)
        if np.abs(following - shares).max() < 1e-12:
            break
        shares, momentum = following, larger
    return shares


def likeliest(probabilities: ArrayLike, known: ArrayLike) -> Array:
    """The shares (K,) by EMQ.

    Args:
        probabilities: (N, K), of the posts whose shares are asked for.
        known: (K,), the shares among posts that the probabilities are right for.
    """
    table, before = np.asarray(probabilities, np.float64), np.maximum(np.asarray(known, np.float64), 1e-6)
    shares = before / before.sum()
    for _ in range(_STEPS):
        weighed = table * (shares / before)  # (N, K)
        following = (weighed / np.maximum(weighed.sum(axis=1, keepdims=True), 1e-300)).mean(axis=0)
        if np.abs(following - shares).mean() < _PRECISION:
            return following
        shares = following
    return shares


def _on_simplex(point: Array) -> Array:
    """The nearest point of which no number is below 0 and all sum to 1."""
    falling = np.sort(point)[::-1]
    excess = (np.cumsum(falling) - 1) / np.arange(1, len(point) + 1)
    return np.maximum(point - excess[np.flatnonzero(falling > excess)[-1]], 0.0)
