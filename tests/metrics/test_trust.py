"""Trust: AUROC, risk and coverage, against plain loops; laws by hypothesis; intervals that cover."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feelscope.metrics.intervals import draw, interval
from feelscope.metrics.trust import (
    SCORES,
    augrc,
    aurc,
    auroc,
    error_at,
    paired_difference,
    risk_coverage,
    trust,
)

CONFIDENCE = (0.9, 0.8, 0.8, 0.6, 0.5, 0.5, 0.3)
RIGHT = (True, True, False, True, False, True, False)
answers = st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=30)


def plain_auroc(confidence: Sequence[float], right: Sequence[bool]) -> float:
    pairs = won = 0.0
    for sure, is_right in zip(confidence, right, strict=True):
        for other, other_right in zip(confidence, right, strict=True):
            if is_right and not other_right:
                pairs += 1
                won += 1.0 if sure > other else 0.5 if sure == other else 0.0
    return won / pairs if pairs else float("nan")


def plain_errors(confidence: Sequence[float], right: Sequence[bool], answered: float) -> float:
    """Errors among so many of the surest posts, those of one confidence answered in equal parts."""
    errors = 0.0
    for value in sorted(set(confidence), reverse=True):
        group = [ok for sure, ok in zip(confidence, right, strict=True) if sure == value]
        share = min(1.0, answered / len(group))
        errors += share * group.count(False)
        answered -= share * len(group)
    return errors


def plain_area(confidence: Sequence[float], right: Sequence[bool], *, generalised: bool) -> float:
    """The mean over 20,000 coverages."""
    steps, total, posts = 20_000, 0.0, len(right)
    for step in range(steps):
        answered = (step + 0.5) / steps * posts
        total += plain_errors(confidence, right, answered) / (posts if generalised else answered)
    return total / steps


@given(answers)
def test_auroc_is_the_share_of_pairs(drawn: list[tuple[int, bool]]) -> None:
    confidence, right = zip(*drawn, strict=True)
    assert auroc(risk_coverage(confidence, right)) == pytest.approx(plain_auroc(confidence, right), nan_ok=True)


def test_areas_against_a_plain_loop() -> None:
    curve = risk_coverage(CONFIDENCE, RIGHT)
    assert aurc(curve) == pytest.approx(plain_area(CONFIDENCE, RIGHT, generalised=False), abs=1e-5)
    assert augrc(curve) == pytest.approx(plain_area(CONFIDENCE, RIGHT, generalised=True), abs=1e-5)


@given(answers, st.floats(0.01, 1.0))
def test_error_at_coverage_against_a_plain_loop(drawn: list[tuple[int, bool]], coverage: float) -> None:
    confidence, right = zip(*drawn, strict=True)
    answered = coverage * len(right)
    expected = plain_errors(confidence, right, answered) / answered
    assert error_at(risk_coverage(confidence, right), coverage) == pytest.approx(expected, abs=1e-9)


@given(answers)
def test_augrc_follows_from_auroc_and_accuracy(drawn: list[tuple[int, bool]]) -> None:
    """Traub et al. 2024, eq. 8."""
    confidence, right = zip(*drawn, strict=True)
    curve, accuracy = risk_coverage(confidence, right), sum(right) / len(right)
    missed = np.nan_to_num(1 - auroc(curve)) * accuracy * (1 - accuracy)
    assert augrc(curve) == pytest.approx(missed + (1 - accuracy) ** 2 / 2)


@given(answers, st.randoms(use_true_random=False))
def test_order_of_posts_and_scale_of_confidence_change_nothing(drawn: list[tuple[int, bool]], random) -> None:
    shuffled = random.sample(drawn, len(drawn))
    scores = []
    for posts, scale in ((drawn, 1.0), (shuffled, 7.0)):
        curve = risk_coverage([sure * scale - 3 for sure, _ in posts], [right for _, right in posts])
        scores.append([float(of(curve)) for of in (auroc, aurc, augrc, error_at)])
    assert scores[0] == pytest.approx(scores[1], nan_ok=True)


@given(answers)
def test_weights_are_posts_counted_so_often(drawn: list[tuple[int, bool]]) -> None:
    confidence, right = zip(*drawn, strict=True)
    weights = np.arange(len(right)) % 3 + 1
    repeated = risk_coverage(np.repeat(confidence, weights), np.repeat(right, weights))
    weighted = risk_coverage(confidence, right, [weights, weights])
    for of in (auroc, aurc, augrc, error_at):
        assert of(weighted) == pytest.approx([float(of(repeated))] * 2, nan_ok=True)


def test_the_curve_ends_with_all_posts_and_their_risk() -> None:
    curve = risk_coverage(CONFIDENCE, RIGHT)
    assert curve.coverage.tolist() == pytest.approx([0, 1 / 7, 3 / 7, 4 / 7, 6 / 7, 1])
    assert curve.risk.tolist() == pytest.approx([0, 0, 1 / 3, 1 / 4, 1 / 3, 3 / 7])


def test_a_perfect_detector_and_one_that_knows_nothing() -> None:
    perfect, blind = trust(RIGHT, RIGHT), trust([1.0] * 7, RIGHT)
    assert (perfect.auroc, perfect.error_ratio) == (1.0, pytest.approx((0.8 * 7 - 4) / (0.8 * 7) / (3 / 7)))
    assert (blind.auroc, blind.error_ratio) == (0.5, pytest.approx(1.0))
    assert blind.aurc == pytest.approx(blind.error)


def test_no_error_has_no_auroc_and_no_ratio() -> None:
    scores = trust([0.2, 0.9], [True, True])
    assert np.isnan(scores.auroc) and np.isnan(scores.error_ratio) and scores.aurc == scores.augrc == 0


def test_intervals_hold_the_true_auroc_about_as_often_as_they_say() -> None:
    """Confidence of right answers is normal about 1, of wrong ones about 0: the true AUROC is 0.760."""
    held = 0
    for seed in range(400):
        random = np.random.default_rng(seed)
        right = random.random(200) < 0.7
        draws = draw(200, 200, seed)
        low, high = interval(auroc(risk_coverage(random.normal(right, 1.0), right, draws))[1:])
        held += low <= 0.7602 <= high
    assert 0.92 <= held / 400 <= 0.98


def test_a_paired_difference_is_narrower_than_two_intervals() -> None:
    random = np.random.default_rng(0)
    right = random.random(500) < 0.7
    better = random.normal(right, 1.0)
    worse = better + random.normal(0, 0.7, 500)
    found = paired_difference(better, worse, right, resamples=300)
    assert set(found) == set(SCORES)
    value, (low, high) = found["auroc"]
    assert value == pytest.approx(trust(better, right).auroc - trust(worse, right).auroc)
    assert 0 < low < value < high
    wide = np.diff(trust(better, right).intervals["auroc"])[0]
    assert high - low < wide
    same, (zero_low, zero_high) = paired_difference(better, better, right, resamples=20)["auroc"]
    assert (same, zero_low, zero_high) == (0, 0, 0)
