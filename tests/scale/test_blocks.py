"""Blocks: every row in one of them, the same ones in every run, and what cannot be cut into any."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feelscope.errors import TableError
from feelscope.scale import blocks
from feelscope.scale.addresses import Address, parse
from feelscope.scale.block_posts import block_digest, open_block
from feelscope.scale.blocks import Block, Table, blocks_of, find_tables, rows_a_block
from feelscope.table import PostsTable, Quarantine
from feelscope.table.parquet_file import RowRange


def write(path: Path, rows: int, group: int = 1000, **columns: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    table = {"id": [f"{path.stem}-{number}" for number in range(rows)], "text": [f"so sad {n}" for n in range(rows)]}
    pq.write_table(pa.table({**table, **columns}), path, row_group_size=group)
    return path


@given(st.lists(st.integers(0, 50), max_size=8), st.integers(1, 20))
def test_every_row_is_in_one_block(groups: list[int], most: int) -> None:
    made = blocks_of([Table(Address("/t.parquet"), "t", tuple((rows, rows * 10) for rows in groups))], most)
    rows = [row for block in made for row in range(block.first, block.first + block.part.rows)]
    assert rows == list(range(1, sum(groups) + 1))
    assert all(1 <= block.part.rows <= most for block in made)
    assert len({block.name for block in made}) == len(made)
    assert [block.name for block in made] == sorted(block.name for block in made)


def test_a_block_of_large_pictures_has_few_rows() -> None:
    made = blocks_of([Table(Address("/t.parquet"), "t", ((100, 100 * blocks.MOST_BYTES // 4),))], 1000)
    assert {block.part.rows for block in made} == {4}


def test_a_small_table_is_work_for_many() -> None:
    small = [Table(Address("/t.parquet"), "t", ((64_000, 1),))]
    assert rows_a_block(small) == 1000
    assert rows_a_block([Table(Address("/t.parquet"), "t", ((10**9, 1),))]) == blocks.MOST_ROWS
    assert rows_a_block([Table(Address("/t.parquet"), "t", ((10, 1),))]) == blocks.LEAST_ROWS


def test_the_posts_of_all_blocks_are_those_of_the_table(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    path = write(tmp_path / "posts.parquet", 700, 300, image=["a.png" if n % 2 else None for n in range(700)])
    posts = []
    for block in blocks_of(find_tables(parse(str(path)), {}), 110):
        with open_block(block, {}) as given:
            posts += [(post.id, post.text, post.image, post.row + block.first - 1) for post in given.posts]
            assert given.digest == block_digest(block)
    alone = PostsTable(path, quarantine=Quarantine())
    assert posts == [(post.id, post.text, post.image, post.row) for post in alone]


def test_bad_rows_have_the_numbers_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "posts.parquet", 20, 10)
    table = pq.read_table(path)
    texts = [None if number in (3, 14) else "so sad" for number in range(20)]
    pq.write_table(table.set_column(1, "text", pa.array(texts)), path, row_group_size=10)
    bad = b""
    for block in blocks_of(find_tables(parse(str(path)), {}), 4):
        with open_block(block, {}) as given:
            list(given.posts)
            bad += given.bad_rows()
    assert [line.split(b'"row": ')[1].split(b",")[0] for line in bad.splitlines()] == [b"4", b"15"]
    assert f'"table": "{path}"'.encode() in bad


def test_the_digest_is_of_what_the_rows_say(tmp_path: Path) -> None:
    def digest(text: str) -> str:
        path = tmp_path / "posts.parquet"
        pq.write_table(pa.table({"id": ["1", "2"], "text": ["so sad", text]}), path, compression="none")
        return block_digest(Block(Address(str(path)), "posts", RowRange(0, 0, 2), 1))

    assert digest("one") == digest("one") != digest("two")


def test_a_folder_gives_its_files_in_order(tmp_path: Path) -> None:
    for name in ("b.parquet", "a/c.parquet", "_quarantine/no.parquet", ".hidden.parquet"):
        write(tmp_path / name, 3)
    write(tmp_path / "empty.parquet", 0)
    found = find_tables(parse(str(tmp_path)), {})
    assert [table.name for table in found] == ["a/c", "b", "empty"]
    assert [block.name for block in blocks_of(found, 100)] == ["a/c/000000-000000000", "b/000000-000000000"]


def fault(path: Path, **columns: str) -> str:
    with pytest.raises(TableError) as error:
        find_tables(parse(str(path)), columns)
    said = str(error.value)
    assert "\n" not in said
    return said


def test_what_is_no_table_is_said_in_one_line(tmp_path: Path) -> None:
    assert fault(tmp_path / "no.parquet").endswith("no.parquet: no such file or folder")
    (tmp_path / "posts.csv").write_text("id,text\n1,so sad\n")
    assert "read Parquet alone" in fault(tmp_path / "posts.csv")
    assert "there is no .parquet file in this folder" in fault(tmp_path)
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 no more")
    assert "bad.parquet: not a readable Parquet file" in fault(tmp_path / "bad.parquet")
    write(tmp_path / "bad.parquet", 0)
    assert fault(tmp_path / "bad.parquet").endswith("the table has no rows")
    schema = pa.schema([("id", pa.string()), ("text", pa.string())])
    pq.ParquetWriter(tmp_path / "bad.parquet", schema).close()  # no row group at all
    assert pq.read_metadata(tmp_path / "bad.parquet").num_row_groups == 0
    assert fault(tmp_path / "bad.parquet").endswith("the table has no rows")
    pq.write_table(pa.table({"id": ["1"], "said": ["x"]}), tmp_path / "bad.parquet")
    assert "no text and no image column" in fault(tmp_path / "bad.parquet")
    assert find_tables(parse(str(tmp_path / "bad.parquet")), {"text": "said"})


def test_the_digest_is_of_dictionaries_and_of_the_columns_names_too(tmp_path: Path) -> None:
    def digest(words: tuple[str, str], column: str = "text") -> str:
        texts = pa.array([words[number % 2] for number in range(600)]).dictionary_encode()
        path = write(tmp_path / "posts.parquet", 600, **{column: texts})
        return block_digest(blocks_of(find_tables(parse(str(path)), {}), 1000)[0])

    said = digest(("so sad", "so glad"))
    assert digest(("so sad", "so glad")) == said
    assert digest(("so glad", "so sad")) != said  # the same numbers of other words
    assert digest(("so sad", "so glad"), "title") != digest(("so sad", "so glad"), "language")
