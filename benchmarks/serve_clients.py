"""Clients of a service in one process, each with one request on its way: what came back, and how soon.

One loop over plain sockets, with requests that are made before the clock starts, so that the clients take as little of
the processors as they can: they share them with the service.

    python benchmarks/serve_clients.py '{"port": 8080, "table": "examples/posts.csv", "clients": 16, "seconds": 60}'
"""

import argparse
import base64
import heapq
import itertools
import json
import selectors
import socket
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from serve_posts import read_posts

from feelscope.post import Post

EDGE = "an-edge-of-the-form"
READ = 262_144  # bytes at once


@dataclass(frozen=True)
class Job:
    """What to ask.

    Args:
        clients: Connections that are kept open, each with one request on its way.
        batch: Posts of one request.
        body: `json` with the picture in base64, or `form` with the picture as it is; a form has one post.
    """

    port: int
    table: str
    clients: int
    seconds: float
    batch: int = 1
    body: str = "json"
    path: str = "/v1/predict"


@dataclass
class Found:
    """What came back.

    Args:
        waits: Seconds from request to answer, of those with status 200.
        emotions: By post, as they were answered the last time.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    broken: int = 0  # connections that ended before the answer was whole
    waits: list[float] = field(default_factory=list)
    emotions: dict[str, str] = field(default_factory=dict)


class Client:
    """One connection and what came of its answer so far."""

    def __init__(self, port: int):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)  # a request is handed over at once
        self.got, self.sent = b"", 0.0

    def send(self, request: bytes) -> None:
        self.got, self.sent = b"", time.perf_counter()
        self.socket.sendall(request)

    def read(self) -> tuple[int, bytes, bytes] | None:
        """Status, head and content of a whole answer; None where there is more to come."""
        part = self.socket.recv(READ)
        if not part:
            raise ConnectionError
        self.got += part
        head, found, content = self.got.partition(b"\r\n\r\n")
        if not found or len(content) < int(header(head, b"content-length") or 0):
            return None
        return int(head[9:12]), head, content


def header(head: bytes, name: bytes) -> bytes:
    """The value of a header; empty where there is none."""
    return next((line[len(name) + 1 :] for line in head.split(b"\r\n") if line.lower().startswith(name + b":")), b"")


def main() -> None:
    given = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    given.add_argument("job", metavar="JOB", help="a `Job` in JSON")
    job = Job(**json.loads(given.parse_args().job))
    requests = itertools.cycle(made(job))
    used, started = time.process_time(), time.perf_counter()
    found = ask(job, requests)
    seconds = time.perf_counter() - started
    print(
        json.dumps(
            {
                "seconds": seconds,
                "processor_seconds": time.process_time() - used,
                "posts_per_second": found.statuses[200] * job.batch / seconds,
                "statuses": {str(status): count for status, count in sorted(found.statuses.items())},
                "broken": found.broken,
                "waits": quantiles(found.waits),
                "emotions": found.emotions,
            }
        )
    )


def ask(job: Job, requests: Iterator[bytes]) -> Found:
    """Ask until the time is over; what is on its way then is waited for."""
    found, waiting = Found(), selectors.DefaultSelector()
    later: list[tuple[float, int, Client]] = []  # clients that were told to come back, and when
    for client in [Client(job.port) for _ in range(job.clients)]:
        waiting.register(client.socket, selectors.EVENT_READ, client)
        client.send(next(requests))
    end, under_way = time.perf_counter() + job.seconds, job.clients
    while under_way or (later and time.perf_counter() < end):
        for key, _ in waiting.select(timeout=0.05 if later else None):
            client: Client = key.data
            try:
                answer = client.read()
            except ConnectionError:
                found.broken += 1
                under_way -= 1
                waiting.unregister(client.socket)
                continue
            if answer is None:
                continue
            now = time.perf_counter()
            under_way -= 1
            status, head, content = answer
            found.statuses[status] += 1
            if status == 200:
                found.waits.append(now - client.sent)
                keep(found, content)
            if now >= end:
                continue
            if status == 503:  # as it was told
                heapq.heappush(later, (now + float(header(head, b"retry-after") or 1), id(client), client))
            else:
                under_way += 1
                client.send(next(requests))
        while later and later[0][0] <= time.perf_counter() < end:
            under_way += 1
            heapq.heappop(later)[2].send(next(requests))
    return found


def keep(found: Found, content: bytes) -> None:
    """The emotion of the first posts that were answered; the others would cost the processors more."""
    if len(found.emotions) < 200:
        answer: dict[str, Any] = json.loads(content)
        for one in answer.get("predictions", [answer]):
            found.emotions[one["id"]] = one["emotion"]


def made(job: Job) -> list[bytes]:
    """Requests with all posts of the table."""
    posts = read_posts(Path(job.table))
    if job.body == "form":
        return [request(job, form(post), f"multipart/form-data; boundary={EDGE}") for post in posts]
    if job.batch == 1:
        return [request(job, json.dumps(shape(post)).encode(), "application/json") for post in posts]
    shapes = list(map(shape, posts))
    batches = [[shapes[(start + place) % len(shapes)] for place in range(job.batch)] for start in (0, 100, 200, 300)]
    return [request(job, json.dumps({"posts": batch}).encode(), "application/json") for batch in batches]


def request(job: Job, body: bytes, kind: str) -> bytes:
    head = f"POST {job.path} HTTP/1.1\r\nHost: 127.0.0.1:{job.port}\r\nContent-Type: {kind}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def shape(post: Post) -> dict[str, str]:
    assert isinstance(post.image, bytes)
    return {"id": post.id, "title": post.title, "text": post.text, "image": base64.b64encode(post.image).decode()}


def form(post: Post) -> bytes:
    assert isinstance(post.image, bytes)
    disposition = f"--{EDGE}\r\nContent-Disposition: form-data; name="
    texts = "".join(
        f'{disposition}"{name}"\r\n\r\n{value}\r\n'
        for name, value in (("id", post.id), ("title", post.title), ("text", post.text))
    )
    head = f'{texts}{disposition}"image"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    return head.encode() + post.image + f"\r\n--{EDGE}--\r\n".encode()


def quantiles(waits: list[float]) -> dict[str, float]:
    """p50, p99 and the longest, in seconds."""
    if not waits:
        return {}
    ordered = sorted(waits)
    at = {
        name: ordered[min(len(ordered) - 1, int(share * len(ordered)))] for name, share in (("p50", 0.5), ("p99", 0.99))
    }
    return {**at, "longest": ordered[-1]}


if __name__ == "__main__":
    main()
