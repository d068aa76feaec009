"""What a collection will cost before it starts: calls, time and disk."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from feelscope.collect.quota import QUOTAS

POST_BYTES = 1500  # of the database, a post with its words and tags; see docs/collect.md
PACKED = 8  # a .zst dump is about this much smaller than its lines
PER_PAGE = {"tumblr": 19, "reddit": 100, "flickr": 500}  # new posts a call, at best


@dataclass(frozen=True, slots=True)
class Plan:
    """An estimate.

    Args:
        posts: At most, or about; None where nobody can know.
        calls: To the source; 0 for files.
        seconds: That the quotas alone take.
        bytes: Of posts.db, without pictures.
        remark: What the numbers rest on.
    """

    posts: int | None
    calls: int | None
    seconds: float
    bytes: int | None
    remark: str


def of_calls(source: str, posts: int | None, calls_before: int, per_call: int | None = None) -> Plan:
    """What collecting posts by calls will take.

    Args:
        posts: How many; None for all there are.
        calls_before: Calls of the last day that count for the quotas.
    """
    quotas = QUOTAS[source]
    per_call = per_call or PER_PAGE[source]
    if posts is None:
        slowest = min(quotas, key=lambda quota: quota.calls / quota.seconds)
        a_day = slowest.calls * 86_400 // slowest.seconds
        remark = (
            f"all there are: nobody says how many before; at most {a_day:,} calls and {a_day * per_call:,} posts a day"
        )
        return Plan(None, None, 0.0, None, remark)
    calls = -(-posts // per_call)
    seconds = max(max(calls + calls_before - quota.calls, 0) / quota.calls * quota.seconds for quota in quotas)
    remark = f"at {per_call} new posts a call, the best there is, and the quotas' time alone"
    return Plan(posts, calls, seconds, posts * POST_BYTES, remark)


def of_files(files: Sequence[Path]) -> Plan:
    """What reading files will take, by their sizes."""
    packed = sum(file.stat().st_size for file in files if file.suffix == ".zst")
    plain = sum(
        inner.stat().st_size
        for file in files
        if file.suffix != ".zst"
        for inner in ([file] if file.is_file() else [file / name for name in ("captions.csv", "captions.txt")])
        if inner.is_file()
    )
    size = plain + PACKED * packed
    return Plan(None, 0, 0.0, size, "no calls; the database takes about as much as the files unpacked, at most")
