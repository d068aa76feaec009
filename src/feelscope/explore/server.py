"""The page's server: answers on 127.0.0.1 alone; what is a page for a browser is JSON or CSV for a program.

| address | what |
|---|---|
| `/` | the page; its address has the whole state |
| `/views.json` | the views of a state, as the page gets them; `parts=subjects,sentences` gives some of them |
| `/post.json?id=ID` | one post; with `query` and `subject` these are marked in it |
| `/similar.json?id=ID` | posts and pictures like those of one post |
| `/spot.json?key=KEY` | a post on the map, by its key in the part `map` |
| `/subjects.json?begin=TEXT` | the most frequent subjects with words that begin so |
| `/posts.json` | how many posts there are |
| `/finding.json` | what was kept, sent as JSON, as one HTML page |
| `/timeline.csv` `/subjects.csv` and so on | a whole view of a state as a table |
| `/thumbnails/NAME` `/page/NAME` | pictures, and the files of the page |
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from feelscope.config import did_you_mean
from feelscope.errors import ExploreError
from feelscope.explore.archive import PARTS, Archive
from feelscope.explore.finding.kept import LONGEST_SENT, read_kept
from feelscope.explore.finding.page import finding_page
from feelscope.explore.search.bins import AUTO
from feelscope.explore.search.state import KEYS, facet_key
from feelscope.explore.views.against import AGAINST_KEYS
from feelscope.explore.views.csv_export import TABLES, csv_lines
from feelscope.web import page_server
from feelscope.web.page_server import Json, streamed, taking

PAGE = Path(__file__).parent / "page"
_OTHERS = ("course", "unit", "order", "parts", "subjects", "sentences")
_TYPED = 100  # letters of a subject that are looked at
_LINES = 200  # of a table that are written at once


def application(archive: Archive, newest: Callable[[], Archive] | None = None) -> ASGIApp:
    """The pages of an archive, as an ASGI application.

    Args:
        newest: Gives the archive as it is now, where posts may be added.
    """
    now = newest or (lambda: archive)

    # Not `async`: each answer is computed in a thread, and those that come meanwhile do not wait for it.
    def views(request: Request) -> Response:
        archive = now()
        return Json(archive.views(**asked(request.query_params.multi_items(), archive.facts.facets)))

    def post(request: Request) -> Response:
        asked = request.query_params
        view = now().post(asked.get("id", ""), asked.get("query", ""), asked.get("subject") or None)
        return Json(_there(view))

    def similar(request: Request) -> Response:
        return Json(_there(now().similar(request.query_params.get("id", ""))))

    def spot(request: Request) -> Response:
        key = request.query_params.get("key", "")
        return Json(_there(now().spot(int(key)) if re.fullmatch("[0-9]{1,10}", key, re.ASCII) else None))

    def subjects(request: Request) -> Response:
        vocabulary = now().index.vocabulary
        found = vocabulary.beginning(request.query_params.get("begin", "")[:_TYPED])
        return Json([{"subject": vocabulary.text(number), "posts": int(vocabulary.posts[number])} for number in found])

    def posts(request: Request) -> Response:
        return Json({"posts": now().facts.posts})

    def finding(given: Any) -> dict[str, str]:
        archive, (title, kept) = now(), read_kept(given)
        facts, written = archive.facts, archive.index.written

        def ask(question: str) -> dict[str, Any]:
            return archive.views(**asked(parse_qsl(question, keep_blank_values=True), facts.facets))

        return {"html": finding_page(title, kept, ask, archive.found, facts, written)}

    async def table(request: Request) -> Response:
        view = request.path_params["view"]
        if view not in TABLES:
            raise HTTPException(404, f"there is no {view}.csv; there are {', '.join(TABLES)}")
        archive = await run_in_threadpool(now)
        question = asked(request.query_params.multi_items(), archive.facts.facets)
        lines = csv_lines(
            view,
            lambda **change: archive.views(**(question | {"parts": (view,)} | change)),
            lambda: archive.all_sentences(question["state"], question["unit"], question["order"]),
        )
        named = {"Content-Disposition": f'attachment; filename="{view}.csv"'}
        return await streamed(request, _joined(lines), "text/csv; charset=utf-8", named)

    async def thumbnails(scope: Scope, receive: Receive, send: Send) -> None:
        folder = (await run_in_threadpool(now)).index.thumbnails  # another one once the index was rebuilt
        if folder is None:
            raise HTTPException(404, "the archive has no pictures")
        await StaticFiles(directory=folder)(scope, receive, send)

    routes: list[BaseRoute] = [
        Route("/views.json", views),
        Route("/post.json", post),
        Route("/similar.json", similar),
        Route("/spot.json", spot),
        Route("/subjects.json", subjects),
        Route("/posts.json", posts),
        Route("/finding.json", taking(finding, LONGEST_SENT), methods=["POST"]),
        Route("/{view}.csv", table),
    ]
    if archive.index.thumbnails is not None or newest is not None:
        routes.append(Mount("/thumbnails", thumbnails))
    return page_server.application(PAGE, routes)


def asked(given: Sequence[tuple[str, str]], facets: Sequence[str] = ()) -> dict[str, Any]:
    """Arguments of `views` from the names and values of an address; what is empty is as if it were not there.

    Args:
        facets: Those of the archive.

    Raises:
        ExploreError: An unknown name, one that is there twice, or a page that is not a number.
    """
    keys = (*KEYS, *map(facet_key, facets))
    known = (*keys, *AGAINST_KEYS, *_OTHERS)
    for name, times in Counter(name for name, _ in given).items():
        if name not in known:
            raise ExploreError(f"{name[:40]!r} is not known; {did_you_mean(name[:40], known)}")
        if times > 1:
            raise ExploreError(f"{name} is there {times} times; give it once")
    values = {name: value for name, value in given if value.strip()}
    for name in ("subjects", "sentences"):
        if not re.fullmatch("0*[1-9][0-9]{0,8}", values.get(name, "1")):
            raise ExploreError(f"the page of {name}: expected a whole number, 1 or more, found {values[name][:40]!r}")
    return {
        "state": {name: values.get(name) for name in keys} | {"query": values.get("query", "")},
        "against": {name: values.get(name) for name in AGAINST_KEYS},
        "course": values.get("course"),
        "unit": values.get("unit", AUTO),
        "order": values.get("order", "oldest"),
        "parts": tuple(values["parts"].split(",")) if "parts" in values else PARTS,
        "subjects_page": int(values.get("subjects", 1)),
        "sentences_page": int(values.get("sentences", 1)),
    }


def _there(post: dict[str, Any] | None) -> dict[str, Any]:
    if post is None:
        raise HTTPException(404, "the archive has no post of this id")
    return post


def _joined(lines: Iterator[str]) -> Iterator[bytes]:
    """The first line, which finds what is wrong with a question, and then many at once."""
    yield next(lines).encode(errors="replace")
    while some := "".join(islice(lines, _LINES)):
        yield some.encode(errors="replace")
