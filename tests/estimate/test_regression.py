"""Regressions of an emotion on columns of the posts."""

from collections.abc import Callable, Iterable

import numpy as np
import pytest
from small_estimate import EMOTIONS, POSTS, Known

from feelscope.errors import EstimateError
from feelscope.estimate.cells import joined
from feelscope.estimate.labelled import read_labelled
from feelscope.estimate.predictions import Batch
from feelscope.estimate.regression import Regression, regression
from feelscope.table import PostsTable


def batches(known: Known, *columns: str) -> Callable[[], Iterable[Batch]]:
    predictions = known.folder / "predictions.jsonl"
    return lambda: joined(PostsTable(known.folder / "posts.jsonl"), predictions, columns)


def fit(known: Known, rows: list[int], *columns: str, logistic: bool = False) -> Regression:
    labelled = read_labelled(known.label("g.csv", rows), EMOTIONS)
    return regression(batches(known, *columns), EMOTIONS, labelled, "anger", columns, logistic=logistic)


def test_with_all_posts_labelled_it_is_the_difference_of_shares(known: Known) -> None:
    found = fit(known, [*range(POSTS)], "party")
    angry = {
        party: np.mean([e == "anger" for e, p in zip(known.emotions, known.parties, strict=True) if p == party])
        for party in ("red", "blue")
    }
    assert found.names == ("constant", "party=blue") and found.base == {"party": "red"}
    assert found.corrected.estimate == pytest.approx([angry["red"], angry["blue"] - angry["red"]])
    assert (found.posts, found.labelled, found.left_out) == (POSTS, POSTS, 0)
    odds = fit(known, [*range(POSTS)], "party", logistic=True).corrected.estimate
    logits = [np.log(angry[party] / (1 - angry[party])) for party in ("red", "blue")]
    assert odds == pytest.approx([logits[0], logits[1] - logits[0]])


def test_with_some_labelled_the_interval_holds_the_difference(known: Known) -> None:
    rows = np.random.default_rng(4).permutation(POSTS)[:150].tolist()
    found, whole = fit(known, rows, "party", "votes"), fit(known, [*range(POSTS)], "party", "votes")
    assert found.names == ("constant", "party=blue", "votes")
    assert (found.corrected.low <= whole.corrected.estimate).all()
    assert (whole.corrected.estimate <= found.corrected.high).all()
    assert (found.corrected.error > whole.corrected.error).all()


def test_posts_with_an_empty_cell_are_left_out_and_counted(known: Known) -> None:
    def some() -> Iterable[Batch]:
        for batch in batches(known, "party")():
            cells = list(batch.columns["party"])
            yield Batch(batch.ids, batch.probabilities, {"party": [None, *cells[1:-1], " "]})

    labelled = read_labelled(known.label("h.csv", [*range(POSTS)]), EMOTIONS)
    found = regression(some, EMOTIONS, labelled, "anger", ["party"])
    assert (found.posts, found.left_out) == (POSTS - 2, 2)


def test_what_cannot_be_fitted_is_said(known: Known) -> None:
    rows = [*range(100)]
    labelled = read_labelled(known.label("i.csv", rows), EMOTIONS)
    with pytest.raises(EstimateError, match="--emotion angry: no emotion of the predictions; did you mean 'anger'"):
        regression(batches(known, "party"), EMOTIONS, labelled, "angry", ["party"])
    with pytest.raises(EstimateError, match="column 'text' has over 30 different names"):
        fit(known, rows, "text")
    with pytest.raises(EstimateError, match="no column 'partei'; did you mean 'party'"):
        fit(known, rows, "partei")
    with pytest.raises(EstimateError, match="column 'emotion' has one value; it can explain nothing"):
        fit(known, rows, "emotion")
