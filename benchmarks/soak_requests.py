"""What the soak asks: good requests of every kind, and bad ones of many."""

import json
import random
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from serve_clients import EDGE, form, shape

from feelscope.post import Post

MOST_BYTES = 32_000_000  # as the service has it by default
BATCH = 24  # posts, which take long enough that an end meets some of them


@dataclass(frozen=True)
class Good:
    """A request that is answered with 200, always alike."""

    name: str
    request: bytes


@dataclass(frozen=True)
class Bad:
    """A request, and what may be answered to it.

    Args:
        statuses: Beside 503; empty where nobody waits for an answer.
        may_break: Whether the connection may close before the answer was read, as while a body is still sent.
    """

    send: Callable[[socket.socket, int, random.Random], None]
    statuses: tuple[int, ...] = (422,)
    may_break: bool = False


def good_requests(posts: Sequence[Post], seed: int) -> list[Good]:
    """Single posts as JSON and as forms, words alone, batches, and tensors of the other protocol."""
    made: list[Good] = []
    for post in posts[:100]:
        made.append(Good(f"json {post.id}", request("/v1/predict", shape(post))))
        made.append(Good(f"form {post.id}", raw("/v1/predict", form(post), f"multipart/form-data; boundary={EDGE}")))
        made.append(Good(f"words {post.id}", request("/v1/predict", {"id": post.id, "text": post.text or post.title})))
        tensor = {"name": "text", "shape": [1], "datatype": "BYTES", "data": [post.text or post.title]}
        made.append(Good(f"tensor {post.id}", request("/v2/models/builtin/infer", {"inputs": [tensor]})))
    chance = random.Random(seed)
    for number in range(25):
        several = [shape(post) for post in chance.sample(list(posts), BATCH)]
        made.append(Good(f"batch {number}", request("/v1/predict", {"posts": several})))
    for number in range(2):
        made.append(Good(f"explain {number}", request("/v1/explain", {"text": f"so sad a day {number}"})))
    return made


