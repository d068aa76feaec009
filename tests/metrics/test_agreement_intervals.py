"""Agreement's intervals: as long as theory says, and the same numbers as post by post."""

import math
import random

import numpy as np
import pytest

from feelscope.metrics import agreement_intervals as scored
from feelscope.metrics.agreement import cohen_kappa, fleiss_kappa, krippendorff_alpha


def halves(posts: int, same: float) -> tuple[list[str], list[str]]:
    """Two people who use two answers equally often and agree on a share of the posts."""
    first = [("a", "b")[n % 2] for n in range(posts)]
    swap = {"a": "b", "b": "a"}
    return first, [answer if n < same * posts else swap[answer] for n, answer in enumerate(first)]


@pytest.mark.parametrize("name", ["cohen", "fleiss", "krippendorff"])
def test_an_interval_holds_95_percent(name):
    # With two answers equally often, all three are twice the agreement less one, with twice its standard error:
    # 2 * 1.96 * (0.8 * 0.2 / 1000) ** 0.5 = 0.0496; at 90% it would be 0.0416.
    first, second = halves(1000, 0.8)
    by_post = [[*pair] for pair in zip(first, second, strict=True)]
    value, (low, high) = scored.cohen(first, second) if name == "cohen" else getattr(scored, name)(by_post)
    assert value == pytest.approx(0.6, abs=0.001)
    assert (high - low) / 2 == pytest.approx(0.0496, abs=0.004)


@pytest.mark.parametrize("name", ["cohen", "fleiss", "krippendorff"])
def test_a_bootstrap_in_a_plain_loop_gives_the_same_ends(name):
    draw, numbers = random.Random(0), np.random.default_rng(1)
    posts = [[(kind := draw.choice("abc")), draw.choice([kind, kind, *"abc"])] for _ in range(60)]
    if name == "krippendorff":
        posts = [[*given, draw.choice("abc")] if draw.random() < 0.3 else given for given in posts]
    plain = {"cohen": lambda of: cohen_kappa(*zip(*of, strict=True)), "fleiss": fleiss_kappa}.get(
        name, krippendorff_alpha
    )
    drawn = [plain([posts[row] for row in numbers.integers(0, 60, 60)]) for _ in range(3000)]
    value, ends = scored.cohen(*zip(*posts, strict=True)) if name == "cohen" else getattr(scored, name)(posts)
    assert value == pytest.approx(plain(posts))
    assert ends == pytest.approx(np.quantile(drawn, (0.025, 0.975)), abs=0.03)


def test_where_all_agree_and_where_there_is_nothing():
    assert scored.cohen(["a", "a"], ["a", "a"]) == (1, (1, 1))
    assert scored.fleiss([["a", "a"], ["b", "b"]])[0] == 1
    value, ends = scored.krippendorff([["a"], []])
    assert math.isnan(value) and all(map(math.isnan, ends))
