"""Columns of the table beside its predictions."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import small_model

from feelscope import EmotionClassifier, PostsTable, Quarantine
from feelscope.errors import TableError
from feelscope.predict import predict_table


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> EmotionClassifier:
    return EmotionClassifier(small_model.write_small_model(tmp_path_factory.mktemp("small") / "model"), workers=1)


def written(classifier, table: Path, out: Path, keep) -> list[dict]:
    predict_table(classifier, PostsTable(table, quarantine=Quarantine()), out, keep=keep)
    if out.suffix == ".csv":
        with out.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
    if out.suffix == ".parquet":
        return pq.read_table(out).to_pylist()
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def test_all_columns_go_along_and_those_of_a_prediction_are_told_apart(classifier, tmp_path) -> None:
    (tmp_path / "posts.csv").write_text("Nr,text,emotion,warnings,party\n7,so happy,joy,none,A\n8,so sad,,x,\n")
    for ending in (".csv", ".jsonl", ".parquet"):
        first, second = written(classifier, tmp_path / "posts.csv", tmp_path / f"out{ending}", ["all"])
        assert (first["id"], first["text"], first["party"]) == ("1", "so happy", "A")
        assert (first["Nr"], first["given_emotion"], first["given_warnings"]) == ("7", "joy", "none")
        assert first["emotion"] in small_model.EMOTIONS and second["party"] in ("", None)


def test_a_column_by_its_own_and_by_its_standard_name(classifier, tmp_path) -> None:
    (tmp_path / "posts.csv").write_text("id,Caption,datum\n1,so happy,2012-01-31\n")
    (row,) = written(classifier, tmp_path / "posts.csv", tmp_path / "out.jsonl", ["Caption", "created_at", "id"])
    assert (row["Caption"], row["created_at"]) == ("so happy", "2012-01-31")
    assert [*row] == ["id", "emotion", "probabilities", "modalities", "warnings", "Caption", "created_at"]


def test_types_of_a_parquet_table_stay_in_parquet(classifier, tmp_path) -> None:
    when = datetime(2012, 11, 6, 12, tzinfo=UTC)
    given = {
        "id": ["1", "2"],
        "text": ["so happy", "so sad"],
        "ups": [3, None],
        "when": [when, None],
        "tags": [["a"], []],
    }
    pq.write_table(pa.table(given), tmp_path / "posts.parquet")
    first, second = written(classifier, tmp_path / "posts.parquet", tmp_path / "out.parquet", ["ups", "when", "tags"])
    assert (first["ups"], first["when"], first["tags"]) == (3, when, '["a"]')
    assert (second["ups"], second["when"], second["tags"]) == (None, None, "[]")
    (nested, _) = written(classifier, tmp_path / "posts.parquet", tmp_path / "out.jsonl", ["tags"])
    assert nested["tags"] == ["a"]


def test_nested_cells_of_json_become_json_in_a_csv(classifier, tmp_path) -> None:
    lines = [{"id": "1", "text": "so happy", "place": {"city": "Köln"}}, {"id": "2", "text": "so sad", "place": "?"}]
    (tmp_path / "posts.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    first, second = written(classifier, tmp_path / "posts.jsonl", tmp_path / "out.csv", ["place"])
    assert (json.loads(first["place"]), second["place"]) == ({"city": "Köln"}, "?")


def test_what_cannot_go_along_is_one_line(classifier, tmp_path) -> None:
    (tmp_path / "posts.csv").write_text("id,text,party\n1,so happy,A\n")
    with pytest.raises(TableError, match=r"--keep partei: no such column; .*party"):
        written(classifier, tmp_path / "posts.csv", tmp_path / "out.csv", ["partei"])
    pq.write_table(pa.table({"id": ["1"], "text": ["so happy"], "image": [b""]}), tmp_path / "posts.parquet")
    with pytest.raises(TableError, match="--keep image: the column holds pictures"):
        written(classifier, tmp_path / "posts.parquet", tmp_path / "out.csv", ["image"])
    (row,) = written(classifier, tmp_path / "posts.parquet", tmp_path / "out.csv", ["all"])
    assert row["text"] == "so happy" and "image" not in row


def test_a_csv_with_the_mark_is_read_again_and_continued(classifier, tmp_path) -> None:
    (tmp_path / "posts.csv").write_text("id,text\n1,so happy\n2,so sad\n", encoding="utf-8")
    out = tmp_path / "out.csv"

    def stop(done: int, left_out: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        predict_table(classifier, PostsTable(tmp_path / "posts.csv"), out, mark=True, keep=["text"], progress=stop)
    predict_table(classifier, PostsTable(tmp_path / "posts.csv"), out, mark=True, keep=["text"], resume=True)
    assert out.read_bytes().startswith(b"\xef\xbb\xbfid,") and out.read_bytes().count(b"\xef\xbb\xbf") == 1
    assert [post.id for post in PostsTable(out)] == ["1", "2"]
