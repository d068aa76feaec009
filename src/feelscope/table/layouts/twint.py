"""Tables of twint: posts of X as CSV or JSON Lines, with a column for nearly everything.

Source: twint's documentation of its output, for the names.
"""

from feelscope.table.layouts.record import REPOST, Record, Row, first
from feelscope.table.quarantine import BadRow

_ITS = ("id", "conversation_id", "tweet", "user_id", "username", "link")
_READ = ("tweet", "user_id", "link", "source")


def is_mine(record: Record) -> bool:
    """Whether it is a row of such a table."""
    return all(name in record for name in _ITS)


def rows(record: Record) -> list[Row]:
    """The row of a post, with its other columns."""
    if str(record.get("retweet")).strip().lower() == "true":
        raise BadRow(REPOST, broken=False, id=str(record.get("id") or ""))
    row: Row = {
        "text": record.get("tweet"),
        "author": first(record, "user_id", "username"),
        "url": record.get("link"),
    }
    others = {name: value for name, value in record.items() if name not in _READ}
    return [others | {name: value for name, value in row.items() if value not in (None, "")} | {"source": "twitter"}]
