import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, f1_score

from feelscope.metrics import ranking

ROWS = st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=25)


def plain_precision(scores, relevant):
    """Precision at each relevant thing, of all that are scored as high or higher."""
    values = []
    for score, is_relevant in zip(scores, relevant, strict=True):
        if is_relevant:
            above = [mark for other, mark in zip(scores, relevant, strict=True) if other >= score]
            values.append(sum(above) / len(above))
    return sum(values) / len(values)


@settings(max_examples=25)
@given(ROWS)
def test_rankings_are_scored_as_by_plain_loops_and_by_scikit_learn(rows):
    scores, relevant = (np.array(column) for column in zip(*rows, strict=True))
    found = ranking.average_precision(scores[None], relevant[None])[0]
    if relevant.any():
        assert found == pytest.approx(plain_precision(scores, relevant))
        assert found == pytest.approx(average_precision_score(relevant, scores))
    else:
        assert np.isnan(found)


def test_the_mean_leaves_out_rankings_without_anything_relevant():
    scores, relevant = [[3, 2, 1], [3, 2, 1]], [[False, True, False], [False, False, False]]
    assert ranking.mean_average_precision(scores, relevant) == 0.5


def test_f1_of_several_labels_is_that_of_scikit_learn():
    draws = np.random.default_rng(0)
    true, said = draws.random((30, 4)) < 0.4, draws.random((30, 4)) < 0.4
    true[:, 3] = False  # a label that nothing has
    macro, micro = ranking.several_labels_f1(said, true)
    assert macro == pytest.approx(np.mean([f1_score(true[:, k], said[:, k]) for k in range(3)]))
    assert micro == pytest.approx(f1_score(true, said, average="micro"))


@settings(max_examples=25)
@given(ROWS)
def test_no_threshold_is_better_than_the_best(rows):
    scores, true = (np.array(column) for column in zip(*rows, strict=True))
    best = ranking.best_thresholds(scores[:, None], true[:, None])[0]
    scored = {float(at): f1_score(true, scores >= at, zero_division=0) for at in set(scores.tolist())}
    assert scored[float(best)] == pytest.approx(max(scored.values()))
