"""Views as CSV: one row per bin, emotion, subject, sentence or picture; all pages of a view, sentences in one pass.

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


def csv_lines(view: str, ask: Ask, sentences: Callable[[], Iterator[dict[str, Any]]]) -> Iterator[str]:
    """The lines of a view's table; the first one, which names the columns, finds what is wrong.

    Args:
        view: One of `TABLES`.
        sentences: Gives the rows of all sentences, one after the other.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in _sentences(sentences()) if view == "sentences" else _ASKING[view](ask):
        writer.writerow(csv_cell(cell) if isinstance(cell, str) else cell for cell in row)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _timeline(ask: Ask) -> Cells:
    answer = ask()
    names, emotions = ["from", "to", "archive", "query", "subject"], answer["archive"]["emotions"]
    if answer["against"] is not None and not answer["against"]["by_time"]:
        names.append("other")
    yield [*names, *emotions, *(f"share of {name}" for name in emotions)]
    for row in answer["timeline"]["bins"]:
        yield [*map(row.get, names), *map(row["emotions"].get, emotions), *map((row["shares"] or {}).get, emotions)]


def _feelings(ask: Ask) -> Cells:
    answer = ask()
    names = ("emotion", "posts", "share", "low", "high", "archive", "archive_share")
    others = ("posts", "share", "low", "high") if answer["against"] else ()
    heads = [f"other: {name}" for name in (*others, *_COMPARED)] if others else []
    yield [*names, *(f"from archive: {name}" for name in _COMPARED), *heads, "words"]
    for row in answer["feelings"]["rows"]:
        cells = [*map(row.get, names), *map((row["from_archive"] or {}).get, _COMPARED)]
        if others:
            cells += [*map(row["other"].get, others), *map((row["other"]["beyond"] or {}).get, _COMPARED)]
        yield [*cells, row["words"]]


def _course(ask: Ask) -> Cells:
    answer = ask()
    names = ("posts", "with_it", "share", "low", "high")
    found = answer["course"]
    sides = ["archive", "other"] if found is not None and "other" in (found["bins"] or [{}])[0] else ["archive"]
    yield ["emotion", "from", "to", *names, *(f"{side}: {name}" for side in sides for name in names), "happened"]
    for row in found["bins"] if found is not None else ():
        happened = [f"changed to {one['after']:.3f}" for one in found["changes"] if one["at"] == row["from"]]
        happened += ["short event" for one in found["events"] if one["from"] <= row["from"] < one["to"]]
        figures = (row[side][name] for side in sides for name in names)
        cells = (row["from"], row["to"], *map(row.get, names), *figures)
        yield [found["emotion"], *cells, ", ".join(happened)]


def _contrast(ask: Ask) -> Cells:
    names = ("subject", "kind", "posts", "other_posts", "g2", "difference", "p", "clear")
    yield [*names]
    for column in ("more", "less"):
        for answer in _pages(ask, "contrast", column):
            yield from (list(map(row.get, names)) for row in answer["contrast"][column]["rows"])


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


def _sentences(rows: Iterator[dict[str, Any]]) -> Cells:
    names = ("id", "date", "emotion", "text", "image", "url", "title", "full_text", "source", "score")
    yield list(names)
    yield from (list(map(row.get, names)) for row in rows)


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


def _pages(ask: Ask, view: str, column: str = "") -> Iterator[dict[str, Any]]:
    page = pages = 1
    turned = "subjects" if view == "contrast" else view
    while page <= pages:
        answer = ask(rows=MOST_ROWS, **{f"{turned}_page": page})
        pages = (answer[view][column] if column else answer[view])["pages"]
        yield answer
        page += 1


_ASKING: dict[str, Callable[[Ask], Cells]] = {
    "timeline": _timeline,
    "feelings": _feelings,
    "course": _course,
    "contrast": _contrast,
    "subjects": _subjects,
    "pictures": _pictures,
    "facets": _facets,
}
TABLES = (*_ASKING, "sentences")
