"""Facebook's own export of an account: your_posts_1.json, comments.json, and posts in groups.

    timestamp, data: [{post}], attachments: [{data: [{media: {uri, description}}]}]    a post
    timestamp, data: [{comment: {comment}}]                                            a comment

`title` is Facebook's ("... shared a link."). The export has no ids, so that a post's is its time and a digest.
"""

import hashlib
from typing import Any

from feelscope.table.layouts.meta_words import repaired
from feelscope.table.layouts.record import NO_POST, Record, Row, dig, records, row_of, text_of
from feelscope.table.quarantine import BadRow

_OF_POSTS = ("post", "update_timestamp", "comment")
_FILMS = (".mp4", ".mov", ".webm")


def is_mine(record: Record) -> bool:
    """Whether it is an entry of an export."""
    if "timestamp" not in record or "id" in record or "label_values" in record:
        return False
    data = records(record.get("data"))
    if any(name in one for one in data for name in _OF_POSTS):
        return True
    return "title" in record and bool(_attached(record))


def rows(record: Record) -> list[Row]:
    """The row of a post, or of a comment."""
    data = records(record.get("data"))
    said = [text_of("post", one.get("post") or dig(one, "comment", "comment")) for one in data]
    media = [one["media"] for one in _attached(record) if isinstance(one.get("media"), dict)]
    text, as_it_was = repaired("\n".join(filter(None, said)) or _of_media(media))
    uris = [uri for one in media if (uri := text_of("uri", one.get("uri")))]
    if not text and not uris:
        raise BadRow(NO_POST, "neither words nor a picture", broken=False)
    pictures = [uri for uri in uris if not uri.lower().endswith(_FILMS)]
    digest = hashlib.blake2b(repr([text, uris]).encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    return [
        row_of(
            "facebook",
            f"{record.get('timestamp')}-{digest}",
            text,
            image=next(iter(pictures), ""),
            created_at=record.get("timestamp"),
            text_as_it_was=as_it_was,
        )
    ]


def _attached(record: Record) -> list[Record]:
    return [one for attachment in records(record.get("attachments")) for one in records(attachment.get("data"))]


def _of_media(media: list[Any]) -> str:
    """What an author says of the first picture that has words."""
    return next(filter(None, (text_of("description", one.get("description")) for one in media)), "")
