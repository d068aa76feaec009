"""The service as a process: it opens the model, listens, and ends when it is told to."""

import contextlib
import logging
from collections.abc import Callable
from types import FrameType

from feelscope.errors import needs_extra
from feelscope.serve.application import application
from feelscope.serve.service import Service
from feelscope.serve.settings import named
from feelscope.web.page_connection import Connection
from feelscope.web.page_server import bound, server

with needs_extra("the service", "serve"):
    import uvicorn


class ServiceConnection(Connection):
    """A program keeps its connection open longer than a browser, and sends larger bodies."""

    request_seconds = 60


def serve(service: Service, host: str, port: int, say: Callable[[str], None]) -> None:
    """Answer until SIGTERM or Ctrl+C; what was accepted by then is still answered within the grace time.

    Args:
        port: 0 takes any that is free.
        say: Called with the address once requests are taken.

    Raises:
        PageError: The port is taken.
    """
    listening = bound(port, host)
    running = server(application(service), service.settings.grace, ServiceConnection)
    _tell(running, service)
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)  # else a line for each form that is broken
    say(f"http://{named(host) or '127.0.0.1'}:{listening.getsockname()[1]}/")
    with contextlib.suppress(KeyboardInterrupt):  # which uvicorn raises again once it has ended in order
        running.run(sockets=[listening])
    service.close()


def _tell(running: uvicorn.Server, service: Service) -> None:
    """Have the service know when its server is told to stop."""
    stop = running.handle_exit

    def told(sig: int, frame: FrameType | None) -> None:
        service.stopping = True
        stop(sig, frame)

    running.handle_exit = told  # type: ignore[method-assign]
