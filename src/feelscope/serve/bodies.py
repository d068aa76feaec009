"""Requests' bodies: read within limits, as JSON or as a form, into what the shapes allow."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any, TypeVar

from feelscope.errors import needs_extra
from feelscope.memory import give_back_freed
from feelscope.serve.settings import ServiceSettings

with needs_extra("the service", "serve"):
    from pydantic_core import from_json
    from starlette.concurrency import run_in_threadpool
    from starlette.datastructures import FormData, UploadFile
    from starlette.exceptions import HTTPException
    from starlette.formparsers import MultiPartException, MultiPartParser
    from starlette.requests import ClientDisconnect, Request

FORM, JSON = "multipart/form-data", "application/json"
_FIELDS = 10  # of a form
_VALUES, _VALUES_A_POST = 100, 10  # of a JSON body: more than the shapes allow
BUSY_SECONDS = 2  # after which a body may be sent again
SLOW_SECONDS = 5.0  # that a body may take while half of the room for all of them is taken
_LARGE = 1_000_000  # bytes of a body, after which the system is given back what it took
_QUICK = 64_000  # bytes of a body that is checked at once; of a larger one, others would notice it

Value = TypeVar("Value")


class Bodies:
    """The bodies of all requests together, none of which is kept on disk.

    Attributes:
        held: Bytes.
    """

    def __init__(self, settings: ServiceSettings):
        self._settings = settings
        self.held = 0

    @contextlib.asynccontextmanager
    async def reading(
        self, request: Request, kinds: tuple[str, ...], check: Callable[[dict[str, Any]], Value]
    ) -> AsyncIterator[Value]:
        """What one request sent; its bytes count until the answer is there.

        Args:
            check: Makes it of what was sent, by name.

        Raises:
            HTTPException: 413, 415, 422 or 503.
        """
        kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind not in kinds:
            raise HTTPException(415, f"expected Content-Type {' or '.join(kinds)}, found {kind or 'none'}")
        body = bytearray()

        async def checked() -> Value:
            return check(self._object(body) if kind == JSON else await self._form(request, body))

        try:
            async for part in self._parts(request):
                if len(body) + len(part) > self._settings.most_bytes:
                    raise HTTPException(413, f"expected at most {self._settings.most_bytes:,} bytes")
                if self.held + len(part) > self._settings.held_bytes:
                    raise _too_much()
                body += part
                self.held += len(part)
            is_quick = len(body) <= _QUICK
            yield await (checked() if is_quick else run_in_threadpool(lambda: asyncio.run(checked())))
        finally:
            self.held -= len(body)
            if len(body) > _LARGE:
                body.clear()
                give_back_freed()

    async def _parts(self, request: Request) -> AsyncIterator[bytes]:
        """The parts of a body as they come; one that comes slowly is refused where others need the room."""
        late = time.monotonic() + SLOW_SECONDS
        while True:
            message = None
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SLOW_SECONDS):
                    message = await request.receive()
            if time.monotonic() > late and self.held > self._settings.held_bytes / 2:
                raise _too_much()
            if message is None:
                continue
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            yield message.get("body", b"")
            if not message.get("more_body"):
                return

    async def _form(self, request: Request, body: bytearray) -> dict[str, Any]:
        """The fields of a form, of which a file is bytes."""

        async def parts() -> AsyncGenerator[bytes, None]:
            yield bytes(body)

        parser = _WholeForm(request.headers, parts(), max_files=1, max_fields=_FIELDS, max_part_size=len(body))
        parser.spool_max_size = len(body) + 1  # in memory, as nothing of a post is kept on disk
        try:
            form: FormData = await parser.parse()
        except MultiPartException as error:
            raise HTTPException(422, f"no form that can be read: {error.message}") from None
        except UnicodeError:  # of charsets such as punycode
            raise HTTPException(422, "no form that can be read: expected the charset UTF-8") from None
        if not parser.is_whole:
            raise HTTPException(422, "no form that can be read: it has no end")
        found: dict[str, Any] = {}
        for name, value in form.multi_items():
            if name in found:
                raise HTTPException(422, f"{name}: expected once")
            is_file = isinstance(value, UploadFile)
            if is_file != (name == "image"):
                raise HTTPException(422, f"{name}: expected {'a file' if name == 'image' else 'a text'}")
            found[name] = await value.read() if isinstance(value, UploadFile) else value
        return found

    def _object(self, body: bytearray) -> dict[str, Any]:
        try:
            found = from_json(body, allow_inf_nan=False)
        except ValueError as error:
            raise HTTPException(422, f"expected JSON: {error}") from None
        if not isinstance(found, dict):
            raise HTTPException(422, "expected a JSON object")
        most = _VALUES + _VALUES_A_POST * self._settings.most_posts
        if _has_over(found, most):  # each fault of a value takes a thousand times the value's memory
            raise HTTPException(422, f"expected a JSON object of at most {most:,} values")
        return found


class _WholeForm(MultiPartParser):
    """A form's parser that knows whether the form ended; of one that was cut off, it would give what came before."""

    is_whole = False

    def on_end(self) -> None:
        self.is_whole = True


def _too_much() -> HTTPException:
    return HTTPException(503, "too much is being sent at once", {"Retry-After": str(BUSY_SECONDS)})


def _has_over(value: Any, most: int) -> bool:
    """Whether there are more values inside one another; no more are looked at."""
    waiting, left = [value], most
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict | list):
            left -= len(one)
            if left < 0:
                return True
            waiting.extend(one.values() if isinstance(one, dict) else one)
    return False
