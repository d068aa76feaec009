"""How often a source may be asked: the limits as data, obeyed across restarts."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from feelscope.errors import CollectError
from feelscope.store import Calls, Store
from feelscope.table.time_zones import zone_of


@dataclass(frozen=True, slots=True)
class Quota:
    """At most `calls` in any `seconds` in a row, for one key.

    Args:
        unit: What is counted, where a call may cost several of them.
        zone: Where a day begins at midnight, as Europe/Berlin; then it is `calls` in each such day.
    """

    calls: int
    seconds: int
    unit: str = "calls"
    zone: str = ""

    def start(self, now: float) -> float:
        """Since when what was used counts."""
        return self._midnight(now, 0) if self.zone else now - self.seconds

    def free(self, now: float, first: float) -> float:
        """When what is used up comes back, the first of it, which was used at a time."""
        return self._midnight(now, 1) if self.zone else first + self.seconds

    def _midnight(self, now: float, days: int) -> float:
        # Where the system knows no zones, as on Windows, an hour late in summer: never too early.
        zone = zone_of(self.zone) or timezone(timedelta(hours=-8))
        today = datetime.fromtimestamp(now, zone).replace(hour=0, minute=0, second=0, microsecond=0)
        return (today + timedelta(days=days)).timestamp()


_PERIODS = {60: "this minute", 300: "these five minutes", 3600: "this hour", 86_400: "this day"}  # seconds in words


class QuotaUsedUp(CollectError):
    """The source may not be asked now, and the caller does not want to wait."""


class Meter:
    """Counts the calls of one key to one source, in the database, and waits where the quota is used up.

    Args:
        key: The key of the account; only a hash of it is stored.
        quotas: How often it may call.
        wait: Whether to wait for the quota; otherwise `take` raises `QuotaUsedUp`.
        clock, sleep: Unix seconds now, and waiting; tests have their own.
        tell: Called with what is waited for.
    """

    def __init__(
        self,
        store: Store,
        source: str,
        key: str,
        quotas: tuple[Quota, ...],
        *,
        wait: bool = True,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        tell: Callable[[str], None] = lambda words: None,
    ) -> None:
        self.source, self.wait, self.clock, self.sleep, self.tell = source, wait, clock, sleep, tell
        self.quotas = quotas
        self.calls = Calls(store, source, hashlib.sha256(key.encode()).hexdigest()[:12])

    def take(self, units: int = 1) -> None:
        """Count a call that is about to be made, when it may be made.

        Args:
            units: What it costs.

        Raises:
            QuotaUsedUp: It may not be made now, and waiting was not asked for.
        """
        while (free := self._free_at(units)) > self.clock():
            when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(free))
            if not self.wait:
                raise QuotaUsedUp(f"{self.source}: the quota is used up until {when}; run the same command again then")
            self.tell(f"waiting for {self.source}'s quota until {when}")
            self.sleep(max(free - self.clock(), 0.01))
        self.calls.log(self.clock(), units)

    def _free_at(self, units: int) -> float:
        """When the next call may be made, as far as is known now; in the past where it may be made now."""
        free = self.calls.paused_until()
        for quota in self.quotas:
            count, first = self.calls.since(quota.start(self.clock()))
            if count + units > quota.calls:
                free = max(free, quota.free(self.clock(), first))
        return free

    def pause(self, seconds: float) -> None:
        """The source asked to be left alone for some seconds."""
        self.calls.pause(self.clock() + seconds)

    def left(self) -> str:
        """What is left of each quota and when its first call comes back, for people."""
        parts = []
        for quota in self.quotas:
            count, first = self.calls.since(quota.start(self.clock()))
            free = time.localtime(quota.free(self.clock(), first))
            back = f", back from {time.strftime('%H:%M', free)}" if count else ""
            period = _PERIODS[quota.seconds]
            parts.append(f"{max(quota.calls - count, 0):,} of {quota.calls:,} {quota.unit} left {period}{back}")
        return "; ".join(parts)
