"""Tables of posts to rows of predictions, and going on where a run ended."""

import json
from pathlib import Path

import pytest

from feelscope import EmotionClassifier, PostsTable, Prediction, Quarantine
from feelscope.errors import TableError
from feelscope.predict import example_row, predict_rows, predict_table, row

LINES = ["id,text,image", "a,We won!,", "b,,gone.png", "b,twice,", "c,I am afraid,", "d,,lost.png", "e,So sad,"]


@pytest.fixture(scope="module")
def classifier() -> EmotionClassifier:
    return EmotionClassifier.load()


@pytest.fixture
def table(tmp_path: Path) -> PostsTable:
    (tmp_path / "posts.csv").write_text("\n".join(LINES), encoding="utf-8")
    return PostsTable(tmp_path / "posts.csv", quarantine=Quarantine(tmp_path / "bad.jsonl"))


def bad_rows(table: PostsTable) -> dict[str, int]:
    assert table.quarantine.path is not None
    return {f"{bad['id']} {bad['reason'][:7]}": bad["row"] for bad in map(json.loads, table.quarantine.path.open())}


def test_a_row_is_a_prediction_rounded_to_what_a_float_has() -> None:
    prediction = Prediction("1", "fear", {"fear": 2 / 3, "joy": 1 / 3}, ("text",), ("cut",))
    assert row(prediction) == {
        "id": "1",
        "emotion": "fear",
        "probabilities": {"fear": 0.6666667, "joy": 0.3333333},
        "modalities": ["text"],
        "warnings": ["cut"],
    }


def test_the_example_row_has_every_column_filled(classifier: EmotionClassifier) -> None:
    example = example_row(classifier.emotions)
    assert all(example.values())
    assert list(example) == list(row(Prediction("1", None, {}, ())))


def test_the_quarantine_knows_the_rows_of_the_table(classifier: EmotionClassifier, table: PostsTable) -> None:
    assert [one["id"] for one in predict_rows(classifier, table)] == ["a", "c", "e"]
    assert bad_rows(table) == {"b nothing": 2, "b duplica": 3, "d nothing": 5}


def test_what_could_not_be_read_is_told_with_its_table(classifier: EmotionClassifier, table: PostsTable) -> None:
    list(predict_rows(classifier, table))
    assert table.quarantine.path is not None
    told = [json.loads(line) for line in table.quarantine.path.open()]
    assert {bad["table"] for bad in told} == {str(table.path)}


@pytest.mark.parametrize("kept", [[], ["a"], ["a", "c"], ["a", "c", "e"]], ids=len)
def test_what_is_kept_is_left_out_and_the_quarantine_is_whole(
    classifier: EmotionClassifier, table: PostsTable, kept: list[str]
) -> None:
    shown: list[tuple[int, int]] = []
    rows = predict_rows(classifier, table, kept=kept, progress=lambda done, left_out: shown.append((done, left_out)))
    assert [one["id"] for one in rows] == ["a", "c", "e"][len(kept) :]
    assert bad_rows(table) == {"b nothing": 2, "b duplica": 3, "d nothing": 5}
    assert shown == [(number, len(kept)) for number in range(1, 6 - len(kept))]


@pytest.mark.parametrize("kept", [["c"], ["a", "e"], ["e", "a"], ["a", "c", "e", "f"]], ids=" ".join)
def test_rows_of_another_job_are_refused(classifier: EmotionClassifier, table: PostsTable, kept: list[str]) -> None:
    with pytest.raises(TableError, match="to predict again, leave out --resume"):
        list(predict_rows(classifier, table, kept=kept))


def test_an_error_leaves_nothing_under_the_name(
    classifier: EmotionClassifier, table: PostsTable, tmp_path: Path
) -> None:
    def fail(done: int, left_out: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        predict_table(classifier, table, tmp_path / "out.jsonl", progress=fail)
    assert not (tmp_path / "out.jsonl").exists()
    predict_table(classifier, table, tmp_path / "out.jsonl", resume=True)
    assert [line.split('"')[3] for line in (tmp_path / "out.jsonl").read_text().splitlines()] == ["a", "c", "e"]


def test_no_rows_at_all_make_an_empty_file(classifier: EmotionClassifier, tmp_path: Path) -> None:
    (tmp_path / "posts.csv").write_text("id,image\na,gone.png\n", encoding="utf-8")
    predict_table(classifier, PostsTable(tmp_path / "posts.csv"), tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_bytes() == b""


def test_no_rows_at_all_make_a_csv_file_of_its_columns(classifier: EmotionClassifier, tmp_path: Path) -> None:
    (tmp_path / "posts.csv").write_text("id,image\na,gone.png\n", encoding="utf-8")
    predict_table(classifier, PostsTable(tmp_path / "posts.csv"), tmp_path / "out.csv")
    scores = ",".join(f"probabilities.{name}" for name in classifier.emotions)
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == f"id,emotion,{scores},modalities,warnings\n"


def test_without_resume_what_an_interrupted_run_left_is_written_again(
    classifier: EmotionClassifier, table: PostsTable, tmp_path: Path
) -> None:
    (tmp_path / "out.jsonl.partial").write_text('{"id": "z"}\n', encoding="utf-8")
    with pytest.raises(TableError, match="its rows are from another model"):
        predict_table(classifier, table, tmp_path / "out.jsonl", resume=True)
    predict_table(classifier, table, tmp_path / "out.jsonl")
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["a", "c", "e"]
