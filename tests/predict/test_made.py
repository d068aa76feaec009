"""What a file of predictions says of how it was made, in every format, after an interrupted run too."""

import json
from pathlib import Path

import pytest
import small_model

from feelscope import EmotionClassifier, Post, PostsTable, Quarantine, __version__
from feelscope.errors import TableError
from feelscope.files import digest
from feelscope.predict import predict_table, write_predictions
from feelscope.table.about import beside, is_of_other_file, read_about
from feelscope.table.writing import FORMATS

ROWS = ["id,text,image", "a,so happy,", "b,,gone.png", "c,so sad,gone.png", "d,the day,gone.png", "e,a day,"]


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> EmotionClassifier:
    return EmotionClassifier(small_model.write_small_model(tmp_path_factory.mktemp("small") / "model"), workers=1)


@pytest.fixture
def table(tmp_path: Path) -> PostsTable:
    (tmp_path / "posts.csv").write_text("\n".join(ROWS), encoding="utf-8")
    return PostsTable(tmp_path / "posts.csv", quarantine=Quarantine())


class Stopped(Exception):
    pass


def stop_after(posts: int):
    def progress(done: int, left_out: int) -> None:
        if done == posts:
            raise Stopped

    return progress


@pytest.mark.parametrize("ending", FORMATS)
def test_it_says_model_version_settings_and_counts(classifier, table, tmp_path, ending) -> None:
    out = tmp_path / f"out{ending}"
    predict_table(classifier, table, out)
    about = read_about(out)
    assert about is not None
    assert about["kind"] == "predictions" and about["feelscope"] == __version__
    assert about["model"]["name"] == "small" and about["model"]["folder"] == "model"
    assert about["model"]["digest"] == digest(classifier.folder / "manifest.json")
    assert about["settings"]["skip_pictures"] == 1 and about["settings"]["abstain"] is None
    assert about["posts"] == {
        "rows": 5,
        "predicted": 4,
        "left_out": 1,
        "left_out_by_reason": {"nothing could be read": 1},
        "pictures_not_used": {"no such file": 3},
    }
    assert sum(about["answers"].values()) == 4 and about["read"] == {"text": 4}
    assert about["file"]["rows"] == 4
    assert about["table"]["name"] == "posts.csv"
    assert beside(out).exists() == (ending != ".parquet")
    assert not is_of_other_file(about, out)


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("posts", [1, 3, 4])
def test_a_resumed_run_says_the_same_as_one_that_was_not_interrupted(
    classifier, table, tmp_path, ending, posts
) -> None:
    whole, out = tmp_path / f"whole{ending}", tmp_path / f"out{ending}"
    predict_table(classifier, table, whole)
    with pytest.raises(Stopped):
        predict_table(classifier, PostsTable(table.path), out, progress=stop_after(posts))
    assert not beside(out).exists()
    predict_table(classifier, PostsTable(table.path, quarantine=Quarantine()), out, resume=True)
    expected, found = read_about(whole), read_about(out)
    assert expected is not None and found is not None
    for about in (expected, found):
        about.pop("made")
        about["file"].pop("name", None)
    assert found == expected


@pytest.mark.parametrize("changed", [{"keep": ("text",)}, {"only": "text"}, {"mark": True}])
def test_rows_of_other_settings_are_not_continued(classifier, table, tmp_path, changed) -> None:
    with pytest.raises(Stopped):
        predict_table(classifier, table, tmp_path / "out.csv", progress=stop_after(2))
    with pytest.raises(TableError, match="leave out --resume"):
        predict_table(classifier, PostsTable(table.path), tmp_path / "out.csv", resume=True, **changed)


def test_a_file_that_was_changed_since_is_told(classifier, table, tmp_path) -> None:
    out = tmp_path / "out.jsonl"
    predict_table(classifier, table, out)
    out.write_text("".join(out.read_text().splitlines(keepends=True)[:2]))
    about = read_about(out)
    assert about is not None and is_of_other_file(about, out)


def test_posts_of_no_table_say_their_model_too(classifier, tmp_path) -> None:
    write_predictions(classifier, classifier.predict([Post("1", "so happy")]), tmp_path / "out.jsonl")
    about = read_about(tmp_path / "out.jsonl")
    assert about is not None and about["posts"] == {"predicted": 1} and "table" not in about


def test_what_lies_beside_a_file_and_is_no_json_is_an_error(tmp_path) -> None:
    (tmp_path / "out.csv.about.json").write_text("no")
    with pytest.raises(TableError, match=r"out\.csv\.about\.json: not JSON"):
        read_about(tmp_path / "out.csv")
    assert read_about(tmp_path / "other.csv") is None


def test_one_modality_alone_leaves_out_posts_without_it(classifier, tmp_path) -> None:
    (tmp_path / "posts.csv").write_text("id,text,image\n1,so happy,a.png\n2,so sad,\n3,,a.png\n")
    from PIL import Image

    Image.new("RGB", (40, 40), (200, 30, 30)).save(tmp_path / "a.png")
    found = {}
    for only in ("text", "image"):
        table = PostsTable(tmp_path / "posts.csv", quarantine=Quarantine())
        predict_table(classifier, table, tmp_path / f"{only}.jsonl", only=only)
        rows = [json.loads(line) for line in (tmp_path / f"{only}.jsonl").open()]
        found[only] = [(row["id"], row["modalities"]) for row in rows]
        assert table.quarantine.count == 1
    assert found == {"text": [("1", ["text"]), ("2", ["text"])], "image": [("1", ["image"]), ("3", ["image"])]}
