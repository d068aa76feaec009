"""X, as its API, its web page and its archive write posts; kept by twarc, minet, Zeeschuimer and 4CAT.

    legacy.full_text, note_tweet, core        of the web page (Zeeschuimer, 4CAT)
    full_text, user, entities                 of API 1.1, and of the archive without a user
    text, author_id, referenced_tweets        of API 2, whose pages are taken apart in `twitter_pages.py`

Reposts are somebody else's words, and so is what a post quotes; the link that X puts behind a text for its picture or
for the quoted post is nobody's.
"""

import re

from feelscope.table.authors import read_author
from feelscope.table.layouts.record import (
    NO_POST,
    OTHER,
    REPOST,
    Record,
    Row,
    address_of,
    dig,
    first,
    records,
    row_of,
    text_of,
)
from feelscope.table.quarantine import BadRow
from feelscope.table.tags import read_tags

_REPOST = re.compile(r"RT @\w{1,20}\b:?")
_OF_WEB = ("TweetWithVisibilityResults", "TweetTombstone", "TweetUnavailable", "Tweet")
_OF_API_2 = ("edit_history_tweet_ids", "public_metrics", "referenced_tweets", "entities", "attachments")


def is_mine(record: Record) -> bool:
    """Whether it is a post as X writes it."""
    if isinstance(record.get("legacy"), dict) or record.get("__typename") in _OF_WEB:
        return "rest_id" in record or "__typename" in record or "full_text" in record["legacy"]
    if "id_str" in record and "created_at" in record:
        return "full_text" in record or ("text" in record and ("entities" in record or "user" in record))
    is_api_2 = "id" in record and "text" in record and "author_id" in record
    return is_api_2 and any(isinstance(record.get(name), dict | list) for name in _OF_API_2)


def rows(record: Record) -> list[Row]:
    """The row of a post."""
    if isinstance(inner := record.get("tweet"), dict) and "legacy" not in record:
        record = inner
    if "Tombstone" in str(record.get("__typename")) or record.get("__typename") == "TweetUnavailable":
        raise BadRow(NO_POST, "a post that is gone", broken=False)
    if isinstance(legacy := record.get("legacy"), dict):
        return [_of_web(record, legacy)]
    if "author_id" in record and "id_str" not in record:
        return [_of_api_2(record)]
    return [_of_api_1(record)]


def _of_web(record: Record, legacy: Record) -> Row:
    if legacy.get("retweeted_status_result") or record.get("retweeted_status_result"):
        raise BadRow(REPOST, broken=False, id=str(record.get("rest_id") or ""))
    user = first(record, ("core", "user_results", "result"), "user")
    author = first(user, "rest_id", "id_str") or legacy.get("user_id_str") or dig(user, "legacy", "screen_name")
    name = first(user, ("core", "screen_name"), ("legacy", "screen_name"), "screen_name")
    note = dig(record, "note_tweet", "note_tweet_results", "result")
    quoted = legacy.get("quoted_status_permalink")
    id = first(record, "rest_id", ("legacy", "id_str"))
    return _row(legacy, id, name, author=read_author(author), quoted=quoted, note=note)


def _of_api_1(record: Record) -> Row:
    if record.get("retweeted_status") or _REPOST.match(str(first(record, "full_text", "text"))):
        raise BadRow(REPOST, broken=False, id=str(record.get("id_str") or ""))
    user = record.get("user")
    whole = record.get("extended_tweet")  # of the stream: the text before it was cut
    words = {**record, **whole} if isinstance(whole, dict) else record
    quoted, name = record.get("quoted_status_permalink"), dig(user, "screen_name")
    return _row(words, record.get("id_str"), name, author=read_author(user), quoted=quoted)


def _row(words: Record, id: object, name: object, *, author: str, quoted: object, note: object = None) -> Row:
    said = first(words, "full_text", "text")
    if said is None and "full_text" not in words and "text" not in words:
        raise BadRow(OTHER, "no full_text")
    media = records(first(words, ("extended_entities", "media"), ("entities", "media")))
    links = [dig(one, "url") for one in media] + [dig(quoted, "url")]
    tags = read_tags([*records(dig(words, "entities", "hashtags")), *records(dig(note, "entity_set", "hashtags"))])
    alt_texts = [text_of("alt text", one.get("ext_alt_text")) for one in media]
    return row_of(
        "twitter",
        id,
        without(text_of("text", dig(note, "text") or said), links),
        tags=list(dict.fromkeys(tags)),
        image=next(filter(None, (address_of(first(one, "media_url_https", "media_url")) for one in media)), ""),
        created_at=words.get("created_at"),
        author=author,
        url=f"https://x.com/{name}/status/{id}" if isinstance(name, str) else "",
        votes=first(words, "favorite_count"),
        lang=first(words, "lang"),
        alt_text=next(filter(None, alt_texts), ""),
    )


def _of_api_2(record: Record) -> Row:
    if any(one.get("type") == "retweeted" for one in records(record.get("referenced_tweets"))):
        raise BadRow(REPOST, broken=False, id=str(record.get("id") or ""))
    entities = first(record, ("note_tweet", "entities"), "entities")
    links = [one.get("url") for one in records(dig(record, "entities", "urls")) if one.get("media_key")]
    media = records(dig(record, "attachments", "media"))  # as twarc puts them in
    return row_of(
        "twitter",
        record.get("id"),
        without(text_of("text", first(record, ("note_tweet", "text"), "text")), links),
        tags=list(read_tags(records(dig(entities, "hashtags")))),
        image=next(filter(None, (address_of(first(one, "url", "preview_image_url")) for one in media)), ""),
        created_at=record.get("created_at"),
        author=read_author(first(record, "author_id", "author")),
        votes=dig(record, "public_metrics", "like_count"),
        lang=first(record, "lang"),
        alt_text=next(filter(None, (text_of("alt text", one.get("alt_text")) for one in media)), ""),
    )


def without(text: str, links: list[object]) -> str:
    """A text without links that its platform put behind it."""
    for link in links:
        if isinstance(link, str) and link:
            text = text.replace(link, "")
    return text.rstrip() if any(links) else text
