"""One small server for pages on this machine: who may ask, what a page may load, and one shape for every fault."""

import asyncio
import contextlib
import json
import logging
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from feelscope.errors import FeelscopeError, PageError, needs_extra
from feelscope.files import finite
from feelscope.web.icon import ICON
from feelscope.web.page_connection import HEADERS, LONGEST_HEAD, Connection

with needs_extra("a page", "label"):
    import uvicorn
    from anyio.to_thread import current_default_thread_limiter
    from starlette.applications import Starlette
    from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
    from starlette.datastructures import Headers, MutableHeaders
    from starlette.exceptions import HTTPException
    from starlette.requests import ClientDisconnect, Request
    from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
    from starlette.routing import BaseRoute, Mount, Route
    from starlette.staticfiles import StaticFiles
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_THIS_MACHINE = ("127.0.0.1", "localhost")  # what it is called by its own browsers
_PORT = re.compile(r":[0-9]{1,5}\Z")  # any: a tunnel may have another
LONGEST = 20_000  # bytes that a page may send
_THREADS = 8  # that answer at once; each keeps the memory of its largest answer, and more are no faster
_write = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_FIRST = 32_768  # bytes of a file that are computed before it is sent


class Json(JSONResponse):
    """A value as JSON that every program reads: UTF-8 whatever its strings hold, and null for what is no number."""

    def render(self, content: Any) -> bytes:
        try:
            text = _write(content)
        except ValueError:
            text = _write(finite(content))
        return text.encode(errors="replace")


def application(
    page: Path,
    routes: Sequence[BaseRoute],
    cache: str = HEADERS["Cache-Control"],
    others: Sequence[str] = (),
) -> ASGIApp:
    """A page and what it asks for, as an ASGI application.

    An endpoint that raises a `FeelscopeError` is answered with status 400, an `HTTPException` with its own.

    Args:
        page: The folder of index.html, which is shown at `/`, and of the page's other files, at `/page/NAME`; beside
            them is the icon of all pages, `/page/icon.svg`.
        cache: The `Cache-Control` of every answer.
        others: Names by which it may be asked for beside those of this machine, in lower case and without a port.
    """
    index = Route("/", lambda request: FileResponse(page / "index.html"))
    icon = Route("/page/icon.svg", lambda request: FileResponse(ICON))
    pages = Starlette(
        routes=[index, icon, *routes, Mount("/page", StaticFiles(directory=page))],
        exception_handlers={FeelscopeError: _say_fault, HTTPException: _say_fault, Exception: _say_broken},
        lifespan=_few_threads,
    )
    pages.router.redirect_slashes = False
    # Around all of it, so that the answer to a broken endpoint is guarded too.
    return _guard(pages, cache, others)


