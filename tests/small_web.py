"""A server of pictures on this machine, and a downloader that takes its address, and no other, for a public one."""

import io
import threading
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
from PIL import Image

from feelscope.web.addresses import is_public
from feelscope.web.download import LIMITS, Downloader

HOME = "127.0.0.2"  # of the server that tests take for a public one; everything else is judged as always


def drawn(seed=0, size=(90, 70), kind="PNG", **more):
    pixels = np.random.default_rng(seed).integers(0, 255, (12, 12, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC).save(buffer, kind, **more)
    return buffer.getvalue()


@contextmanager
def serve(pages, tls=None):
    """A server, with TLS where a context is given; a page is bytes, a place to go to, a status, or a function."""
    busy, most = [0], [0]
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            busy[0] += 1
            most[0] = max(most[0], busy[0])
            page = pages.get(self.path, 404)
            try:
                if callable(page):
                    page(self)
                elif isinstance(page, bytes):
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(page)))
                    self.end_headers()
                    self.wfile.write(page)
                else:
                    self.send_response(page if isinstance(page, int) else 302)
                    if isinstance(page, str):
                        self.send_header("Location", page)
                    self.end_headers()
            except (BrokenPipeError, ConnectionResetError):
                asked.append("gone")

        def end_headers(self):
            busy[0] -= 1  # before the answer leaves: on it the client may ask for the next at once
            super().end_headers()

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer((HOME, 0), Handler)
    server.daemon_threads = True
    if tls is not None:  # shaking hands is for the thread of each connection
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        server.handle_error = lambda request, client: asked.append("no handshake")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.server_port, asked, most
    finally:
        server.shutdown()
        server.server_close()


def downloader(port, names=None, ports=(), **limits):
    names = names or {}
    return Downloader(
        replace(LIMITS, **limits),
        ports=(80, 443, port, *ports),
        resolve=lambda host, port: names.get(host, [host]),
        allowed=lambda address: str(address) == HOME or is_public(address),
    )
