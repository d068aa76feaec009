"""Bluesky and Mastodon, played here: is anything lost or twice through kills, or refused with a traceback?

python benchmarks/collect_networks.py --posts 10000 --kills 20 --count 2000

Kills: the command collects, while the server gives answers that are empty, out of order, twice, cut off, 429 and 500,
people delete, edit and write posts; `kill -9` ends it again and again. At last every post that was there all the time
must be in the database once, and `sync`, killed as well, must remove what was deleted. Altered answers: see
`tests/altered.py`; each input is up to 40 posts, and one in seven breaks its envelope and headers too.
Exit code 1 where anything failed.
"""

import argparse
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from altered import Altered
from killed import Killed
from platforms import serve


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=10_000, help="of each network")
    parser.add_argument("--kills", type=int, default=20, help="while they are collected; a quarter as many in sync")
    parser.add_argument("--count", type=int, default=2000, help="altered inputs of each network")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    failed = 0
    for network in ("mastodon", "bluesky-search", "bluesky-account") if given.posts else ():
        begun = time.monotonic()
        with tempfile.TemporaryDirectory() as name:
            try:
                said = Killed(network, given.posts, given.seed).run(Path(name), given.kills)
            except Exception:  # noqa: BLE001  # whatever it is, it is counted
                failed += 1
                said = traceback.format_exc()
        print(f"{network:16} {said}; {time.monotonic() - begun:.0f} s", flush=True)
    for network in ("mastodon", "bluesky") if given.count else ():
        counts: Counter[str] = Counter()
        for number in range(given.count):
            answers = Altered(network, given.seed * 1_000_003 + number)
            with tempfile.TemporaryDirectory() as name, serve(answers.platform) as address:
                try:
                    bad, refused = answers.check(address, Path(name))
                except Exception:  # noqa: BLE001  # whatever it is, it is counted
                    counts["failed"] += 1
                    if counts["failed"] <= 3:
                        print(f"{network} {number}: {traceback.format_exc()}", file=sys.stderr, flush=True)
                else:
                    counts["rows"] += len(answers.rows)
                    counts["quarantined"] += bad
                    counts["refused"] += refused
        failed += counts["failed"]
        said = ", ".join(f"{counts[name]:,} {name}" for name in ("rows", "quarantined", "refused", "failed"))
        print(f"{network:16} {given.count:,} altered inputs: {said}", flush=True)
    if given.posts:
        print(f"{resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:,.0f} MB at most of a command")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
