"""One small server for pages on this machine: who may ask, what a page may load, and one shape for every fault."""

import contextlib
import json
import socket
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from feelscope.errors import FeelscopeError, PageError, needs_extra

with needs_extra("a page", "label"):
    import uvicorn
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.datastructures import Headers, MutableHeaders
    from starlette.exceptions import HTTPException
    from starlette.middleware import Middleware
    from starlette.requests import Request
    from starlette.responses import FileResponse, JSONResponse, Response
    from starlette.routing import BaseRoute, Mount, Route
    from starlette.staticfiles import StaticFiles
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOSTS = ("127.0.0.1", "localhost")
LONGEST = 20_000  # bytes that a page may send
HEADERS = {
    # What a page may load: its own files, nothing from the web, no script or style inside a page.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


def application(page: Path, routes: Sequence[BaseRoute], cache: str = HEADERS["Cache-Control"]) -> Starlette:
    """A page and what it asks for, as an ASGI application.

    An endpoint that raises a `FeelscopeError` is answered with status 400, an `HTTPException` with its own.

    Args:
        page: The folder of index.html, which is shown at `/`, and of the page's other files, at `/page/NAME`.
        cache: The `Cache-Control` of every answer.
    """
    index = Route("/", lambda request: FileResponse(page / "index.html"))
    return Starlette(
        routes=[index, *routes, Mount("/page", StaticFiles(directory=page))],
        middleware=[Middleware(_guard, cache)],
        exception_handlers={FeelscopeError: _say_fault, HTTPException: _say_fault, Exception: _say_broken},
    )


def taking(handler: Callable[[Any], Any]) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that hands the JSON this page sent to a handler, in a thread, and answers with its result."""

    async def endpoint(request: Request) -> Response:
        # A page of another site can neither set this type without asking first nor pass for this origin.
        kind, origin = request.headers.get("Content-Type", "").partition(";")[0], request.headers.get("Origin")
        if kind != "application/json" or origin not in (None, f"http://{request.headers['Host']}"):
            raise HTTPException(403, "not sent by this page")
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > LONGEST:
                raise HTTPException(413, f"over {LONGEST:,} bytes")
        try:
            given = json.loads(body)
        except (ValueError, RecursionError):
            raise HTTPException(400, "expected JSON") from None
        return JSONResponse(await run_in_threadpool(handler, given))

    return endpoint


def serve(pages: Starlette, port: int, say: Callable[[str], None]) -> None:
    """Answer until Ctrl+C.

    Args:
        port: 0 takes any that is free.
        say: Called with the address once it can be opened.

    Raises:
        PageError: The port is taken.
    """
    listening = bound(port)
    server = uvicorn.Server(uvicorn.Config(pages, log_level="warning", access_log=False))
    say(f"http://127.0.0.1:{listening.getsockname()[1]}/")
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listening])


def bound(port: int) -> socket.socket:
    """A socket on this machine alone.

    Raises:
        PageError: The port is taken.
    """
    # With the protocol named, answers leave at once (TCP_NODELAY); else each waits 40 ms for the one before it.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
        listening.listen()  # from now on a browser waits for the server instead of being refused
    except OSError as error:
        listening.close()
        raise PageError(f"port {port} cannot be used ({error.strerror}); name another with --port") from error
    return listening


async def _say_fault(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException):
        return JSONResponse({"error": error.detail}, error.status_code, error.headers)
    return JSONResponse({"error": str(error)}, 400)


async def _say_broken(request: Request, error: Exception) -> Response:
    # Starlette answers this one outside of the guard.
    return JSONResponse({"error": "the server failed; its terminal says why"}, 500, HEADERS)


def _guard(app: ASGIApp, cache: str) -> ASGIApp:
    """Refuse other names than this machine's, and give every answer the headers above.

    A page of the web may have its own name lead here. Starlette's own check of it does not answer in JSON.
    """

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in (HEADERS | {"Cache-Control": cache}).items():
                    headers.setdefault(name, value)
            await send(message)

        if scope["type"] != "http":
            await app(scope, receive, send)
        elif Headers(scope=scope).get("Host", "").partition(":")[0] in HOSTS:
            await app(scope, receive, sending)
        else:
            await JSONResponse({"error": f"open it as {HOSTS[0]}"}, 400)(scope, receive, sending)

    return guarded
