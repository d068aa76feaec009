"""How often a source may be asked: the limits as data, obeyed across restarts."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass

from feelscope.errors import CollectError
from feelscope.store import Calls, Store


@dataclass(frozen=True, slots=True)
class Quota:
    """At most `calls` in any `seconds` in a row, for one key."""

    calls: int
    seconds: int


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

    def take(self) -> None:
        """Count a call that is about to be made, when it may be made.

        Raises:
            QuotaUsedUp: It may not be made now, and waiting was not asked for.
        """
        while (free := self._free_at()) > self.clock():
            when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(free))
            if not self.wait:
                raise QuotaUsedUp(f"{self.source}: the quota is used up until {when}; run the same command again then")
            self.tell(f"waiting for {self.source}'s quota until {when}")
            self.sleep(max(free - self.clock(), 0.01))
        self.calls.log(self.clock())

    def _free_at(self) -> float:
        """When the next call may be made; in the past where it may be made now."""
        free = self.calls.paused_until()
        for quota in self.quotas:
            count, first = self.calls.since(self.clock() - quota.seconds)
            if count >= quota.calls:
                free = max(free, first + quota.seconds)
        return free

    def pause(self, seconds: float) -> None:
        """The source asked to be left alone for some seconds."""
        self.calls.pause(self.clock() + seconds)

    def left(self) -> str:
        """What is left of each quota and when its first call comes back, for people."""
        parts = []
        for quota in self.quotas:
            count, first = self.calls.since(self.clock() - quota.seconds)
            back = f", back from {time.strftime('%H:%M', time.localtime(first + quota.seconds))}" if count else ""
            period = _PERIODS[quota.seconds]
            parts.append(f"{max(quota.calls - count, 0):,} of {quota.calls:,} calls left {period}{back}")
        return "; ".join(parts)
