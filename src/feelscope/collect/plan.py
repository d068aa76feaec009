"""What a collection will cost, without asking anybody."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from feelscope.collect.quota import Quota
from feelscope.errors import CollectError

POST_BYTES = 1500  # of the database, a post with its words and tags; see docs/collect.md
PACKED = 8  # a .zst dump is about this much smaller than its lines


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


def of_calls(quotas: Sequence[Quota], posts: int | None, per_call: int, made: int) -> Plan:
    """What collecting posts by calls will take.

    Args:
        posts: How many; None for all there are.
        per_call: New posts a call, at best.
        made: Calls of the last day that count for the quotas.
    """
    if posts is None:
        a_day = min(quota.calls * 86_400 // quota.seconds for quota in quotas)
        most = f"at most {a_day:,} calls and {a_day * per_call:,} posts a day"
        how = "nobody says before how many there are; give --limit N for an estimate"
        return Plan(None, None, 0.0, None, f"{how}; {most}")
    calls = -(-posts // per_call)
    remark = f"at {per_call} new posts a call, the best there is, and the quotas' time alone"
    return Plan(posts, calls, waiting(quotas, calls, made), posts * POST_BYTES, remark)


def waiting(quotas: Sequence[Quota], calls: int, made: int) -> float:
    """The seconds that quotas take for so many calls, of which some were made within the last day."""
    return max((max(calls + made - quota.calls, 0) / quota.calls * quota.seconds for quota in quotas), default=0.0)


def of_files(paths: Sequence[Path], in_folders: Sequence[str] = ()) -> Plan:
    """What reading files and folders will take, by their sizes.

    Args:
        in_folders: The files of a folder that are read.
    """
    size = 0
    for path in paths:
        if not path.exists():
            raise CollectError(f"{path}: no such file or folder")
        for file in [path / name for name in in_folders] if path.is_dir() else [path]:
            if file.is_file():
                size += file.stat().st_size * (PACKED if file.suffix == ".zst" else 1)
    return Plan(None, 0, 0.0, size, "no calls; the database takes about as much as the files unpacked, at most")
