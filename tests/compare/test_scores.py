"""Scores over seeds and the paired bootstrap, against plain loops; the curve and the disagreements."""

import numpy as np
import pytest

from feelscope.compare.curve import curve
from feelscope.compare.disagreement import disagreements
from feelscope.compare.scores import members, score
from feelscope.compare.training import Outcome
from feelscope.metrics.scores import count_answers
from feelscope.metrics.scores import macro_f1 as macro
from feelscope.post import Post

N, K = 40, 3
LABELS = np.arange(N) % K
POSTS = [Post(str(n), text=f"say {n}", image=None if n % 4 == 0 else b"x", emotion="abc"[n % K]) for n in range(N)]


def outcome(wrong: int, seed: int, combinations=("both", "text", "image"), rates=(0.0,)) -> Outcome:
    """Answers that are wrong about the first posts, and differ a little by seed."""
    answers = LABELS.copy()
    answers[: wrong + seed] = (answers[: wrong + seed] + 1) % K
    table = np.eye(K, dtype=np.float32)[answers]
    missing = {f"{loses} {rate:g}": answers for loses in ("text", "image", "either") for rate in rates}
    return Outcome(dict.fromkeys(combinations, table), missing, {"seconds": 1.0, "parameters": 5, "epochs": 2})


OUTCOMES = {
    "good": [outcome(2, seed) for seed in range(3)],
    "bad": [outcome(12, seed) for seed in range(3)],
    "words": [outcome(4, seed, ("both", "text")) for seed in range(3)],
}


def test_means_deviations_and_the_distance_to_the_best():
    lines = {(line.model, line.combination): line for line in score(OUTCOMES, LABELS, members(POSTS))}
    assert ("words", "image") not in lines, "it reads no pictures"
    assert [lines["good", combination].posts for combination in ("both", "text", "image")] == [40, 40, 30]
    each = {
        model: [macro(count_answers(LABELS, one.probabilities["both"].argmax(1), K), np.arange(K)) for one in some]
        for model, some in OUTCOMES.items()
    }
    for model, values in each.items():
        found = lines[model, "both"].scores["macro_f1"]
        assert found.mean == pytest.approx(np.mean(values))
        assert found.deviation == pytest.approx(np.std(values, ddof=1))
    assert lines["good", "both"].behind is None
    difference, (low, high) = lines["bad", "both"].behind
    assert difference == pytest.approx(np.mean(each["good"]) - np.mean(each["bad"]))
    assert 0 < low < difference < high
    low, high = lines["words", "both"].behind[1]
    assert high < 0.2 and low >= 0, "answers that differ in two posts are close"


def test_the_distance_has_the_95_percent_interval_of_a_plain_paired_bootstrap():
    random = np.random.default_rng(0)
    labels = random.integers(0, K, 400)
    right = {"good": random.random(400) < 0.8, "bad": random.random(400) < 0.7}
    answers = {model: np.where(some, labels, (labels + 1) % K) for model, some in right.items()}
    outcomes = {
        model: [Outcome({"both": np.eye(K)[some]}, {}, {"seconds": 1.0, "parameters": 5, "epochs": 2})]
        for model, some in answers.items()
    }
    (_, line) = score(outcomes, labels, {key: np.ones(400, dtype=bool) for key in ("both", "text", "image")})
    plain = []
    for _ in range(3000):
        drawn = random.integers(0, 400, 400)
        scores = {
            model: macro(count_answers(labels[drawn], some[drawn], K), np.arange(K)) for model, some in answers.items()
        }
        plain.append(scores["good"] - scores["bad"])
    expected = np.percentile(plain, (2.5, 97.5))
    assert line.model == "bad"
    assert line.behind[1] == pytest.approx(tuple(expected), abs=0.05 * np.ptp(expected))


def test_the_best_is_that_of_the_posts_as_they_are_and_of_the_mean_over_seeds():
    every = {key: np.ones(N, dtype=bool) for key in ("both", "text", "image")}
    for shift in range(8):
        tables = {}
        for model, wrong in (("worse", range(shift, shift + 12)), ("better", range(shift + 16, shift + 27))):
            answers = LABELS.copy()
            answers[list(wrong)] = (answers[list(wrong)] + 1) % K
            tables[model] = Outcome({"both": np.eye(K)[answers]}, {}, {"seconds": 1.0, "parameters": 5, "epochs": 2})
        lines = score({"worse": [tables["worse"]] * 2, "better": [tables["better"]]}, LABELS, every, resamples=10)
        assert [line.model for line in lines if line.behind is None] == ["better"]


def test_a_post_without_an_answer_is_wrong():
    silent = outcome(0, 0)
    silent.probabilities["both"][:10] = 0
    (line,) = [line for line in score({"silent": [silent]}, LABELS, members(POSTS)) if line.combination == "both"]
    assert line.scores["accuracy"].mean == pytest.approx(0.75)
    assert np.isnan(line.scores["accuracy"].deviation), "one seed has no deviation"


def test_the_curve_has_a_row_for_each_model_loss_and_rate():
    rows = curve({"good": [outcome(4, 0, rates=(0.0, 0.5)), outcome(4, 2, rates=(0.0, 0.5))]}, LABELS, K, (0.0, 0.5))
    assert [(row["loses"], row["rate"]) for row in rows] == [
        (loses, rate) for loses in ("text", "image", "either") for rate in (0.0, 0.5)
    ]
    assert rows[0]["accuracy"] == pytest.approx((36 / 40 + 34 / 40) / 2)


def test_disagreements_are_complete_posts_that_some_read_correctly():
    rows = disagreements(OUTCOMES, POSTS, "abc", members(POSTS))
    both = [row for row in rows if row["combination"] == "both"]
    # Of the mean answers good errs on 0 to 2, words on 0 to 4, bad on 0 to 12; 0, 4, 8 and 12 lack a picture.
    assert {row["id"] for row in both} == {"3", "5", "6", "7", "9", "10", "11"}
    assert all(row["good"] == row["emotion"] != row["bad"] for row in both)
    assert {row["words"] for row in rows if row["combination"] == "image"} == {""}
    three = {row["id"]: row for row in both}["3"]
    assert (three["emotion"], three["words"], three["bad"]) == ("a", "b", "b")


def test_the_most_divided_posts_come_first():
    said = {"w": "aaa", "x": "aab", "y": "abb", "z": "bcb"}  # of three posts of "a": 3, 2 and 1 are right
    outcomes = {
        model: [Outcome({"both": np.eye(K)[["abc".index(one) for one in answers]]}, {}, {})]
        for model, answers in said.items()
    }
    posts = [Post(id, text="say", image=b"x", emotion="a") for id in ("three", "two", "one")]
    every = {key: np.ones(3, dtype=bool) for key in ("both", "text", "image")}
    assert [row["id"] for row in disagreements(outcomes, posts, "abc", every)] == ["two", "three", "one"]
