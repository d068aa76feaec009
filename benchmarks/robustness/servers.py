"""Random requests to both servers: valid, hostile and random bytes, many at once, with idle connections meanwhile.

    python benchmarks/robustness/servers.py --count 10000 --at-once 200 --idle 150

Each server runs in its own process, as its command starts it, and is asked over sockets. A third of the idle
connections says nothing, a third sends its header a byte at a time, a third its body. What fails:

- a status of 500 or more, an answer without the headers that every answer has, JSON or CSV that is not whole
- an answer to what another site sent, or a label that it wrote
- a process that ends, a traceback on its terminal, or more than 10% of resident memory gained

Memory is compared with that after a warm-up, which is a fifth as many requests of the same kinds.
"""

import argparse
import asyncio
import contextlib
import csv
import io
import json
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

ALWAYS = {
    "content-security-policy": "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
}
EMOTIONS = ("happiness", "sadness", "anger", "fear", "surprise", "disgust", "neutral")
WORDS = (
    *("storm harbour bread letter garden market music train winter river city mayor".split()),
    *"עברית 😂 👍🏽 café don't #aleppo @bbc".split(),
)
NUMBERS = (*("0 1 2 9 61 -1 1e9 999999999 9999999999 00000001 0x10 1.5 NaN ² ١".split()), "9" * 400, "")
DAYS = (*("2010-01-01 2011-06-15 2012-12-31 0001-01-01 9999-12-31 1677-09-21 2262-04-12".split()),
        *("2012-02-30 2012-1-1 12012-01-01 2012W011 -0001-01-01".split()), "2" * 3000, "\0", "")  # fmt: skip

# Addresses and the names they take.
EXPLORE = (
    (
        *"/views.json /views.json /post.json / /timeline.csv /subjects.csv /sentences.csv /pictures.csv".split(),
        *"/feelings.csv /course.csv /contrast.csv".split(),
    ),
    (
        *"query subject from to emotion unit parts subjects sentences id".split(),
        *"against against_query against_from against_to course".split(),
    ),
)
SHARP = (  # one value too many and nothing else wrong
    "/views.json?sentences=999999999",
    "/views.json?subjects=999999999&sentences=100000000",
    "/sentences.csv?sentences=999999999&query=storm",
    "/views.json?unit=day&parts=timeline,subjects",
    "/views.json?query=" + "+".join(f"w{at}" for at in range(190)),
    "/views.json?query=" + quote('"' + " ".join(["storm"] * 160) + '"'),
)
LABEL = ("/next.json", "/image", "/", "/page/page.js"), ("annotator", "id")


@dataclass(frozen=True)
class Asked:
    """A request as bytes, and whether it may be answered with anything but a refusal."""

    kind: str
    content: bytes
    foreign: bool = False  # another site's page sent it


@dataclass
class Found:
    statuses: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def posts(number: int, folder: Path) -> None:
    """A posts table with pictures, over three years."""
    draw = random.Random(1)
    (folder / "images").mkdir(parents=True)
    for colour in ("red", "gold", "teal"):
        Image.effect_noise((200, 150), 90).convert("RGB").save(folder / "images" / f"{colour}.png")
    rows = [
        {
            "id": f"p{at}",
            "text": ". ".join(" ".join(draw.choices(WORDS, k=draw.randint(3, 9))) for _ in range(draw.randint(1, 4))),
            "title": " ".join(draw.choices(WORDS, k=draw.randint(0, 5))),
            "created_at": f"{date(2010, 1, 4) + timedelta(draw.randrange(1090))}T12:00:00Z",
            "emotion": draw.choice(EMOTIONS),
            "image": f"images/{draw.choice(('red', 'gold', 'teal'))}.png" if at % 3 == 0 else "",
        }
        for at in range(number)
    ]
    pq.write_table(pa.Table.from_pylist(rows), folder / "posts.parquet")


def text(draw: random.Random) -> str:
    """The value of a parameter: words, or something no page sends."""
    return draw.choice(
        (
            lambda: " ".join(draw.choices(WORDS, k=draw.randint(1, 4))),
            lambda: f'"{" ".join(draw.choices(WORDS, k=2))}" {draw.choice(WORDS)}',
            lambda: "".join(chr(draw.randrange(1, draw.choice((128, 0xD800)))) for _ in range(9)),
            lambda: "(" * draw.randint(1, 500) + "a" + ")" * draw.randint(1, 500),
            lambda: " ".join("".join(draw.choices("abcdefgh", k=4)) for _ in range(draw.randint(1, 250))),
            lambda: draw.choice(("*", "a*", "*:*", "words:[a TO z]", "AND OR NOT", "title:fear", "\0", '"' * 999)),
            lambda: "".join(draw.choices("abcdefghij", k=draw.choice((30, 999, 1000, 1001, 9000)))),
            lambda: "😂" * draw.choice((1, 999, 1001)),
        )
    )()  # fmt: skip


