"""A page's server in a thread."""

import contextlib
import threading
from collections.abc import Iterator

from starlette.types import ASGIApp

from feelscope.web.page_server import bound, server


@contextlib.contextmanager
def running(application: ASGIApp) -> Iterator[str]:
    """The address of a running server."""
    listening = bound(0)
    running = server(application)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        running.should_exit = True
        thread.join()
