"""How long Feelscope takes to start, beside another checkout of it; medians of alternating runs.

    python benchmarks/start.py [--before FOLDER] [--runs 10]

Each run is a process of its own: `import feelscope` (less an empty Python), the help, `feelscope predict` of one post
with words and picture, and of a table whose oversized input has to be cut or refused, not read: a megabyte of text, and
a picture of 50,000 x 50,000 pixels. FOLDER is another checkout; the two take turns, so that a busy machine slows both.
"""

import argparse
import os
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CLI = ["-m", "feelscope.cli"]
POST = ["predict", "--text", "We won the cup!", "--image", str(ROOT / "examples" / "images" / "fireworks.jpg")]
COMMANDS = {
    "import feelscope": ["-c", "import feelscope"],
    "feelscope --help": [*CLI, "--help"],
    "feelscope predict --help": [*CLI, "predict", "--help"],
    "feelscope predict, one post": [*CLI, *POST],
    "feelscope predict, oversized": [*CLI, "predict", "{table}", "--quarantine", "{table}.quarantine"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--before", type=Path, metavar="FOLDER", help="another checkout, to compare with")
    parser.add_argument("--runs", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        compare(options.before, options.runs, oversized(Path(folder)))


def compare(before: Path | None, runs: int, table: Path) -> None:
    """Print a row of medians for each command."""
    checkouts = [ROOT] if before is None else [before.resolve(), ROOT]
    print("| what | " + " | ".join("before, s" if one != ROOT else "now, s" for one in checkouts) + " |")
    print("|---|" + "---:|" * len(checkouts))
    for name, command in COMMANDS.items():
        arguments = [argument.format(table=table) for argument in command]
        times: dict[Path, list[float]] = {checkout: [] for checkout in checkouts}
        for run in range(runs + 1):
            for checkout in checkouts:
                seconds = timed(checkout, arguments)
                if name.startswith("import"):
                    seconds -= timed(checkout, ["-c", "pass"])
                if run:  # the first one fills the caches
                    times[checkout].append(seconds)
        print(f"| `{name}` | " + " | ".join(f"{statistics.median(times[one]):.3f}" for one in checkouts) + " |")


def timed(checkout: Path, arguments: list[str]) -> float:
    """Seconds of a process that imports Feelscope from a checkout."""
    environment = {**os.environ, "PYTHONPATH": str(checkout / "src")}
    start = time.perf_counter()
    quiet = subprocess.DEVNULL
    subprocess.run([sys.executable, *arguments], env=environment, cwd=checkout, stdout=quiet, stderr=quiet, check=True)
    return time.perf_counter() - start


def oversized(folder: Path) -> Path:
    """A table of a megabyte of text and a picture that decodes to 7.5 GB."""
    chunks = [b"IHDR" + struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0), b"IDAT" + zlib.compress(bytes(3000))]
    png = [struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) for chunk in chunks]
    (folder / "huge.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(png))
    table = folder / "posts.csv"
    table.write_text(f"id,text,image\n1,{'happy day ' * 100_000},huge.png\n", encoding="utf-8")
    return table


if __name__ == "__main__":
    main()
