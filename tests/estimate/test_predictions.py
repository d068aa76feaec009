"""Predictions read many at a time."""

import gzip
import shutil
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from small_estimate import EMOTIONS, POSTS, Known

from feelscope.errors import TableError
from feelscope.estimate.predictions import PredictionFile


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet", "jsonl.gz"])
@pytest.mark.parametrize("columns", [(), ("party",)])
def test_all_formats_give_the_same(known: Known, tmp_path: Path, ending: str, columns: tuple[str, ...]) -> None:
    path = known.folder / f"predictions.{ending}"
    if ending.endswith("gz"):
        path = tmp_path / path.name
        with (known.folder / "predictions.jsonl").open("rb") as plain, gzip.open(path, "wb") as packed:
            shutil.copyfileobj(plain, packed)
    file = PredictionFile(path, columns)
    batches = [*file]
    assert file.emotions == EMOTIONS
    assert [id for batch in batches for id in batch.ids] == [f"p{number}" for number in range(POSTS)]
    assert np.concatenate([batch.probabilities for batch in batches]) == pytest.approx(known.probabilities, abs=1e-6)
    if columns:
        assert [value for batch in batches for value in batch.columns["party"]] == known.parties


def test_an_id_that_begins_like_a_formula_is_itself(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("id,probabilities.a,probabilities.b\n'=1,0.5,0.5\n'quoted,1,0\n")
    (batch,) = PredictionFile(tmp_path / "p.csv")
    assert batch.ids == ["=1", "'quoted"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (['{"id": "1", "probabilities": {"a": 2}}'], "row 1: a probability is not a number from 0 to 1"),
        (['{"id": "1", "probabilities": {"a": 1}}', '{"id": "2"}'], "row 2: a probability is not a number"),
        (['{"id": "1", "probabilities": {"a": 1}}', '{"probabilities": {"a": 1}}'], "row 2: it has no id"),
        (['{"id": "1", "probabilities": {"a": 1}}', '{"id": "2", "prob'], "damaged after row 0"),
        (['{"id": "1"}'], "no probabilities in its first row"),
    ],
)
def test_what_cannot_be_read_is_one_line(tmp_path: Path, lines: list[str], said: str) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines))
    with pytest.raises(TableError) as error:
        list(PredictionFile(path))
    assert said in str(error.value) and "\n" not in str(error.value)


def test_a_column_that_is_missing_is_said(known: Known) -> None:
    with pytest.raises(TableError, match="no column 'partei'; did you mean 'party'"):
        PredictionFile(known.folder / "predictions.csv", ("partei",))


@pytest.mark.slow
def test_memory_does_not_grow_with_the_posts(tmp_path: Path) -> None:
    peaks = []
    for posts in (100_000, 400_000):
        path = tmp_path / f"{posts}.csv"
        with path.open("w") as file:
            file.write("id,probabilities.a,probabilities.b\n")
            file.writelines(f"post:{number},0.25,0.75\n" for number in range(posts))
        tracemalloc.start()
        assert sum(len(batch.ids) for batch in PredictionFile(path)) == posts
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]
