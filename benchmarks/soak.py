"""The service for half an hour: bad requests among good ones, and an end by SIGTERM or kill -9 every five minutes.

    python benchmarks/soak.py TABLE [--minutes 30] [--every 5] [--log FILE]

Asked of it, and each a fault that makes this exit with 1:

- every good request is answered as its post was the first time, or with 503; every bad one with its status and one line
- SIGTERM under load loses no request that was accepted; kill -9 only those that were on their way
- it answers again within 5 seconds of its start
- with nobody connected, memory at the end of each life is within 10% of what it was after the warm-up, and of the
  first life's end (lives of under two minutes are not judged by it), and it has no more file handles
- it prints nothing but where it answers and how it ended

A request counts as accepted once the server has had time to read it: `UNREAD` seconds after its last byte was sent. One
that was sent later may meet a connection that closes, as keep-alive connections do.
"""

import argparse
import json
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from serve_clients import Client, header
from serve_posts import read_posts
from soak_requests import BAD, Bad, Good, good_requests

UNREAD = 0.2  # seconds
READY = 5.0  # seconds
GROWTH = 0.1  # of memory
LONG = 2.0  # minutes of a life whose memory is judged: before, it is still the warm-up
PAUSE = 3.0  # seconds without a client, before handles are counted
AGAIN = 4.0  # seconds under load after that, so that the end meets some of it


@dataclass
class Found:
    """What came of all requests."""

    kinds: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    answers: dict[str, bytes] = field(default_factory=dict)  # by request, the first time
    faults: list[str] = field(default_factory=list)
    in_flight: int = 0  # that an end cut off, where it may
    unread: int = 0  # sent so shortly before SIGTERM that they were not read
    late: int = 0  # sent after it, by a connection that was just closed


