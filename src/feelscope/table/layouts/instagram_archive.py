"""Instagram's own export of an account: posts_1.json, stories.json, reels.json, archived_posts.json.

A post has a list of media, of which a single one holds the caption and its time; a story is a medium alone. Its texts
are UTF-8 that was read as Latin-1. The export has no ids, so that a post's is the name of its first file.
"""

from pathlib import PurePosixPath

from feelscope.table.layouts.record import NO_POST, Record, Row, first, records, row_of, text_of
from feelscope.table.quarantine import BadRow
from feelscope.text.own_words import own_words

_LISTS = ("string_list_data", "string_map_data", "media_list_data")  # of likes, followers, comments and settings
_FILMS = (".mp4", ".mov", ".webm")


def is_mine(record: Record) -> bool:
    """Whether it is an entry of an export."""
    if any(name in record for name in _LISTS):
        return "title" in record or "string_map_data" in record
    return any("uri" in medium and "creation_timestamp" in medium for medium in _media(record))


def rows(record: Record) -> list[Row]:
    """The row of a post."""
    media = _media(record)
    if not media:
        raise BadRow(NO_POST, "no picture or film", broken=False)
    said = text_of("title", first(record, "title")) or text_of("title", media[0].get("title"))
    text = _repaired(said)
    if own_words(said)[0] == own_words(text)[0]:
        text = said  # as it is for all tables: it is repaired where it is read, and counted there
    uris = [text_of("uri", medium.get("uri")) for medium in media]
    pictures = [uri for uri in uris if uri and not uri.lower().endswith(_FILMS)]
    name = PurePosixPath(uris[0])
    return [
        row_of(
            "instagram",
            "-".join(name.with_suffix("").parts).removeprefix("media-"),
            text,
            image=next(iter(pictures), ""),
            created_at=first(record, "creation_timestamp") or media[0].get("creation_timestamp"),
            text_as_it_was=said if said != text else "",
        )
    ]


def _media(record: Record) -> list[Record]:
    return records(record.get("media")) or ([record] if "uri" in record else [])


def _repaired(text: str) -> str:
    """A text whose every byte was made a character; one that is none of that stays."""
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text
