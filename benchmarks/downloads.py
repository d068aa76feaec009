"""Pictures per second from a server on this machine, by our client and by httpx as it would be called in its place.

python benchmarks/downloads.py            # 500 small pictures, five rounds; pip install httpx for its row
"""

import argparse
import functools
import io
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
from PIL import Image


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass


def serve(folder: str) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    print(server.server_port, flush=True)
    server.serve_forever()


def ours(port: int) -> Callable[[str], bytes]:
    from feelscope.web.download import Downloader

    return Downloader(ports=(port,), allowed=lambda address: True).fetch


def by_httpx(port: int) -> Callable[[str], bytes]:
    import httpx

    client = httpx.Client(trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))

    def fetch(url: str) -> bytes:
        headers = {"Accept-Encoding": "identity", "Host": "pictures.test"}
        with client.stream("GET", url, headers=headers, extensions={"sni_hostname": "pictures.test"}) as response:
            return b"".join(response.iter_raw())

    return fetch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=500)
    parser.add_argument("--serve", default="", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(given.pictures):
            pixels = np.random.default_rng(number).integers(0, 255, (40, 40, 3), dtype=np.uint8)
            buffer = io.BytesIO()
            Image.fromarray(pixels).save(buffer, "PNG")
            (Path(folder) / f"{number}.png").write_bytes(buffer.getvalue())
        server = subprocess.Popen([sys.executable, __file__, "--serve", folder], stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            for name, client in {"ours": ours, "httpx": by_httpx}.items():
                fetch, rates, costs = client(port), [], []
                for _ in range(5):
                    began, spent = time.perf_counter(), time.process_time()
                    for number in range(given.pictures):
                        fetch(f"http://127.0.0.1:{port}/{number}.png")
                    rates.append(given.pictures / (time.perf_counter() - began))
                    costs.append(1000 * (time.process_time() - spent) / given.pictures)
                rate, cost = statistics.median(rates), statistics.median(costs)
                print(f"{name}: {rate:,.0f} pictures per second, {cost:.2f} ms of processor time each")
        finally:
            server.kill()


if __name__ == "__main__":
    main()
