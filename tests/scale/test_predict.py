"""Predicting in blocks, without Ray: what is kept, refused and written. tests/scale/test_cluster.py has the cluster."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from feelscope.errors import FeelscopeError, TableError
from feelscope.predict import predict_rows
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.scale import predict, running
from feelscope.scale.addresses import parse
from feelscope.scale.blocks import Block
from feelscope.scale.cluster import ScaleError
from feelscope.scale.model_path import model_path
from feelscope.scale.running import Done, Work
from feelscope.table import PostsTable, Quarantine
from feelscope.table.about import read_about


@pytest.fixture(autouse=True)
def without_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    def one_after_the_other(blocks: Sequence[Block], make: Callable[[], Work], workers: int) -> Iterator[Done]:
        worker = running.Worker(make, running.__version__)
        for block in reversed(blocks):
            done = Done(**{**worker(running._row(block)), "reasons": {}})
            if done.fault:
                raise ScaleError(done.fault)
            yield done

    monkeypatch.setattr(running, "run", one_after_the_other)


def write(folder: Path, count: int = 12) -> Path:
    """Posts with words, pictures or both; the fourth has nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(3):
        picture = Image.new("RGB", (30, 20), (90 * number, 50, 9))
        picture.paste("white", (20, 5, 25, 10))  # in one colour nothing is seen
        picture.save(folder / f"{number}.png")
    texts = [None if number % 4 == 3 else f"I am so happy, {number}" for number in range(count)]
    images = [f"{number % 3}.png" if number % 3 else None for number in range(count)]
    table = pa.table({"id": [f"p{number}" for number in range(count)], "text": texts, "image": images})
    pq.write_table(table, folder / "posts.parquet", row_group_size=5)
    return folder / "posts.parquet"


def run(table: Path | str, out: Path | str, **options: Any) -> predict.Predicted:
    return predict.predict("builtin", parse(str(table)), parse(str(out)), 1, rows_a_block=4, **options)


def rows_of(out: Path) -> list[dict[str, Any]]:
    return [row for name in parse(str(out)).files(".parquet") for row in pq.read_table(out / name).to_pylist()]


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_the_rows_are_those_of_one_machine(scheme: str, tmp_path: Path) -> None:
    table, out = write(tmp_path / "in"), tmp_path / "out"
    found = run(f"{scheme}{table}", f"{scheme}{out}", abstain=0.2)
    classifier = EmotionClassifier.load()
    from feelscope.saved_model.calibration import Abstention

    refusing = Abstention(classifier.calibration, 0.2, classifier.folder)
    alone = list(predict_rows(classifier, PostsTable(table, quarantine=Quarantine()), abstention=refusing))
    assert rows_of(out) == pa.Table.from_pylist(alone, pq.read_schema(next(out.rglob("0*.parquet")))).to_pylist()
    assert {row["modalities"][-1] for row in alone} == {"text", "image"}
    assert (found.rows, found.blocks, found.left_out) == (12, 5, 1)
    assert pq.read_table(out).num_rows == 11  # readers of folders leave out what begins with _
    assert [path.name for path in (out / "_quarantine").rglob("*.jsonl")] == ["000000-000000000.jsonl"]


def test_each_file_says_what_made_it(tmp_path: Path) -> None:
    run(write(tmp_path / "in"), tmp_path / "out", skip_pictures=0.9)
    files = sorted((tmp_path / "out").rglob("0*.parquet"))
    said = [read_about(file) for file in files]
    assert [one["posts"]["predicted"] for one in said if one] == [pq.read_metadata(file).num_rows for file in files]
    assert {(one["model"]["folder"], one["settings"]["skip_pictures"]) for one in said if one} == {("builtin", 0.9)}


def test_finished_blocks_are_kept_and_others_done(tmp_path: Path) -> None:
    table, out = write(tmp_path / "in"), tmp_path / "out"
    run(table, out)
    gone = out / "posts" / "000001-000000000.parquet"
    before = gone.read_bytes()
    gone.unlink()
    again = run(table, out)
    assert (again.rows, again.kept, again.left_out) == (12, 8, 1)
    assert pq.read_table(gone).equals(pq.read_table(pa.BufferReader(before)))


def test_a_pictures_folder_at_an_address_may_not_be_left(tmp_path: Path) -> None:
    table = write(tmp_path / "in")
    cells = pa.array(["../in/1.png", "/etc/hosts", "none.png", *[None] * 9])
    pq.write_table(pq.read_table(table).set_column(2, "image", cells), table)
    found = run(f"file://{table}", tmp_path / "out", most_broken=1.0)
    assert found.broken == 0  # their words are kept
    warnings = {row["id"]: row["warnings"] for row in rows_of(tmp_path / "out")}
    assert warnings["p0"] == ["the picture was not used: image path leaves the table's folder: ../in/1.png"]
    assert warnings["p1"][0].startswith("the picture was not used: image path is absolute") and not warnings["p4"]
    assert warnings["p2"] == ["the picture was not used: no such picture beside the table: none.png"]
    assert [*found.pictures.values()] == [1, 1, 1]


