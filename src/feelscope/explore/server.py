"""The page's server: answers on 127.0.0.1 alone; what is a page for a browser is JSON or CSV for a program.

| address | what |
|---|---|
| `/` | the page; its address has the whole state |
| `/views.json` | the views of a state, as the page gets them; `parts=subjects,sentences` gives some of them |
| `/post.json?id=ID` | one post |
| `/timeline.csv` `/subjects.csv` `/sentences.csv` `/pictures.csv` | a whole view of a state as a table |
| `/thumbnails/NAME` `/page/NAME` | pictures, and the files of the page |
"""

import re
from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from feelscope.config import did_you_mean
from feelscope.errors import ExploreError
from feelscope.explore.archive import PARTS, Archive
from feelscope.explore.search.state import KEYS
from feelscope.explore.views.csv_export import TABLES, csv_lines
from feelscope.web import page_server

PAGE = Path(__file__).parent / "page"
_KNOWN = (*KEYS, "unit", "parts", "subjects", "sentences")
_LONGEST = 1_000  # letters of a query or a subject


def application(archive: Archive) -> Starlette:
    """The pages of an archive, as an ASGI application."""

    # Not `async`: each answer is computed in a thread, and those that come meanwhile do not wait for it.
    def views(request: Request) -> Response:
        return JSONResponse(archive.views(**asked(request.query_params)))

    def post(request: Request) -> Response:
        view = archive.post(request.query_params.get("id", ""))
        if view is None:
            raise HTTPException(404, "the archive has no post of this id")
        return JSONResponse(view)

    def table(request: Request) -> Response:
        view = request.path_params["view"]
        if view not in TABLES:
            raise HTTPException(404, f"there is no {view}.csv; there are {', '.join(TABLES)}")
        question = asked(request.query_params)
        lines = csv_lines(view, lambda **change: archive.views(**(question | {"parts": (view,)} | change)))
        first = next(lines)  # a fault in the question is found here, while the status can still be said
        named = {"Content-Disposition": f'attachment; filename="{view}.csv"'}
        return StreamingResponse(chain([first], lines), media_type="text/csv; charset=utf-8", headers=named)

    routes: list[BaseRoute] = [
        Route("/views.json", views),
        Route("/post.json", post),
        Route("/{view}.csv", table),
    ]
    if archive.index.thumbnails is not None:
        routes.append(Mount("/thumbnails", StaticFiles(directory=archive.index.thumbnails)))
    return page_server.application(PAGE, routes)


def asked(parameters: Mapping[str, str]) -> dict[str, Any]:
    """Arguments of `views` from the names and values of an address; what is empty is as if it were not there.

    Raises:
        ExploreError: An unknown name, a text that is too long, or a page that is not a number.
    """
    for name in parameters:
        if name not in _KNOWN:
            raise ExploreError(f"{name!r} is not known; {did_you_mean(name, _KNOWN)}")
    values = {name: value for name, value in parameters.items() if value.strip()}
    for name in ("query", "subject"):
        if len(values.get(name, "")) > _LONGEST:
            raise ExploreError(f"{name} is longer than {_LONGEST:,} letters; shorten it")
    for name in ("subjects", "sentences"):
        if not re.fullmatch("0*[1-9][0-9]{0,8}", values.get(name, "1")):
            raise ExploreError(f"the page of {name}: expected a whole number, 1 or more, found {values[name][:40]!r}")
    return {
        "state": {name: values.get(name) for name in KEYS} | {"query": values.get("query", "")},
        "unit": values.get("unit", "month"),
        "parts": tuple(values["parts"].split(",")) if "parts" in values else PARTS,
        "subjects_page": int(values.get("subjects", 1)),
        "sentences_page": int(values.get("sentences", 1)),
    }