class Life:
    """One process of the service."""

    def __init__(self, port: int, options: Sequence[str], terminal: Path):
        self.port, self.terminal = port, terminal
        self.started, self.ended, self.kind = time.monotonic(), float("inf"), 0
        with terminal.open("wb") as file:
            command = [sys.executable, "-m", "feelscope.cli", "serve", "--port", str(port), *options]
            self.process = subprocess.Popen(command, stderr=file)
        self.seen = psutil.Process(self.process.pid)
        while not self._is_ready():
            assert self.process.poll() is None, terminal.read_text()
            time.sleep(0.02)
        self.ready_after = time.monotonic() - self.started
        times = self.seen.cpu_times()
        self.start_seconds = times.user + times.system  # of the processors

    def _is_ready(self) -> bool:
        with suppress(OSError, ValueError):
            connection = socket.create_connection(("127.0.0.1", self.port), 1)
            connection.sendall(b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            is_ready = connection.recv(1000).startswith(b"HTTP/1.1 200")
            connection.close()
            return is_ready
        return False

    def end(self, kind: int) -> float:
        """Seconds that it took."""
        self.kind, self.ended = kind, time.monotonic()
        self.process.send_signal(kind)
        self.process.wait(60)
        return time.monotonic() - self.ended


class Load:
    """Threads that ask, good and bad, until they are paused."""

    def __init__(self, given: argparse.Namespace, good: Sequence[Good], found: Found):
        self._given, self._good, self._found = given, good, found
        self._counting = threading.Lock()
        self.running, self.over = threading.Event(), threading.Event()
        self.idle = threading.Semaphore(0)
        self.life: Life | None = None
        self._threads = [threading.Thread(target=self._ask, args=(n,), daemon=True) for n in range(given.clients)]
        for thread in self._threads:
            thread.start()

    def pause(self) -> None:
        """Have everybody hang up."""
        self.running.clear()
        for _ in self._threads:
            self.idle.acquire()

    def resume(self, life: Life) -> None:
        self.life = life
        for _ in self._threads:
            self.running.set()

    def _ask(self, number: int) -> None:
        chance = random.Random(f"{self._given.seed} {number}")
        while not self.over.is_set():
            if not self.running.wait(0.2):
                continue
            client: Client | None = None
            while self.running.is_set():
                life = self.life
                assert life is not None
                if client is None:
                    try:
                        client = Client(life.port)
                        client.socket.settimeout(90)
                    except OSError:
                        if life.ended == float("inf"):
                            self._fault("no connection, though nobody had ended it")
                        time.sleep(0.05)
                        continue
                if chance.random() < self._given.bad:
                    kind = chance.choice(list(BAD))
                    client = self._bad(kind, BAD[kind], client, life, chance)
                else:
                    client = self._one_good(chance.choice(self._good), client, life)
                time.sleep(chance.expovariate(1 / self._given.think))
            if client is not None:
                client.socket.close()
            self.idle.release()

    def _one_good(self, asked: Good, client: Client, life: Life) -> Client | None:
        sent = float("inf")
        client.got = b""
        try:
            client.socket.sendall(asked.request)
            sent = time.monotonic()
            while (answer := client.read()) is None:
                pass
        except OSError:
            client.socket.close()
            self._lost(asked, sent, life, bool(client.got))
            return None
        status, head, content = answer
        with self._counting:
            self._found.kinds["good"] += 1
            self._found.statuses[status] += 1
            first = self._found.answers.setdefault(asked.name, content) if status == 200 else b""
        if status not in (200, 503):
            self._fault(f"{asked.name}: {status} {content[:200]!r}")
        elif status == 200 and first != content:
            self._fault(f"{asked.name}: another answer than the first time")
        elif status == 503:
            time.sleep(0.5)
        if header(head, b"connection") == b"close":
            client.socket.close()
            return None
        return client

    def _lost(self, asked: Good, sent: float, life: Life, torn: bool) -> None:
        """A request without an answer: may it be?"""
        killed = life.kind == signal.SIGKILL
        with self._counting:
            if life.ended == float("inf"):
                self._found.faults.append(f"{asked.name}: lost, though nobody had ended the service")
            elif killed:
                self._found.in_flight += 1
            elif torn or sent < life.ended - UNREAD:
                self._found.faults.append(
                    f"{asked.name}: lost by SIGTERM, sent {life.ended - sent:.3f} s before it, torn: {torn}"
                )
            elif sent < life.ended:
                self._found.unread += 1
            else:
                self._found.late += 1

    def _bad(self, kind: str, bad: Bad, client: Client, life: Life, chance: random.Random) -> Client | None:
        """Send it; its connection is not used again."""
        client.socket.settimeout(70)
        client.got, answer = b"", None
        with suppress(OSError):
            bad.send(client.socket, life.port, chance)
            while bad.statuses and (answer := client.read()) is None:
                pass
        client.socket.close()
        with self._counting:
            self._found.kinds[kind] += 1
        if not bad.statuses:
            return None
        if answer is None:
            if life.ended == float("inf") and not bad.may_break:
                self._fault(f"{kind}: no answer")
            return None
        status, _, content = answer
        with self._counting:
            self._found.statuses[status] += 1
        if status not in (*bad.statuses, 503) or not _is_one_line(content, status):
            self._fault(f"{kind}: {status} {content[:200]!r}")
        return None

    def _fault(self, what: str) -> None:
        with self._counting:
            self._found.faults.append(what)


def _is_one_line(content: bytes, status: int) -> bool:
    """Whether a fault is said as all faults are; an answer of 200 says it in its warnings."""
    said = json.loads(content)
    return status == 200 or (list(said) == ["error"] and "\n" not in said["error"] and len(said["error"]) < 500)


def main() -> int:
    given = read_options()
    good = good_requests(read_posts(given.table), given.seed)
    found = Found()
    load = Load(given, good, found)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    began, ends, number = time.monotonic(), [], 0
    say = writer(given.log, began)
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() - began < given.minutes * 60:
            kind = (signal.SIGTERM, signal.SIGKILL)[number % 2]
            life = Life(port, given.option or [], Path(folder) / f"{number}.txt")
            say(f"life {number + 1}: ready after {life.ready_after:.2f} s, {life.start_seconds:.2f} s of a processor")
            if life.ready_after > READY:
                found.faults.append(f"ready after {life.ready_after:.1f} s")
            ends.append(one_life(given, life, load, found, kind, say, ends[0] if ends else None))
            number += 1
    load.over.set()
    say(f"kinds {dict(found.kinds)}")
    say(
        f"statuses {dict(found.statuses)}, cut off by kill -9 {found.in_flight}, "
        f"unread at SIGTERM {found.unread}, sent later {found.late}"
    )
    total, bad = sum(found.kinds.values()), sum(found.kinds.values()) - found.kinds["good"]
    say(f"{total:,} requests, {bad / total:.1%} of them bad; {number} lives; {len(found.faults)} faults")
    for fault in found.faults[:20]:
        say(f"  {fault}")
    return int(bool(found.faults))


def one_life(
    given: argparse.Namespace,
    life: Life,
    load: Load,
    found: Found,
    kind: int,
    say: Callable[[str], None],
    first_end: int | None,
) -> int:
    """The load on one process until its end; gives its memory then, in bytes."""
    end = life.started + given.every * 60
    warm = life.started + given.every * 60 * given.warm_up
    load.resume(life)
    watch(until=warm, life=life, found=found, say=say)
    handles, before = idle(load, life)
    watch(until=end - PAUSE - AGAIN, life=life, found=found, say=say)
    left, after = idle(load, life)
    if left > handles:
        found.faults.append(f"{left} file handles, {handles} after the warm-up")
    growth, over_lives = after / before - 1, after / first_end - 1 if first_end else 0.0
    if given.every >= LONG and max(growth, over_lives) > GROWTH:
        found.faults.append(f"memory grew by {growth:.1%}, to the first life {over_lives:+.1%}")
    time.sleep(AGAIN)
    cut_off = (found.in_flight, found.unread, found.late)
    took = life.end(kind)
    load.pause()
    cut_off = tuple(now - then for now, then in zip((found.in_flight, found.unread, found.late), cut_off, strict=True))
    say(
        f"{signal.Signals(kind).name}: ended in {took:.2f} s with {life.process.returncode}; cut off by kill -9, "
        f"unread at SIGTERM, sent later: {cut_off}; memory {before / 1e6:.1f} to {after / 1e6:.1f} MB ({growth:+.1%}, "
        f"{over_lives:+.1%} to the first life), handles {handles} and {left}"
    )
    said = life.terminal.read_text()
    expected = r"\S+ answers at http://127\.0\.0\.1:\d+/, stop with Ctrl\+C\n"
    if kind == signal.SIGTERM:
        expected += r"stopped; all that was accepted was answered\n"
        if life.process.returncode:
            found.faults.append(f"exit code {life.process.returncode} after SIGTERM")
    if not re.fullmatch(expected, said):
        found.faults.append(f"on its terminal: {said[-1000:]!r}")
    return after


def watch(until: float, life: Life, found: Found, say: Callable[[str], None]) -> None:
    """Wait, with a line a minute."""
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(60, left))
        memory = life.seen.memory_info().rss / 1e6
        count = sum(found.kinds.values())
        say(f"{count:,} requests, {memory:.1f} MB, {life.seen.num_fds()} handles, {len(found.faults)} faults")


def idle(load: Load, life: Life) -> tuple[int, int]:
    """File handles and memory in bytes with nobody connected."""
    load.pause()
    time.sleep(PAUSE)
    found = life.seen.num_fds(), life.seen.memory_info().rss
    load.resume(life)
    return found


def writer(log: Path | None, began: float) -> Callable[[str], None]:
    def say(line: str) -> None:
        line = f"{(time.monotonic() - began) / 60:5.1f} min  {line}"
        print(line, flush=True)
        if log is not None:
            with log.open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")

    return say


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("table", type=Path, metavar="TABLE", help="posts with words and pictures")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--every", type=float, default=5, help="minutes from one start to the next")
    parser.add_argument("--warm-up", type=float, default=0.2, help="share of a life, before its memory counts")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument(
        "--think", type=float, default=0.15, help="seconds between two requests of a client, on average"
    )
    parser.add_argument("--bad", type=float, default=0.2, help="share of bad requests")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--option", action="append", help="of feelscope serve, such as --option=--queue=64")
    parser.add_argument("--log", type=Path, metavar="FILE", help="its lines are kept there, too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
