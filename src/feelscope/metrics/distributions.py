"""How far two sets of vectors are apart, as distributions: what drawn pictures are compared with real ones by.

    frechet_distance   of normal distributions with the sets' means and covariances; too high for few vectors
    kernel_distance    of all moments up to the third; not biased by the count, and may be below 0 for equal sets

Source: Heusel et al. 2017, "GANs trained by a two time-scale update rule", equation 6, and their advice to take 10,000
vectors or more, and never fewer than one has numbers. Binkowski et al. 2018, "Demystifying MMD GANs", section 4; they
average over subsets, and this is the unbiased estimate over all vectors.
"""

import numpy as np

from feelscope.errors import ConfigError

LEAST = 2048  # vectors in each set
_AT_ONCE = 1024  # rows of the kernel at a time


def frechet_distance(first: np.ndarray, second: np.ndarray) -> float:
    """The squared Frechet distance of two sets of vectors (N, D) and (M, D), as normal distributions.

    Raises:
        ConfigError: A set has fewer than `LEAST`.
    """
    for vectors in (first, second):
        if len(vectors) < LEAST:
            raise ConfigError(
                f"a Frechet distance of {len(vectors):,} vectors says more of their count than of what they show; "
                f"give {LEAST:,} or more, better 10,000"
            )
    means = [vectors.mean(axis=0, dtype=np.float64) for vectors in (first, second)]  # (D,) each
    one, other = (np.cov(vectors.astype(np.float64), rowvar=False) for vectors in (first, second))  # (D, D) each
    root = _root(one)
    # The trace of (one @ other)^(1/2): its eigenvalues are those of the symmetric root @ other @ root.
    shared = np.sqrt(np.linalg.eigvalsh(root @ other @ root).clip(min=0)).sum()
    return float(np.square(means[0] - means[1]).sum() + np.trace(one) + np.trace(other) - 2 * shared)


def kernel_distance(first: np.ndarray, second: np.ndarray) -> float:
    """The squared maximum mean discrepancy of (N, D) and (M, D), with the kernel (x y / D + 1)^3."""
    count, others = len(first), len(second)
    within = (_kernel_sum(first, first) - _own(first)) / (count * (count - 1))
    within += (_kernel_sum(second, second) - _own(second)) / (others * (others - 1))
    return within - 2 * _kernel_sum(first, second) / (count * others)


def _root(matrix: np.ndarray) -> np.ndarray:
    """The square root of a covariance (D, D)."""
    values, directions = np.linalg.eigh(matrix)
    return (directions * np.sqrt(values.clip(min=0))) @ directions.T


def _kernel_sum(first: np.ndarray, second: np.ndarray) -> float:
    """The kernel summed over all pairs."""
    total = 0.0
    for at in range(0, len(first), _AT_ONCE):
        products = first[at : at + _AT_ONCE] @ second.T / first.shape[1]  # (B, M)
        total += float(((products + 1) ** 3).sum(dtype=np.float64))
    return total


def _own(vectors: np.ndarray) -> float:
    """The kernel summed over each vector with itself."""
    return float(((np.square(vectors).sum(axis=1, dtype=np.float64) / vectors.shape[1] + 1) ** 3).sum())
