"""Foreign rows: each is a post, or is left out by itself; what all sources read them with."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from feelscope.errors import CollectError, one_line
from feelscope.memory import size_of
from feelscope.store import CollectedPost, Page, WebAddress
from feelscope.table import BadRow, Quarantine
from feelscope.table.tags import read_tags
from feelscope.table.times import is_in_calendar

PAGE_BYTES = 32 * 2**20  # of words and pictures that are held for one page
Row = TypeVar("Row")
Parse = Callable[[Row], CollectedPost | None]


def read_post(parse: Parse[Row], row: Row) -> CollectedPost | None:
    """What a parser makes of a foreign row; whatever fails is a `BadRow`, with the row's id if it has any."""
    try:
        return parse(row)
    except BadRow as bad:
        bad.id = bad.id or _id(row)
        raise
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise BadRow(
            "not a post as its platform writes it", f"{type(error).__name__}: {one_line(error)}", _id(row)
        ) from error


def _id(row: object) -> str | None:
    """What a foreign row says that it is."""
    names = ("id_string", "id", "item_id")
    found = (row.get(name) for name in names) if isinstance(row, Mapping) else ()
    return next((str(id)[:100] for id in found if isinstance(id, str | int)), None)


def read_posts(rows: Iterable[Row], parse: Parse[Row], quarantine: Quarantine, table: str) -> list[CollectedPost]:
    """The posts of an answer; rows that are none go to the quarantine.

    Args:
        parse: Gives None for a row that is sound and not wanted.
        table: Where the rows are from, for the quarantine.
    """
    posts = (_read(number, row, parse, quarantine, table) for number, row in enumerate(rows, 1))
    return [post for post in posts if post is not None]


def read_pages(
    rows: Iterable[tuple[int, Row]],
    parse: Parse[Row],
    quarantine: Quarantine,
    table: str,
    name: str,
    done: int,
    size: int,
) -> Iterator[Page]:
    """The posts of a file in pages; the last of them is marked.

    Args:
        rows: With their numbers, which grow.
        name: Of the row's number in a cursor.
        done: The number of the last row that an earlier run saved; 0 where none did.
        size: Rows of a page at most; large ones make it shorter.
    """
    posts: list[CollectedPost] = []
    last, weight, first = done, 0, done
    for number, row in rows:
        if number <= done:
            continue
        post = _read(number, row, parse, quarantine, table)
        last = number
        if post is not None:
            posts.append(post)
            weight += size_of(post.title, post.text, post.url, post.author, post.tags, post.other, post.image)
        if last - first >= size or weight >= PAGE_BYTES:
            yield Page(posts, {name: last})
            posts, weight, first = [], 0, last
    yield Page(posts, {name: last}, done=True)


def _read(number: int, row: Row, parse: Parse[Row], quarantine: Quarantine, table: str) -> CollectedPost | None:
    try:
        return read_post(parse, row)
    except BadRow as bad:
        quarantine.add(bad.id, number, bad.reason, detail=bad.detail, table=table)
        return None


def place(cursor: Mapping[str, Any] | None, like: Mapping[str, Any]) -> dict[str, Any]:
    """A cursor with the names and types of an example, which is what a query without a cursor begins with.

    Raises:
        CollectError: It is another, as in a database of another program.
    """
    if cursor is None:
        return dict(like)
    if cursor.keys() != like.keys() or any(type(cursor[name]) is not type(like[name]) for name in like):
        raise CollectError("the database does not say where to continue; start at the top with --restart")
    return dict(cursor)


def of_row(
    row: Mapping[str, Any], *, created_at: int | None, text: str, title: str = "", other: Mapping[str, object]
) -> CollectedPost:
    """A post of the row that the layout of its platform makes of it.

    Args:
        other: Further columns; those that are empty are left out.
    """
    image = row.get("image")
    return CollectedPost(
        source=row["source"],
        id=str(row["id"]),
        created_at=created_at,
        author=str(row.get("author", "")),
        title=title,
        text=text,
        tags=read_tags(row.get("tags", [])),
        url=str(row.get("url", "")),
        image=WebAddress.of(str(image)) if image else None,
        votes=whole("votes", row.get("votes")),
        other={name: value for name, value in other.items() if value not in (None, "", [], {})},
    )


# Values


def identity(value: object) -> str:
    """An id: a text or a whole number."""
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return str(value)
    raise BadRow("no id", repr(value)[:100])


def whole(name: str, value: object) -> int | None:
    """A number without its fraction, also as digits; None for nothing."""
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        number = value if isinstance(value, int) else _number(str(value))
    except (ValueError, OverflowError):
        raise BadRow(f"its {name} is no number", repr(value)[:100]) from None
    if abs(number) >= 2**63:
        raise BadRow(f"its {name} is no whole number of 64 bits", repr(value)[:100])
    return number


def _number(text: str) -> int:
    try:
        return int(text)  # a float might not hold all of its digits
    except ValueError:
        return int(float(text))


def seconds(value: object) -> int | None:
    """A time in Unix seconds; None for nothing."""
    number = whole("time", value)
    if number is not None and not is_in_calendar(number):
        raise BadRow("its time is none that a calendar has", repr(value)[:100])
    return number


def listed(value: object) -> Sequence[Any]:
    """A JSON list; an empty one for what is none."""
    return value if isinstance(value, list) else ()


# Files


def is_folder(path: Path) -> bool:
    """Whether a path is a folder; otherwise it is a regular file.

    Raises:
        CollectError: There is neither, such as a pipe, which could not be read twice.
    """
    try:
        if path.is_dir():
            return True
        if path.is_file():
            return False
        said = "not a regular file" if path.exists() else "no such file or folder"
    except (OSError, ValueError) as error:  # a name that no file has; ValueError: a NUL byte in it
        said = f"cannot be read ({getattr(error, 'strerror', None) or error})"
    raise CollectError(f"{str(path)[:300]}: {said}")