def taking(handler: Callable[[Any], Any], longest: int = LONGEST) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that hands the JSON this page sent to a handler, in a thread, and answers with its result.

    Args:
        longest: Bytes that the page may send.
    """

    async def endpoint(request: Request) -> Response:
        # A page of another site cannot set this type without asking first.
        if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != "application/json":
            raise HTTPException(403, "not sent by this page")
        body = b""
        try:
            async for part in request.stream():
                body += part
                if len(body) > longest:
                    raise HTTPException(413, f"over {longest:,} bytes")
            given = json.loads(body)
        except (ValueError, RecursionError):
            raise HTTPException(400, "expected JSON") from None
        except ClientDisconnect:  # nobody is there to be answered
            return Response()
        return Json(await run_in_threadpool(handler, given))

    return endpoint


async def streamed(request: Request, parts: Iterator[bytes], kind: str, headers: dict[str, str]) -> Response:
    """A file that is sent while it is computed; a short one once it is complete.

    A fault in its first `_FIRST` bytes is said with its status. A later one ends the connection before the file's end,
    which browsers and programs report, so that nobody takes a torn file for a whole one.

    Args:
        parts: The content, computed in a thread; no more of it is taken once nobody waits for it.
        kind: Its media type.
    """
    following = aiter(iterate_in_threadpool(parts))
    first = b""
    while len(first) < _FIRST and (part := await anext(following, None)) is not None and request.method != "HEAD":
        first += part
    if part is None:
        return Response(first, media_type=kind, headers=headers)

    async def sent() -> AsyncIterator[bytes]:
        if request.method != "HEAD":
            yield first
            async for later in following:
                yield later

    return StreamingResponse(sent(), media_type=kind, headers=headers)


def server(pages: ASGIApp, grace: int = 3, connection: type[Connection] = Connection) -> uvicorn.Server:
    """What answers for a page, once it is given a socket of `bound`.

    Args:
        grace: Seconds in which answers that are due may still be given when it is stopped.
    """
    config = uvicorn.Config(
        pages,
        http=connection,
        loop="asyncio",  # the same everywhere, whether or not uvloop happens to be installed
        ws="none",
        lifespan="on",
        log_level="error",  # what is no HTTP is not worth a line each
        access_log=False,
        proxy_headers=False,  # nothing is decided by who asks, which anybody may claim
        h11_max_incomplete_event_size=LONGEST_HEAD,
        timeout_graceful_shutdown=grace,
        timeout_keep_alive=connection.request_seconds,
    )
    logging.getLogger("uvicorn.error").addFilter(_is_fault)  # which the line above has set up; the same one, once
    return uvicorn.Server(config)


def _is_fault(record: logging.LogRecord) -> bool:
    """Whether a line of the log is a fault, and not that the server was stopped while somebody waited."""
    is_cut_off = record.exc_info is not None and isinstance(record.exc_info[1], asyncio.CancelledError)
    return not is_cut_off and "graceful shutdown exceeded" not in str(record.msg)


def serve(pages: ASGIApp, port: int, say: Callable[[str], None]) -> None:
    """Answer until Ctrl+C.

    Args:
        port: 0 takes any that is free.
        say: Called with the address once it can be opened.

    Raises:
        PageError: The port is taken.
    """
    listening = bound(port)
    say(f"http://127.0.0.1:{listening.getsockname()[1]}/")
    with contextlib.suppress(KeyboardInterrupt):
        server(pages).run(sockets=[listening])


def bound(port: int, host: str = "127.0.0.1") -> socket.socket:
    """A listening socket, by default for this machine alone.

    Raises:
        PageError: The port is taken, or the address is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, answers leave at once (TCP_NODELAY); else each waits 40 ms for the one before it.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(2048)  # from now on a browser waits for the server instead of being refused
    except OSError as error:
        listening.close()
        where, other = ("", "--port") if host == "127.0.0.1" else (f"{host}, ", "--host or --port")
        what = error.strerror or error
        raise PageError(f"{where}port {port} cannot be used ({what}); name another with {other}") from error
    return listening


@contextlib.asynccontextmanager
async def _few_threads(pages: Starlette) -> AsyncIterator[None]:
    current_default_thread_limiter().total_tokens = _THREADS
    yield


async def _say_fault(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException):
        return Json({"error": error.detail}, error.status_code, error.headers)
    return Json({"error": str(error)}, 400)


async def _say_broken(request: Request, error: Exception) -> Response:
    return Json({"error": "the server failed; its terminal says why"}, 500)


def _guard(app: ASGIApp, cache: str, others: Sequence[str]) -> ASGIApp:
    """Refuse what no page of ours asks, and give every answer the headers above."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in (HEADERS | {"Cache-Control": cache}).items():
                    headers.setdefault(name, value)
            await send(message)

        refused = _refused(scope, others) if scope["type"] == "http" else None
        await (app if refused is None else Json({"error": refused[1]}, refused[0]))(scope, receive, sending)

    return guarded


def _refused(scope: Scope, others: Sequence[str]) -> tuple[int, str] | None:
    """Status and reason, where a request comes by another name of this machine or from a page of another site.

    A page of the web may have its own name lead here. A browser says of every request whose page sent it; another site
    may only lead people to the page itself, which it can then neither read nor hold in a frame. Other ports of this
    machine are other sites. Older browsers say less, but name the origin of what could change anything.
    """
    headers = Headers(scope=scope)
    host = headers.get("Host", "").lower()
    name = _PORT.sub("", host)
    if name not in (*_THIS_MACHINE, *others):
        return 400, "it is not known by this name" if others else "open it as 127.0.0.1"
    from_here = set(headers.getlist("Sec-Fetch-Site")) <= {"same-origin", "none"}
    asked = (scope["method"], scope["path"], headers.get("Sec-Fetch-Mode"), headers.get("Sec-Fetch-Dest"))
    is_link = asked == ("GET", "/", "navigate", "document") and "Sec-Purpose" not in headers
    origins = {f"http://{host}"} | ({f"https://{host}"} if name in others else set())  # a proxy before it may have TLS
    if set(headers.getlist("Origin")) <= origins and (from_here or is_link):
        return None
    return 403, "not sent by this page"
