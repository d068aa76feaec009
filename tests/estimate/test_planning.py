"""Plans, and the posts that are drawn for them."""

from pathlib import Path

import numpy as np
import pytest
from small_estimate import EMOTIONS, POSTS, Known

from feelscope.errors import EstimateError
from feelscope.estimate.cells import collect
from feelscope.estimate.labelled import INCLUSION, read_labelled
from feelscope.estimate.planning import check_posts, draw, plan, sample_rows
from feelscope.estimate.predictions import PredictionFile
from feelscope.estimate.shares import estimate
from feelscope.table import PostsTable, open_writer


def test_the_planned_width_is_reached(known: Known) -> None:
    file = PredictionFile(known.folder / "predictions.parquet")
    widths, held = [], []
    truth = np.array([known.emotions.count(name) / POSTS for name in EMOTIONS])
    for seed in range(150):
        made, frame = plan(file, EMOTIONS, 0.14)
        drawn = draw(file, frame, made.number, seed)
        assert len(drawn) == made.number < made.alone.max()
        rows = [int(id[1:]) for id in drawn]
        labelled = read_labelled(known.label("p.csv", rows, inclusion_probability=[*drawn.values()]), EMOTIONS)
        found = estimate(collect(file, EMOTIONS, labelled), labelled)
        assert found.drawn and found.total.corrected is not None
        widths.append(found.total.corrected.high - found.total.corrected.low)
        held.append((found.total.corrected.low <= truth) & (truth <= found.total.corrected.high))
    assert 0.12 < np.mean(widths, axis=0).max() < 0.16
    assert np.mean(held) > 0.9


def test_labels_that_there_are_say_how_the_model_errs(known: Known) -> None:
    file = PredictionFile(known.folder / "predictions.parquet")
    labelled = read_labelled(known.label("q.csv", [*range(200)]), EMOTIONS)
    made, _ = plan(file, EMOTIONS, 0.1, labelled)
    truth = np.eye(3)[[EMOTIONS.index(emotion) for emotion in known.emotions[:200]]]
    here = known.probabilities[:200]
    doubt = (((truth - here) ** 2).sum(axis=0) + 1) / ((here * (1 - here)).sum(axis=0) + 1)
    _, frame = plan(file, EMOTIONS, 0.1)
    assert made.measured and made.needed == pytest.approx(np.ceil(frame.needed(0.1, doubt)))
    few = read_labelled(known.label("r.csv", [*range(19)]), EMOTIONS)
    with pytest.raises(EstimateError, match="19 labelled posts have a prediction; 20 are needed to measure by"):
        plan(file, EMOTIONS, 0.1, few)


def test_the_drawn_posts_are_a_posts_table_without_emotions(known: Known, tmp_path: Path) -> None:
    file = PredictionFile(known.folder / "predictions.jsonl")
    made, frame = plan(file, EMOTIONS, 0.2)
    drawn = draw(file, frame, made.number, 3)
    assert drawn == draw(PredictionFile(known.folder / "predictions.csv"), frame, made.number, 3)
    with open_writer(tmp_path / "sample.csv") as writer:
        for row in sample_rows(drawn, PostsTable(known.folder / "posts.jsonl"), tmp_path):
            writer.write(row)
    sample = PostsTable(tmp_path / "sample.csv")
    posts = [*sample]
    assert {post.id for post in posts} == {*drawn}
    assert "emotion" not in sample.columns and "party" in sample.unused
    assert all(post.text == f"post {post.id[1:]}" for post in posts)
    assert {post.id: float(str(post.other[INCLUSION])) for post in posts} == pytest.approx(drawn)
    assert [*sample_rows({"p1": 0.5}, None, tmp_path)] == [{"id": "p1", INCLUSION: 0.5}]
    with pytest.raises(EstimateError, match="has a column 'inclusion_probability' already; rename it"):
        check_posts(sample)
    with pytest.raises(EstimateError, match="the drawn post 'p-1' is not in it"):
        list(sample_rows({"p-1": 0.5}, PostsTable(known.folder / "posts.jsonl"), tmp_path))


def test_pictures_are_found_from_the_drawn_posts(tmp_path: Path) -> None:
    from PIL import Image

    for folder in ("table/images", "out"):
        (tmp_path / folder).mkdir(parents=True)
    Image.new("RGB", (8, 8)).save(tmp_path / "table" / "images" / "a.png")
    (tmp_path / "table" / "posts.csv").write_text("id,text,image\n1,a,images/a.png\n2,b,\n")
    table = PostsTable(tmp_path / "table" / "posts.csv")
    rows = [*sample_rows({"1": 0.5, "2": 0.5}, table, tmp_path / "out")]
    assert (tmp_path / "out" / str(rows[0]["image"])).resolve() == tmp_path / "table" / "images" / "a.png"
    assert rows[1]["image"] == ""


@pytest.mark.parametrize(("width", "number"), [(0.0, None), (1.0, None), (0.1, 2), (0.1, POSTS + 1)])
def test_what_cannot_be_planned_is_said(known: Known, width: float, number: int | None) -> None:
    file = PredictionFile(known.folder / "predictions.parquet")
    with pytest.raises(EstimateError, match=r"--(width|posts-to-label)"):
        plan(file, EMOTIONS, width, number=number)
