"""Instagram's own export of an account: posts_1.json, stories.json, reels.json, archived_posts.json.

    media: [{uri, creation_timestamp, title}], title              a post; a single medium holds its caption and time
    uri, creation_timestamp, title                                a story, a medium alone
    timestamp, label_values: [{label: Caption}, {media: [...]}]   a post in exports since 2025
    label_values: [{title: Owner, dict: [...]}]                   what somebody else posted: liked, saved

Its texts are UTF-8 that was read as Latin-1. The labels are in the account's language: without a "Caption" the text is
that of the first medium. Most of the export has no ids, so that a post's is the name of its first file.
"""

from pathlib import PurePosixPath

from feelscope.table.layouts.meta_words import repaired
from feelscope.table.layouts.record import NO_POST, Record, Row, first, records, row_of, text_of
from feelscope.table.quarantine import BadRow

_LISTS = ("string_list_data", "string_map_data", "media_list_data")  # of likes, followers, comments and settings
_FILMS = (".mp4", ".mov", ".webm")
_CAPTIONS = ("Caption", "Text")


def is_mine(record: Record) -> bool:
    """Whether it is an entry of an export."""
    if any(name in record for name in _LISTS):
        return "title" in record or "string_map_data" in record
    if isinstance(record.get("label_values"), list):
        return "timestamp" in record or "media" in record or "fbid" in record
    return any("uri" in medium and "creation_timestamp" in medium for medium in _media(record))


def rows(record: Record) -> list[Row]:
    """The row of a post."""
    labelled = records(record.get("label_values"))
    if any(isinstance(one.get("dict"), list) and not one.get("media") for one in labelled):
        raise BadRow(NO_POST, "somebody else's post", broken=False)
    media = _media(record)
    if not media:
        raise BadRow(NO_POST, "no picture or film", broken=False)
    captions = [text_of("caption", one.get("value")) for one in labelled if one.get("label") in _CAPTIONS]
    said = text_of("title", first(record, "title")) or next(filter(None, captions), "")
    text, as_it_was = repaired(said or text_of("title", media[0].get("title")))
    uris = [text_of("uri", medium.get("uri")) for medium in media]
    pictures = [uri for uri in uris if uri and not uri.lower().endswith(_FILMS)]
    name = PurePosixPath(uris[0])
    times = (first(record, "creation_timestamp", "timestamp"), media[0].get("creation_timestamp"))
    return [
        row_of(
            "instagram",
            "-".join(name.with_suffix("").parts).removeprefix("media-"),
            text,
            image=next(iter(pictures), ""),
            created_at=next(filter(None, times), None),
            text_as_it_was=as_it_was,
        )
    ]


def _media(record: Record) -> list[Record]:
    if media := records(record.get("media")):
        return media
    within = (records(one.get("media")) for one in records(record.get("label_values")))
    return next(filter(None, within), []) or ([record] if "uri" in record else [])
