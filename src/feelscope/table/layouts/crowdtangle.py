"""CrowdTangle's tables of Facebook and Instagram, as CSV.

    Message, Page Name or Group Name, Facebook Id     Facebook
    Description, Account, Photo                       Instagram

What a linked page is called is no word of the post's author: it stays in its column.
Source: 4CAT's import of these tables, for the names.
"""

from feelscope.table.layouts.record import Record, Row, address_of, first, row_of, text_of

_OF_FACEBOOK = ("Message", "URL", "Post Created", "Link Text")
_OF_INSTAGRAM = ("Account", "URL", "Post Created", "Description", "Photo")
_READ = ("Message", "URL", "Post Created", "Likes")


def is_mine(record: Record) -> bool:
    """Whether it is a row of such a table."""
    return _has(record, _OF_FACEBOOK) or _has(record, _OF_INSTAGRAM)


def rows(record: Record) -> list[Row]:
    """The row of a post, with its other columns."""
    url = text_of("URL", record.get("URL"))
    of_page = url.partition("?")[0].rstrip("/").rpartition("/")[2]
    page = first(record, "Facebook Id")
    is_facebook = _has(record, _OF_FACEBOOK)
    cells = {"created_at": record.get("Post Created"), "url": address_of(url), "votes": _number(record.get("Likes"))}
    if is_facebook:
        id = f"{page}_{of_page}" if page and of_page else of_page
        words, more = "Message", {"author": first(record, "Facebook Id", "User Name")}
    else:
        id, words = of_page, "Description"
        more = {
            "author": first(record, "User Name"),
            "title": record.get("Title"),
            "image": address_of(record.get("Photo")),
        }
    row = row_of("facebook" if is_facebook else "instagram", id, text_of(words, record.get(words)), **cells, **more)
    return [row | {name: value for name, value in record.items() if name not in (*_READ, words, "Title", "Photo")}]


def _has(record: Record, names: tuple[str, ...]) -> bool:
    return all(name in record for name in names)


def _number(value: object) -> object:
    """A number without the commas between its thousands."""
    return value.replace(",", "") if isinstance(value, str) else value
