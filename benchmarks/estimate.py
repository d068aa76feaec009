"""How long `estimate` takes with a million predictions, and how much memory, against a tenth of them.

python benchmarks/estimate.py FOLDER
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from feelscope.emotions import SEVEN
from feelscope.files import json_text

POSTS, LABELS = (100_000, 1_000_000), 300
CODE = """
import sys, threading, psutil
peak, process = [0], psutil.Process()
def watch():
    while True:
        peak[0] = max(peak[0], process.memory_info().rss)
        threading.Event().wait(0.01)
threading.Thread(target=watch, daemon=True).start()
from feelscope.cli import main
try:
    main()
finally:
    times = process.cpu_times()
    print(f"{peak[0] / 1e6:.0f} {times.user + times.system:.1f}", file=sys.stderr)
"""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    for posts in POSTS:
        for ending in ("parquet", "csv", "jsonl"):
            path, labels = folder / f"{posts}.{ending}", folder / f"{posts}-labels.csv"
            if not path.exists():
                write(folder, posts)
            for command in (["--labelled", labels], ["plan", "--out", folder / "sample.csv"]):
                arguments = ["estimate", *command[:1], path, *command[1:]]
                if command[0] != "plan":
                    arguments = ["estimate", path, *command]
                start = time.perf_counter()
                ran = subprocess.run([sys.executable, "-c", CODE, *map(str, arguments)], capture_output=True, text=True)
                seconds = time.perf_counter() - start
                assert ran.returncode == 0, ran.stderr
                memory, processor = ran.stderr.split()[-2:]
                what = "plan" if command[0] == "plan" else "shares"
                print(f"{what}, {posts:,} of .{ending}: {seconds:.1f} s, {processor} s of a processor, {memory} MB")


def write(folder: Path, posts: int) -> None:
    """Predictions as `predict` writes them, in all formats, and labels of some."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(0)
    table = random.dirichlet(np.full(7, 0.5), posts).round(7)
    ids = [f"post:{number}" for number in range(posts)]
    answers = [SEVEN[k] for k in table.argmax(axis=1)]
    nested = pa.StructArray.from_arrays([pa.array(column) for column in table.T], names=list(SEVEN))
    columns = {"id": ids, "emotion": answers, "probabilities": nested}
    pq.write_table(pa.table(columns), folder / f"{posts}.parquet")
    flat = {f"probabilities.{name}": table[:, k] for k, name in enumerate(SEVEN)}
    csv.write_csv(pa.table({"id": ids, "emotion": answers, **flat}), folder / f"{posts}.csv")
    with (folder / f"{posts}.jsonl").open("w", encoding="utf-8") as file:
        for id, answer, row in zip(ids, answers, table.tolist(), strict=True):
            values = {"id": id, "emotion": answer, "probabilities": dict(zip(SEVEN, row, strict=True))}
            file.write(json_text(values | {"modalities": ["text", "image"], "warnings": []}) + "\n")
    rows = random.choice(posts, LABELS, replace=False)
    lines = [f"post:{row},{SEVEN[random.integers(7)]}" for row in rows]
    (folder / f"{posts}-labels.csv").write_text("\n".join(["id,emotion", *lines]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
