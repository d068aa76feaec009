"""Views as CSV: one row per bin, subject, sentence or picture; all pages of a view, one after the other.

A cell that a spreadsheet would run as a formula gets an apostrophe before it, as spreadsheets themselves write it.
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
    answer = ask()
    emotions = answer["archive"]["emotions"]
    yield ["from", "to", "archive", "query", "subject", *emotions, *(f"share of {name}" for name in emotions)]
    for row in answer["timeline"]["bins"]:
        counts = [row[name] for name in ("from", "to", "archive", "query", "subject")]
        yield [*counts, *(row["emotions"][name] for name in emotions), *map((row["shares"] or {}).get, emotions)]


def _subjects(ask: Ask) -> Iterator[list[object]]:
    names = ("subject", "kind", "posts", "archive_posts", "score")
    for answer in _pages(ask, "subjects"):
        emotions = answer["archive"]["emotions"]
        if answer["subjects"]["page"] == 1:
            yield [*names, *(f"{name}: {which}" for name in emotions for which in ("difference", "low", "high"))]
        for row in answer["subjects"]["rows"]:
            by_name = {compared["emotion"]: compared for compared in row["emotions"] or ()}
            yield [
                *(row[name] for name in names),
                *(by_name.get(name, {}).get(which) for name in emotions for which in ("difference", "low", "high")),
            ]


def _sentences(ask: Ask) -> Iterator[list[object]]:
    names = ("id", "date", "emotion", "text", "image")
    for answer in _pages(ask, "sentences"):
        if answer["sentences"]["page"] == 1:
            yield list(names)
        yield from ([row[name] for name in names] for row in answer["sentences"]["rows"])


def _pictures(ask: Ask) -> Iterator[list[object]]:
    answer = ask()
    yield ["id", "emotion", "text", "image"]
    for emotion, rows in answer["pictures"]["rows"].items():
        yield from ([row["id"], emotion, row["text"], row["image"]] for row in rows)


def _pages(ask: Ask, view: str) -> Iterator[dict[str, Any]]:
    page = pages = 1
    while page <= pages:
        answer = ask(**{f"{view}_page": page})
        pages = answer[view]["pages"]
        yield answer
        page += 1


# View to the lines of its table; the first line names the columns.
TABLES: dict[str, Callable[[Ask], Iterator[str]]] = {
    "timeline": lambda ask: _lines(_timeline(ask)),
    "subjects": lambda ask: _lines(_subjects(ask)),
    "sentences": lambda ask: _lines(_sentences(ask)),
    "pictures": lambda ask: _lines(_pictures(ask)),
}
