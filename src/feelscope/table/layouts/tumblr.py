"""Tumblr's posts, legacy or in the Neue Post Format, as its API and 4CAT have them."""

from feelscope.table.layouts import tumblr_words
from feelscope.table.layouts.record import Record, Row, row_of
from feelscope.table.quarantine import BadRow

KINDS = ("photo", "text", "blocks", "regular", "quote", "chat", "conversation", "video", "audio", "link", "answer")
NOTHING = "no words and no picture of its own"


def is_mine(record: Record) -> bool:
    """Whether it is a post."""
    return (
        "timestamp" in record
        and ("blog_name" in record or "blog" in record)
        and ("content" in record or "post_url" in record)
    )


def rows(record: Record) -> list[Row]:
    """The row of a post.

    Raises:
        BadRow: It has neither words nor a picture of its own.
    """
    found = row(record)
    if found is None:
        raise BadRow(NOTHING, broken=False)
    return [found]


def row(raw: Record) -> Row | None:
    """A post's cells; None where it has neither words nor a picture of its own."""
    if raw.get("type") not in KINDS:
        return None
    read = tumblr_words.of_blocks(raw) if isinstance(raw.get("content"), list) else tumblr_words.of_legacy(raw)
    if not read.text and not read.title and not read.image:
        return None
    blog, url, tags = raw.get("blog"), raw.get("post_url"), raw.get("tags")
    blog = raw.get("blog_name") or (blog.get("name") if isinstance(blog, dict) else "")
    tags = [str(tag) for tag in tags if isinstance(tag, str | int | float)] if isinstance(tags, list) else []
    return row_of(
        "tumblr",
        raw.get("id_string") or raw.get("id"),
        read.text,
        title=read.title,
        tags=tags,
        image=read.image,
        created_at=raw.get("timestamp"),
        author=blog if isinstance(blog, str) else "",
        url=url if isinstance(url, str) else "",
        votes=raw.get("note_count"),
        reblog=bool(raw.get("reblogged_from_id") or raw.get("parent_post_url")),
        alt_text=read.alt_text,
        text_as_it_was=read.as_it_was,
    )
