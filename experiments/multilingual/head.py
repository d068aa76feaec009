"""The head: one linear layer and a softmax, fitted to vectors of English posts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from feelscope import Post
from feelscope.emotions import SEVEN


@dataclass(frozen=True, slots=True)
class Head:
    """Vectors (N, D) to probabilities (N, 7), in the order of `SEVEN`."""

    weights: np.ndarray  # (D, 7)
    bias: np.ndarray  # (7,)

    def probabilities(self, vectors: np.ndarray) -> np.ndarray:
        """(N, 7)."""
        logits = vectors @ self.weights + self.bias  # (N, 7)
        exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
        return exponents / exponents.sum(axis=1, keepdims=True)


def fit(vectors: np.ndarray, labels: np.ndarray, tables: np.ndarray, strength: float, *, balanced: bool) -> Head:
    """The head of least cross entropy, its weights held small.

    Args:
        tables: The name of each post's table.
        strength: C; larger holds the weights less.
        balanced: Whether a post counts more the fewer posts of its table have its emotion.
    """
    mean, deviation = vectors.mean(axis=0), vectors.std(axis=0)
    model = LogisticRegression(C=strength, max_iter=300)
    counts = _balance(labels, tables) if balanced else np.ones(len(labels))
    model.fit((vectors - mean) / deviation, labels, sample_weight=counts)
    weights = model.coef_.T / deviation[:, None]  # (D, 7)
    return Head(weights, model.intercept_ - mean @ weights)


def _balance(labels: np.ndarray, tables: np.ndarray) -> np.ndarray:
    """What each post counts (N,): half way, by the square root, to all emotions of a table alike; 1 on average."""
    counts = np.zeros(len(labels))
    for table in dict.fromkeys(tables):
        own = tables == table
        found = np.bincount(labels[own], minlength=len(SEVEN))
        share = own.sum() / (found > 0).sum() / np.maximum(found, 1)  # (7,)
        counts[own] = np.sqrt(share[labels[own]])
    return counts * len(labels) / counts.sum()


def labels_of(posts: Sequence[Post]) -> np.ndarray:
    """(N,)."""
    return np.array([SEVEN.index(str(post.emotion)) for post in posts])
