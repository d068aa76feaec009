"""What is asked of one collection: every option of the command, as data."""

from dataclasses import dataclass
from pathlib import Path

from feelscope.collect.wanted import Wanted
from feelscope.table import Quarantine, quarantine_beside


@dataclass(frozen=True, slots=True)
class Job:
    """What to collect from where; times are Unix seconds.

    Args:
        what: Tags, accounts, subreddits, words, or files and folders.
        quarantine: Where rows go that cannot be posts; None takes a file beside the database, named after it.
        wait: Whether to wait where a quota is used up, or to stop.
        follow: Seconds between two rounds that ask for what is new; None ends with what there is.
    """

    database: Path
    source: str
    what: list[str]
    before: int | None
    after: int | None
    max_gap: int
    listing: str
    wanted: Wanted
    subreddits: list[str]
    ids: Path | None
    columns: dict[str, str]
    quarantine: Path | None
    limit: int | None
    restart: bool
    wait: bool
    follow: float | None = None

    @property
    def paths(self) -> list[Path]:
        """What to collect, where that is files and folders."""
        return [Path(path) for path in self.what]

    def left_out(self) -> Quarantine:
        """Where rows go that cannot be posts, however many; appended to, as earlier rows do not come again."""
        return Quarantine(self.quarantine or quarantine_beside(self.database), most_broken=1.0, keep=True)
