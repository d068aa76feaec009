"""The page's server: answers on 127.0.0.1 alone; what is a page for a browser is JSON or CSV for a program.

| address | what |
|---|---|
| `/` | the page; its address has the whole state |
| `/views.json` | the views of a state, as the page gets them; `parts=subjects,sentences` gives some of them |
| `/post.json?id=ID` | one post |
| `/timeline.csv` `/subjects.csv` `/sentences.csv` `/pictures.csv` | a whole view of a state as a table |
| `/thumbnails/NAME` `/page/NAME` | pictures, and the files of the page |
"""

import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from feelscope.config import did_you_mean
from feelscope.errors import ExploreError, FeelscopeError
from feelscope.explore.archive import Archive
from feelscope.explore.search.state import KEYS
from feelscope.explore.views.answer import PARTS
from feelscope.explore.views.csv_export import TABLES

PAGE = Path(__file__).parent / "page"
_KNOWN = (*KEYS, "unit", "parts", "subjects", "sentences")
_LONGEST = 1_000  # letters of a query or a subject
_HEADERS = {
    # What the page may load: its own files, nothing from the web, no script or style that stands in a page.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


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

    def page(request: Request) -> Response:
        return FileResponse(PAGE / "index.html")

    routes = [
        Route("/", page),
        Route("/views.json", views),
        Route("/post.json", post),
        Route("/{view}.csv", table),
        Mount("/page", StaticFiles(directory=PAGE)),
    ]
    if archive.thumbnails is not None and archive.thumbnails.is_dir():
        routes.append(Mount("/thumbnails", StaticFiles(directory=archive.thumbnails)))
    return Starlette(
        routes=routes,
        middleware=[
            Middleware(_Headers),
            # A page of the web may have its own name lead here: other names than this machine's are refused.
            Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"], www_redirect=False),
        ],
        exception_handlers={FeelscopeError: _say_fault, HTTPException: _say_fault, Exception: _say_broken},
    )


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
    return {
        "state": {name: values.get(name) for name in KEYS} | {"query": values.get("query", "")},
        "unit": values.get("unit", "month"),
        "parts": tuple(values["parts"].split(",")) if "parts" in values else PARTS,
        "subjects_page": _number(values, "subjects"),
        "sentences_page": _number(values, "sentences"),
    }


def _number(values: Mapping[str, str], name: str) -> int:
    value = values.get(name, "1")
    if not (value.isascii() and value.isdigit() and int(value[:12]) > 0 and len(value) < 10):
        raise ExploreError(f"expected the page of {name} to be a number from 1 on and found {value[:40]!r}")
    return int(value)


def serve(archive: Archive, port: int, say: Callable[[str], None]) -> None:
    """Answer until Ctrl+C.

    Args:
        port: 0 takes any that is free.
        say: Called with the address once it can be opened.

    Raises:
        ExploreError: The port is taken.
    """
    listening = bound(port)
    server = uvicorn.Server(uvicorn.Config(application(archive), log_level="warning", access_log=False))
    say(f"http://127.0.0.1:{listening.getsockname()[1]}/")
    server.run(sockets=[listening])


def bound(port: int) -> socket.socket:
    """A socket on this machine alone.

    Raises:
        ExploreError: The port is taken.
    """
    # With the protocol named, answers leave at once (TCP_NODELAY); else each waits 40 ms for the one before it.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
        listening.listen()  # from now on a browser waits for the server instead of being refused
    except OSError as error:
        listening.close()
        raise ExploreError(f"port {port} cannot be used ({error.strerror}); name another with --port") from error
    return listening


def _with(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


async def _say_fault(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException):
        return JSONResponse({"error": error.detail}, error.status_code)
    return JSONResponse({"error": str(error)}, 400)


async def _say_broken(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": "the server failed; its terminal says why"}, 500)


class _Headers:
    """Gives every answer the headers above."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await self.app(scope, receive, sending if scope["type"] == "http" else send)
