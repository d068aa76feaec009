"""Which posts to label: more of those that a model is unsure of, each with a known probability of being chosen.

    u_i        how unsure the model is of post i: sqrt(1 - sum of its squared probabilities), not below `SUREST`
    chance_i   n u_i / sum of all u, so that n are drawn

Drawn systematically: all chances in a row, one stratum after another, and a post where the sum passes the next whole
number plus one random start. So every stratum gets its due number within one, and two passes in constant memory do.

Source: Neyman 1934, section 4 (numbers in proportion to the deviation; here of all emotions together, within posts of
like probabilities); Madow 1949, "On the theory of systematic sampling, II" (unequal chances).
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from feelscope.metrics.intervals import LEVEL
from feelscope.metrics.student import student_quantile

Array = NDArray[np.float64]
SUREST = 0.3  # how unsure a model is taken to be at least: no post counts over three times as much as another; ours
BANDS = (0.4, 0.6, 0.8, 0.95)  # of the highest probability, between which strata are cut; ours


def unsure(probabilities: ArrayLike) -> Array:
    """How unsure a model is of each post, `SUREST` to 1: (B, K) -> (B,)."""
    table = np.asarray(probabilities, np.float64)
    return np.sqrt(np.maximum(1 - (table**2).sum(axis=-1), SUREST**2))


def strata(probabilities: ArrayLike) -> NDArray[np.int64]:
    """The stratum of each post, by its emotion and how probable that is: (B, K) -> (B,), below K times 5."""
    table = np.asarray(probabilities, np.float64)
    return table.argmax(axis=-1) * (len(BANDS) + 1) + np.searchsorted(BANDS, table.max(axis=-1))


@dataclass
class Frame:
    """What has to be known of all posts to draw some of them; memory does not grow with the posts.

    Args:
        emotions: K.
    """

    emotions: int
    posts: int = 0
    means: Array = field(init=False)  # sums of probabilities, (K,)
    _errors: Array = field(init=False)  # sums of p (1 - p), (K,)
    _by_chance: Array = field(init=False)  # sums of p (1 - p) / u, (K,)
    _unsure: Array = field(init=False)  # sums of u by stratum
    _posts: Array = field(init=False)  # by stratum

    def __post_init__(self) -> None:
        self.means, self._errors, self._by_chance = np.zeros((3, self.emotions))
        self._unsure, self._posts = np.zeros((2, self.emotions * (len(BANDS) + 1)))

    def add(self, probabilities: ArrayLike) -> None:
        """Take posts in, (B, K)."""
        table = np.asarray(probabilities, np.float64)
        own, stratum = unsure(table), strata(table)
        self.posts += len(table)
        self.means += table.sum(axis=0)
        self._errors += (table * (1 - table)).sum(axis=0)
        self._by_chance += (table * (1 - table) / own[:, None]).sum(axis=0)
        self._unsure += np.bincount(stratum, own, minlength=len(self._unsure))
        self._posts += np.bincount(stratum, minlength=len(self._posts))

    def needed(self, width: float, doubt: ArrayLike = 1.0, level: float = LEVEL) -> Array:
        """How many labels give each share an interval of this width, (K,), where the errors are as the model says.

        Args:
            doubt: How many times larger the squared errors are taken to be, (K,) or one number.
        """
        reach = width / 2 / student_quantile((1 + level) / 2, 1e6)
        by_chance, errors = (np.asarray(doubt) * of for of in (self._by_chance, self._errors))
        wanted = by_chance * self._unsure.sum() / (self.posts**2 * reach**2 + errors)
        return np.asarray(np.minimum(wanted, self.posts))

    def needed_alone(self, width: float, level: float = LEVEL) -> Array:
        """The same without a model, by chances that are all alike."""
        share = self.means / self.posts
        reach = width / 2 / student_quantile((1 + level) / 2, 1e6)
        return np.asarray(self.posts / (1 + self.posts * reach**2 / np.maximum(share * (1 - share), 1e-12)))

    def draw(self, number: int, seed: int) -> "Draw":
        """Begin to draw; `Draw` is then given the posts again, in the same order."""
        total = float(self._unsure.sum())
        alike = number / total > 1  # a chance would be above 1; so many of the posts need no choice among them
        sizes = self._posts if alike else self._unsure
        rate = number / float(sizes.sum())
        start = float(np.random.default_rng(seed).random())
        return Draw(rate, alike, start + np.concatenate([[0.0], np.cumsum(sizes * rate)[:-1]]))


@dataclass
class Draw:
    """Draws posts as they come.

    Args:
        rate: A post's chance, over how unsure the model is of it; over one where `alike`.
        sums: Where each stratum is in the row of all chances.
    """

    rate: float
    alike: bool
    sums: Array

    def chosen(self, probabilities: ArrayLike) -> tuple[NDArray[np.int64], Array]:
        """Which of the next posts (B, K) are drawn, and the chance of each of these."""
        table = np.asarray(probabilities, np.float64)
        stratum = strata(table)
        chances = np.full(len(table), self.rate) if self.alike else self.rate * unsure(table)
        places = np.empty(len(table))
        for one in np.unique(stratum):
            of = stratum == one
            places[of] = self.sums[one] + np.cumsum(chances[of])
            before = np.concatenate([[self.sums[one]], places[of][:-1]])
            self.sums[one] = places[of][-1]
            places[of] = np.floor(places[of]) > np.floor(before)
        chosen = np.flatnonzero(places)
        return chosen, np.minimum(chances[chosen], 1.0)
