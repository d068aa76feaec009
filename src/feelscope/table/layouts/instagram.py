"""Instagram and Threads as their web pages load posts, kept by Zeeschuimer and 4CAT.

    caption.text  image_versions2 / carousel_media      of the private API, and of Threads
    edge_media_to_caption  display_url                  of the older graph

Source: modules of Zeeschuimer and data sources of 4CAT, for the names.
"""

from feelscope.table.authors import read_author
from feelscope.table.layouts.record import NO_POST, Record, Row, address_of, dig, first, records, row_of, text_of
from feelscope.table.quarantine import BadRow


def is_mine(record: Record) -> bool:
    """Whether it is a post of Instagram or Threads."""
    if "edge_media_to_caption" in record:
        return "shortcode" in record
    return (
        "code" in record and ("taken_at" in record or "media_type" in record) and ("user" in record or "pk" in record)
    )


def rows(record: Record) -> list[Row]:
    """The row of a post."""
    return [_of_graph(record) if "edge_media_to_caption" in record else _of_api(record)]


def _of_api(record: Record) -> Row:
    if record.get("product_type") == "ad" or record.get("ad_id"):
        raise BadRow(NO_POST, "an advertisement", broken=False)
    caption = record.get("caption")
    slides = [record, *records(record.get("carousel_media"))]
    pictures = [
        address_of(first(slide, ("image_versions2", "candidates", 0, "url"), "display_uri")) for slide in slides
    ]
    is_thread = isinstance(record.get("text_post_app_info"), dict)
    code = text_of("code", record.get("code"))
    return row_of(
        "threads" if is_thread else "instagram",
        _own_id(first(record, "pk", "id")),
        text_of("caption", dig(caption, "text") if isinstance(caption, dict) else caption),
        image=next(filter(None, pictures), ""),
        created_at=first(record, "taken_at", ("caption", "created_at")),
        author=read_author(record.get("user") or record.get("owner")),
        url="" if is_thread or not code else f"https://www.instagram.com/p/{code}/",
        votes=record.get("like_count"),
    )


def _of_graph(record: Record) -> Row:
    texts = [
        text_of("caption", dig(edge, "node", "text")) for edge in records(dig(record, "edge_media_to_caption", "edges"))
    ]
    code = text_of("shortcode", record.get("shortcode"))
    likes = ("edge_media_preview_like", "count"), ("edge_liked_by", "count")
    return row_of(
        "instagram",
        _own_id(first(record, "id", "shortcode")),
        "\n".join(texts),
        image=address_of(first(record, "display_url", "thumbnail_src")),
        created_at=record.get("taken_at_timestamp"),
        author=read_author(record.get("owner")),
        url=f"https://www.instagram.com/p/{code}/" if code else "",
        votes=first(record, *likes),
    )


def _own_id(id: object) -> object:
    """The id without the author's, which some answers put behind it."""
    return id.partition("_")[0] if isinstance(id, str) else id
