"""Short events: bins of time in which an emotion's share was another than in the rest of their stretch.

A change lasts three bins or more; what is shorter is looked for here. Each bin is compared with the other bins of its
stretch together, all by their effective sample sizes, by an interval of the difference and an exact test, which both
hold for all bins and emotions of a trend together (Bonferroni). As they ask for what lies far out, where bins that are
similar by chance have heavier tails than independent posts, the correlation counts half as much again (ours).
`benchmarks/explore_changes.py --events` says how often that is wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from feelscope.explore.search.bins import LEAST_POSTS
from feelscope.explore.trend.change_points import LEAST_BINS, effective_counts
from feelscope.metrics.exact_test import exact_p
from feelscope.metrics.intervals import LEVEL, difference

_CAREFUL = 1.5  # times the correlation; see above


@dataclass(frozen=True, slots=True)
class Event:
    """Bins that follow one another, of one stretch, in which one emotion was more frequent, or less, than around them.

    Args:
        first, after: The first bin, and the one after the last.
        emotion: Its place.
        share: In these bins.
        around: In the other bins of the stretch.
        low, high: The interval of the difference of the two; of several bins that of the clearest.
    """

    first: int
    after: int
    emotion: int
    share: float
    around: float
    low: float
    high: float


def short_events(counts: np.ndarray, correlation: float, stretches: Sequence[tuple[int, int]]) -> list[Event]:
    """The events of all emotions, in the order of time.

    Args:
        counts: (T, K), posts of each emotion by bin.
        correlation: Of the posts of one bin, see `change_points`.
        stretches: Half-open runs of bins between changes.
    """
    effective = effective_counts(counts, min(1.0, _CAREFUL * correlation))  # (T, K)
    enough = counts.sum(axis=1) >= LEAST_POSTS  # (T,)
    tests = int(enough.sum()) * counts.shape[1]
    found = []
    for stretch in stretches:
        places = stretch[0] + np.flatnonzero(enough[slice(*stretch)])
        here = effective[places]  # (B, K)
        rest = effective[slice(*stretch)].sum(axis=0) - here  # (B, K)
        posts, others = here.sum(axis=1, keepdims=True), rest.sum(axis=1, keepdims=True)  # (B, 1)
        if len(places) < LEAST_BINS or float(others.min()) <= 0:
            continue
        _, low, high = difference(here, posts, rest, others, 1 - (1 - LEVEL) / tests)  # (B, K) each
        for emotion in range(counts.shape[1]):
            for above in (True, False):
                clear = (low if above else -high)[:, emotion].copy()  # (B,)
                for row in np.flatnonzero(clear > 0):
                    counted = here[row, emotion], posts[row, 0], rest[row, emotion], others[row, 0]
                    if exact_p(*map(float, counted)) * tests >= 1 - LEVEL:
                        clear[row] = 0.0
                if 2 * int((clear > 0).sum()) >= len(places):  # the others are the event
                    continue
                for run in _runs(places, clear > 0):
                    found.append(_event(effective, stretch, run, emotion, places, low, high, clear))
    return sorted(found, key=lambda event: (event.first, event.emotion))


def _runs(places: np.ndarray, clear: np.ndarray) -> list[list[int]]:
    """Runs of clear bins that follow one another."""
    runs: list[list[int]] = []
    for place in places[clear].tolist():
        if runs and runs[-1][-1] == place - 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs


def _event(
    effective: np.ndarray,
    stretch: tuple[int, int],
    run: list[int],
    emotion: int,
    places: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    clear: np.ndarray,
) -> Event:
    here = effective[run].sum(axis=0)
    rest = effective[slice(*stretch)].sum(axis=0) - here
    rows = np.flatnonzero(np.isin(places, run))
    row = rows[int(clear[rows].argmax())]
    shares = float(here[emotion] / here.sum()), float(rest[emotion] / max(rest.sum(), 1e-9))
    ends = float(low[row, emotion]), float(high[row, emotion])
    return Event(run[0], run[-1] + 1, emotion, *shares, *ends)
