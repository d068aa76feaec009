"""Tables of posts to rows of predictions, and going on where a run ended."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from feelscope import EmotionClassifier, PostsTable, Prediction, Quarantine
from feelscope.errors import TableError
from feelscope.predict import digest_of, example_row, predict_rows, predict_table, row
from feelscope.progress import Count
from feelscope.table import open_writer, parquet_writer

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


class Stopped(Exception):
    pass


def stop_after(posts: int) -> Count:
    def progress(done: int, left_out: int) -> None:
        if done == posts:
            raise Stopped

    return progress


@pytest.mark.parametrize("posts", range(1, 6))
def test_what_is_kept_is_left_out_and_the_quarantine_is_whole(
    classifier: EmotionClassifier, table: PostsTable, tmp_path: Path, posts: int
) -> None:
    out = tmp_path / "out.jsonl"
    with pytest.raises(Stopped):
        predict_table(classifier, table, out, progress=stop_after(posts))
    table.quarantine.close()
    kept = [json.loads(line)["id"] for line in (tmp_path / "out.jsonl.partial").open()]
    assert kept == ["a", "c", "e"][: (posts + 1) // 2]
    shown: list[tuple[int, int]] = []
    with Quarantine(tmp_path / "bad.jsonl") as quarantine:
        again = PostsTable(table.path, quarantine=quarantine)
        predict_table(classifier, again, out, resume=True, progress=lambda *now: shown.append(now))

    assert [json.loads(line)["id"] for line in out.open()] == ["a", "c", "e"]
    assert bad_rows(again) == {"b nothing": 2, "b duplica": 3, "d nothing": 5}
    assert shown == [(number, len(kept)) for number in range(1, 6 - len(kept))]
    assert not list(tmp_path.glob("*.partial*"))


@pytest.mark.parametrize("posts", range(1, 6))
@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_what_is_resumed_is_as_if_it_had_not_been_interrupted(
    classifier: EmotionClassifier,
    table: PostsTable,
    tmp_path: Path,
    name: str,
    posts: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parquet_writer, "ROWS_A_GROUP", 2)
    out, whole = tmp_path / name, tmp_path / f"whole.{name}"
    predict_table(classifier, table, whole)
    with pytest.raises(Stopped):
        predict_table(classifier, table, out, progress=stop_after(posts))
    partial = tmp_path / f"{name}.partial"
    partial.write_bytes(partial.read_bytes()[:-5])  # as a kill would leave it
    predict_table(classifier, table, out, resume=True)
    assert list(table_rows(out)) == list(table_rows(whole))
    assert not list(tmp_path.glob("*.partial*"))


def table_rows(path: Path) -> Iterator[tuple[str, dict[str, object]]]:
    for post in PostsTable(path, {"text": "emotion"}):
        yield post.id, dict(post.other)


def test_a_column_that_comes_late_is_known_when_rows_are_found_again(
    classifier: EmotionClassifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feelscope.table.jsonl_file.LOOK_AHEAD", 1)
    (tmp_path / "a.png").write_bytes(b"no picture")
    lines = [{"id": "1", "text": "We won!"}, *({"id": id, "text": "So sad", "image": "a.png"} for id in "2345")]
    (tmp_path / "posts.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    for posts in (2, 3, 4):
        with pytest.raises(Stopped):
            progress = stop_after(posts)
            predict_table(classifier, PostsTable(tmp_path / "posts.jsonl"), tmp_path / "out.csv", progress=progress)
        predict_table(classifier, PostsTable(tmp_path / "posts.jsonl"), tmp_path / "out.csv", resume=True)
        assert [id for id, _ in table_rows(tmp_path / "out.csv")] == [*"12345"]


def test_rows_of_other_columns_are_not_kept(classifier: EmotionClassifier, tmp_path: Path) -> None:
    (tmp_path / "posts.csv").write_text("id,text,mine\na,We won!,So sad\nb,We won!,So sad\n", encoding="utf-8")
    with pytest.raises(Stopped):
        predict_table(classifier, PostsTable(tmp_path / "posts.csv"), tmp_path / "o.csv", progress=stop_after(2))
    other = PostsTable(tmp_path / "posts.csv", {"text": "mine"})
    with pytest.raises(TableError, match="from another model or other columns"):
        predict_table(classifier, other, tmp_path / "o.csv", resume=True)


def test_rows_that_are_found_again_are_shown_now_and_then(
    classifier: EmotionClassifier, table: PostsTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feelscope.predict.resuming._SHOWN_EVERY", 2)
    with pytest.raises(Stopped):
        predict_table(classifier, table, tmp_path / "out.jsonl", progress=stop_after(4))
    table.quarantine.close()
    shown: list[tuple[int, int]] = []
    again = PostsTable(table.path)
    predict_table(classifier, again, tmp_path / "out.jsonl", resume=True, progress=lambda *now: shown.append(now))
    assert shown == [(0, 2), (1, 2), (2, 2), (3, 2)]


@pytest.mark.parametrize("column", ["text", "title", "image", "tags", "mood"])
def test_a_post_that_has_changed_is_not_left_out(classifier: EmotionClassifier, tmp_path: Path, column: str) -> None:
    rows = [{"id": id, "text": "We won!", "title": "", "image": "", "tags": "", "mood": ""} for id in "abc"]

    def table() -> PostsTable:
        with open_writer(tmp_path / "posts.csv") as writer:
            for row in rows:
                writer.write(row)
        return PostsTable(tmp_path / "posts.csv")

    with pytest.raises(Stopped):
        predict_table(classifier, table(), tmp_path / "out.jsonl", progress=stop_after(2))
    rows[0][column] += "!"
    with pytest.raises(TableError, match="changed; to predict again, leave out --resume"):
        predict_table(classifier, table(), tmp_path / "out.jsonl", resume=True)


def test_a_picture_of_another_size_is_another_picture(tmp_path: Path) -> None:
    (tmp_path / "posts.csv").write_text("id,image\n1,a.png\n", encoding="utf-8")
    table = PostsTable(tmp_path / "posts.csv")
    (tmp_path / "a.png").write_bytes(b"123")
    before = digest_of({"id": "1", "image": "a.png"}, table)
    assert digest_of({"id": "1", "image": "a.png"}, table) == before
    (tmp_path / "a.png").write_bytes(b"1234")
    assert digest_of({"id": "1", "image": "a.png"}, table) != before
    assert digest_of({"id": "1", "image": b"123"}, table) != digest_of({"id": "1", "image": b"124"}, table)
    assert digest_of({"id": "1", "image": "/a.png"}, table) != digest_of({"id": "1", "image": "../a.png"}, table)


@pytest.mark.parametrize(
    ("cut", "with_nuls"), [*((cut, False) for cut in (0, 1, 16, 17, 32, 40)), (16, True), (32, True), (48, True)]
)
def test_rows_whose_posts_are_not_known_are_predicted_again(
    classifier: EmotionClassifier, table: PostsTable, tmp_path: Path, cut: int, with_nuls: bool
) -> None:
    with pytest.raises(Stopped):
        predict_table(classifier, table, tmp_path / "out.jsonl", progress=stop_after(5))
    read = tmp_path / "out.jsonl.partial.read"
    assert read.stat().st_size == 4 * 16
    left = read.read_bytes()[: 64 - cut]  # a power cut
    read.write_bytes(left + bytes(cut if with_nuls else 0))
    predict_table(classifier, table, tmp_path / "out.jsonl", resume=True)
    assert [json.loads(line)["id"] for line in (tmp_path / "out.jsonl").open()] == ["a", "c", "e"]


def test_a_partial_file_that_is_a_link_is_refused(
    classifier: EmotionClassifier, table: PostsTable, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    mine.write_text("mine")
    for name in ("out.jsonl.partial", "out.jsonl.partial.read"):
        for link in (tmp_path.joinpath(name).symlink_to, tmp_path.joinpath(name).hardlink_to):
            link(mine)
            with pytest.raises(TableError, match=f"{name}: cannot be written .*link"):
                predict_table(classifier, table, tmp_path / "out.jsonl")
            (tmp_path / name).unlink()
    assert mine.read_text() == "mine"


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
    with pytest.raises(TableError, match=r"out\.jsonl\.partial\.read is missing"):
        predict_table(classifier, table, tmp_path / "out.jsonl", resume=True)
    predict_table(classifier, table, tmp_path / "out.jsonl")
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["a", "c", "e"]
