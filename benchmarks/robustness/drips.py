"""Servers that drip, flood or say nothing, and how long each client of Feelscope stays with them.

python benchmarks/robustness/drips.py                       # each drip to each client, over http and https
python benchmarks/robustness/drips.py --count 400 --seed 1  # and answers that begin to drip anywhere

Each call may take its limit and a second more; what takes longer, or ends in a traceback, is a failure and exit code 1.
Needs trustme, and PRAW for the column of Reddit.
"""

import argparse
import itertools
import os
import random
import socket
import ssl
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import trustme

from feelscope.collect.api import Api
from feelscope.collect.reddit import connect
from feelscope.errors import FeelscopeError
from feelscope.explore.search.http_call import Server
from feelscope.web import client
from feelscope.web.client import Fault, Limits, ask
from feelscope.web.connection import resolve
from feelscope.web.download import Downloader

HOST, NAME = "127.0.0.1", "drips.test"
SECONDS, SILENCE, GRACE = 1.5, 0.8, 1.0
OK = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
Certified = Callable[["Drip"], ssl.SSLContext]
Pieces = Callable[[], Iterator[bytes]]


def after(start: bytes, *again: bytes) -> Pieces:
    """A start, and then the same for ever."""
    return lambda: itertools.chain([start], itertools.cycle(again))


def once(*pieces: bytes) -> Pieces:
    return lambda: iter(pieces)


@dataclass(frozen=True)
class Drip:
    """What a server does.

    Args:
        pieces: Of its answer.
        pace: Seconds between pieces.
        reads: What it takes of the request: all, the head alone, that slowly at the pace, or nothing.
        wire: From which byte of its connection on it sends byte by byte, at the pace; with TLS these are TLS's.
        tickets: Of sessions, sent at once.
    """

    pieces: Pieces
    pace: float = 0.05
    reads: str = "all"
    wire: int | None = None
    tickets: int = 0


DRIPS = {
    "status line": Drip(after(b"HTTP/1.1 200 ", b"O")),
    "headers": Drip(after(OK + b"X-Slow: ", b"a")),
    "header lines": Drip(after(OK, b"X-Slow: a\r\n"), 0.1),
    "100 Continue": Drip(after(b"", b"HTTP/1.1 100 Continue\r\n\r\n")),
    "chunk sizes": Drip(after(CHUNKED, b"0")),
    "chunk extension": Drip(after(CHUNKED + b"1;x=", b"y")),
    "trailers": Drip(after(CHUNKED + b"0\r\n", b"X-Trailer: 1\r\n")),
    "body": Drip(after(OK + b"Content-Length: 900000\r\n\r\n", b"\x89")),
    "body of no length": Drip(after(OK + b"\r\n", b"\x89")),
    "chunks of a byte": Drip(after(CHUNKED, b"1\r\nx\r\n")),
    "body of an error": Drip(after(b"HTTP/1.1 503 Busy\r\nContent-Length: 9000\r\n\r\n", b"x")),
    "redirects": Drip(once(b"", b"HTTP/1.1 302 Found\r\n", b"Location: /next\r\n", b"Content-Length: 0\r\n\r\n"), 0.2),
    "bytes of the wire": Drip(once(OK + b"Content-Length: 9\r\n\r\n123456789"), 0.05, wire=0),
    "silence": Drip(after(b"", b""), 0.1),
    "silence after the head": Drip(after(OK + b"Content-Length: 9\r\n\r\n", b""), 0.1),
    "never reads": Drip(after(b"", b""), 0.1, reads="nothing"),
    "reads a byte at a time": Drip(after(b"", b""), 0.05, reads="slowly"),
    "flood of 100 Continue": Drip(after(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 999), 0),
    "flood of a status line": Drip(after(b"HTTP/1.1 200 ", b"O" * 65_536), 0),
    "flood of headers": Drip(after(OK, b"X-Flood: 1\r\n" * 999), 0),
    "flood of one header": Drip(after(OK + b"X-Flood: ", b"a" * 65_536), 0),
    "flood of chunk sizes": Drip(after(CHUNKED, b"0" * 65_536), 0),
    "flood of extensions": Drip(after(CHUNKED, b"1;x=" + b"y" * 60_000 + b"\r\nx\r\n"), 0),
    "flood of trailers": Drip(after(CHUNKED + b"0\r\n", b"X-Trailer: 1\r\n" * 999), 0),
    "flood of chunks of a byte": Drip(after(CHUNKED, b"1\r\nx\r\n" * 999), 0),
    "flood of a body": Drip(after(OK + b"\r\n", b"\x89" * 65_536), 0),
    "flood of session tickets": Drip(after(b"", b""), 0.1, tickets=2000),
}
SEVEN = tuple(name for name in DRIPS if name in "status line headers 100 Continue chunk sizes extension trailers body")


