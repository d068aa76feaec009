"""How emotions go together: their correlations over posts, a tree of them, principal components and a map.

    probabilities (N, K) --standardise--> Z (N, K)
    Z' Z / N = correlation (K, K) --average linkage of 1 - r, or Ward's of its rows--> tree
                                  --eigenvectors--> components (C, K), scores Z V' (N, C)
    distances sqrt(2 - 2 r) (K, K) --classical scaling--> coordinates (K, 2)

All of it is deterministic. The sign of a component means nothing, so each is turned until its largest loading is
positive. Probabilities of a post sum to one, which pushes correlations below zero: with K emotions that are equally
likely and otherwise unrelated they are -1 / (K - 1). `SCALES` has log-odds beside them, where that push is weaker, and
logits: log-probabilities less their mean over the emotions of a post, which are a network's logits but for a constant
a post, and sum to zero.

Source: Hu and Flaxman 2018, section 5 (correlation, tree, components); Torgerson 1952 and Kruskal 1964 (map, stress).
Its code correlates logits and joins the rows of that matrix by Ward's linkage; its text says probabilities.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from feelscope.errors import FeelscopeError

FEWEST_POSTS = 10  # a correlation of fewer says nothing
SCALES = ("probability", "log-odds", "logits")
LINKAGES = {"average": "average linkage of 1 - r", "ward": "Ward's linkage of the rows of r"}
POOR_STRESS = 0.2  # of a map; Kruskal 1964
_NEVER_SURE = 1e-6  # log-odds of 0 and 1 are infinite
_NO_SPREAD = 1e-6  # of a probability; rows of predictions have seven digits


@dataclass(frozen=True, slots=True, eq=False)
class Relations:
    """How K emotions go together over N posts.

    Args:
        emotions: The K that vary, in the model's order.
        constant: Those whose probability is the same in every post, left out.
        posts: N.
        mean: (K,), of the probabilities.
        scale: One of `SCALES`, of what is correlated.
        correlation: (K, K).
        joined_by: One of `LINKAGES`.
        linkage: (K - 1, 4), the tree as scipy has it: the two that join, their distance, and how many they are.
        order: Rows of `correlation` in the tree's order.
        components: (C, K), unit vectors by falling variance; loadings on standardised emotions.
        explained: (C,), their shares of the variance; sums to one.
        scores: float32 (N, C), where each post lies along each component.
        coordinates: (K, 2), the map; distances are near sqrt(2 - 2 r).
        coordinates_explained: (2,), the share of the map's squared distances along each axis.
        stress: Kruskal's stress-1 of the map: 0 is exact, 0.2 is poor.
    """

    emotions: tuple[str, ...]
    constant: tuple[str, ...]
    posts: int
    mean: np.ndarray
    scale: str
    correlation: np.ndarray
    joined_by: str
    linkage: np.ndarray
    order: tuple[int, ...]
    components: np.ndarray
    explained: np.ndarray
    scores: np.ndarray
    coordinates: np.ndarray
    coordinates_explained: np.ndarray
    stress: float


def relate(
    probabilities: np.ndarray, emotions: Sequence[str], scale: str = "probability", joined_by: str = "average"
) -> Relations:
    """Find how K emotions go together over N posts.

    Args:
        probabilities: (N, K).
        emotions: Their K names.
        scale: One of `SCALES`.
        joined_by: One of `LINKAGES`.

    Raises:
        FeelscopeError: Too few posts, or fewer than two emotions that vary.
    """
    from scipy.cluster import hierarchy

    assert probabilities.shape[1:] == (len(emotions),) and scale in SCALES, (probabilities.shape, scale)
    assert joined_by in LINKAGES, joined_by
    if len(probabilities) < FEWEST_POSTS:
        raise FeelscopeError(
            f"the structure of emotions needs {FEWEST_POSTS} posts or more, found {len(probabilities)}: give more posts"
        )
    varies = np.flatnonzero(probabilities.std(axis=0, dtype=np.float64) > _NO_SPREAD)  # (K,)
    if len(varies) < 2:
        varying = emotions[varies[0]] if len(varies) else "none"
        raise FeelscopeError(
            f"the structure of emotions needs two emotions that vary over the posts, found {varying} of "
            f"{len(emotions)}: give a model of more emotions or posts that differ"
        )
    z = _standardise(probabilities[:, varies], scale)  # (N, K)
    correlation = np.clip(z.T @ z / len(z), -1, 1).astype(np.float64)  # (K, K)
    np.fill_diagonal(correlation, 1.0)
    distances = 1 - correlation[np.triu_indices(len(correlation), 1)]  # condensed
    linkage = hierarchy.linkage(correlation if joined_by == "ward" else distances, joined_by, optimal_ordering=True)
    variances, components = _eigenvectors(correlation)
    coordinates, shares, stress = _map(correlation)
    return Relations(
        emotions=tuple(emotions[index] for index in varies.tolist()),
        constant=tuple(name for index, name in enumerate(emotions) if index not in varies),
        posts=len(probabilities),
        mean=probabilities[:, varies].mean(axis=0, dtype=np.float64),
        scale=scale,
        correlation=correlation,
        joined_by=joined_by,
        linkage=linkage,
        order=tuple(hierarchy.leaves_list(linkage).tolist()),
        components=components,
        explained=variances / variances.sum(),
        scores=z @ components.T.astype(np.float32),  # (N, C)
        coordinates=coordinates,
        coordinates_explained=shares,
        stress=stress,
    )


def _standardise(values: np.ndarray, scale: str) -> np.ndarray:
    """Columns of mean 0 and deviation 1, float32 (N, K)."""
    if scale == "logits":
        values = np.log(np.clip(values.astype(np.float64), _NEVER_SURE, None))
        values = values - values.mean(axis=1, keepdims=True)
    elif scale == "log-odds":
        kept = np.clip(values.astype(np.float64), _NEVER_SURE, 1 - _NEVER_SURE)
        values = np.log(kept / (1 - kept))
    centred = values - values.mean(axis=0, dtype=np.float64)
    return (centred / centred.std(axis=0)).astype(np.float32)


def _eigenvectors(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues (K,) of a symmetric matrix, falling, and their unit vectors as rows (K, K), turned as said above."""
    values, vectors = np.linalg.eigh(matrix)
    values, vectors = np.clip(values[::-1], 0, None), vectors[:, ::-1].T
    largest = np.abs(vectors).argmax(axis=1)
    return values, vectors * np.sign(vectors[np.arange(len(vectors)), largest])[:, None]


def _map(correlation: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Coordinates (K, 2) whose distances are near those of standardised emotions, their shares and the stress."""
    count = len(correlation)
    squared = 2 - 2 * correlation  # (K, K), squared distances of unit vectors
    centre = np.eye(count) - 1 / count
    values, vectors = _eigenvectors(-centre @ squared @ centre / 2)
    coordinates = vectors[:2].T * np.sqrt(values[:2])  # (K, 2)
    true = np.sqrt(np.clip(squared, 0, None))
    on_map = np.linalg.norm(coordinates[:, None] - coordinates[None], axis=2)  # (K, K)
    stress = np.sqrt(((true - on_map) ** 2).sum() / max((true**2).sum(), 1e-12))
    return coordinates, (values / max(values.sum(), 1e-12))[:2], float(stress)
