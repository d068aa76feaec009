"""How often change points are found where there are none, and where one was planted; and the same for ruptures.

    python benchmarks/explore_changes.py [--runs N]
    python benchmarks/explore_changes.py --events [--runs N]
    python benchmarks/explore_changes.py --compare [--runs N]     # needs: pip install ruptures

Posts are drawn at seven shares by bin, independently or correlated within a bin (Dirichlet-multinomial with the given
intraclass correlation). A planted change moves some points from the first emotion to the second at bin 50 of 88.
For short events the shares of bins 60 and 61 of 88 are moved so, or none.
For the comparison there are two planted changes, at bins 30 and 60 of 88 there and back, and series without any. A
change that was found is right where one was planted at most a bin away. ruptures is asked

- for PELT and for binary segmentation at our cost (minus twice the log-likelihood of effective counts) and our price,
- for PELT at its own squared error, of shares divided by their noise (median difference of neighbours), at our price.
"""

import argparse
import itertools
import math
import time
from collections.abc import Callable

import numpy as np

from feelscope.explore.trend.change_points import (
    LEAST_BINS,
    change_points,
    effective_counts,
    intraclass_correlation,
)
from feelscope.explore.trend.events import Event, short_events

SHARES = np.array([0.3, 0.15, 0.15, 0.1, 0.1, 0.05, 0.15])
Finder = Callable[[np.ndarray], list[int]]


def draw(shares: np.ndarray, posts: int, correlation: float, random: np.random.Generator) -> np.ndarray:
    if correlation:
        shares = np.stack([random.dirichlet(row * (1 - correlation) / correlation) for row in shares])
    return np.stack([random.multinomial(random.poisson(posts), row) for row in shares])


def shifted(points: float, start: int, end: int = 88, bins: int = 88) -> np.ndarray:
    """Shares (bins, 7) that are different from `start` to before `end`."""
    shares = np.tile(SHARES, (bins, 1))
    shares[start:end, 0] -= points / 100
    shares[start:end, 1] += points / 100
    return shares


def short_ones(runs: int) -> None:
    random = np.random.default_rng(0)

    def found(counts: np.ndarray) -> list[Event]:
        stretches = list(itertools.pairwise([0, *change_points(counts), len(counts)]))
        return short_events(counts, intraclass_correlation(counts), stretches)

    print("no event: bins, posts per bin, correlation, share of runs in which one was found")
    for bins in (24, 88):
        for posts in (50, 200, 1000):
            for correlation in (0.0, 0.003, 0.007, 0.017, 0.05):
                flat = np.tile(SHARES, (bins, 1))
                alarms = [bool(found(draw(flat, posts, correlation, random))) for _ in range(runs)]
                print(f"{bins:4} {posts:5} {correlation:5} {np.mean(alarms):.3f}")
    print("two bins: points, posts per bin, correlation, share of runs that found the second emotion there")
    for points in (10, 20):
        for posts in (200, 1000):
            for correlation in (0.0, 0.007, 0.017):
                shares = shifted(points, 60, 62)
                hits = [
                    any(event.emotion == 1 and 60 <= event.first < 62 for event in found(one))
                    for one in (draw(shares, posts, correlation, random) for _ in range(runs))
                ]
                print(f"{points:4} {posts:5} {correlation:5} {np.mean(hits):.3f}")


def ours_alone(runs: int) -> None:
    random = np.random.default_rng(0)
    print("no change: bins, posts per bin, correlation, share of runs in which one was found")
    for bins in (24, 88, 365):
        for posts in (20, 200, 5000):
            for correlation in (0.0, 0.01, 0.05):
                flat = np.tile(SHARES, (bins, 1))
                alarms = [bool(change_points(draw(flat, posts, correlation, random))) for _ in range(runs)]
                print(f"{bins:4} {posts:5} {correlation:5} {np.mean(alarms):.3f}")
    print("a change: points, posts per bin, correlation, share of runs that found it to a bin, that found more than it")
    for points in (2, 5, 10):
        for posts in (200, 1000):
            for correlation in (0.0, 0.005, 0.02):
                shares = shifted(points, 50)
                every = [change_points(draw(shares, posts, correlation, random)) for _ in range(runs)]
                hit = np.mean([any(abs(start - 50) <= 1 for start in starts) for starts in every])
                more = np.mean([len(starts) > 1 for starts in every])
                print(f"{points:4} {posts:5} {correlation:5} {hit:.2f} {more:.2f}")


