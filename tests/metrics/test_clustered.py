import numpy as np
import pytest
from scipy.stats import t as student
from scipy.stats import ttest_1samp

from feelscope.metrics import clustered


def crossed(draw, swaps=12, templates=8, spread=(1.0, 0.5, 0.5)):
    """A number for every swap and template, which rise and fall together; their mean is 0."""
    swap, template = (grid.ravel() for grid in np.meshgrid(range(swaps), range(templates), indexing="ij"))
    values = spread[0] * draw.normal(size=swaps)[swap] + spread[1] * draw.normal(size=templates)[template]
    return (values + spread[2] * draw.normal(size=len(swap)))[:, None], [swap, template]


def test_one_grouping_of_one_number_each_is_the_test_of_student():
    values = np.random.default_rng(0).normal(0.3, 1, 20)
    found = clustered.mean(values[:, None], [np.arange(20)])
    wanted = ttest_1samp(values, 0)
    ends = wanted.confidence_interval(0.95)
    assert [found.low[0], found.high[0], found.p[0]] == pytest.approx([ends.low, ends.high, wanted.pvalue])


def test_two_groupings_against_a_plain_loop():
    values, groupings = crossed(np.random.default_rng(1), 5, 4)
    table = values[:, 0]
    error = (table - table.mean()) / len(table)

    def variance(groups):
        names = set(groups)
        sums = [sum(e for e, name in zip(error, groups, strict=True) if name == one) for one in names]
        return len(names) / (len(names) - 1) * sum(one**2 for one in sums)

    both = list(zip(*groupings, strict=True))
    alone = [variance(list(groups)) for groups in groupings]
    whole = max(sum(alone) - variance(both), *alone)
    free = sum(alone) ** 2 / (alone[0] ** 2 / 4 + alone[1] ** 2 / 3)
    free = min(free, 4 if alone[0] > alone[1] else 3)
    found = clustered.mean(values, groupings)
    assert found.high[0] - found.mean[0] == pytest.approx(student.ppf(0.975, free) * whole**0.5)


def test_an_interval_of_95_percent_holds_the_mean_so_often():
    draw = np.random.default_rng(2)
    found = [clustered.mean(*crossed(draw)) for _ in range(600)]
    held = np.mean([one.low[0] <= 0 <= one.high[0] for one in found])
    assert 0.925 < held < 0.975  # one of 90% held it in 0.88
    assert 0.03 < np.mean([one.p[0] < 0.05 for one in found]) < 0.075


def test_as_if_all_numbers_were_independent_it_would_be_far_too_narrow():
    draw = np.random.default_rng(3)
    found = []
    for _ in range(200):
        values, _ = crossed(draw)
        found.append(clustered.mean(values, [np.arange(len(values))]))
    assert np.mean([one.low[0] <= 0 <= one.high[0] for one in found]) < 0.7


def test_a_difference_of_two_means_and_a_group_that_both_have():
    values, (swap, template) = crossed(np.random.default_rng(4))
    others = values + 0.5  # the same templates and other swaps
    apart = clustered.difference(values, [swap, template], others, [swap + 100, template])
    assert apart.mean[0] == pytest.approx(-0.5)
    same = clustered.difference(values, [swap, template], others, [swap, template])  # all that they share is taken off
    assert same.low[0] == pytest.approx(same.high[0]) and apart.high[0] - apart.low[0] > 0.1
    assert same.p[0] < 1e-6


def test_one_group_says_nothing_and_equal_numbers_are_certain():
    found = clustered.mean([[1.0], [2.0]], [["a", "a"]])
    assert found.mean[0] == 1.5 and np.isnan([found.low[0], found.high[0], found.p[0]]).all()
    found = clustered.mean([[0.0], [0.0]], [["a", "b"]])
    assert (found.low[0], found.high[0], found.p[0]) == (0, 0, 1)
