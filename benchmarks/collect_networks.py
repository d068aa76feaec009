"""Open networks, played here: is anything lost or twice through kills, or refused with a traceback?

python benchmarks/collect_networks.py --posts 10000 --kills 20 --count 2000

Kills: the command collects, while the server gives answers that are empty, out of order, twice, cut off, 429 and 500,
people delete, edit and write posts; `kill -9` ends it again and again. At last every post that was there all the time
must be in the database once, and `sync`, killed as well, must remove what was deleted. Altered answers and exports: see
`tests/altered.py` and `tests/altered_messages.py`; each input is up to 40 posts, and one in seven breaks what is around
them too.
Exit code 1 where anything failed.
"""

import argparse
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from altered import Altered
from altered_messages import KINDS, AlteredMessages
from killed import Killed
from killed_messages import through_telegram, through_youtube
from platforms import serve


def killed(network: str) -> Callable[[Path, int, int, int], str]:
    """What collects an open network through kills."""
    return lambda folder, posts, kills, seed: Killed(network, posts, seed).run(folder, kills)


NETWORKS = {name: killed(name) for name in ("mastodon", "bluesky-search", "bluesky-account")} | {
    "youtube": through_youtube,
    "telegram-json": lambda folder, posts, kills, seed: through_telegram(folder, posts, kills, seed=seed),
    "telegram-html": lambda folder, posts, kills, seed: through_telegram(
        folder, 2 * posts, kills, html=True, seed=seed
    ),
}


def altered(network: str, seed: int) -> Altered | AlteredMessages:
    """An altered input of a network."""
    return AlteredMessages(network, seed) if network in KINDS else Altered(network, seed)


def check(answers: Altered | AlteredMessages, folder: Path) -> tuple[int, int]:
    """How many rows of an altered input went to the quarantine, and whether the whole was refused."""
    if isinstance(answers, AlteredMessages):
        return answers.check(folder)
    with serve(answers.platform) as address:
        return answers.check(address, folder)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=10_000, help="of each network")
    parser.add_argument("--kills", type=int, default=20, help="while they are collected; a quarter as many in sync")
    parser.add_argument("--count", type=int, default=2000, help="altered inputs of each network")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", metavar="WORD", default="", help="networks whose names have it")
    given = parser.parse_args()
    failed = 0
    for network in [name for name in NETWORKS if given.posts and given.only in name]:
        begun = time.monotonic()
        with tempfile.TemporaryDirectory() as name:
            try:
                said = NETWORKS[network](Path(name), given.posts, given.kills, given.seed)
            except Exception:  # noqa: BLE001  # whatever it is, it is counted
                failed += 1
                said = traceback.format_exc()
        print(f"{network:16} {said}; {time.monotonic() - begun:.0f} s", flush=True)
    for network in [name for name in ("mastodon", "bluesky", *KINDS) if given.count and given.only in name]:
        counts: Counter[str] = Counter()
        for number in range(given.count):
            answers = altered(network, given.seed * 1_000_003 + number)
            with tempfile.TemporaryDirectory() as name:
                try:
                    bad, refused = check(answers, Path(name))
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