def finders() -> dict[str, Finder]:
    import ruptures
    from ruptures.base import BaseCost

    class Surprise(BaseCost):
        """Minus twice the log-likelihood of counts at the shares of their stretch."""

        model, min_size = "surprise", LEAST_BINS

        def fit(self, signal: np.ndarray) -> "Surprise":
            self.signal = signal
            self.sums = np.concatenate([np.zeros((1, signal.shape[1])), signal.cumsum(axis=0)])
            return self

        def error(self, start: int, end: int) -> float:
            counts = self.sums[end] - self.sums[start]
            counts = counts[counts > 0]
            return float(-2 * (counts * np.log(counts / counts.sum())).sum())

    def price(counts: np.ndarray) -> float:
        return (int((counts.sum(axis=0) > 0).sum()) + 1) * math.log(int((counts.sum(axis=1) > 0).sum()))

    def at_our_cost(search: type) -> Finder:
        def find(counts: np.ndarray) -> list[int]:
            effective = effective_counts(counts, intraclass_correlation(counts))
            asked = search(custom_cost=Surprise(), min_size=LEAST_BINS, jump=1).fit(effective)
            return list(asked.predict(pen=price(counts))[:-1])

        return find

    def at_squared_error(counts: np.ndarray) -> list[int]:
        shares = counts / counts.sum(axis=1, keepdims=True)
        noise = np.median(np.abs(np.diff(shares, axis=0)), axis=0) / (0.6745 * math.sqrt(2))
        asked = ruptures.Pelt(model="l2", min_size=LEAST_BINS, jump=1).fit(shares / noise)
        return list(asked.predict(pen=price(counts))[:-1])

    return {
        "ours": change_points,
        "PELT, our cost": at_our_cost(ruptures.Pelt),
        "Binseg, our cost": at_our_cost(ruptures.Binseg),
        "PELT, squared error": at_squared_error,
    }


def compare(runs: int) -> None:
    random = np.random.default_rng(0)
    settings = [
        (posts, correlation) for posts in (200, 1000, 5000) for correlation in (0.0, 0.005, 0.02) for _ in range(runs)
    ]
    flat = [draw(shifted(0, 0), posts, correlation, random) for posts, correlation in settings]
    changed = [
        (draw(shifted(points, 30, 60), posts, correlation, random), points)
        for posts, correlation in settings
        for points in (5, 10)
    ]
    long = [draw(np.tile(SHARES, (730, 1)), 1000, 0.005, random) for _ in range(3)]
    exact = [tuple(change_points(counts)) for counts, _ in changed]
    print(f"{len(flat)} series of 88 bins without a change, {len(changed)} with two of 5 or 10 points; 3 of 730 bins")
    print("what | false alarms | precision | recall | of 5 points | the same as ours | ms per series | of 730 bins")
    for name, find in finders().items():
        alarms = np.mean([bool(find(counts)) for counts in flat])
        began = time.process_time()
        every = [find(counts) for counts, _ in changed]
        spent = (time.process_time() - began) * 1e3 / len(changed)
        hits = [sum(any(abs(start - place) <= 1 for start in starts) for place in (30, 60)) for starts in every]
        right = [sum(min(abs(start - 30), abs(start - 60)) <= 1 for start in starts) for starts in every]
        small = [hit for hit, (_, points) in zip(hits, changed, strict=True) if points == 5]
        same = np.mean([tuple(starts) == ours for starts, ours in zip(every, exact, strict=True)])
        began = time.process_time()
        for counts in long:
            find(counts)
        spent_long = (time.process_time() - began) * 1e3 / len(long)
        print(
            f"{name} | {alarms:.3f} | {sum(right) / max(1, sum(map(len, every))):.3f} | {np.mean(hits) / 2:.3f} | "
            f"{np.mean(small) / 2:.3f} | {same:.3f} | {spent:.1f} | {spent_long:.0f}",
            flush=True,
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--compare", action="store_true")
    parser.add_argument("--events", action="store_true", help="short events, and not changes")
    asked = parser.parse_args()
    (compare if asked.compare else short_ones if asked.events else ours_alone)(asked.runs)
