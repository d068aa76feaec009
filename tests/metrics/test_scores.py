"""Scores against a plain loop, against scikit-learn, and against the laws they must keep."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feelscope.errors import ModelError
from feelscope.metrics.calibration import expected_calibration_error, reliability
from feelscope.metrics.scores import (
    Mean,
    count_answers,
    count_draws,
    mean_over_seeds,
    precision,
    recall,
    restrict,
    score,
)

NAMES = ("joy", "sadness", "anger", "fear", "trust")


@st.composite
def labelled(draw, read_all=False):
    """A few posts: labels, and probabilities from small whole numbers, so that ties and rows of zeros occur."""
    emotions = draw(st.integers(2, 5))
    posts = draw(st.integers(1, 30))
    true = draw(st.lists(st.integers(0, emotions - 1), min_size=posts, max_size=posts))
    row = st.lists(st.integers(0, 4), min_size=emotions, max_size=emotions)
    if read_all:
        row = row.filter(any)
    table = np.array(draw(st.lists(row, min_size=posts, max_size=posts)), dtype=float)
    total = table.sum(1, keepdims=True)
    return np.array(true), np.divide(table, total, out=np.zeros_like(table), where=total > 0), NAMES[:emotions]


def random_posts(posts, emotions=5, seed=0, have=None):
    rng = np.random.default_rng(seed)
    true = rng.choice(have if have is not None else emotions, posts)
    scores = rng.normal(size=(posts, emotions))
    scores[np.arange(posts), true] += 1.5
    table = np.exp(1.5 * scores)
    return true, table / table.sum(1, keepdims=True)


def loop_scores(true, table, emotions):
    """The definitions, post by post."""
    tp, fp, fn = dict.fromkeys(emotions, 0), dict.fromkeys(emotions, 0), dict.fromkeys(emotions, 0)
    right = 0
    for label, row in zip(true, table, strict=True):
        best = None
        for k, value in enumerate(row):
            if value > 0 and (best is None or value > row[best]):
                best = k
        right += best == label
        if best == label:
            tp[label] += 1
        else:
            fn[label] += 1
            if best in fp:
                fp[best] += 1
    per = {}
    for k in emotions:
        precision = tp[k] / (tp[k] + fp[k]) if tp[k] + fp[k] else 0.0
        recall = tp[k] / (tp[k] + fn[k])
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        per[k] = (precision, recall, f1, tp[k] + fn[k])
    return {
        "accuracy": right / len(true),
        "macro_f1": sum(one[2] for one in per.values()) / len(per),
        "micro_f1": sum(tp.values()) / (sum(tp.values()) + 0.5 * (sum(fp.values()) + sum(fn.values()))),
        "weighted_f1": sum(one[2] * one[3] for one in per.values()) / len(true),
    }, per


def loop_ece(true, table):
    total, posts = 0.0, 0
    edges = [m / 15 for m in range(16)]
    for low, high in itertools.pairwise(edges):
        inside = [(row.max(), row.argmax() == label) for label, row in zip(true, table, strict=True) if row.any()]
        inside = [(sure, right) for sure, right in inside if low < sure <= high]
        posts += len(inside)
        if inside:
            confidence = sum(sure for sure, _ in inside) / len(inside)
            accuracy = sum(right for _, right in inside) / len(inside)
            total += len(inside) * abs(accuracy - confidence)
    return total / posts if posts else math.nan


@given(labelled())
def test_scores_equal_the_plain_loop(posts):
    true, table, names = posts
    found = score(true, table, names, resamples=0)
    expected, per = loop_scores(true, table, sorted({int(k) for k in true}))
    for key, value in expected.items():
        assert getattr(found, key) == pytest.approx(value), key
    assert list(found.per_emotion) == [names[k] for k in per]
    for k, (p, r, f1, support) in per.items():
        one = found.per_emotion[names[k]]
        assert (one.precision, one.recall, one.f1) == pytest.approx((p, r, f1))
        assert one.support == support
    assert found.ece == pytest.approx(loop_ece(true, table), nan_ok=True)


@pytest.mark.parametrize("have", [None, [0, 1, 3]])
def test_scores_equal_scikit_learn(have):
    sklearn = pytest.importorskip("sklearn.metrics")
    true, table = random_posts(400, have=have)
    predicted, labels = table.argmax(1), np.unique(true)
    found = score(true, table, NAMES, resamples=0)
    assert found.accuracy == pytest.approx(sklearn.accuracy_score(true, predicted))
    for average in ("macro", "micro", "weighted"):
        expected = sklearn.f1_score(true, predicted, labels=labels, average=average)
        assert getattr(found, f"{average}_f1") == pytest.approx(expected), average
    per = sklearn.precision_recall_fscore_support(true, predicted, labels=labels)
    ours = [(one.precision, one.recall, one.f1, one.support) for one in found.per_emotion.values()]
    assert np.array(ours) == pytest.approx(np.array(per).T)
    every = sklearn.confusion_matrix(true, predicted, labels=range(5))
    assert (found.confusion[:, :-1] == every[labels]).all()


def test_an_answer_the_posts_lack_is_a_miss_but_no_false_alarm():
    # three posts of joy and sadness; one joy is answered "trust", which no post has
    table = np.eye(5)[[0, 4, 1]]
    found = score([0, 0, 1], table, NAMES, resamples=0, restricted=True)
    assert found.accuracy == pytest.approx(2 / 3)
    assert found.per_emotion["joy"].precision == 1
    assert found.per_emotion["joy"].recall == 0.5
    assert found.macro_f1 == pytest.approx((2 / 3 + 1) / 2)
    assert found.micro_f1 == pytest.approx(2 / (2 + 0.5))
    assert list(found.per_emotion) == ["joy", "sadness"]
    assert found.confusion[0].tolist() == [1, 0, 0, 0, 1, 0]
    assert found.restricted is not None
    assert found.restricted.unread == 1, "nothing is left of a post that gave all to trust"


def test_restricted_answers_are_the_best_of_the_rest():
    table = np.array([[0.3, 0.1, 0.6], [0.2, 0.8, 0.0]])
    kept = restrict(table, [0, 1])
    assert kept == pytest.approx(np.array([[0.75, 0.25, 0], [0.2, 0.8, 0]]))
    found = score([0, 1], table, NAMES[:3], resamples=0, restricted=True)
    assert found.accuracy == 0.5
    assert found.restricted.accuracy == 1


def test_posts_without_an_answer_are_wrong_and_leave_calibration_alone():
    table = np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]])
    found = score([0, 0, 1], table, NAMES[:2])
    assert (found.posts, found.unread) == (3, 1)
    assert found.accuracy == pytest.approx(2 / 3)
    assert found.ece == 0 and found.intervals["ece"] == (0, 0)
    assert found.confusion.tolist() == [[1, 0, 1], [0, 1, 0]]


def test_probabilities_may_be_rounded_up_to_a_thousandth_above_one():
    assert score([0], [[1.001, 0.0]], NAMES[:2], resamples=0).accuracy == 1


def test_no_answer_at_all_has_no_calibration():
    found = score([0, 1], np.zeros((2, 2)), NAMES[:2])
    assert found.accuracy == found.macro_f1 == found.micro_f1 == 0
    assert math.isnan(found.ece)
    assert "ece" not in found.intervals


@given(labelled(), st.randoms(use_true_random=False))
def test_the_order_of_posts_does_not_matter(posts, random):
    true, table, names = posts
    order = list(range(len(true)))
    random.shuffle(order)
    one, other = (score(true[rows], table[rows], names, resamples=20) for rows in (slice(None), order))
    for key in ("accuracy", "macro_f1", "micro_f1", "weighted_f1", "ece"):
        assert getattr(one, key) == pytest.approx(getattr(other, key), nan_ok=True)
    assert one.intervals["macro_f1"] == pytest.approx(other.intervals["macro_f1"])


@given(labelled(read_all=True), st.randoms(use_true_random=False))
def test_the_order_of_emotions_does_not_matter(posts, random):
    true, table, names = posts
    table = table + np.arange(table.shape[1]) * 1e-9  # no ties, which the order would decide
    order = list(range(len(names)))
    random.shuffle(order)
    one = score(true, table, names, resamples=0)
    other = score(np.argsort(order)[true], table[:, order], [names[k] for k in order], resamples=0)
    assert one.macro_f1 == pytest.approx(other.macro_f1)
    assert one.per_emotion == other.per_emotion


@given(labelled())
def test_laws(posts):
    true, table, names = posts
    found = score(true, table, names, resamples=50, restricted=True)
    for key, (low, high) in found.intervals.items():
        assert 0 <= low <= high <= 1, key
    assert found.confusion.sum() == len(true)
    assert found.confusion[:, -1].sum() == found.unread
    assert found.micro_f1 >= found.accuracy - 1e-12
    assert found.restricted.accuracy >= found.accuracy
    assert found.restricted.micro_f1 >= found.restricted.accuracy - 1e-12
    perfect = score(true, np.eye(len(names))[true], names, resamples=50)
    assert perfect.accuracy == perfect.macro_f1 == perfect.micro_f1 == perfect.weighted_f1 == 1
    assert perfect.ece == 0
    assert perfect.intervals.pop("ece") == (0, 0)
    assert set(perfect.intervals.values()) == {(1, 1)}


def test_micro_f1_is_accuracy_where_every_answer_is_among_the_emotions():
    true, table = random_posts(300)
    found = score(true, table, NAMES, resamples=0)
    assert found.micro_f1 == pytest.approx(found.accuracy)


def test_the_bootstrap_equals_a_plain_one():
    true, table = random_posts(300, have=[0, 1, 3])
    found = score(true, table, NAMES, resamples=5000)
    rng = np.random.default_rng(7)
    plain = {"accuracy": [], "macro_f1": [], "micro_f1": [], "weighted_f1": [], "ece": [], "F1 of fear": []}
    for _ in range(2000):
        rows = rng.integers(0, len(true), len(true))
        scores, per = loop_scores(true[rows], table[rows], [0, 1, 3])
        bins = reliability(table[rows].max(1), table[rows].argmax(1) == true[rows])
        scores |= {"ece": expected_calibration_error(bins), "F1 of fear": per[3][2]}
        for key, draws in plain.items():
            draws.append(scores[key])
    shifted = np.array(plain["ece"])
    plain["ece"] = shifted - shifted.mean() + found.ece
    intervals = {**found.intervals, "F1 of fear": found.per_emotion["fear"].f1_interval}
    for key, draws in plain.items():
        expected = np.percentile(draws, (2.5, 97.5))
        assert np.abs(expected - intervals[key]).max() < 0.06 * np.ptp(expected), key


def test_draws_are_counted_as_a_plain_loop_does():
    random = np.random.default_rng(0)
    labels, answers = random.integers(0, 3, 40), random.integers(-1, 3, 40)
    draws = random.integers(0, 3, (5, 40))
    for drawn, counts in zip(draws, count_draws(draws, labels, answers, 3), strict=True):
        plain = np.zeros((3, 4))
        for times, label, answer in zip(drawn, labels, answers, strict=True):
            plain[label, answer] += times  # -1 is the last column
        assert (counts == plain).all()
    assert (count_draws(np.ones((1, 40)), labels, answers, 3)[0] == count_answers(labels, answers, 3)).all()


def test_precision_and_recall_of_many_resamples_at_once():
    # Rows have an emotion, columns are answers, the last one "none"; nobody has or is answered the third.
    counts = np.array([[[3, 1, 0, 0], [2, 4, 0, 4], [0, 0, 0, 0]], [[1, 0, 0, 1], [0, 2, 0, 0], [0, 0, 0, 0]]])
    assert precision(counts) == pytest.approx(np.array([[3 / 5, 4 / 5, 0], [1, 1, 0]]))
    assert recall(counts) == pytest.approx(np.array([[3 / 4, 4 / 10, 0], [1 / 2, 1, 0]]))


def test_mean_and_deviation_over_seeds():
    assert mean_over_seeds(np.array([1.0, 2.0, 6.0])) == Mean(3.0, pytest.approx(math.sqrt(7)))
    assert mean_over_seeds(np.array([1.0, 2.0])) == Mean(1.5, pytest.approx(math.sqrt(0.5)))
    assert math.isnan(mean_over_seeds(np.array([1.0])).deviation)


def test_the_interval_of_a_calibrated_models_ece_holds_its_score():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        table = rng.dirichlet(np.ones(5), 1000)
        true = (table.cumsum(1) > rng.random((1000, 1))).argmax(1)
        found = score(true, table, NAMES, resamples=300)
        assert found.intervals["ece"][0] <= found.ece <= found.intervals["ece"][1]


def test_an_emotion_with_one_post_keeps_an_interval():
    found = score([0, 0, 1], np.eye(2)[[0, 0, 1]], NAMES[:2], resamples=100)
    assert found.per_emotion["sadness"].f1_interval == (1.0, 1.0)
    assert found.intervals["macro_f1"] == (1.0, 1.0)


def test_the_same_seed_gives_the_same_intervals():
    true, table = random_posts(200)
    one, same, other = (score(true, table, NAMES, seed=seed).intervals for seed in (3, 3, 4))
    assert one == same
    assert one != other


def test_a_thousand_resamples_by_default():
    true, table = random_posts(50)
    found = score(true, table, NAMES).intervals
    assert found == score(true, table, NAMES, resamples=1000).intervals
    assert found != score(true, table, NAMES, resamples=999).intervals


def test_no_resamples_no_intervals():
    found = score([0, 1], np.eye(2), NAMES[:2], resamples=0)
    assert found.intervals == {}
    assert found.per_emotion["joy"].f1_interval is None


@pytest.mark.parametrize(
    ("true", "table", "error", "says"),
    [
        ([], np.zeros((0, 2)), AssertionError, "one or more posts"),
        ([0], np.zeros((2, 2)), AssertionError, r"\(1, 2\), posts by emotions, not \(2, 2\)"),
        ([2], np.eye(2)[:1], AssertionError, "labels from 0 to 1"),
        ([-1], np.eye(2)[:1], AssertionError, "labels from 0 to 1"),
        ([0], [[math.nan, 1]], ModelError, "NaN"),
        ([0], [[0.5, -0.1]], ModelError, "between 0 and 1"),
        ([0], [[1.002, 0.0]], ModelError, "between 0 and 1"),
    ],
)
def test_what_does_not_fit_is_named(true, table, error, says):
    with pytest.raises(error, match=says):
        score(true, table, NAMES[:2])