def refused(table: Path, out: Path | str, **options: Any) -> str:
    with pytest.raises(FeelscopeError) as error:
        run(table, out, **options)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_results_of_another_job_are_refused(tmp_path: Path) -> None:
    table, out = write(tmp_path / "in"), tmp_path / "out"
    run(table, out)
    assert "holds results of another job (other abstain)" in refused(table, out, abstain=0.5)
    assert "holds results of another job (other skip_pictures)" in refused(table, out, skip_pictures=0.5)
    other = write(tmp_path / "other")
    assert f"holds results of another table ({table})" in refused(other, out)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    assert "holds something else (thesis.txt)" in refused(table, tmp_path / "full")
    with pytest.raises(TableError, match=r"its blocks have 4 rows; leave --block-rows out"):
        predict.predict("builtin", parse(str(table)), parse(str(out)), 1, rows_a_block=5)


def test_a_block_of_other_rows_or_another_model_is_refused(tmp_path: Path) -> None:
    table, out = write(tmp_path / "in"), tmp_path / "out"
    run(table, out)
    block = out / "posts" / "000000-000000000.parquet"
    said = pq.read_metadata(block).metadata[b"feelscope"]
    made = pq.read_table(block)
    pq.write_table(made.replace_schema_metadata({b"feelscope": said.replace(b'"job": "', b'"job": "0')}), block)
    assert "is from another model or other settings" in refused(table, out)
    pq.write_table(made.replace_schema_metadata({}), block)
    assert "not a file of predictions" in refused(table, out)
    block.unlink()
    run(table, out)
    texts = pa.array(["I am so sappy, 0", *pq.read_table(table)["text"].to_pylist()[1:]])
    pq.write_table(pq.read_table(table).set_column(1, "text", texts), table, row_group_size=5)
    assert "is of other rows" in refused(table, out)


def test_too_many_broken_rows_end_the_job(tmp_path: Path) -> None:
    table = write(tmp_path / "in")
    cells = pa.array(["a NUL \0 byte"] * 3 + ["words"] * 9)
    pq.write_table(pq.read_table(table).set_column(1, "text", cells), table)
    assert "3 of 12 rows cannot be read" in refused(table, tmp_path / "out")


def test_a_table_that_a_machine_does_not_see_is_said(tmp_path: Path) -> None:
    table = write(tmp_path / "in")
    block = Block(parse(str(tmp_path / "gone.parquet")), "gone", predict.blocks.RowRange(0, 0, 1), 1)
    make = predict.PredictBlocks("builtin", "0", parse(str(tmp_path)), "0", {}, None, 600, None)
    work = predict._BlockPredictor(make, EmotionClassifier.load(workers=1))
    with pytest.raises(TableError, match="is not seen by every machine"):
        work(block)
    fault = running.Worker(make, running.__version__)(running._row(block))["fault"]
    assert "another model is there on one of the machines" in fault
    assert table.exists()


def test_results_of_rows_that_are_in_another_block_by_now_are_refused(tmp_path: Path) -> None:
    table, out = write(tmp_path / "in"), tmp_path / "out"
    run(table, out)
    rows = pq.read_table(table)
    pq.write_table(rows, table, row_group_size=4)  # groups of 5 were blocks of 4 and 1
    assert "posts/000000-000000004.parquet: is of no block of the table, which was changed" in refused(table, out)
    pq.write_table(rows.slice(0, 5), table, row_group_size=5)
    assert "posts/000001-000000000.parquet: is of no block" in refused(table, out)


def test_results_are_not_written_among_the_tables(tmp_path: Path) -> None:
    folder = write(tmp_path / "in").parent
    assert "out: is in the folder of the tables" in refused(folder, folder / "out")
    assert not (folder / "out").exists()
    assert run(folder, tmp_path / "in-2").rows == 12


def test_an_address_that_is_only_read_is_said(tmp_path: Path) -> None:
    import fsspec

    class OnlyRead(fsspec.AbstractFileSystem):  # type: ignore[misc]
        protocol = "onlyread"

        def info(self, path: str, **options: object) -> dict[str, Any]:
            raise FileNotFoundError(path)

    fsspec.register_implementation("onlyread", OnlyRead, clobber=True)
    table = write(tmp_path / "in")
    assert "onlyread://out: cannot be written" in refused(table, "onlyread://out")


def test_workers_find_the_model_whatever_their_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path)
    assert model_path("mine") == model_path(Path("mine")) == str(tmp_path / "mine")
    assert model_path("hub:owner/name") == "hub:owner/name"
    (tmp_path / "builtin").mkdir()
    assert model_path("builtin") == "builtin"
