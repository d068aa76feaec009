"""Mastodon and what speaks its API (Pleroma, Truth Social): statuses, and outbox.json of an account's archive.

    status         content in HTML, spoiler_text, media_attachments, account       of the API
    Create         object: a Note with content, summary, attachment, tag           of an archive (ActivityPub)
    Announce ...   a repost, or no post

What a content warning says is read as the title: it is the author's, and comes before the text.
Source: Mastodon's documentation of Status, MediaAttachment and of account archives.
"""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from feelscope.table.authors import read_author
from feelscope.table.layouts.record import (
    NO_POST,
    OTHER,
    REPOST,
    Record,
    Row,
    address_of,
    first,
    records,
    row_of,
    text_of,
)
from feelscope.table.quarantine import BadRow
from feelscope.table.tags import read_tags

_ACTIVITIES = "Create Announce Like Follow Delete Undo Accept Reject Add Remove Update Block Flag Move".split()
_FILMS = ("video", "gifv", "audio")
_POSTS = ("Note", "Article", "Question", "Page")
# What a server puts before or behind the author's words for those that do not show quotes: "RE: address".
_QUOTE = re.compile(r'<(p|span) class="quote-inline">.*?</\1>', re.DOTALL)


def is_mine(record: Record) -> bool:
    """Whether it is a status, or an entry of an outbox."""
    if record.get("type") in _ACTIVITIES:
        return "object" in record
    if record.get("type") in _POSTS:
        return "content" in record and "attributedTo" in record
    return (
        "content" in record
        and isinstance(record.get("account"), dict)
        and ("uri" in record or "spoiler_text" in record)
    )


def rows(record: Record) -> list[Row]:
    """The row of a post."""
    if isinstance(record.get("account"), dict):
        return [_status(record)]
    if record.get("type") == "Announce":
        raise BadRow(REPOST, broken=False)
    note = record if record.get("type") in _POSTS else record.get("object")
    if not isinstance(note, dict) or record.get("type") not in ("Create", *_POSTS):
        raise BadRow(NO_POST, str(record.get("type")), broken=False)
    if note.get("type") not in _POSTS:
        raise BadRow(NO_POST if note.get("type") else OTHER, str(note.get("type")), broken=False)
    return [_note(note, record)]


def _status(status: Record) -> Row:
    if status.get("reblog"):
        raise BadRow(REPOST, broken=False, id=str(status.get("id") or ""))
    media = records(status.get("media_attachments"))
    pictures = (address_of(first(one, "preview_url") if one.get("type") in _FILMS else one.get("url")) for one in media)
    return row_of(
        "mastodon",
        _id(status),
        _words(status.get("content")),
        title=text_of("spoiler_text", status.get("spoiler_text")),
        tags=list(read_tags(records(status.get("tags")))),
        image=next(filter(None, pictures), ""),
        created_at=status.get("created_at"),
        author=read_author(status.get("account")),
        url=address_of(first(status, "url", "uri")),
        votes=status.get("favourites_count"),
        lang=first(status, "language"),
        alt_text=_first_text(one.get("description") for one in media),
    )


def _id(status: Record) -> object:
    """Its address, as in an archive: each server counts posts by itself, and has numbers for those of others."""
    if found := first(status, "uri", "url"):
        return found
    server = urlsplit(str(first(status, ("account", "url"), ("account", "uri")) or "")).hostname
    number = first(status, "id")
    return f"{server}/{number}" if server and number else number


def _note(note: Record, activity: Record) -> Row:
    by_language = note["contentMap"] if isinstance(note.get("contentMap"), dict) else {}
    content = note.get("content")
    if content is None:
        content = next(iter(by_language.values()), "")
    media = [one for one in records(note.get("attachment")) if str(one.get("mediaType", "image/")).startswith("image/")]
    local, web = _picture(media)
    tags = [one for one in records(note.get("tag")) if one.get("type", "Hashtag") == "Hashtag"]
    return row_of(
        "mastodon",
        first(note, "id", "url"),
        _words(content),
        title=text_of("summary", note.get("summary")) or text_of("name", note.get("name")),
        tags=list(read_tags(tags)),
        image=local or web,
        created_at=first(note, "published") or activity.get("published"),
        author=read_author(first(note, "attributedTo") or activity.get("actor")),
        url=address_of(first(note, "url", "id")),
        lang=next(iter(by_language), "") if len(by_language) == 1 else "",
        alt_text=_first_text(one.get("name") for one in media),
    )


def _picture(media: list[Record]) -> tuple[str, str]:
    """The first picture: its path in the archive, or its address."""
    for one in media:
        url = first(one, "url", ("url", 0, "href"), "href")
        if isinstance(url, str):
            return ("", address) if (address := address_of(url)) else (url.lstrip("/"), "")
    return "", ""


def _words(html: object) -> str:
    """The HTML of the author's words."""
    text = text_of("content", html)
    return _QUOTE.sub("", text) if "quote-inline" in text else text


def _first_text(values: Iterable[object]) -> str:
    return next((value for value in values if isinstance(value, str) and value), "")
