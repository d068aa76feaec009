"""The page's server: answers on 127.0.0.1 alone; what is a page for a browser is JSON or CSV for a program.

| address | what |
|---|---|
| `/` | the page; the whole state stands in its address |
| `/views.json` | the views of a state, as the page gets them; `parts=subjects,sentences` gives some of them |
| `/post.json?id=ID` | one post |
| `/timeline.csv` `/subjects.csv` `/sentences.csv` `/pictures.csv` | a whole view of a state as a table |
| `/thumbnails/NAME` `/page/NAME` | pictures, and the files of the page |
"""

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from feelscope.errors import ExploreError
from feelscope.explore.csv_export import TABLES
from feelscope.explore.timeline import UNITS
from feelscope.explore.views import PARTS
from feelscope.web import page_server

PAGE = Path(__file__).parent / "page"
_STATE = ("query", "subject", "from", "to", "emotion")
_KNOWN = (*_STATE, "unit", "parts", "subjects", "sentences")
_LONGEST = 1_000  # letters of a query or a subject


class Archive(Protocol):
    """What is asked: `feelscope.explore.archive.Archive`, or anything of this shape."""

    thumbnails: Path | None

    def views(
        self,
        state: Mapping[str, str | None],
        *,
        unit: str,
        parts: tuple[str, ...],
        subjects_page: int,
        sentences_page: int,
    ) -> dict[str, Any]: ...

    def post(self, id: str) -> dict[str, Any] | None: ...


def application(archive: Archive) -> Starlette:
    """The pages of an archive, as an ASGI application."""

    # Not `async`: each answer is computed in a thread, and those that come meanwhile do not wait for it.
    def views(request: Request) -> Response:
        return JSONResponse(archive.views(**asked(request.query_params)))

    def post(request: Request) -> Response:
        found = archive.post(request.query_params.get("id", ""))
        if found is None:
            raise HTTPException(404, "the archive has no post of this id")
        return JSONResponse(found)

    def table(request: Request) -> Response:
        view = request.path_params["view"]
        if view not in TABLES:
            raise HTTPException(404, f"there is no {view}.csv; there are {', '.join(TABLES)}")
        question = asked(request.query_params)
        lines = TABLES[view](lambda **change: archive.views(**(question | {"parts": (view,)} | change)))
        first = next(lines)  # a fault in the question is found here, while the status can still be said
        named = {"Content-Disposition": f'attachment; filename="{view}.csv"'}
        return StreamingResponse(_with(first, lines), media_type="text/csv; charset=utf-8", headers=named)

    routes: list[BaseRoute] = [
        Route("/views.json", views),
        Route("/post.json", post),
        Route("/{view}.csv", table),
    ]
    if archive.thumbnails is not None and archive.thumbnails.is_dir():
        routes.append(Mount("/thumbnails", StaticFiles(directory=archive.thumbnails)))
    return page_server.application(PAGE, routes)


def asked(given: Mapping[str, str]) -> dict[str, Any]:
    """Arguments of `views` from the names and values of an address; what is empty is as if it were not there.

    Raises:
        ExploreError: A name or a value that there is not.
    """
    for name in given:
        if name not in _KNOWN:
            close = difflib.get_close_matches(name, _KNOWN, 1)
            raise ExploreError(f"{name!r} is not known" + (f"; did you mean {close[0]!r}?" if close else ""))
    values = {name: value for name, value in given.items() if value.strip()}
    for name in ("query", "subject"):
        if len(values.get(name, "")) > _LONGEST:
            raise ExploreError(f"{name} is longer than {_LONGEST:,} letters; shorten it")
    parts = tuple(values["parts"].split(",")) if "parts" in values else PARTS
    for part in parts:
        if part not in PARTS:
            raise ExploreError(f"expected parts among {', '.join(PARTS)} and found {part!r}")
    unit = values.get("unit", "month")
    if unit not in UNITS:
        raise ExploreError(f"expected unit to be one of {', '.join(UNITS)} and found {unit!r}")
    return {
        "state": {name: values.get(name) for name in _STATE} | {"query": values.get("query", "")},
        "unit": unit,
        "parts": parts,
        "subjects_page": _number(values, "subjects"),
        "sentences_page": _number(values, "sentences"),
    }


def _number(values: Mapping[str, str], name: str) -> int:
    value = values.get(name, "1")
    if not (value.isascii() and value.isdigit() and int(value[:12]) > 0 and len(value) < 10):
        raise ExploreError(f"expected the page of {name} to be a number from 1 on and found {value[:40]!r}")
    return int(value)


def _with(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest
