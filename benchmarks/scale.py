"""How fast `feelscope scale predict` is beside `feelscope predict`, on one machine, both after their start.

    python benchmarks/scale.py posts.parquet --rows 25000 --chunks 8 --out scale.jsonl

Chunks of the table are predicted by one and by the other in turn; each gives a line of JSON. The rate of one process
counts from its first answer, that of the cluster from when each worker has done its first block. `--skip` leaves out
the first chunks, so that several short runs make a long one. `--table` writes a table of short texts first.
"""

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from feelscope.predict import example_row, predict_rows
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.scale import predict
from feelscope.scale.addresses import parse
from feelscope.scale.cluster import cluster
from feelscope.table import PostsTable, Quarantine, open_writer

ROWS_A_GROUP = 5_000


def write_table(path: Path, texts: Path, count: int) -> None:
    """So many posts of the texts of a table, again and again, each with a number appended."""
    said = [post.text for post in PostsTable(texts, quarantine=Quarantine())]
    ids = [f"p{number}" for number in range(count)]
    words = [f"{said[number % len(said)]} {number}" for number in range(count)]
    pq.write_table(pa.table({"id": ids, "text": words}), path, row_group_size=ROWS_A_GROUP)


def chunks(path: Path, rows: int, folder: Path, first: int, last: int) -> list[Path]:
    """Tables of so many rows each."""
    made = []
    batches = pq.ParquetFile(path).iter_batches(batch_size=rows)
    for number, batch in enumerate(islice(batches, first, last), first):
        made.append(folder / f"chunk-{number:03}.parquet")
        pq.write_table(pa.Table.from_batches([batch]), made[-1], row_group_size=ROWS_A_GROUP)
    return made


def alone(table: Path, out: Path) -> float:
    """Posts a second of one process with all processors, from its first answer on."""
    classifier = EmotionClassifier.load()
    with open_writer(out, like=example_row(classifier.emotions)) as writer:
        started, count = 0.0, -1
        for row in predict_rows(classifier, PostsTable(table, quarantine=Quarantine())):
            writer.write(row)
            started, count = started or time.perf_counter(), count + 1
    return count / (time.perf_counter() - started)


def together(table: Path, out: Path, workers: int, block: int) -> tuple[float, float]:
    """Posts a second of the cluster once every worker has done a block, and the most megabytes of a worker."""
    times: list[tuple[float, int]] = []
    found = predict.predict(
        "builtin",
        parse(str(table)),
        parse(str(out)),
        workers,
        rows_a_block=block,
        progress=lambda done, kept: times.append((time.perf_counter(), done)),
    )
    (began, before), (ended, after) = times[workers - 1], times[-1]
    return (after - before) / (ended - began), found.megabytes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path)
    parser.add_argument("--texts", type=Path, help="Write TABLE first, of these texts.")
    parser.add_argument("--posts", type=int, default=200_000)
    parser.add_argument("--rows", type=int, default=25_000)
    parser.add_argument("--block", type=int, default=1_000)
    parser.add_argument("--chunks", type=int, default=8)
    parser.add_argument("--skip", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("scale.jsonl"))
    given = parser.parse_args()
    if given.texts:
        write_table(given.table, given.texts, given.posts)
    workers = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as made, cluster("", workers) as count:
        folder = Path(made)
        for path in chunks(given.table, given.rows, folder, given.skip, given.skip + given.chunks):
            one = alone(path, folder / f"{path.stem}-one.parquet")
            many, megabytes = together(path, folder / f"{path.stem}-many", count, given.block)
            line = {
                "chunk": path.stem,
                "rows": given.rows,
                "alone": round(one, 1),
                "together": round(many, 1),
                "ratio": round(many / one, 3),
                "worker_mb": round(megabytes),
                "driver_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000),
                "load": round(os.getloadavg()[0], 1),
            }
            with given.out.open("a") as file:
                file.write(json.dumps(line) + "\n")
            print(json.dumps(line), file=sys.stderr)


if __name__ == "__main__":
    main()
