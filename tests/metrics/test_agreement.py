import math
import random
from itertools import combinations

import pytest

from feelscope.label.results import against_model, agreement_lines, judged_lines, majority
from feelscope.metrics.agreement import cohen_kappa, fleiss_kappa, krippendorff_alpha, pairs


def test_cohens_kappa_by_hand():
    # 45 and 15 against 25 and 15: observed 0.6, by chance 0.54
    one = ["yes"] * 70 + ["no"] * 30
    other = ["yes"] * 45 + ["no"] * 25 + ["yes"] * 15 + ["no"] * 15
    assert cohen_kappa(one, other) == pytest.approx((0.6 - 0.54) / (1 - 0.54))
    assert cohen_kappa(["a", "b"], ["a", "b"]) == 1
    assert cohen_kappa(["a", "a"], ["a", "a"]) == 1
    assert math.isnan(cohen_kappa([], []))


def test_fleiss_kappa_of_his_example():
    # Fleiss 1971 as in the common worked example: 10 subjects, 14 raters, 5 categories; kappa 0.210
    table = """0 0 0 0 14|0 2 6 4 2|0 0 3 5 6|0 3 9 2 0|2 2 8 1 1|7 7 0 0 0|3 2 6 3 0|2 5 3 2 2|6 5 2 1 0|0 2 2 3 7"""
    posts = [[str(at) for at, n in enumerate(row.split()) for _ in range(int(n))] for row in table.split("|")]
    assert fleiss_kappa(posts) == pytest.approx(0.210, abs=0.0005)


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


def test_people_against_the_model_on_the_same_posts():
    truth = {str(n): "joy" if n % 2 else "fear" for n in range(100)}
    good = {id: truth[id] for id in list(truth)[:80]}
    model = dict.fromkeys(truth, "joy")
    (line,) = against_model({"ann": good}, truth, model)
    assert line.startswith("ann: 1.000 (1.000 to 1.000), the model 0.500 (0.")
    assert "better by 0.500 (0." in line and line.endswith("80 posts")
    assert against_model({"ann": good}, {}, model)[0].startswith("no answered post has an emotion")
    both = against_model({"ann": good, "bob": good}, truth, model)
    assert both[2].startswith("their majority: 1.000")
    assert any("Fleiss' kappa of all: 1.000 on 80" in one for one in agreement_lines({"ann": good, "bob": good}))


def test_the_majority_and_judges():
    assert majority({"a": {"1": "x"}, "b": {"1": "y"}, "c": {"1": "y"}}) == {"1": "y"}
    truth, model = {"1": "a", "2": "a", "3": "b"}, {"1": "a", "2": "b", "3": "a"}
    (line,) = judged_lines({"ann": {"1": "right", "2": "wrong", "3": "right"}}, truth, model)
    assert line == "ann: right about the model on 0.667 of 3 posts; faults found 0.500, true 1.000"
