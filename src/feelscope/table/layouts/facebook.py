"""Facebook as its web page loads posts, kept by Zeeschuimer and 4CAT.

Source: 4CAT's data source for Facebook, for the names.
"""

from collections.abc import Iterator

from feelscope.table.layouts.record import Record, Row, address_of, dig, first, records, row_of, text_of


def is_mine(record: Record) -> bool:
    """Whether it is a post of Facebook's page."""
    return isinstance(dig(record, "comet_sections", "content", "story"), dict)


def rows(record: Record) -> list[Row]:
    """The row of a post."""
    story = dig(record, "comet_sections", "content", "story")
    around = dig(record, "comet_sections", "context_layout", "story", "comet_sections", "metadata")
    times = (dig(one, "story", "creation_time") for one in records(around))
    return [
        row_of(
            "facebook",
            first(story, "post_id", "id") or first(record, "post_id", "id"),
            text_of("message", dig(story, "message", "text")),
            image=next(filter(None, map(address_of, _pictures(story))), ""),
            created_at=next(filter(None, times), None) or first(story, "creation_time"),
            author=text_of("id", dig(story, "actors", 0, "id")),
            url=address_of(first(story, "wwwURL", "url")),
        )
    ]


def _pictures(story: Record) -> Iterator[object]:
    for attachment in records(story.get("attachments")):
        media = first(attachment, ("styles", "attachment", "media"), "media")
        yield first(media, ("photo_image", "uri"), ("image", "uri"), ("thumbnailImage", "uri"))
