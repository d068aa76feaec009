"""Who asks may hang up: then nothing more is done for them."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from feelscope.errors import needs_extra

with needs_extra("the service", "serve"):
    from starlette.requests import ClientDisconnect, Request

Value = TypeVar("Value")


async def unless_gone(request: Request, work: Coroutine[Any, Any, Value]) -> Value:
    """What comes of some work, which is given up where the client hangs up."""
    working, gone = asyncio.ensure_future(work), asyncio.ensure_future(_hung_up(request))
    try:
        await asyncio.wait((working, gone), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        for task in (working, gone):
            task.cancel()


async def _hung_up(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
