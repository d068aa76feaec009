"""Pictures per second from a server on this machine, by our client and by httpx as it would be called in its place.

python benchmarks/downloads.py                     # 500 small pictures, five rounds; pip install httpx for its row
python benchmarks/downloads.py --before CHECKOUT   # and by the client of another checkout, in turn
"""

import argparse
import functools
import io
import itertools
import os
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


CLIENTS = {"ours": ours, "before": ours, "httpx": by_httpx}


def fetch_all(client: str, host: str, port: int, pictures: int) -> None:
    """Print pictures per second, and milliseconds of processor time for each."""
    fetch = CLIENTS[client](port)
    fetch(f"http://{host}:{port}/0.png")
    began, spent = time.perf_counter(), time.process_time()
    for number in range(pictures):
        fetch(f"http://{host}:{port}/{number}.png")
    print(pictures / (time.perf_counter() - began), 1000 * (time.process_time() - spent) / pictures)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--host", default="127.0.0.1", help="or localhost, a name that is looked up")
    parser.add_argument("--before", default="", help="a checkout of Feelscope")
    parser.add_argument("--serve", default="", help=argparse.SUPPRESS)
    parser.add_argument("--fetch", nargs=2, default=(), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve)
    if given.fetch:
        fetch_all(given.fetch[0], given.host, int(given.fetch[1]), given.pictures)
        return
    with tempfile.TemporaryDirectory() as folder:
        for number in range(given.pictures):
            pixels = np.random.default_rng(number).integers(0, 255, (40, 40, 3), dtype=np.uint8)
            buffer = io.BytesIO()
            Image.fromarray(pixels).save(buffer, "PNG")
            (Path(folder) / f"{number}.png").write_bytes(buffer.getvalue())
        server = subprocess.Popen([sys.executable, __file__, "--serve", folder], stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            port = server.stdout.readline().strip()
            found: dict[str, list[list[float]]] = {name: [] for name in CLIENTS if given.before or name != "before"}
            for _, name in itertools.product(range(given.rounds), found):  # in turn: a machine slows for all of them
                command = [sys.executable, __file__, "--fetch", name, port]
                command += ["--host", given.host, "--pictures", str(given.pictures)]
                source = {"PYTHONPATH": f"{given.before}/src"} if name == "before" else {}
                ran = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, **source})
                found[name].append([float(number) for number in ran.stdout.split()])
            for name, rounds in found.items():
                rate, cost = (statistics.median(numbers) for numbers in zip(*rounds, strict=True))
                ratio = statistics.median(one[1] / own[1] for one, own in zip(rounds, found["ours"], strict=True))
                said = f"{rate:,.0f} pictures per second, {cost:.2f} ms of processor time each"
                print(f"{name}: {said}, {ratio:.2f} of ours")
        finally:
            server.kill()


if __name__ == "__main__":
    main()