class Peer:
    """One connection of a server, with TLS in memory, so that every byte of the wire passes `send`."""

    def __init__(self, connection: socket.socket, drip: Drip, context: ssl.SSLContext | None, over: threading.Event):
        self.connection, self.drip, self.over, self.sent = connection, drip, over, 0
        self.came, self.goes = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.came, self.goes, server_side=True) if context else None
        while self.tls is not None:
            try:
                self.tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self.send(self.goes.read())
                self.came.write(self.take(65_536))
        self.send(self.goes.read())

    def send(self, data: bytes) -> None:
        whole = len(data) if self.drip.wire is None else max(self.drip.wire - self.sent, 0)
        self.connection.sendall(data[:whole])
        for number in data[whole:]:
            self.connection.sendall(bytes([number]))
            self.wait()
        self.sent += len(data)

    def take(self, most: int) -> bytes:
        data = self.connection.recv(most)
        if not data:
            raise ConnectionError
        return data

    def wait(self) -> None:
        if self.over.wait(self.drip.pace):
            raise ConnectionError

    def request(self) -> None:
        """Read the head of a request, and let what follows go by."""
        head, size = b"", 65_536 if self.drip.reads == "all" else 1
        while self.drip.reads != "nothing" and b"\r\n\r\n" not in head:
            try:
                head += self.take(size) if self.tls is None else self.tls.read(65_536)
            except ssl.SSLWantReadError:
                self.came.write(self.take(size))
            if self.drip.reads == "slowly":
                self.wait()
        if self.drip.reads == "all":
            threading.Thread(target=self.drain, daemon=True).start()

    def drain(self) -> None:
        with suppress(OSError):
            while self.connection.recv(2**20):
                pass

    def answer(self) -> None:
        for piece in self.drip.pieces():
            if self.tls is not None and piece:
                self.tls.write(piece)
                piece = self.goes.read()
            self.send(piece)
            if self.drip.pace:
                self.wait()


