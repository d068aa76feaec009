"""Pages of X's API 2, as twarc2 writes them: a list of posts, and beside it the media that they name by key."""

from feelscope.table.layouts import twitter
from feelscope.table.layouts.record import Record, Row, dig, records
from feelscope.table.quarantine import BadRow


def is_mine(record: Record) -> bool:
    """Whether it is a page; the last of a search may be an empty one."""
    if not isinstance(record.get("data"), list):
        return False
    posts = records(record["data"])
    has_more = isinstance(record.get("includes"), dict) or isinstance(record.get("meta"), dict)
    return has_more and bool(posts) and all("id" in post and "text" in post for post in posts)


def rows(record: Record) -> list[Row | BadRow]:
    """The rows of a page's posts."""
    media = {str(one.get("media_key")): one for one in records(dig(record, "includes", "media"))}
    return [_row(post, media) for post in records(record["data"])]


def _row(post: Record, media: dict[str, Record]) -> Row | BadRow:
    keys = dig(post, "attachments", "media_keys")
    named = [media[str(key)] for key in keys if str(key) in media] if isinstance(keys, list) else []
    whole = {"author_id": "", **post, "attachments": {"media": named}}
    try:
        return twitter.rows(whole)[0]
    except BadRow as bad:
        return bad
