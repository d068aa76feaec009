"""Prediction-powered shares against plain loops, and against how often their intervals hold."""

import numpy as np
import pytest

from feelscope.metrics.intervals import wilson
from feelscope.metrics.prediction_powered import SMOOTHING, corrected_shares, difference_of, labels_alone

SHARES = np.array([0.4, 0.3, 0.15, 0.1, 0.05])


def posts(number: int, knowledge: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Emotions, as rows of one 1, and the probabilities of a model that takes the first emotion for too frequent."""
    random = np.random.default_rng(seed)
    emotion = random.choice(len(SHARES), number, p=SHARES)
    scores = random.normal(size=(number, len(SHARES))) + np.log(SHARES) + np.array([1, 0, 0, 0, -0.5])
    scores[np.arange(number), emotion] += knowledge
    odds = np.exp(1.5 * scores)
    return np.eye(len(SHARES))[emotion], odds / odds.sum(axis=1, keepdims=True)


def samples(number: int, labels: int, many: int, seed: int = 1) -> np.ndarray:
    return np.argpartition(np.random.default_rng(seed).random((many, number)), labels, axis=1)[:, :labels]


def test_the_share_is_that_of_a_plain_loop() -> None:
    truth, probabilities = posts(400, 2.0)
    chosen = samples(400, 50, 1)[0]
    found = corrected_shares(
        truth[chosen], probabilities[chosen], probabilities.mean(axis=0), np.full(50, 50 / 400), 400
    )
    for k in range(len(SHARES)):
        y, f = [float(truth[i, k]) for i in chosen], [float(probabilities[i, k]) for i in chosen]
        y_mean, f_mean = sum(y) / 50, sum(f) / 50
        together = sum((a - y_mean) * (b - f_mean) for a, b in zip(y, f, strict=True))
        power = min(max(together / sum((b - f_mean) ** 2 for b in f), 0), 1)
        share = y_mean + power * (sum(float(p) for p in probabilities[:, k]) / 400 - f_mean)
        left = sum((a - y_mean - power * (b - f_mean)) ** 2 for a, b in zip(y, f, strict=True))
        ratio = (left + SMOOTHING) / (50 * y_mean * (1 - y_mean) + SMOOTHING)
        assert found.share[k] == pytest.approx(max(share, 0))
        assert found.power[k] == pytest.approx(power)
        assert found.effective[k] == pytest.approx(48 / ratio / (1 - 50 / 400))


def test_labels_alone_have_nearly_wilsons_interval() -> None:
    truth, _ = posts(100_000, 0)
    chosen = samples(100_000, 1000, 1)[0]
    found = labels_alone(truth[chosen], np.full(1000, 0.01), 100_000)
    share = truth[chosen].mean(axis=0)
    assert found.share == pytest.approx(share)
    assert np.array([found.low, found.high]) == pytest.approx(np.array(wilson(share * 1000, 1000)), abs=3e-4)


@pytest.mark.parametrize("labels", [100, 300])
@pytest.mark.parametrize("knowledge", [0.0, 1.5, 3.0])
def test_an_interval_holds_the_share_in_95_percent_of_samples(knowledge: float, labels: int) -> None:
    truth, probabilities = posts(3000, knowledge)
    share = truth.mean(axis=0)
    chosen = samples(3000, labels, 2000)

    def held(level: float) -> np.ndarray:
        chances = np.full(chosen.shape, labels / 3000)
        found = corrected_shares(
            truth[chosen], probabilities[chosen], probabilities.mean(axis=0), chances, 3000, level=level
        )
        return ((found.low <= share) & (share <= found.high)).mean(axis=0)

    assert ((held(0.95) >= 0.93) & (held(0.95) <= 0.98)).all()
    assert 0.94 <= held(0.95).mean() <= 0.97
    assert held(0.90).mean() < 0.94  # so this test would notice
    counts = np.bincount(probabilities.argmax(axis=1), minlength=len(SHARES))
    low, high = wilson(counts, 3000)
    assert knowledge == 3.0 or not (low[0] <= share[0] <= high[0])  # the count of predictions is wrong


def test_a_normal_interval_does_not_hold_a_rare_share() -> None:
    truth, probabilities = posts(3000, 1.5)
    chosen = samples(3000, 100, 2000)
    y, f = truth[chosen][..., -1], probabilities[chosen][..., -1]
    y_error, f_error = (of - of.mean(axis=1, keepdims=True) for of in (y, f))
    power = ((y_error * f_error).sum(axis=1) / (f_error**2).sum(axis=1)).clip(0, 1)
    share = y.mean(axis=1) + power * (probabilities[:, -1].mean() - f.mean(axis=1))
    error = np.sqrt(((y_error - power[:, None] * f_error) ** 2).mean(axis=1) / 100 * (1 - 100 / 3000))
    assert (abs(share - truth[:, -1].mean()) <= 1.96 * error).mean() < 0.93


def test_a_model_that_knows_nothing_costs_next_to_nothing_and_a_good_one_halves_the_width() -> None:
    chosen, chances = samples(3000, 100, 1000), np.full((1000, 100), 100 / 3000)
    widths = []
    for knowledge in (0.0, 3.0):
        truth, probabilities = posts(3000, knowledge)
        found = corrected_shares(truth[chosen], probabilities[chosen], probabilities.mean(axis=0), chances, 3000)
        alone = labels_alone(truth[chosen], chances, 3000)
        widths.append((found.high - found.low).mean(axis=0) / (alone.high - alone.low).mean(axis=0))
    assert (widths[0] < 1.02).all()
    assert (widths[1][:2] < 0.6).all()


def test_labels_of_unequal_chances_give_the_share() -> None:
    truth, probabilities = posts(3000, 1.5)
    random = np.random.default_rng(3)
    chances = np.where(probabilities.max(axis=1) < 0.7, 0.12, 0.04)
    found = []
    for _ in range(600):
        chosen = np.flatnonzero(random.random(3000) < chances)
        found.append(
            corrected_shares(truth[chosen], probabilities[chosen], probabilities.mean(axis=0), chances[chosen], 3000)
        )
    share = truth.mean(axis=0)
    assert np.mean([one.share for one in found], axis=0) == pytest.approx(share, abs=0.003)
    held = np.mean([(one.low <= share) & (share <= one.high) for one in found], axis=0)
    assert (held > 0.92).all() and 0.935 < held.mean() < 0.98


def test_all_posts_labelled_leave_no_doubt_but_of_posts_like_these() -> None:
    truth, probabilities = posts(200, 1.5)
    these = corrected_shares(truth, probabilities, probabilities.mean(axis=0), np.ones(200), 200)
    assert these.low == pytest.approx(truth.mean(axis=0)) and these.high == pytest.approx(these.low)
    alike = corrected_shares(truth, probabilities, probabilities.mean(axis=0), np.ones(200), 200, beyond=True)
    assert np.array([alike.low, alike.high]) == pytest.approx(np.array(wilson(truth.sum(axis=0), 200)), abs=0.003)


def test_an_interval_beyond_these_posts_holds_the_share_they_were_drawn_from() -> None:
    all_truth, all_probabilities = posts(200_000, 1.5)
    share, random, held = all_truth.mean(axis=0), np.random.default_rng(5), []
    for beyond in (True, False):
        hits = np.zeros(len(SHARES))
        for _ in range(800):
            here = random.integers(0, 200_000, 600)
            labelled = here[:300]
            found = corrected_shares(
                all_truth[labelled],
                all_probabilities[labelled],
                all_probabilities[here].mean(axis=0),
                np.full(300, 0.5),
                600,
                beyond=beyond,
            )
            hits += (found.low <= share) & (share <= found.high)
        held.append(hits / 800)
    assert (held[0] > 0.92).all() and 0.935 < held[0].mean() < 0.97
    assert held[1].mean() < 0.85


def test_a_difference_of_groups_holds_and_no_label_of_an_emotion_is_no_certainty() -> None:
    truth, probabilities = posts(2000, 1.5)
    groups = np.arange(500), np.arange(500, 2000)
    real = truth[groups[0]].mean(axis=0) - truth[groups[1]].mean(axis=0)
    both = []
    for own, seed in zip(groups, (1, 2), strict=True):
        chosen = own[samples(len(own), 60, 1000, seed)]
        chances = np.full(chosen.shape, 60 / len(own))
        means = probabilities[own].mean(axis=0)
        both.append(corrected_shares(truth[chosen], probabilities[chosen], means, chances, len(own)))
    difference, low, high = difference_of(*both)
    assert difference == pytest.approx(both[0].share - both[1].share)
    held = ((low <= real) & (real <= high)).mean(axis=0)
    assert (held > 0.925).all() and 0.935 < held.mean() < 0.975
    none = labels_alone(np.zeros((50, 1)), np.full(50, 0.01), 5000)
    assert none.low == 0 and 0.05 < none.high < 0.1