def parameters(draw: random.Random, names: tuple[str, ...]) -> str:
    values: dict[str, Callable[[], str]] = {
        "subjects": lambda: draw.choice(NUMBERS),
        "sentences": lambda: draw.choice(NUMBERS),
        "from": lambda: draw.choice(DAYS),
        "to": lambda: draw.choice(DAYS),
        "unit": lambda: draw.choice(("day", "month", "year", "week", "auto", "decade", "", "day" * 900)),
        "emotion": lambda: draw.choice((*EMOTIONS, "joy", "fear" * 900, "\0")),
        "against": lambda: draw.choice(("rest", "rest", "", "all", "\0")),
        "against_query": lambda: text(draw),
        "against_from": lambda: draw.choice(DAYS),
        "against_to": lambda: draw.choice(DAYS),
        "course": lambda: draw.choice((*EMOTIONS, "joy", "")),
        "parts": lambda: draw.choice(
            (
                "timeline",
                "subjects,sentences",
                "pictures",
                "feelings,course,contrast",
                ",".join(["subjects"] * 900),
                "x",
            )
        ),
        "id": lambda: draw.choice((f"p{draw.randrange(900)}", "../p0", "p" * 9000, "\0", "é")),
        "annotator": lambda: draw.choice(("ann", "bob", "x" * 101, "\x1b[31m", "a\nb", "\u202e", " ", "Zoë")),
    }
    chosen = draw.choices(names, k=draw.randint(0, 4))
    given = [f"{name}={quote(values.get(name, lambda: text(draw))(), errors='replace')}" for name in chosen]
    given += draw.choices(("", "x=1", "%ED%A0%80=1", "query=%ED%A0%80", "query=%FF%FE", "&&&", "=", "a" * 3000), k=1)
    return "&".join(given if draw.random() < 0.2 else given[:-1])


def request(draw: random.Random, port: int, label: bool) -> Asked:
    """One request of a random kind."""
    kind = draw.choices(("page", "hostile", "foreign", "headers", "bytes", "cut"), (25, 40, 12, 8, 10, 5))[0]
    paths, names = LABEL if label else EXPLORE
    path, body, method = draw.choice(paths), b"", "GET"
    headers = {"Host": f"127.0.0.1:{port}", "Connection": "close"}
    if kind == "page":
        asked = f"?query={draw.choice(WORDS)}" if path.endswith(("views.json", ".csv")) else ""
        asked = f"?id=p{draw.randrange(900)}" if path in ("/post.json", "/image") else asked
        path += "?annotator=ann" if path == "/next.json" else quote(asked, safe="?=")
        headers |= {"Sec-Fetch-Site": "same-origin"}
    else:
        odd = draw.choice(("/%2e%2e/x", "/page/%00", "/thumbnails/" + "x" * 300, "//", "/x.csv", "/é"))
        path = odd if draw.random() < 0.15 else path
        path = quote(path, safe="/%") + "?" + parameters(draw, names)
        if not label and draw.random() < 0.05:
            path = draw.choice(SHARP)
        method = draw.choices(("GET", "HEAD", "POST", "OPTIONS", "TRACE", "X" * 30), (70, 10, 8, 4, 4, 4))[0]
    if label and draw.random() < 0.4:
        path, method = "/answer", "POST"
        body = answer(draw, kind == "page")
        headers |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        headers |= {"Origin": f"http://127.0.0.1:{port}"}
    if kind == "foreign":
        site = draw.choice(("cross-site", "same-site"))
        headers |= {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": draw.choice(("no-cors", "cors", "websocket", "navigate")),
                    "Sec-Fetch-Dest": draw.choice(("image", "script", "iframe", "empty"))}  # fmt: skip
        if method == "POST":
            headers |= {"Origin": draw.choice(("null", "http://evil.example", "http://127.0.0.1:1"))}
    if kind == "headers":
        headers |= draw.choice((
            {"Host": "evil.example"}, {"Host": "LOCALHOST"}, {"Host": f"[::1]:{port}"}, {"Host": "127.0.0.1:x"},
            {"Range": "bytes=" + ",".join(f"{at}-{at}" for at in range(900))}, {"If-None-Match": "*"},
            {"Upgrade": "websocket", "Connection": "Upgrade"}, {"Transfer-Encoding": "chunked"},
            {"Expect": "100-continue"},
            {"Content-Length": "99999999999"}, {"Cookie": "x" * 40_000}, {f"X-{at}": "y" for at in range(500)},
        ))  # fmt: skip
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    content = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + body
    if kind == "bytes":
        content = bytearray(content)
        for _ in range(draw.randint(1, 12)):
            content[draw.randrange(len(content))] = draw.randrange(256)
        content = draw.choice((bytes(content), draw.randbytes(draw.randint(1, 4000))))
    if kind == "cut":
        content = content[: draw.randrange(1, len(content))]
    return Asked(kind, bytes(content), kind == "foreign")


