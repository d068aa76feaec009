"""The one reader of authors: what tables write in `author`, as one text that is the same in all of an author's posts.

A platform's own posts have an object there, with counts of followers that differ from post to post; the stable id in it
is the author.
"""

from collections.abc import Mapping

from feelscope.table.nested import read_nested
from feelscope.text.own_words import is_placeholder

# Best first. Mastodon numbers accounts per server, and the address is the same on all; Bluesky's is the DID; tweets v1,
# tweets v2 and the web client of X; Instagram; TikTok; Tumblr; last, names that people can change.
_OF_MASTODON = ("uri", "url", "acct")
_IDS = (
    *("did", "id_str", "id", "rest_id", "user_id", "userId", "author_id", "pk", "pk_id", "uid", "secUid", "uuid"),
    *("_id", "fullname", "acct", "username", "screen_name", "uniqueId", "unique_id", "handle", "nickname", "name"),
    *("displayName", "display_name", "url", "uri"),
)
_DEEPEST = 3  # objects within one another


def read_author(value: object) -> str:
    """Read a cell as an author; empty where it names none.

    Args:
        value: A name or an id, or an object that has one, also written as JSON or as Python prints it; of a list of
            authors, the first.

    Example:
        >>> read_author({"id": "7", "username": "kim", "public_metrics": {"followers_count": 12}})
        '7'
    """
    return _author(value, _DEEPEST)


def _author(value: object, depth: int) -> str:
    if isinstance(value, str):
        value = value.strip()
        if "[" not in value and value[:1] != "{":
            return value
        nested = read_nested(value)
        if nested is not None:
            return _author(nested, depth)
        return "" if _is_nobody(value) else value
    if isinstance(value, Mapping):
        return _of_object(value, depth)
    if isinstance(value, list | tuple):
        return _author(value[0], depth - 1) if value and depth else ""
    return "" if value is None or value != value else str(value)


def _of_object(value: Mapping[object, object], depth: int) -> str:
    for name in (*(_OF_MASTODON if "acct" in value else ()), *_IDS):
        found = value.get(name)
        if isinstance(found, str | int) and not isinstance(found, bool) and str(found).strip():
            return "" if _is_nobody(str(found)) else str(found).strip()
    if not depth:
        return ""
    nested = (_of_object(inner, depth - 1) for inner in value.values() if isinstance(inner, Mapping))
    return next((author for author in nested if author), "")


def _is_nobody(name: str) -> bool:
    """Whether a platform wrote a name in the place of an author who is gone, such as [deleted] or u/[deleted]."""
    return is_placeholder(name.strip().removeprefix("/").removeprefix("u/"))
