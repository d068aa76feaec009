"""Reddit's submissions, as its API, dumps of it and 4CAT have them.

A crosspost without words or a picture of its own shows those of its parent.
"""

from feelscope.table.authors import read_author
from feelscope.table.layouts.record import Record, Row, dig, records, row_of, text_of
from feelscope.text.html import is_address
from feelscope.text.own_words import own_words

PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif")


def is_mine(record: Record) -> bool:
    """Whether it is a submission."""
    return "subreddit" in record and "selftext" in record and "permalink" in record


def rows(record: Record) -> list[Row]:
    """The row of a submission."""
    return [row(record)]


def row(raw: Record) -> Row:
    """A submission's cells, its words as Reddit has them."""
    said, pictures, url = text_of("selftext", raw.get("selftext")), images(raw), raw.get("url")
    for parent in records(raw.get("crosspost_parent_list"))[:1]:
        if not own_words(said)[0].strip():
            said = text_of("selftext", parent.get("selftext"))
        pictures = pictures or images(parent)
    return row_of(
        "reddit",
        raw.get("id"),
        said,
        title=text_of("title", raw.get("title")),
        image=next(iter(pictures), ""),
        images=pictures if len(pictures) > 1 else None,
        created_at=raw.get("created_utc"),
        author=read_author(raw.get("author")) if isinstance(raw.get("author"), str) else "",
        url=_page(raw.get("permalink")) or (url if isinstance(url, str) else ""),
        votes=raw.get("score"),
        subreddit=text_of("subreddit", raw.get("subreddit")),
    )


def _page(permalink: object) -> str:
    is_path = isinstance(permalink, str) and permalink.startswith("/")
    return f"https://www.reddit.com{permalink}" if is_path else ""


def images(raw: Record) -> list[str]:
    """The addresses of a submission's pictures: a gallery's in its order, or the one it links to."""
    metadata = raw.get("media_metadata")
    if isinstance(metadata, dict) and metadata:
        order = [item.get("media_id") for item in records(dig(raw, "gallery_data", "items"))]
        sizes = [dig(metadata.get(name), "s") for name in order or metadata if isinstance(name, str)]
        addresses = [dig(size, "u") or dig(size, "gif") for size in sizes]
        unescaped = [address.replace("&amp;", "&") for address in addresses if isinstance(address, str)]
        return [address for address in unescaped if is_address(address)]
    address = raw.get("url_overridden_by_dest") or raw.get("url") or ""
    is_picture = raw.get("post_hint") == "image" or str(address).partition("?")[0].lower().endswith(PICTURES)
    return [str(address)] if is_address(address) and is_picture else []