def answer(draw: random.Random, valid: bool) -> bytes:
    given = {"annotator": "ann", "id": f"p{draw.randrange(90)}", "answer": "fear", "seconds": 1.5}
    if valid:
        return json.dumps(given).encode()
    name = draw.choice((*given, "more"))
    odd = (
        None,
        [],
        {},
        True,
        -1,
        1e300,
        10**400,
        "\ud800",
        "\x1b[2J",
        "x" * 500,
        "a\u2028b",
        "",
        float("nan"),
        float("inf"),
    )
    return draw.choice((
        json.dumps(given | {name: draw.choice(odd)}).encode(),
        json.dumps({key: value for key, value in given.items() if key != name}).encode(),
        b'{"annotator": "ann", "id": "p0", "answer": "fear", "seconds": 1e999}',
        b"[" * draw.randint(1, 19_000), b"9" * 10_000, draw.randbytes(200), b"x" * 21_000, b"null", b'"x"',
    ))  # fmt: skip


async def ask(port: int, asked: Asked, found: Found) -> None:
    began = time.perf_counter()
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError as error:
        found.faults.append(f"no connection ({error.strerror})")
        return
    content, left = b"", True
    try:
        writer.write(asked.content)
        await writer.drain()
        # What is no whole request is not answered; its sender leaves.
        patience = 1 if asked.kind in ("bytes", "cut", "headers") else 120
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while part := await reader.read(65_536):
                    content += part
                left = False
    except ConnectionError:
        pass
    finally:
        writer.close()
    found.kinds[asked.kind] += 1
    if asked.kind in ("page", "hostile"):
        found.seconds.append(time.perf_counter() - began)
    judge(asked, content, left, found)


def judge(asked: Asked, content: bytes, left: bool, found: Found) -> None:
    """Look for what is wrong with an answer; `left` says that its reader did not wait for the end of it."""

    def fault(what: str) -> None:
        found.faults.append(f"{what}: {asked.content[:300]!r} -> {content[:200]!r}")

    head, _, body = content.partition(b"\r\n\r\n")
    if head.startswith(b"HTTP/1.1 100"):
        head, _, body = body.partition(b"\r\n\r\n")
    status = head[9:12].decode("latin-1")
    found.statuses[status or "none"] += 1
    if not status:
        if asked.kind not in ("bytes", "cut", "headers"):
            fault("no answer")
        return
    lines = (line.partition(":") for line in head.decode("latin-1").lower().split("\r\n")[1:])
    headers = {name: value.strip() for name, _, value in lines}
    if status >= "500":
        fault("status")
    if asked.foreign and status < "400":
        fault("another site was answered")
    if not all(value in headers.get(name, "") for name, value in ALWAYS.items()):
        fault("headers")
    if asked.content.startswith(b"HEAD"):
        return
    if left:
        return
    if headers.get("transfer-encoding") == "chunked":
        body, whole = unchunked(body)
        if not whole:
            fault("torn")
    if len(body) < int(headers.get("content-length", 0)):
        fault("torn")
    if headers.get("content-type", "").startswith("application/json") and status != "304":
        try:
            json.loads(body.decode(), parse_constant=lambda name: 1 / 0)
        except (ValueError, ZeroDivisionError):
            fault("JSON")
    if headers.get("content-type", "").startswith("text/csv"):
        rows = [*csv.reader(io.StringIO(body.decode(), newline=""))]
        if len({len(row) for row in rows}) != 1:
            fault("CSV")


def unchunked(body: bytes) -> tuple[bytes, bool]:
    """The content of chunks, and whether the last one is there."""
    parts: list[bytes] = []
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size or b"0", 16)
        if not length:
            return b"".join(parts), True
        parts.append(rest[:length])
        body = rest[length + 2 :]
    return b"".join(parts), False


async def idle(port: int, way: int, reopened: list[int]) -> None:
    """A connection that never makes a whole request; opened again whenever it is closed."""
    starts = (
        b"",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ",
        b"POST /answer HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n",
    )
    while True:
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(starts[way])
            with contextlib.closing(writer):
                while not reader.at_eof():
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(reader.read(65_536), 1)
                    if way:
                        writer.write(b"x")
        reopened[0] += 1
        await asyncio.sleep(0.1)  # none is let in where the process ended


