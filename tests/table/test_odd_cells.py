"""Columns that no post needs: what cannot be read in them costs the cell, and never the row."""

import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from feelscope.prepare.further_columns import FurtherColumns
from feelscope.table import PostsTable, open_writer


def parquet(folder: Path, **columns: object) -> PostsTable:
    pq.write_table(pa.table({"id": ["a", "b"], "text": ["x", "y"], **columns}), folder / "posts.parquet")
    return PostsTable(folder / "posts.parquet")


ODD = {
    "duration[ns]": (pa.array([1_000_001, None], pa.duration("ns")), [datetime.timedelta(milliseconds=1), None]),
    "duration[s]": (pa.array([10**15, 1], pa.duration("s")), [None, datetime.timedelta(seconds=1)]),
    "time64[ns]": (pa.array([1001, None], pa.time64("ns")), [datetime.time(0, 0, 0, 1), None]),
    "uint64": (pa.array([2**64 - 1, 0], pa.uint64()), [2**64 - 1, 0]),
    "int64": (pa.array([2**63 - 1, -(2**63)]), [2**63 - 1, -(2**63)]),
    "timestamp": (pa.array([10**14, 0], pa.timestamp("s")), [None, datetime.datetime(1970, 1, 1)]),
    "date64": (pa.array([10**17, 86_400_000], pa.date64()), [None, datetime.date(1970, 1, 2)]),
    "in a list": (pa.array([[10**14], [0]], pa.list_(pa.timestamp("s"))), [None, [datetime.datetime(1970, 1, 1)]]),
    "float": (pa.array([float("inf"), 0.5]), [float("inf"), 0.5]),
}


@pytest.mark.parametrize("kind", ODD)
def test_a_column_of_an_odd_type_costs_no_row(tmp_path: Path, kind: str) -> None:
    column, expected = ODD[kind]
    table = parquet(tmp_path, odd=column)
    assert [post.other["odd"] for post in table] == expected
    assert table.quarantine.count == 0
    assert table.quarantine.emptied == ({"odd": 1} if expected[0] is None and column[0].is_valid else {})


@pytest.mark.parametrize("deep", [51, 900])
def test_json_of_many_levels_costs_its_cell(tmp_path: Path, deep: int) -> None:
    rows = [f'{{"id": "a", "text": "x", "odd": {"[" * deep}{"]" * deep}}}', '{"id": "b", "text": "x", "odd": [[1]]}']
    (tmp_path / "posts.jsonl").write_text("\n".join(rows))
    table = PostsTable(tmp_path / "posts.jsonl")
    assert [post.other["odd"] for post in table] == [None, [[1]]]
    assert table.quarantine.emptied == {"odd": 1}


def test_a_number_of_5000_digits_costs_no_row(tmp_path: Path) -> None:
    (tmp_path / "posts.jsonl").write_text(f'{{"id": "a", "text": "x", "odd": {"7" * 5000}, "big": 1e999}}\n')
    (post,) = PostsTable(tmp_path / "posts.jsonl")
    assert post.other == {"odd": "7" * 5000, "big": float("inf")}


def test_a_cell_that_a_post_needs_costs_the_row(tmp_path: Path) -> None:
    (tmp_path / "posts.jsonl").write_text('{"id": "a", "text": "x"}\n' * 40 + '{"id": "b", "text": "\\ud800"}\n')
    table = PostsTable(tmp_path / "posts.jsonl")
    assert [post.id for post in table] == ["a"]
    assert table.quarantine.reasons == {"duplicate id": 39, "text that is not UTF-8": 1}


def test_a_text_longer_than_any_line_may_be_is_a_bad_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feelscope.table.cells.LONGEST", 10)
    monkeypatch.setattr("feelscope.table.row_reader.LONGEST", 10)
    table = PostsTable(parquet(tmp_path, title=["x" * 11, "x" * 10]).path)
    table.quarantine.most_broken = 1.0
    assert [post.id for post in table] == ["b"]


def test_a_dictionary_of_one_long_text_is_read_in_little_memory(tmp_path: Path) -> None:
    """256 rows at a time, as of short texts, would be 256 MB."""
    texts = pa.array(["x" * 2**20]).dictionary_encode().take(pa.array([0] * 600))
    ids = [str(number) for number in range(600)]
    pq.write_table(pa.table({"id": ids, "text": texts}), tmp_path / "posts.parquet", store_schema=False)
    assert (tmp_path / "posts.parquet").stat().st_size < 200_000
    pool = pa.default_memory_pool()
    read = []
    most = 0
    for post in PostsTable(tmp_path / "posts.parquet"):
        read.append(post.id)
        assert len(post.text) == 2**20
        most = max(most, pool.bytes_allocated())
    assert read == ids
    assert most < 64 * 2**20


@pytest.mark.parametrize("sizes", [[1] * 1000, [1] * 100 + [2**20] * 40 + [1] * 300, [2**20] * 20 + [1] * 20])
def test_rows_of_every_size_come_once_and_in_order(tmp_path: Path, sizes: list[int]) -> None:
    ids = [str(number) for number in range(len(sizes))]
    texts = [id.ljust(size, "x") for id, size in zip(ids, sizes, strict=True)]
    pq.write_table(pa.table({"id": ids, "text": texts}), tmp_path / "posts.parquet", row_group_size=170)
    assert [(post.id, post.text) for post in PostsTable(tmp_path / "posts.parquet")] == list(
        zip(ids, texts, strict=True)
    )


# Written out again


@pytest.mark.parametrize(
    ("values", "kind", "written"),
    [
        ([1, -5, None], pa.int64(), [1, -5, None]),
        ([2**64 - 1, 0], pa.uint64(), [2**64 - 1, 0]),
        ([2**64 - 1, -1], pa.string(), ["18446744073709551615", "-1"]),
        ([2**64, 1], pa.string(), ["18446744073709551616", "1"]),
        ([1, 0.5], pa.float64(), [1.0, 0.5]),
        ([2**53 + 1, 0.5], pa.string(), ["9007199254740993", "0.5"]),
        ([float("inf"), 1], pa.float64(), [float("inf"), 1.0]),
        ([datetime.timedelta(seconds=1)], pa.string(), ["0:00:01"]),
    ],
)
def test_whole_numbers_stay_whole(
    tmp_path: Path, values: list[object], kind: pa.DataType, written: list[object]
) -> None:
    columns = FurtherColumns(("id",))
    rows = [{"id": str(place), "n": value} for place, value in enumerate(values)]
    for row in rows:
        columns.learn(row)
    with open_writer(tmp_path / "out.parquet", like={"id": "x", **columns.example()}) as writer:
        for row in rows:
            writer.write({"id": row["id"], **columns.of(row)})
    table = pq.read_table(tmp_path / "out.parquet")
    assert table.schema.field("n").type == kind
    assert table["n"].to_pylist() == written