def raw(path: str, body: bytes, kind: str = "application/json", *headers: str, host: str = "127.0.0.1") -> bytes:
    head = [f"POST {path} HTTP/1.1", f"Host: {host}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body


def request(path: str, body: object) -> bytes:
    return raw(path, json.dumps(body).encode())


def sending(*requests: bytes) -> Callable[[socket.socket, int, random.Random], None]:
    """One of them."""
    return lambda connection, port, chance: connection.sendall(chance.choice(requests))


def predicting(*bodies: object) -> Callable[[socket.socket, int, random.Random], None]:
    return sending(*(request("/v1/predict", body) for body in bodies))


def cut_off(connection: socket.socket, port: int, chance: random.Random) -> None:
    """Half of a body, then nothing more of anything."""
    whole = request("/v1/predict", {"text": "so sad " * 1000})
    connection.sendall(whole[: chance.randrange(10, len(whole))])


def drips(connection: socket.socket, port: int, chance: random.Random) -> None:
    """A byte at a time for two seconds, then hang up."""
    for byte in request("/v1/predict", {"text": "sad"})[: chance.randrange(5, 20)]:
        connection.sendall(bytes([byte]))
        time.sleep(0.1)


def hangs_up_while_read(connection: socket.socket, port: int, chance: random.Random) -> None:
    """A whole batch, whose answer nobody waits for."""
    connection.sendall(request("/v1/predict", {"posts": [{"text": f"sad {n} " * 50} for n in range(64)]}))
    time.sleep(chance.random() / 10)


def too_large(connection: socket.socket, port: int, chance: random.Random) -> None:
    """More bytes than a body may have, announced or in chunks."""
    part = b"a" * 1_000_000
    if chance.random() < 0.5:
        connection.sendall(
            raw("/v1/predict", b"")[:-2].replace(b"Content-Length: 0", b"Content-Length: 40000000") + b"\r\n"
        )
        parts: Iterable[bytes] = (part for _ in range(40))
    else:
        head = raw("/v1/predict", b"")[:-2].replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
        connection.sendall(head + b"\r\n")
        parts = (b"%x\r\n%s\r\n" % (len(part), part) for _ in range(40))
    for one in parts:
        connection.sendall(one)


def garbage(connection: socket.socket, port: int, chance: random.Random) -> None:
    connection.sendall(chance.randbytes(300) + b"\r\n\r\n")


TEXT = {"text": "sad"}
BAD: dict[str, Bad] = {
    "truncated JSON": Bad(
        sending(*(raw("/v1/predict", body) for body in (b"{", b'{"text": "a', b'{"text": "a"', b"")))
    ),
    "no object": Bad(predicting([], "text", 3, None, True, [[]])),
    "wrong types": Bad(
        predicting({"text": 3}, {"text": None}, {"text": ["a"]}, {"posts": 3}, {"text": "a", "image": {}})
    ),
    "unknown names": Bad(predicting({**TEXT, "label": 1}, {**TEXT, "image_url": "http://a.example/"}, {"x" * 9000: 1})),
    "nothing to read": Bad(predicting({}, {"id": "1"}, {"posts": []}, {"posts": [{}]}, {"posts": [TEXT, {}]})),
    "not base64": Bad(predicting({**TEXT, "image": "@@"}, {"image": "a"}, {"posts": [TEXT, {"image": "ü"}]})),
    "a bad picture": Bad(predicting({**TEXT, "image": "bm8gcGljdHVyZQ=="}, {"image": "/9j/4AAQSkZJRg=="}), (200,)),
    "too long a text": Bad(predicting({"text": "a" * 100_001}, {**TEXT, "title": "b" * 200_000})),
    "too many posts": Bad(predicting({"posts": [TEXT] * 257}, {"posts": [TEXT] * 2000})),
    "countless values": Bad(predicting({"posts": [[]] * 100_000}, dict.fromkeys(map(str, range(50_000))))),
    "deep": Bad(sending(raw("/v1/predict", b'{"text":' + b"[" * 100_000 + b"]" * 100_000 + b"}"))),
    "no letters": Bad(sending(raw("/v1/predict", b'{"text": "\xff\xfe"}'), raw("/v1/predict", b'{"text": "\\ud800"}'))),
    "another type": Bad(
        sending(raw("/v1/predict", b"a", "text/plain"), raw("/v1/explain", b"<a/>", "application/xml")), (415,)
    ),
    "a broken form": Bad(
        sending(
            raw("/v1/predict", b"a secret", f"multipart/form-data; boundary={EDGE}"),
            raw("/v1/predict", b"text=a", "multipart/form-data"),
            raw("/v1/predict", form(Post("", "a", image=b"x"))[:-40], f"multipart/form-data; boundary={EDGE}"),
        )
    ),
    "too large": Bad(too_large, (413,), may_break=True),
    "another host": Bad(sending(raw("/v1/predict", b"{}", host="evil.example")), (400,)),
    "another site": Bad(sending(raw("/v1/predict", b"{}", "application/json", "Origin: http://evil.example")), (403,)),
    "no such place": Bad(
        sending(raw("/v1/nowhere", b"{}"), raw("/v2/models/x/infer", b"{}"), raw("/", b"")), (404, 405)
    ),
    "no such emotion": Bad(sending(request("/v1/explain", {**TEXT, "emotion": "envy"}))),
    "wrong tensors": Bad(
        sending(
            *(
                request("/v2/models/builtin/infer", {"inputs": inputs})
                for inputs in ([], [TEXT], [{"name": "text", "shape": [2], "datatype": "BYTES", "data": ["a"]}])
            )
        )
    ),
    "no HTTP": Bad(garbage, (400,), may_break=True),
    "an endless head": Bad(sending(b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 20_000 + b"\r\n"), (400,), may_break=True),
    "cut off": Bad(cut_off, ()),
    "drips and hangs up": Bad(drips, ()),
    "hangs up while it is read": Bad(hangs_up_while_read, ()),
}
