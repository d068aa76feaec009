"""Shares of posts, of groups and over time."""

import numpy as np
import pytest
from small_estimate import EMOTIONS, POSTS, Known

from feelscope.errors import EstimateError
from feelscope.estimate.cells import ALL, by_column, by_time, collect, joined
from feelscope.estimate.labelled import read_labelled
from feelscope.estimate.predictions import Batch, PredictionFile
from feelscope.estimate.shares import estimate
from feelscope.metrics.intervals import wilson
from feelscope.metrics.prediction_powered import corrected_shares
from feelscope.table import PostsTable


def chosen(number: int, seed: int = 1) -> list[int]:
    return np.random.default_rng(seed).permutation(POSTS)[:number].tolist()


def test_the_shares_of_all_posts_are_those_of_the_statistics(known: Known) -> None:
    rows = chosen(120)
    labelled = read_labelled(known.label("a.csv", rows), EMOTIONS)
    cells = collect(PredictionFile(known.folder / "predictions.parquet"), EMOTIONS, labelled)
    found = estimate(cells, labelled)
    rows.sort()  # as they come in the file
    truth = np.eye(3)[[EMOTIONS.index(known.emotions[row]) for row in rows]]
    probabilities = known.probabilities[rows]
    means = known.probabilities.mean(axis=0)
    expected = corrected_shares(truth, probabilities, means, np.full(120, 120 / POSTS), POSTS)
    assert found.total.corrected is not None and found.total.name == ALL
    assert found.total.corrected.share == pytest.approx(expected.share)
    assert found.total.corrected.low == pytest.approx(expected.low)
    counts = np.bincount(known.probabilities.argmax(axis=1), minlength=3)
    assert found.total.plain == pytest.approx(counts / POSTS)
    assert np.array([found.total.plain_low, found.total.plain_high]) == pytest.approx(np.array(wilson(counts, POSTS)))
    assert not found.notes


def test_groups_and_their_differences_hold_the_truth(known: Known) -> None:
    labelled = read_labelled(known.label("b.csv", chosen(200, 4)), EMOTIONS)
    cells = collect(
        PredictionFile(known.folder / "predictions.csv", ("party",)), EMOTIONS, labelled, by_column("party")
    )
    found = estimate(cells, labelled, grouped=True)
    assert [group.name for group in found.groups] == ["blue", "red"]
    angry = {}
    for group in found.groups:
        own = [emotion for emotion, party in zip(known.emotions, known.parties, strict=True) if party == group.name]
        assert group.posts == len(own)
        angry[group.name] = own.count("anger") / len(own)
        assert group.corrected is not None
        assert group.corrected.low[2] <= angry[group.name] <= group.corrected.high[2]
    (difference,) = found.differences
    assert (difference.group, difference.other) == ("blue", "red")
    assert difference.low[2] <= angry["blue"] - angry["red"] <= difference.high[2] < 0
    other = estimate(cells, labelled, grouped=True, against="blue").differences[0]
    assert other.difference == pytest.approx(-difference.difference)
    with pytest.raises(EstimateError, match="--against green: no such group; there are blue, red"):
        estimate(cells, labelled, grouped=True, against="green")


@pytest.mark.parametrize(
    ("unit", "names"),
    [("month", ["2012-01", "2012-02", "2012-03"]), ("year", ["2012"]), ("week", ["2011-12-26", "2012-01-02"])],
)
def test_shares_over_time_come_from_the_posts_table(known: Known, unit: str, names: list[str]) -> None:
    labelled = read_labelled(known.label("c.csv", chosen(200)), EMOTIONS)
    table = PostsTable(known.folder / "posts.jsonl")
    batches = joined(table, known.folder / "predictions.jsonl", ["created_at"])
    found = estimate(collect(batches, EMOTIONS, labelled, by_time(unit)), labelled, grouped=True)
    assert [group.name for group in found.groups][: len(names)] == names
    assert sum(group.posts for group in found.groups) == POSTS


def test_what_there_is_to_know_of_the_input_is_said(known: Known) -> None:
    path = known.label("d.csv", [row for row in chosen(60) if known.parties[row] == "red"][:12])
    path.write_text(path.read_text() + "p-other,anger\np599,love\n")
    labelled = read_labelled(path, EMOTIONS)
    cells = collect(
        PredictionFile(known.folder / "predictions.jsonl", ("party",)), EMOTIONS, labelled, by_column("party")
    )
    found = estimate(cells, labelled, grouped=True)
    notes = "\n".join(found.notes)
    assert "1 labelled without a prediction left out, such as 'p-other'" in notes
    assert "'love' (1) is no emotion of the model; its share is by labels alone" in notes
    assert "only 13 posts are labelled: the intervals are wide, and rough" in notes
    few = "no labelled post" if known.parties[599] == "red" else "under 10 labelled posts"
    assert f"{few} in 'blue': no corrected share there; draw some with feelscope estimate plan" in notes
    assert found.emotions[-1] == "love" and np.isnan(found.total.plain[-1])
    assert found.total.corrected is not None and found.total.corrected.power[-1] == 0
    assert found.groups[0].corrected is None


def test_labels_of_other_posts_and_two_predictions_of_one_are_refused(known: Known) -> None:
    path = known.label("e.csv", [1, 2])
    path.write_text("id,emotion\nelsewhere,anger\n")
    labelled = read_labelled(path, EMOTIONS)
    file = PredictionFile(known.folder / "predictions.parquet")
    with pytest.raises(EstimateError, match="none of its ids, such as 'elsewhere', is among the predictions"):
        collect(file, EMOTIONS, labelled)
    twice = Batch(["elsewhere", "elsewhere"], np.full((2, 3), 1 / 3), {})
    with pytest.raises(EstimateError, match="two predictions have the id 'elsewhere'"):
        collect([twice], EMOTIONS, labelled)
    few = read_labelled(known.label("f.csv", [1, 2]), EMOTIONS)
    with pytest.raises(EstimateError, match="2 labelled posts have a prediction; 3 are needed"):
        estimate(collect(file, EMOTIONS, few), few)
