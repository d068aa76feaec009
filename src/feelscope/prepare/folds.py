"""Folds: posts in parts, so that each is scored by a model that has seen neither it nor anything like it.

Near-duplicates, posts with one picture and the posts of one author are in one fold, as in a split. Whole units go, the
largest first, to the fold that has the fewest posts of their emotions yet, so that all folds have about as many of
each. Which fold it is depends on the posts alone, not on their order or a seed.

Source: ours; scikit-learn's StratifiedGroupKFold weighs the balance otherwise, and depends on the order.
"""

from collections.abc import Sequence

import numpy as np

from feelscope.post import Post
from feelscope.prepare.split import authors_for_split, fraction, units
from feelscope.prepare.validation_split import folded
from feelscope.text.near_duplicates import group
from feelscope.text.union_find import UnionFind


def units_of(posts: Sequence[Post], pictures: Sequence[str] = ()) -> list[str]:
    """The name of each post's unit: what may not be separated.

    Args:
        pictures: Of each post a key that is equal for equal pictures, empty without one; none at all where pictures are
            not read.
    """
    texts = [folded(post) or post.id for post in posts]
    joined = UnionFind(group([folded(post) for post in posts]))
    first_of: dict[str, int] = {}
    for position, key in enumerate(pictures):
        if key:
            joined.join(first_of.setdefault(key, position), position)
    authors, _ = authors_for_split([post.author for post in posts])
    return units(authors, texts, joined.firsts())


def folds(names: Sequence[str], labels: Sequence[int], count: int) -> list[int]:
    """The fold of each post, 0 to `count` - 1; none is empty where there are as many units.

    Args:
        names: Of each post's unit.
        labels: Of each post the index of its emotion.
    """
    emotions = max(labels) + 1
    inside: dict[str, np.ndarray] = {}  # of each unit, its posts by emotion (K,)
    for name, label in zip(names, labels, strict=True):
        inside.setdefault(name, np.zeros(emotions))[label] += 1
    # (K,): rare emotions count as much as frequent ones.
    weights = 1 / np.maximum(1, np.bincount(labels, minlength=emotions)) ** 2
    have = np.zeros((count, emotions))
    fold_of: dict[str, int] = {}
    for name in sorted(inside, key=lambda name: (-inside[name].sum(), fraction(name), name)):
        fuller = have @ (weights * inside[name])  # (F,)
        best = np.lexsort((have.sum(axis=1), fuller))[0]  # of equally full ones that of the fewest posts
        have[best] += inside[name]
        fold_of[name] = int(best)
    return [fold_of[name] for name in names]
