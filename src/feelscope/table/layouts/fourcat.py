"""4CAT's own tables, as CSV: the same columns for all platforms, and what each platform has besides.

    thread_id, body, author, timestamp            of all
    is_retweet, is_quote_tweet                    X; `source` is the program that posted, and `author` a name
    tiktok_url   usertags, num_likes              TikTok, Instagram
    page_category, likes_love                     Facebook

Source: 4CAT's data sources, for the names.
"""

from feelscope.table.layouts.record import REPOST, Record, Row, first
from feelscope.table.quarantine import BadRow

_OF_ALL = ("id", "thread_id", "body", "author", "timestamp")
# What a table has of one platform alone.
_PLATFORMS = {
    "twitter": ("is_retweet", "is_quote_tweet"),
    "tiktok": ("tiktok_url",),
    "instagram": ("usertags", "num_likes"),
    "facebook": ("page_category", "likes_love"),
}
_YES = ("yes", "true", "1")
_READ = (*_OF_ALL, "unix_timestamp", "link", "subject", "author_id", "source")


def is_mine(record: Record) -> bool:
    """Whether it is a row of such a table, of a platform that is known."""
    return all(name in record for name in _OF_ALL) and bool(_platform(record))


def rows(record: Record) -> list[Row]:
    """The row of a post, with its other columns."""
    if str(record.get("is_retweet")).strip().lower() in _YES:
        raise BadRow(REPOST, broken=False, id=str(record.get("id") or ""))
    row: Row = {
        "id": record.get("id"),
        "text": record.get("body"),
        "title": record.get("subject"),
        "created_at": first(record, "timestamp", "unix_timestamp"),
        "author": first(record, "author_id", "author"),
        "url": first(record, "link"),
        "app": record.get("source"),
    }
    others = {name: value for name, value in record.items() if name not in _READ}
    filled = {name: value for name, value in row.items() if value not in (None, "")}
    return [others | filled | {"source": _platform(record)}]


def _platform(record: Record) -> str:
    known = (name for name, columns in _PLATFORMS.items() if all(column in record for column in columns))
    return next(known, "")
