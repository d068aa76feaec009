import math
import random
from itertools import combinations

import pytest

from feelscope.metrics.agreement import cohen_kappa, fleiss_kappa, krippendorff_alpha, pairs


def test_cohens_kappa_by_hand():
    # 45 and 15 against 25 and 15: observed 0.6, by chance 0.54
    first = ["yes"] * 70 + ["no"] * 30
    second = ["yes"] * 45 + ["no"] * 25 + ["yes"] * 15 + ["no"] * 15
    assert cohen_kappa(first, second) == pytest.approx((0.6 - 0.54) / (1 - 0.54))
    assert cohen_kappa(["a", "b"], ["a", "b"]) == 1
    assert cohen_kappa(["a", "a"], ["a", "a"]) == 1
    assert math.isnan(cohen_kappa([], []))


def test_fleiss_kappa_of_his_example():
    # Fleiss 1971 as in the common worked example: 10 subjects, 14 raters, 5 categories; kappa 0.210
    table = """0 0 0 0 14|0 2 6 4 2|0 0 3 5 6|0 3 9 2 0|2 2 8 1 1|7 7 0 0 0|3 2 6 3 0|2 5 3 2 2|6 5 2 1 0|0 2 2 3 7"""
    posts = [[str(k) for k, n in enumerate(row.split()) for _ in range(int(n))] for row in table.split("|")]
    assert fleiss_kappa(posts) == pytest.approx(0.210, abs=0.0005)


def test_fleiss_kappa_where_there_is_nothing_to_compare():
    assert fleiss_kappa([["a", "a"], ["a", "a"]]) == 1
    assert math.isnan(fleiss_kappa([]))
    assert math.isnan(fleiss_kappa([["a"], ["b"]]))


def slow_alpha(posts):
    """Pairs within posts against pairs of all values."""
    paired = [answers for answers in posts if len(answers) > 1]
    values = [value for answers in paired for value in answers]
    within = sum(sum(a != b for a, b in combinations(answers, 2)) * 2 / (len(answers) - 1) for answers in paired)
    overall = sum(a != b for a, b in combinations(values, 2)) * 2 / (len(values) - 1)
    return 1 - within / overall


def test_krippendorffs_alpha_against_a_plain_loop():
    draw = random.Random(0)
    for _ in range(20):
        posts = [[draw.choice("abc") for _ in range(draw.randint(0, 4))] for _ in range(30)]
        assert krippendorff_alpha(posts) == pytest.approx(slow_alpha(posts))
    assert krippendorff_alpha([["a", "a"], ["b", "b"]]) == 1
    assert math.isnan(krippendorff_alpha([["a"], []]))


def test_only_posts_of_both_count():
    assert pairs({"x": {"1": "a", "2": "b"}, "y": {"2": "b", "3": "c"}, "z": {}}) == {("x", "y"): (["b"], ["b"])}
