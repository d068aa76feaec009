"""How often change points are found where there are none, and where one was planted.

    python benchmarks/explore_changes.py [--runs N]

Posts are drawn at seven shares by bin, independently or alike within a bin (Dirichlet-multinomial with the given
correlation). A planted change moves some points from the first emotion to the second at bin 50 of 88.
"""

import argparse

import numpy as np

from feelscope.explore.trend.change_points import change_points

SHARES = np.array([0.3, 0.15, 0.15, 0.1, 0.1, 0.05, 0.15])


def draw(shares: np.ndarray, posts: int, alike: float, random: np.random.Generator) -> np.ndarray:
    if alike:
        shares = np.stack([random.dirichlet(row * (1 - alike) / alike) for row in shares])
    return np.stack([random.multinomial(random.poisson(posts), row) for row in shares])


def main(runs: int) -> None:
    random = np.random.default_rng(0)
    print("no change: bins, posts a bin, correlation, share of runs in which one was found")
    for bins in (24, 88, 365):
        for posts in (20, 200, 5000):
            for alike in (0.0, 0.01, 0.05):
                flat = np.tile(SHARES, (bins, 1))
                found = [bool(change_points(draw(flat, posts, alike, random))) for _ in range(runs)]
                print(f"{bins:4} {posts:5} {alike:5} {np.mean(found):.3f}")
    print("a change: points, posts a bin, correlation, share of runs that found it to a bin, that found more than it")
    for points in (2, 5, 10):
        for posts in (200, 1000):
            for alike in (0.0, 0.005, 0.02):
                shares = np.tile(SHARES, (88, 1))
                shares[50:, 0] -= points / 100
                shares[50:, 1] += points / 100
                every = [change_points(draw(shares, posts, alike, random)) for _ in range(runs)]
                hit = np.mean([any(abs(one - 50) <= 1 for one in found) for found in every])
                print(f"{points:4} {posts:5} {alike:5} {hit:.2f} {np.mean([len(found) > 1 for found in every]):.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200)
    main(parser.parse_args().runs)
