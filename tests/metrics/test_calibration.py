"""Calibration against a plain loop, on posts one can draw, and resampled."""

import math

import numpy as np
import pytest

from feelscope.metrics.calibration import expected_calibration_error, reliability, resample_error


def test_the_error_on_posts_one_can_draw():
    # (0.6, 2/3] holds one right and one wrong at 0.65; (14/15, 1] two right at 1: |0.5 - 0.65| * 2/4 + 0 * 2/4
    bins = reliability([0.65, 0.65, 1, 1], [True, False, True, True])
    assert [bin.posts for bin in bins if bin.posts] == [2, 2]
    assert expected_calibration_error(bins) == pytest.approx(0.075)


def test_a_confidence_on_an_edge_belongs_to_the_bin_below():
    bins = reliability([3 / 15, 1.0], [True, True])
    assert [number for number, bin in enumerate(bins) if bin.posts] == [2, 14]
    assert (bins[2].lower, bins[2].upper) == pytest.approx((2 / 15, 3 / 15))


def test_no_post_has_no_error():
    bins = reliability([], [])
    assert len(bins) == 15 and all(math.isnan(bin.accuracy) for bin in bins)
    assert math.isnan(expected_calibration_error(bins))


def test_resampling_draws_right_and_wrong_posts():
    # 200 posts, all 0.9 sure, 120 right: every resample has a gap of 0.9 less a binomial share
    draws = resample_error(np.full(200, 0.9), np.arange(200) < 120, 4000, seed=0)
    assert draws.shape == (4000,)
    assert draws.mean() == pytest.approx(0.3)
    assert draws.std() == pytest.approx(math.sqrt(0.6 * 0.4 / 200), rel=0.05)


def test_resampling_draws_the_confidence_of_posts_too():
    # Half 0.81 sure and half 0.86, all in one bin and all right: a gap of 0.165, whose deviation is 0.025 / sqrt(200)
    draws = resample_error(np.repeat([0.81, 0.86], 100), np.ones(200, bool), 4000, seed=0)
    assert draws.mean() == pytest.approx(0.165)
    assert draws.std() == pytest.approx(0.025 / math.sqrt(200), rel=0.05)


def test_resampling_keeps_bins_apart():
    # (9/15, 10/15] holds the first two, all wrong, and (10/15, 11/15] the rest, all right: no gap makes up for another
    draws = resample_error(np.repeat([0.601, 0.665, 0.668, 0.732], 50), np.arange(200) >= 100, 4000, seed=0)
    gaps = [0.601, 0.665, 0.332, 0.268]
    assert draws.mean() == pytest.approx(np.mean(gaps))
    assert draws.std() == pytest.approx(np.std(gaps) / math.sqrt(200), rel=0.05)
