"""Which posts to label: more of those that a model is unsure of, each with a known probability of being chosen.

    u_i        how unsure the model is of post i: sqrt(1 - sum of its squared probabilities), not below `SUREST`
    chance_i   n u_i / sum of all u, so that n are drawn

Drawn by duels: of the two posts of a stratum that are not decided, one gets as much of the other's chance as makes it
certain, or all of it; what is left of each stratum duels in the end. So every stratum gets its due number within one,
neighbours are seldom drawn together, as if there were strata of their own, and two passes in constant memory do.

Source: Neyman 1934 (numbers in proportion to the deviation; here of all emotions together); Deville and Tillé 1998,
"Unequal probability sampling without replacement through a splitting method" (the duels: the pivotal method, in order).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from feelscope.metrics.intervals import LEVEL
from feelscope.metrics.student import student_quantile

Array = NDArray[np.float64]
SUREST = 0.3  # how unsure a model is taken to be at least: no post counts over three times as much as another; ours
_ROUNDING = 1e-9
_LOTS = 1998  # apart from what others draw by the same seed, such as the labels of a simulation
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
    _unsure: float = 0.0  # sum of u

    def __post_init__(self) -> None:
        self.means, self._errors, self._by_chance = np.zeros((3, self.emotions))

    def add(self, probabilities: ArrayLike) -> None:
        """Take posts in, (B, K)."""
        table = np.asarray(probabilities, np.float64)
        own = unsure(table)
        self.posts += len(table)
        self.means += table.sum(axis=0)
        self._errors += (table * (1 - table)).sum(axis=0)
        self._by_chance += (table * (1 - table) / own[:, None]).sum(axis=0)
        self._unsure += float(own.sum())

    def needed(self, width: float, doubt: ArrayLike = 1.0, level: float = LEVEL) -> Array:
        """How many labels give each share an interval of this width, (K,), where the errors are as the model says.

        Args:
            doubt: How many times larger the squared errors are taken to be, (K,) or one number.
        """
        reach = width / 2 / student_quantile((1 + level) / 2, 1e6)
        by_chance, errors = (np.asarray(doubt) * of for of in (self._by_chance, self._errors))
        wanted = by_chance * self._unsure / (self.posts**2 * reach**2 + errors)
        return np.asarray(np.minimum(wanted, self.posts))

    def needed_alone(self, width: float, level: float = LEVEL) -> Array:
        """The same without a model, by chances that are all alike."""
        share = self.means / self.posts
        reach = width / 2 / student_quantile((1 + level) / 2, 1e6)
        return np.asarray(self.posts / (1 + self.posts * reach**2 / np.maximum(share * (1 - share), 1e-12)))

    def draw(self, number: int, seed: int) -> "Draw":
        """Begin to draw; `Draw` is then given the posts again, in the same order."""
        total = self._unsure
        alike = number / total > 1  # a chance would be above 1; so many of the posts need no choice among them
        return Draw(number / (self.posts if alike else total), alike, np.random.default_rng([_LOTS, seed]))


Undecided = tuple[str, float, float]  # a post, the chance it has now, and the one it had


@dataclass
class Draw:
    """Draws posts as they come; memory grows with those that are drawn.

    Args:
        rate: A post's chance, over how unsure the model is of it; over one where `alike`.
    """

    rate: float
    alike: bool
    random: np.random.Generator
    _drawn: dict[str, float] = field(default_factory=dict)
    _waiting: dict[int, Undecided] = field(default_factory=dict)  # by stratum

    def add(self, ids: Sequence[str], probabilities: ArrayLike) -> None:
        """Take posts in, by their ids and probabilities (B, K)."""
        table = np.asarray(probabilities, np.float64)
        chances = np.full(len(table), self.rate) if self.alike else self.rate * unsure(table)
        rows = zip(ids, chances.tolist(), strata(table).tolist(), self.random.random(len(table)).tolist(), strict=True)
        for id, chance, stratum, lot in rows:
            self._duel(stratum, (id, chance, chance), lot)

    def drawn(self) -> dict[str, float]:
        """The drawn posts, each with the chance it had; nothing may be added afterwards."""
        left = [self._waiting.pop(stratum) for stratum in sorted(self._waiting)]
        for post in left:
            self._duel(0, post, float(self.random.random()))
        for id, now, before in self._waiting.values():
            if now > 0.5:  # all chances sum to a whole number, but for rounding
                self._drawn[id] = before
        return {id: min(chance, 1.0) for id, chance in self._drawn.items()}

    def _duel(self, stratum: int, came: Undecided, lot: float) -> None:
        other, post = self._waiting.pop(stratum, None), came if came[1] < 1 - _ROUNDING else None
        if post is None:
            self._drawn[came[0]] = came[2]
        if other is None or post is None:
            if (left := other or post) is not None:
                self._waiting[stratum] = left
            return
        together = post[1] + other[1]
        if together < 1:
            winner = post if lot * together < post[1] else other
            self._waiting[stratum] = (winner[0], together, winner[2])
            return
        wins = lot * (2 - together) < 1 - other[1]  # whether the post that came last is drawn
        winner, loser = (post, other) if wins else (other, post)
        self._drawn[winner[0]] = winner[2]
        if (left_over := together - 1) > _ROUNDING:
            self._waiting[stratum] = (loser[0], left_over, loser[2])
