"""Why Wilson's interval and the bootstrap are written by hand: the same with scipy.

python benchmarks/intervals.py
"""

import time
from collections.abc import Callable

import numpy as np
from scipy.stats import binomtest, bootstrap

from feelscope.metrics.intervals import interval, resample, wilson
from feelscope.metrics.scores import count_answers, macro_f1

EMOTIONS, MONTHS, POSTS = 7, 96, 50_000


def main() -> None:
    random = np.random.default_rng(0)
    posts = random.integers(30, 1000, (MONTHS, EMOTIONS))
    hits = random.binomial(posts, 0.2)

    def by_scipy() -> None:
        for k, n in zip(hits.ravel().tolist(), posts.ravel().tolist(), strict=True):
            binomtest(k, n).proportion_ci(method="wilson")

    show(f"Wilson, {EMOTIONS} emotions in {MONTHS} months", lambda: wilson(hits, posts), by_scipy)
    labels = random.integers(0, EMOTIONS, POSTS)
    answers = np.where(random.random(POSTS) < 0.7, labels, random.integers(0, EMOTIONS, POSTS))

    def score(labels: np.ndarray, answers: np.ndarray) -> float:
        return float(macro_f1(count_answers(labels, answers, EMOTIONS), np.arange(EMOTIONS)))

    show(
        f"bootstrap of macro-F1, {POSTS:,} posts, 1,000 resamples",
        lambda: interval(macro_f1(resample(count_answers(labels, answers, EMOTIONS)), np.arange(EMOTIONS))),
        lambda: bootstrap((labels, answers), score, paired=True, vectorized=False, n_resamples=1000, method="basic"),
    )


def show(what: str, ours: Callable[[], object], scipys: Callable[[], object]) -> None:
    """Print how long both take; the shortest of three."""
    seconds = []
    for run in (ours, scipys):
        times = []
        for _ in range(3):
            start = time.perf_counter()
            run()
            times.append(time.perf_counter() - start)
        seconds.append(min(times))
    print(f"{what}: {1000 * seconds[0]:,.3f} ms, scipy {1000 * seconds[1]:,.1f} ms")


if __name__ == "__main__":
    main()
