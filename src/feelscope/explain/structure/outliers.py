"""Outliers: posts whose mix of emotions hardly any other post has.

The distance of two posts is Hellinger's, the straight line between the square roots of their probabilities over the
root of two: 0 for the same mix, 1 for mixes without a common emotion. A post's own distance is that to its tenth
nearest post, so that up to ten copies of one odd post still stand out.
"""

import numpy as np

NEIGHBOUR = 10  # the nearest post that counts


def outliers(probabilities: np.ndarray, count: int) -> list[tuple[int, float]]:
    """The posts that lie farthest from all others.

    Args:
        probabilities: (N, K).
        count: The most to return.

    Returns:
        Row and distance (0 to 1), the farthest first; of equal ones the earlier row.
    """
    from scipy.spatial import cKDTree

    roots = np.sqrt(np.clip(probabilities, 0, None).astype(np.float64) / 2)  # (N, K)
    neighbour = min(NEIGHBOUR, len(roots) - 1)
    if neighbour < 1:
        return []
    distances, _ = cKDTree(roots).query(roots, k=[neighbour + 1])  # the nearest of all is the post itself
    farthest = np.argsort(-distances[:, 0], kind="stable")[:count]
    return [(int(row), float(distances[row, 0])) for row in farthest]
