"""X's own archive of an account: tweets.js, and note-tweet.js with the long ones.

The pictures of tweets.js lie beside it, in tweets_media/, by the post's id and their names on the web. The archive does
not say in each post whose it is: all are one author's.
"""

from pathlib import PurePosixPath

from feelscope.table.layouts import twitter
from feelscope.table.layouts.record import NO_POST, Record, Row, dig, first, row_of, text_of
from feelscope.table.quarantine import BadRow
from feelscope.table.tags import read_tags

_POSTS = ("tweet", "noteTweet")


def is_mine(record: Record) -> bool:
    """Whether it is an entry of an archive: an object that has its kind as its one name."""
    if len(record) == 1 and "like" in record:
        return isinstance(dig(record, "like", "tweetId"), str)
    return len(record) == 1 and any(isinstance(record.get(name), dict) for name in _POSTS)


def rows(record: Record) -> list[Row]:
    """The row of a post."""
    if "noteTweet" in record:
        return [_note(record["noteTweet"])]
    if "tweet" not in record:
        raise BadRow(NO_POST, next(iter(record), ""), broken=False)
    tweet = record["tweet"]
    (row,) = twitter.rows({"id_str": tweet.get("id"), **tweet} if "id_str" not in tweet else tweet)
    if address := row.get("image"):
        row["image_url"] = address
        row["image"] = f"tweets_media/{row['id']}-{PurePosixPath(str(address).partition('?')[0]).name}"
    return [row]


def _note(note: Record) -> Row:
    core = first(note, "core", "noteTweetResults", "noteTweetContents")
    return row_of(
        "twitter",
        note.get("noteTweetId"),
        text_of("text", dig(core, "text")),
        tags=list(read_tags(dig(core, "hashtags") or [])),
        created_at=note.get("createdAt"),
    )
