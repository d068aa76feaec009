"""The log of calls to sources, and until when a source asked to be left alone; quotas are obeyed by it."""

from feelscope.store.database import Database

KEPT = 2 * 86_400  # seconds; the longest quota is a day


class Calls:
    """The calls that were made, by source and key, across runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def log(self, source: str, key: str, at: float) -> None:
        """Keep that a call is about to be made; written before it, so that no crash forgets it."""
        with self._database.transaction():
            self._database.execute("INSERT INTO calls VALUES (?, ?, ?)", (source, key, at))
            self._database.execute("DELETE FROM calls WHERE at < ?", (at - KEPT,))

    def since(self, source: str, key: str, since: float) -> tuple[int, float]:
        """How many calls were made after a time, and when the first of them was."""
        with self._database.reading():
            count, first = self._database.execute(
                "SELECT count(*), min(at) FROM calls WHERE source = ? AND key = ? AND at > ?", (source, key, since)
            ).fetchone()
        return int(count), float(first or since)

    def pause(self, source: str, key: str, until: float) -> None:
        """Keep that the source asked to be left alone until a time."""
        with self._database.transaction():
            self._database.execute("INSERT OR REPLACE INTO pauses VALUES (?, ?, ?)", (source, key, until))

    def paused_until(self, source: str, key: str) -> float:
        """Until when the source asked to be left alone; 0 where it did not."""
        with self._database.reading():
            row = self._database.execute(
                "SELECT until FROM pauses WHERE source = ? AND key = ?", (source, key)
            ).fetchone()
        return 0.0 if row is None else float(row[0])
