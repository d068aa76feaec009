"""What people name on Mastodon: a server, and its tags and accounts; or pages of these."""

import re
import urllib.parse
from collections.abc import Sequence

from feelscope.errors import CollectError

HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d{1,5})?")
_ACCOUNT = re.compile(r"@[\w.-]+(?:@[\w.-]+)?")
_PAGE = re.compile(r"https://([^/\s]+)/(tags/|@)([^/?#\s]+)/?")


def read_asked(what: Sequence[str]) -> tuple[str, list[str]]:
    """The server of a job, and what is asked of it; empty where nothing is named.

    Example:
        >>> read_asked(["mastodon.social", "cats"]), read_asked(["https://mastodon.social/@Mastodon"])
        (('mastodon.social', ['cats']), ('mastodon.social', ['@Mastodon']))

    Raises:
        CollectError: The first is no server, or a page is another server's.
    """
    if not what:
        return "", []
    pages = [_PAGE.fullmatch(one.strip()) for one in what]
    server = server_of(pages[0][1] if pages[0] else what[0])
    names = []
    for one, page in [*zip(what, pages, strict=True)][0 if pages[0] else 1 :]:
        if page is not None and server_of(page[1]) != server:
            raise CollectError(f"mastodon: {one[:80]!a} is not of {server}; collect it by a command of its own")
        names.append(one if page is None else f"{page[2].replace('tags/', '#')}{urllib.parse.unquote(page[3])}")
    return server, names


def names_of(what: Sequence[str]) -> list[str]:
    """Tags, each with one #, and accounts, which begin with @.

    Raises:
        CollectError: One is neither.
    """
    names = [one.strip() if one.strip().startswith("@") else f"#{one.strip().lstrip('#')}" for one in what]
    for name in names:
        if name == "#":
            how = "feelscope collect posts.db mastodon mastodon.social happy"
            raise CollectError(f"mastodon: a tag is empty; write it as in: {how}")
        if name.startswith("@") and not _ACCOUNT.fullmatch(name):
            raise CollectError(f"mastodon: {name[:80]!a} is no account, such as @name or @name@mastodon.social")
    return names


def server_of(text: str) -> str:
    """A server's name from itself or its address.

    Raises:
        CollectError: It is none.
    """
    name = re.sub(r"^https://", "", text.strip(), flags=re.IGNORECASE).rstrip("/").lower()
    try:
        name = name if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        name = ""
    if not HOST.fullmatch(name):
        what = f"{text[:80]!a} is no server's name, such as mastodon.social"
        raise CollectError(f"mastodon: {what}; a server comes first, then its tags and accounts")
    return name
