"""Quantification from posts of another set."""

import numpy as np
import pytest
from small_estimate import EMOTIONS, POSTS, Known

from feelscope.errors import EstimateError
from feelscope.estimate.labelled import Labelled, read_labelled
from feelscope.estimate.predictions import Batch, PredictionFile
from feelscope.estimate.quantify import METHODS, quantify


def labelled(known: Known, rows: list[int]) -> Labelled:
    return read_labelled(known.label("v.csv", rows), EMOTIONS)


def test_shares_that_differ_from_the_validation_posts_are_found(known: Known) -> None:
    kept = [row for row in range(POSTS) if known.emotions[row] != "anger" or row % 4 == 0]
    fewer_angry = Batch([f"q{row}" for row in kept], known.probabilities[kept], {})
    found = quantify(
        [fewer_angry], PredictionFile(known.folder / "predictions.csv"), EMOTIONS, labelled(known, [*range(POSTS)])
    )
    truth = [sum(known.emotions[row] == name for row in kept) / len(kept) for name in EMOTIONS]
    assert (found.posts, found.validation) == (len(kept), POSTS)
    for name in METHODS:
        share, low, high = found.shares[name]
        assert share == pytest.approx(truth, abs=0.04)
        assert (low <= truth).all() and (truth <= high).all() and (high - low < 0.2).all()
    assert found.plain == pytest.approx(np.bincount(fewer_angry.probabilities.argmax(axis=1)) / len(kept))


def test_an_emotion_that_no_validation_post_has_is_not_known(known: Known) -> None:
    rows = [row for row in range(POSTS) if known.emotions[row] != "anger"]
    file = PredictionFile(known.folder / "predictions.csv")
    found = quantify(file, file, EMOTIONS, labelled(known, rows))
    for name in METHODS:
        assert np.isnan(found.shares[name]).tolist() == [[False, False, True]] * 3
        assert found.shares[name][0, :2].sum() == pytest.approx(1)


def test_too_few_validation_posts_are_refused(known: Known) -> None:
    file = PredictionFile(known.folder / "predictions.csv")
    with pytest.raises(EstimateError, match="29 labelled posts are among the validation predictions; 30 are needed"):
        quantify(file, file, EMOTIONS, labelled(known, [*range(29)]))