@contextmanager
def serving(drip: Drip, context: ssl.SSLContext | None = None, *, tunnel: bool = False) -> Iterator[int]:
    """The port of a server; with `tunnel` it is a proxy that lets everybody through to itself."""
    over = threading.Event()
    listener = socket.create_server((HOST, 0))

    def serve(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            connection.settimeout(60)
            if tunnel:
                Peer(connection, Drip(once(), reads="head"), None, over).request()
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            peer = Peer(connection, drip, context, over)
            peer.request()
            peer.answer()

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@contextmanager
def full() -> Iterator[int]:
    """The port of a machine that takes no more connections, and does not say so."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            with suppress(BlockingIOError):
                one.connect(listener.getsockname())
        try:
            yield listener.getsockname()[1]
        finally:
            for one in waiting:
                one.close()


class Free:
    """A meter that counts nothing."""

    source = "drips"

    def take(self, units: int = 1) -> None:
        pass

    def sleep(self, seconds: float) -> None:
        pass


def limits(bytes: int = 20_000_000) -> Limits:
    return Limits(bytes=bytes, seconds=SECONDS, silence=SILENCE)


def at_home(host: str, port: int) -> list[str]:
    return [HOST] if host == NAME else resolve(host, port)


def by_ask(scheme: str, port: int) -> object:
    opener = client.opener(resolve=at_home)
    return ask(f"{scheme}://{NAME}:{port}/", limits(), method="POST", body=bytes(30_000_000), opener=opener)


def by_download(scheme: str, port: int) -> object:
    fetcher = Downloader(replace(limits(), error_bytes=0), (port,), resolve=at_home, allowed=lambda address: True)
    return fetcher.fetch(f"{scheme}://{NAME}:{port}/")


def by_proxy(scheme: str, port: int) -> object:
    proxies = urllib.request.ProxyHandler({scheme: f"http://{HOST}:{port}"})
    return ask(f"{scheme}://{NAME}/", limits(), opener=client.opener(proxies))


def by_api(scheme: str, port: int) -> object:
    return Api(address := f"{scheme}://{HOST}:{port}", Free(), "key", "hint", limits())._answer(f"{address}/", None, 1)


def by_engine(scheme: str, port: int) -> object:
    return Server(f"{scheme}://{HOST}:{port}/archive", SECONDS).ask("GET", "archive/_mapping")


def by_reddit(scheme: str, port: int) -> object:
    credentials = dict.fromkeys(("REDDIT_CLIENT_ID", "REDDIT_CLIENT_SECRET", "REDDIT_USER_AGENT"), "drips of tests")
    reddit = connect(credentials, Free(), f"{scheme}://{HOST}:{port}", limits())  # one call, which PRAW would repeat
    return reddit._core.requestor.request("GET", f"{scheme}://{HOST}:{port}/r/happy/top")


CLIENTS: dict[str, Callable[[str, int], object]] = {
    "ask": by_ask,
    "pictures": by_download,
    "proxy": by_proxy,
    "API": by_api,
    "engine": by_engine,
    "Reddit": by_reddit,
}


@contextmanager
def certified() -> Iterator[Certified]:
    """What a server needs for TLS, from an authority that this process trusts meanwhile."""
    authority = trustme.CA()
    certificate = authority.issue_cert(NAME, HOST)

    def of(drip: Drip) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        context.num_tickets = drip.tickets
        return context

    before = os.environ.get("SSL_CERT_FILE")
    with tempfile.TemporaryDirectory() as folder:
        authority.cert_pem.write_to_path(str(Path(folder) / "authority.pem"))
        os.environ["SSL_CERT_FILE"] = str(Path(folder) / "authority.pem")
        client._through_proxies.cache_clear()  # it knows the authorities of before
        try:
            yield of
        finally:
            os.environ.pop("SSL_CERT_FILE")
            if before is not None:
                os.environ["SSL_CERT_FILE"] = before
            client._through_proxies.cache_clear()


def timed(name: str, scheme: str, drip: Drip | None, certified: Certified) -> tuple[float, str]:
    """How long a client stays with a server, None for one that takes no connection, and what it says."""
    tls = certified(drip) if scheme == "https" and drip is not None else None
    with full() if drip is None else serving(drip, tls, tunnel=tls is not None and name == "proxy") as port:
        began = time.monotonic()
        try:
            said = f"answered: {CLIENTS[name](scheme, port)!r}"[:60]
        except (Fault, FeelscopeError) as error:
            said = str(error)
        except Exception as error:  # noqa: BLE001  # PRAW's own, which `feelscope collect` turns into a line
            said = f"{error}" if type(error).__module__.startswith("prawcore") else f"{TRACEBACK}: {error!r}"
        return time.monotonic() - began, said


TRACEBACK = "traceback"


def is_bad(seconds: float, said: str) -> bool:
    return seconds > SECONDS + GRACE or said.startswith(TRACEBACK)


def anywhere(draw: random.Random) -> Drip:
    """A good answer that begins to drip somewhere, or goes on for ever from there."""
    parts = [b"HTTP/1.1 100 Continue\r\n\r\n" * draw.randrange(3), CHUNKED]
    for _ in range(draw.randrange(4)):
        size = draw.randrange(1, 40)
        parts += [b"%x%s\r\n" % (size, b";a=b" * draw.randrange(2)), bytes(size), b"\r\n"]
    whole = b"".join([*parts, b"0\r\n", b"X-Trailer: 1\r\n" * draw.randrange(3), b"\r\n"])
    cut = draw.randrange(len(whole))
    pace = draw.choice((0, 0.01, 0.05, 0.2, 0.7))
    if draw.random() < 0.4:
        return Drip(once(whole), pace, wire=draw.randrange(3000))
    again = draw.choice((whole[cut : cut + 1], whole[cut : cut + 9], b"\r\n", b"0", b" "))
    return Drip(
        after(whole[:cut], again * (1 if pace else 3000)), pace, draw.choice(("all", "all", "nothing", "slowly"))
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=0, help="answers that begin to drip anywhere")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    bad = []
    pairs = list(itertools.product(CLIENTS, ("http", "https")))
    print(f"limit {SECONDS} s, silence {SILENCE} s; seconds until the client left, over http and https")
    print(f"{'':28}" + "".join(f"{name:>14}" for name in CLIENTS))
    with certified() as context, ThreadPoolExecutor(len(pairs)) as pool:
        for title, drip in [*DRIPS.items(), ("takes no connection", None)]:
            found = list(pool.map(lambda pair, drip=drip: timed(*pair, drip, context), pairs))
            print(
                f"{title:28}"
                + "".join(f"{a:8.2f}{b:6.2f}" for (a, _), (b, _) in zip(found[::2], found[1::2], strict=True))
            )
            bad += [(title, *pair, *what) for pair, what in zip(pairs, found, strict=True) if is_bad(*what)]
        draw = random.Random(given.seed)
        cases = [(*draw.choice(pairs), anywhere(draw)) for _ in range(given.count)]
        found = list(pool.map(lambda case: timed(*case, context), cases))
        bad += [(f"anywhere {n}", *cases[n][:2], *what) for n, what in enumerate(found) if is_bad(*what)]
    if found:
        print(f"{len(found)} that drip anywhere: at most {max(seconds for seconds, _ in found):.2f} s")
    for title, name, scheme, seconds, said in bad:
        print(f"FAILED {title}, {name} over {scheme}: {seconds:.2f} s, {said}")
    print(f"{len(pairs) * (len(DRIPS) + 1) + given.count} tried, {len(bad)} failed")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
