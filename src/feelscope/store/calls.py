"""The log of calls to sources, and until when a source asked to be left alone; quotas are obeyed by it."""

from dataclasses import dataclass

from feelscope.store.database import Database

KEPT = 2 * 86_400  # seconds; the longest quota is a day


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls that were made to a source with a key, across runs; times are Unix seconds."""

    database: Database
    source: str
    key: str

    def log(self, now: float, units: int = 1) -> None:
        """Keep that a call is about to be made; written before it, so that no crash forgets it.

        Args:
            units: What it costs; each is a row, as a quota may count something else than calls.
        """
        with self.database.transaction():
            for _ in range(units):
                self.database.execute("INSERT INTO calls VALUES (?, ?, ?)", self.source, self.key, now)
            self.database.execute("DELETE FROM calls WHERE at < ?", now - KEPT)

    def since(self, start: float) -> tuple[int, float]:
        """How many calls were made after a time, in units, and when the first of them was."""
        query = "SELECT count(*), min(at) FROM calls WHERE source = ? AND key = ? AND at > ?"
        ((count, first),) = self.database.rows(query, self.source, self.key, start)
        return int(count), float(first or start)

    def pause(self, until: float) -> None:
        """Keep that the source asked to be left alone until a time."""
        with self.database.transaction():
            self.database.execute("INSERT OR REPLACE INTO pauses VALUES (?, ?, ?)", self.source, self.key, until)

    def paused_until(self) -> float:
        """Until when the source asked to be left alone; 0 where it did not."""
        query = "SELECT until FROM pauses WHERE source = ? AND key = ?"
        return max((float(until) for (until,) in self.database.rows(query, self.source, self.key)), default=0.0)
