"""A long export of Telegram: how long it takes to be collected, and in how much memory.

python benchmarks/collect_export.py --megabytes 1000
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from telegram_files import CHANNEL, message


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=1000, help="of result.json")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        path, count = Path(name) / "result.json", 0
        with path.open("w", encoding="utf-8") as file:
            file.write(f'{json.dumps(CHANNEL)[:-1]}, "messages": [\n')
            while file.tell() < given.megabytes * 10**6:
                text = [f"Words {count} " * 40, {"type": "hashtag", "text": "#garden"}]
                file.write(",\n" * (count > 0) + json.dumps(message(count, text), indent=1))
                count += 1
            file.write("\n]}\n")
        begun = time.monotonic()
        command = [sys.executable, "-m", "feelscope.cli", "collect", f"{name}/posts.db", "telegram", str(path)]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        seconds = time.monotonic() - begun
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        size = path.stat().st_size / 1e6
        print(f"{size:,.0f} MB, {count:,} messages: {seconds:.0f} s, {memory:.0f} MB of memory at most")


if __name__ == "__main__":
    main()