async def campaign(
    port: int, given: argparse.Namespace, label: bool, memory: Callable[[], int]
) -> tuple[Found, list[int], int]:
    draw, warmed, found, reopened = random.Random(given.seed), Found(), Found(), [0]
    holders = [asyncio.create_task(idle(port, number % 3, reopened)) for number in range(given.idle)]
    places = asyncio.Semaphore(given.at_once)
    figures = []

    async def one(into: Found) -> None:
        async with places:
            await ask(port, request(draw, port, label), into)

    for turn in range(6):  # the first one warms up
        await asyncio.gather(*(one(found if turn else warmed) for _ in range(given.count // 5)))
        await asyncio.sleep(2)
        figures.append(memory())
    found.faults[:0] = warmed.faults
    # With the idle ones alone, the page is there at once.
    began = time.perf_counter()
    await ask(
        port, Asked("page", f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode()), found
    )
    if time.perf_counter() - began > 1:
        found.faults.append("the page took over a second beside idle connections")
    for holder in holders:
        holder.cancel()
    await asyncio.gather(*holders, return_exceptions=True)
    return found, figures, reopened[0]


@contextlib.contextmanager
def served(command: list[str], terminal: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    with terminal.open("wb") as file:
        process = subprocess.Popen([sys.executable, "-m", "feelscope.cli", *command, "--port", "0"], stderr=file)
        try:
            while not (said := re.search(rb"http://127.0.0.1:(\d+)/", terminal.read_bytes())):
                assert process.poll() is None, terminal.read_text()
                time.sleep(0.1)
            yield process, int(said[1])
        finally:
            process.kill()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000, help="requests to each server, after the warm-up")
    parser.add_argument("--at-once", type=int, default=200)
    parser.add_argument("--idle", type=int, default=150)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--posts", type=int, default=2_000)
    parser.add_argument(
        "--growth", type=float, default=0.1, help="of resident memory since the warm-up that is allowed"
    )
    given = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        posts(given.posts, folder / "dataset")
        table = folder / "dataset" / "posts.parquet"
        built = [sys.executable, "-m", "feelscope.cli", "explore", "build", table, folder / "archive"]
        subprocess.run(built, check=True, capture_output=True)
        commands = {
            "explore": ["explore", "serve", str(folder / "archive")],
            "label": ["label", str(folder / "dataset")],
        }
        for server, command in commands.items():
            terminal = folder / f"{server}.txt"
            with served(command, terminal) as (process, port):
                watched = psutil.Process(process.pid)
                began = time.perf_counter()
                found, memory, reopened = asyncio.run(
                    campaign(port, given, server == "label", lambda watched=watched: watched.memory_info().rss)
                )
                took = time.perf_counter() - began
                if process.poll() is not None:
                    found.faults.insert(0, f"the process ended with {process.returncode}")
                process.send_signal(signal.SIGINT)
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    found.faults.append("Ctrl+C did not end it")
            if "Traceback" in (said := terminal.read_text(errors="replace")):
                found.faults.append(f"on its terminal: {said[-1500:]}")
            growth = memory[-1] / max(memory[0], 1) - 1
            if growth > given.growth:
                found.faults.append("memory")
            if server == "label":
                written = (folder / "dataset/answers.jsonl").read_bytes().split(b"\n")[:-1]
                names = Counter(json.loads(line)["annotator"] for line in written)
                print(f"label: {sum(names.values()):,} answers kept, of {len(names)} names")
                if any(not one.isprintable() for one in names):
                    found.faults.append("a name with control characters was kept")
            slow = statistics.quantiles([*found.seconds, 0.0, 0.0], n=100)
            print(f"{server}: {sum(found.kinds.values()):,} requests in {took:.0f} s, {given.at_once} at once")
            print(f"  kinds: {', '.join(f'{kind} {number:,}' for kind, number in sorted(found.kinds.items()))}")
            print(
                f"  statuses: {', '.join(f'{status} {number:,}' for status, number in sorted(found.statuses.items()))}"
            )
            print(f"  seconds to an answer: median {slow[49]:.2f}, 99th percentile {slow[98]:.2f}")
            print(f"  {given.idle} idle connections, closed and opened again {reopened:,} times")
            shown = ", ".join(f"{size / 1e6:.0f}" for size in memory)
            print(f"  resident memory after the warm-up and each fifth: {shown} MB ({growth:+.1%})")
            print(f"  faults: {len(found.faults)}")
            for one in found.faults[:10]:
                print(f"    {one}")
            failed += len(found.faults)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
