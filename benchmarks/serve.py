"""The service under load, beside `predict` in process and beside a plain FastAPI and torch handler; see README.md.

    python benchmarks/serve.py TABLE [--clients 16 64 256] [--rounds 4] [--seconds 15] [--plain] [--beside-batches]

Every way is a process of its own. They take turns, a slice of `--seconds` each per round, and ratios are taken within a
round. Clients take their part of the same processors: how much is measured, and the service's rate is given by second
of its own processor time, too. `predict` has as many workers as there are processors, the service its default threads.
"""

import argparse
import contextlib
import json
import re
import statistics
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil

from feelscope.config import processors

HERE = Path(__file__).resolve().parent
PLAIN_PORT = 8093
Measured = dict[str, Any]


def main() -> int:
    given = read_options()
    with contextlib.ExitStack() as opened:
        service = opened.enter_context(feelscope_serve(given))
        in_process = opened.enter_context(predict(given))
        in_process(2)
        clients(given, service, 16, 2)
        if given.beside_batches:
            return fairness(given, service)
        faults = 0
        for count in given.clients:
            faults += beside_predict(given, service, in_process, count)
        if given.plain:
            beside_plain(given, service, opened.enter_context(plain(given)))
    return int(faults > 0)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("table", type=Path, metavar="TABLE", help="posts with words and pictures")
    parser.add_argument("--clients", type=int, nargs="*", default=[16], help="with one request each on its way")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=15, help="that each way has in a round")
    parser.add_argument("--body", choices=("json", "form"), default="json")
    parser.add_argument("--threads", type=int, help="of the service; by default, its own")
    parser.add_argument("--queue", type=int, default=1024, help="the service's; its --max-posts is no more than that")
    parser.add_argument("--plain", action="store_true", help="also a plain FastAPI and torch handler, by forms")
    parser.add_argument("--beside-batches", action="store_true", help="only single posts beside clients that send 256")
    return parser.parse_args()


def beside_predict(given: argparse.Namespace, service: psutil.Process, in_process: Any, count: int) -> int:
    """Rounds of both; how many answers were neither an answer nor 503, or another emotion than in process."""
    ours, theirs, most = [], [], []
    for _ in range(given.rounds):
        theirs.append(in_process(given.seconds))
        ours.append(clients(given, service, count, given.seconds))
        most.append(ours[-1]["most_waiting"])
    statuses = sum((Counter(one["statuses"]) for one in ours), Counter())
    known = theirs[-1]["emotions"]
    differ = {id for one in ours for id, emotion in one["emotions"].items() if known.get(id, emotion) != emotion}
    broken = sum(one["broken"] for one in ours) + sum(statuses.values()) - statuses["200"] - statuses["503"]
    share = statistics.median(one["processor_seconds"] / one["seconds"] / processors() for one in ours)
    busy = statistics.median(one["of_service"] / one["seconds"] / processors() for one in ours)
    waits = ", ".join(f"{at} {max(one['waits'][at] for one in ours):.3f} s" for at in ("p50", "p99", "longest"))
    threads = given.threads or "default"
    print(f"{count} clients, {given.body}, {threads} threads, {given.rounds} rounds of {given.seconds:g} s")
    print(f"  predict in process: {median(theirs, 'posts_per_second'):.1f} posts/s")
    print(f"  the service: {median(ours, 'posts_per_second'):.1f} posts/s, {ratio(ours, theirs, rate):.1%} of it")
    print(f"  by second of processor time of either process: {ratio(ours, theirs, by_processor):.1%} of it")
    print(f"  of the processors, the service took {busy:.1%} and the clients {share:.1%}")
    print(f"  from request to answer, the worst round: {waits}")
    print(f"  statuses {dict(statuses)}, at most {max(most):.0f} posts waiting")
    print(f"  {broken} other faults, {len(differ)} other emotions than in process\n", flush=True)
    return broken + len(differ)


def beside_plain(given: argparse.Namespace, service: psutil.Process, handler: psutil.Process) -> None:
    """Rounds of the service and of the plain handler, by the same forms."""
    given.body = "form"
    ours, theirs = [], []
    clients(given, handler, 4, 3, port=PLAIN_PORT, path="/predict")
    for _ in range(given.rounds):
        ours.append(clients(given, service, 16, given.seconds))
        theirs.append(clients(given, handler, 16, given.seconds, port=PLAIN_PORT, path="/predict"))
    print("beside a plain FastAPI and torch handler, 16 clients, forms")
    print(f"  the handler: {median(theirs, 'posts_per_second'):.1f} requests/s, {theirs[-1]['statuses']}")
    print(
        f"  the service: {median(ours, 'posts_per_second'):.1f} requests/s, {ratio(ours, theirs, rate):.2f} times",
        flush=True,
    )


