"""Posts that lie far from all others: those whose mix of emotions hardly any other post has.

The distance of two posts is Hellinger's, the straight line between the square roots of their probabilities over the
root of two: 0 for the same mix, 1 for mixes without a common emotion. A post's own distance is that to its tenth
nearest post, so that up to ten copies of one odd post still stand out.
"""

import numpy as np

from feelscope.errors import MissingExtra

NEIGHBOUR = 10  # the nearest post that counts


def far_posts(probabilities: np.ndarray, count: int) -> list[tuple[int, float]]:
    """The posts that lie farthest from all others.

    Args:
        probabilities: (N, K).
        count: The most to give.

    Returns:
        Row and distance (0 to 1), the farthest first; of equal ones the earlier row.
    """
    try:
        from scipy.spatial import cKDTree
    except ModuleNotFoundError as error:
        raise MissingExtra('explain structure needs scipy: pip install "feelscope[explain]"') from error
    roots = np.sqrt(np.clip(probabilities, 0, None).astype(np.float64) / 2)  # (N, K)
    neighbour = min(NEIGHBOUR, len(roots) - 1)
    if neighbour < 1:
        return []
    distances, _ = cKDTree(roots).query(roots, k=[neighbour + 1])  # the first nearest is the post itself
    distance = distances[:, 0]  # (N,)
    farthest = np.argsort(-distance, kind="stable")[:count]
    return [(int(row), float(distance[row])) for row in farthest]
