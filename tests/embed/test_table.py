"""Vectors of a table: what is written, what is left out, and what an interrupted run keeps."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
import pytest
from small_model import WIDTH, write_small_model

from feelscope.embed.table import embed_table
from feelscope.errors import TableError
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.table import PostsTable, Quarantine

CAKE = Path(__file__).parents[2] / "examples" / "images" / "cake.png"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> EmotionClassifier:
    return EmotionClassifier.load(write_small_model(tmp_path_factory.mktemp("small")), workers=1)


def write(folder: Path, rows: int = 30) -> Path:
    path = folder / "posts.csv"
    lines = [f"{number},so {('happy', 'sad')[number % 2]} the day {'so ' * (number % 5)}," for number in range(rows)]
    (folder / "cake.png").write_bytes(CAKE.read_bytes())
    path.write_text("\n".join(["id,text,image", *lines, "pic,,cake.png", "none,???,", "both,a day,cake.png"]) + "\n")
    return path


def test_a_row_has_what_embed_gives(small: EmotionClassifier, tmp_path: Path) -> None:
    table = PostsTable(write(tmp_path, 3), quarantine=Quarantine())
    embed_table(small, table, tmp_path / "vectors.parquet")
    rows = parquet.read_table(tmp_path / "vectors.parquet").to_pylist()
    assert [row["id"] for row in rows] == ["0", "1", "2", "pic", "both"]
    assert list(rows[0]) == ["id", "text_vector", "image_vector", "fused_vector"]
    assert table.quarantine.reasons == {"nothing could be read": 1}
    expected = small.embed(PostsTable(tmp_path / "posts.csv"))
    places = [expected.ids.index(row["id"]) for row in rows]
    for name in ("text", "image", "fused"):
        found = [row[f"{name}_vector"] or [np.nan] * WIDTH for row in rows]
        assert np.array_equal(np.array(found, np.float32), expected[name][places], equal_nan=True)
    assert rows[0]["image_vector"] is rows[3]["text_vector"] is None


class Stopped(Exception):
    """A test's Ctrl+C."""


def test_an_interrupted_run_is_resumed_to_the_same_file(small: EmotionClassifier, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("feelscope.table.parquet_writer.ROWS_A_GROUP", 4)
    path = write(tmp_path)
    embed_table(small, PostsTable(path), tmp_path / "whole.parquet")

    def stop(done: int, _: int) -> None:
        if done == 11:
            raise Stopped

    out = tmp_path / "vectors.parquet"
    with pytest.raises(Stopped):
        embed_table(small, PostsTable(path), out, progress=stop)
    assert not out.exists()
    told: list[tuple[int, int]] = []
    embed_table(small, PostsTable(path), out, resume=True, progress=lambda *count: told.append(count))
    assert told[-1][1] >= 8  # were kept
    assert parquet.read_table(out) == parquet.read_table(tmp_path / "whole.parquet")
    assert not list(tmp_path.glob("*.partial*"))


def test_other_files_and_rows_of_another_job_are_refused(small: EmotionClassifier, tmp_path: Path) -> None:
    path = write(tmp_path, 3)
    with pytest.raises(TableError, match=r"written as Parquet; give a name that ends in \.parquet"):
        embed_table(small, PostsTable(path), tmp_path / "vectors.csv")
    out = tmp_path / "vectors.parquet"
    embed_table(small, PostsTable(path), out)
    with pytest.raises(TableError, match="is complete"):
        embed_table(small, PostsTable(path), out, resume=True)
