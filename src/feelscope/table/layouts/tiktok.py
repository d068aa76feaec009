"""TikTok as its web page loads posts and comments, kept by Zeeschuimer and 4CAT.

Source: modules of Zeeschuimer and data sources of 4CAT, for the names.
"""

from feelscope.table.authors import read_author
from feelscope.table.layouts.record import Record, Row, address_of, dig, first, records, row_of, text_of
from feelscope.table.tags import read_tags


def is_mine(record: Record) -> bool:
    """Whether it is a post or a comment of TikTok."""
    if "cid" in record:
        return "aweme_id" in record and "text" in record
    return "desc" in record and "createTime" in record


def rows(record: Record) -> list[Row]:
    """The row of a post, or of a comment."""
    if "cid" in record:
        more = {"created_at": record.get("create_time"), "author": read_author(record.get("user"))}
        return [row_of("tiktok", record.get("cid"), text_of("text", record.get("text")), **more)]
    # A post is described piece by piece where it is long, and as a whole otherwise.
    pieces = [text_of("desc", piece.get("desc")) for piece in records(record.get("contents"))]
    text = text_of("desc", record.get("desc")) or "\n".join(filter(None, pieces))
    author = record.get("author")
    name = text_of("author", dig(author, "uniqueId") if isinstance(author, dict) else author)
    id = first(record, "id", ("video", "id"))
    return [
        row_of(
            "tiktok",
            id,
            text,
            tags=list(_tags(record)),
            image=_picture(record),
            created_at=record.get("createTime"),
            author=read_author(author if isinstance(author, dict) else first(record, "authorId") or author),
            url=f"https://www.tiktok.com/@{name}/video/{id}" if name else "",
            votes=first(record, ("stats", "diggCount"), ("statsV2", "diggCount")),
            lang=first(record, "textLanguage"),
        )
    ]


def _tags(record: Record) -> tuple[str, ...]:
    extras = [*records(record.get("textExtra"))]
    for piece in records(record.get("contents")):
        extras += records(piece.get("textExtra"))
    named = [extra["hashtagName"] for extra in extras if extra.get("hashtagName")]
    return tuple(dict.fromkeys(read_tags([*records(record.get("challenges")), *named])))


def _picture(record: Record) -> str:
    """The first picture of a post of pictures, or the cover of a film."""
    covers = ("cover",), ("originCover",), ("dynamicCover",)
    pictures = [dig(picture, "imageURL", "urlList", 0) for picture in records(dig(record, "imagePost", "images"))]
    found = [address_of(one) for one in (*pictures, *(dig(record, "video", *path) for path in covers))]
    return next(filter(None, found), "")
