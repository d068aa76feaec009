"""Views as CSV: one row per bin, subject, sentence or picture; all pages of a view, one after the other.

A cell that a spreadsheet would run as a formula gets an apostrophe before it; see `text.csv_cells`.
"""

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

from feelscope.explore.views.question import MOST_ROWS
from feelscope.text.csv_cells import csv_cell

Ask = Callable[..., dict[str, Any]]  # `views` of a state; named arguments change the question
Cells = Iterator[list[object]]
_COMPARED = ("difference", "low", "high")


def csv_lines(view: str, ask: Ask) -> Iterator[str]:
    """The lines of a view's table, one of `TABLES`; the first one, which names the columns, finds what is wrong."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in TABLES[view](ask):
        writer.writerow(csv_cell(cell) if isinstance(cell, str) else cell for cell in row)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _timeline(ask: Ask) -> Cells:
    answer = ask()
    names, emotions = ("from", "to", "archive", "query", "subject"), answer["archive"]["emotions"]
    yield [*names, *emotions, *(f"share of {name}" for name in emotions)]
    for row in answer["timeline"]["bins"]:
        yield [*map(row.get, names), *map(row["emotions"].get, emotions), *map((row["shares"] or {}).get, emotions)]


def _subjects(ask: Ask) -> Cells:
    names = ("subject", "kind", "posts", "archive_posts", "score")
    for answer in _pages(ask, "subjects"):
        emotions = answer["archive"]["emotions"]
        if answer["subjects"]["page"] == 1:
            yield [*names, *(f"{name}: {which}" for name in emotions for which in _COMPARED)]
        for row in answer["subjects"]["rows"]:
            compared = {figures["emotion"]: figures for figures in row["emotions"] or ()}
            figures = (compared.get(name, {}).get(which) for name in emotions for which in _COMPARED)
            yield [*map(row.get, names), *figures]


def _sentences(ask: Ask) -> Cells:
    names = ("id", "date", "emotion", "text", "image")
    for answer in _pages(ask, "sentences"):
        if answer["sentences"]["page"] == 1:
            yield list(names)
        yield from (list(map(row.get, names)) for row in answer["sentences"]["rows"])


def _pictures(ask: Ask) -> Cells:
    answer = ask()
    yield ["id", "emotion", "text", "image"]
    for emotion, rows in answer["pictures"]["rows"].items():
        yield from ([row["id"], emotion, row["text"], row["image"]] for row in rows)


def _facets(ask: Ask) -> Cells:
    answer = ask()
    emotions = answer["archive"]["emotions"]
    yield ["facet", "value", "posts", *emotions]
    for facet in answer["facets"]:
        yield from ([facet["facet"], row["value"], row["posts"], *row["emotions"].values()] for row in facet["values"])


def _pages(ask: Ask, view: str) -> Iterator[dict[str, Any]]:
    page = pages = 1
    while page <= pages:
        answer = ask(rows=MOST_ROWS, **{f"{view}_page": page})
        pages = answer[view]["pages"]
        yield answer
        page += 1


TABLES: dict[str, Callable[[Ask], Cells]] = {
    "timeline": _timeline,
    "subjects": _subjects,
    "sentences": _sentences,
    "pictures": _pictures,
    "facets": _facets,
}
