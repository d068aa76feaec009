"""Posts per second and peak memory of `feelscope prepare`, on a table whose posts get random labels.

With them every post goes through everything: cleaning, language, near-duplicates, splits, the leak test and writing.

    python benchmarks/prepare.py posts.parquet
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

EMOTIONS = ("happiness", "sadness", "anger", "fear", "surprise", "disgust")
RUN = """
import json, resource, sys, time
from pathlib import Path
from feelscope.prepare.dataset import prepare
from feelscope.prepare.settings import Settings
from feelscope.table import PostsTable
table, out, near = sys.argv[1:]
wall, cpu = time.perf_counter(), time.process_time()
report = prepare(PostsTable(table), Path(out), Settings("column", duplicates=near == "with"))
print(json.dumps({"posts": report.read, "kept": report.kept, "wall": time.perf_counter() - wall,
  "cpu": time.process_time() - cpu, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3}))
"""


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("table", metavar="POSTS.parquet")
    table = given.parse_args().table
    with tempfile.TemporaryDirectory() as folder:
        whole = pq.read_table(table)
        drawn = [EMOTIONS[hashlib.sha256(str(id).encode()).digest()[0] % 6] for id in whole["id"].to_pylist()]
        labelled = Path(folder) / "labelled.parquet"
        pq.write_table(whole.append_column("emotion", pa.array(drawn)), labelled)
        print("near-duplicates | posts | kept | posts per second | posts per CPU second | peak MB")
        for near in ("without", "with"):
            command = [sys.executable, "-c", RUN, str(labelled), f"{folder}/{near}", near]
            ran = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            rates = f"{ran['posts'] / ran['wall']:,.0f} | {ran['posts'] / ran['cpu']:,.0f}"
            print(f"{near} | {ran['posts']:,} | {ran['kept']:,} | {rates} | {ran['peak']:.0f}")


if __name__ == "__main__":
    main()
