"""Views as CSV: a row a bin, a subject, a sentence or a picture; all pages of a view, one after the other.

A cell that a spreadsheet would run as a formula gets an apostrophe in front, as spreadsheets themselves write it.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any

Ask = Callable[..., dict[str, Any]]  # `views` of a state; named arguments change the question
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _timeline(ask: Ask) -> Iterator[list[object]]:
    said = ask()
    emotions = said["archive"]["emotions"]
    yield ["from", "to", "archive", "query", "subject", *emotions, *(f"share of {name}" for name in emotions)]
    for one in said["timeline"]["bins"]:
        shares = one["shares"] or {}
        row = [one[name] for name in ("from", "to", "archive", "query", "subject")]
        yield [*row, *(one["emotions"].get(name, 0) for name in emotions), *map(shares.get, emotions)]


def _subjects(ask: Ask) -> Iterator[list[object]]:
    names = ("subject", "kind", "posts", "archive_posts", "score")
    for number, said in _pages(ask, "subjects"):
        emotions = said["archive"]["emotions"]
        if number == 1:
            yield [*names, *(f"{name}: {which}" for name in emotions for which in ("difference", "low", "high"))]
        for one in said["subjects"]["rows"]:
            found = {row["emotion"]: row for row in one["emotions"] or ()}
            yield [
                *(one[name] for name in names),
                *(found.get(name, {}).get(which) for name in emotions for which in ("difference", "low", "high")),
            ]


def _sentences(ask: Ask) -> Iterator[list[object]]:
    names = ("id", "date", "emotion", "text", "image")
    yield list(names)
    for _, said in _pages(ask, "sentences"):
        yield from ([one[name] for name in names] for one in said["sentences"]["rows"])


def _pictures(ask: Ask) -> Iterator[list[object]]:
    said = ask()
    yield ["id", "emotion", "text", "image"]
    for emotion, rows in said["pictures"]["rows"].items():
        yield from ([one["id"], emotion, one["text"], one["image"]] for one in rows)


def _pages(ask: Ask, view: str) -> Iterator[tuple[int, dict[str, Any]]]:
    number, pages = 1, 1
    while number <= pages:
        said = ask(**{f"{view}_page": number})
        pages = said[view]["pages"]
        yield number, said
        number += 1


# View to the lines of its table; the first line names the columns.
TABLES: dict[str, Callable[[Ask], Iterator[str]]] = {
    "timeline": lambda ask: _lines(_timeline(ask)),
    "subjects": lambda ask: _lines(_subjects(ask)),
    "sentences": lambda ask: _lines(_sentences(ask)),
    "pictures": lambda ask: _lines(_pictures(ask)),
}