def fairness(given: argparse.Namespace, service: psutil.Process) -> int:
    """Single posts, one after another, alone and beside two clients that send batches of 256."""
    alone = clients(given, service, 1, given.seconds)
    job = {"port": service.port, "table": str(given.table), "clients": 2, "seconds": given.seconds + 4, "batch": 256}
    batches = subprocess.Popen([sys.executable, HERE / "serve_clients.py", json.dumps(job)], stdout=subprocess.PIPE)
    time.sleep(3)  # until the first of them are read
    beside = clients(given, service, 1, given.seconds)
    found = json.loads(batches.communicate()[0])
    for name, one in (("alone", alone), ("beside batches", beside)):
        waits = ", ".join(f"{at} {seconds:.3f} s" for at, seconds in one["waits"].items())
        print(f"single posts {name}: {one['statuses']}, {waits}")
    print(f"batches of 256: {found['statuses']}, p50 {found['waits']['p50']:.3f} s")
    return 0


def clients(
    given: argparse.Namespace,
    service: psutil.Process,
    count: int,
    seconds: float,
    *,
    port: int = 0,
    path: str = "/v1/predict",
) -> Measured:
    """What a process of clients finds, with the processor time that the service took meanwhile."""
    job = {
        "port": port or service.port,
        "table": str(given.table),
        "clients": count,
        "seconds": seconds,
        "body": given.body,
        "path": path,
    }
    asking = subprocess.Popen([sys.executable, HERE / "serve_clients.py", json.dumps(job)], stdout=subprocess.PIPE)
    before, most = used(service), 0.0
    while asking.poll() is None:
        time.sleep(1)
        most = max(most, waiting(service)) if not port else 0
    found = json.loads(asking.communicate()[0])
    return {**found, "of_service": used(service) - before, "most_waiting": most}


def waiting(service: psutil.Process) -> float:
    """The posts in the queue, as the service says."""
    with urllib.request.urlopen(f"http://127.0.0.1:{service.port}/metrics") as answer:
        return float(re.search(r"^feelscope_queue_posts (\S+)$", answer.read().decode(), re.MULTILINE)[1])


def used(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def rate(one: Measured) -> float:
    return one["posts_per_second"]


def by_processor(one: Measured) -> float:
    """Posts by second of the processor time of who reads them."""
    return one["posts_per_second"] * one["seconds"] / one.get("of_service", one["processor_seconds"])


def ratio(ours: list[Measured], theirs: list[Measured], of: Callable[[Measured], float]) -> float:
    """The median over rounds."""
    return statistics.median(of(one) / of(other) for one, other in zip(ours, theirs, strict=True))


def median(found: list[Measured], name: str) -> float:
    return statistics.median(one[name] for one in found)


@contextlib.contextmanager
def feelscope_serve(given: argparse.Namespace) -> Iterator[psutil.Process]:
    """The service, at `port` of the process."""
    options = ["--port", "0", "--queue", str(given.queue)]
    options += ["--threads", str(given.threads)] if given.threads else []
    options += ["--max-posts", str(min(256, given.queue))]
    process = subprocess.Popen(
        [sys.executable, "-m", "feelscope.cli", "serve", *options], stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    said = process.stderr.readline()
    found = re.search(r"http://127\.0\.0\.1:(\d+)/", said)
    assert found, said
    watched = psutil.Process(process.pid)
    watched.port = int(found[1])
    try:
        yield watched
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def predict(given: argparse.Namespace) -> Iterator[Callable[[float], Measured]]:
    """`predict` in process, for as many seconds as it is called with."""
    command = [sys.executable, HERE / "serve_in_process.py", given.table, "--threads", str(processors())]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None and process.stdout is not None

    def run(seconds: float) -> Measured:
        process.stdin.write(f"{seconds}\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    try:
        yield run
    finally:
        process.stdin.close()
        process.wait()


@contextlib.contextmanager
def plain(given: argparse.Namespace) -> Iterator[psutil.Process]:
    process = subprocess.Popen([sys.executable, HERE / "serve_plain.py", "--port", str(PLAIN_PORT)])
    try:
        while not any(one.laddr.port == PLAIN_PORT for one in psutil.Process(process.pid).net_connections()):
            assert process.poll() is None, "the plain handler ended; pip install fastapi"
            time.sleep(0.2)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    sys.exit(main())
