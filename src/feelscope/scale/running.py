"""Blocks through Ray Data: a pool of workers, each with what it needs opened once, and what they say of each block.

    blocks -> workers -> results, in files of their own
                     `-> one small record a block, to the one process that counts

What goes through Ray is a few numbers a block, so neither a driver nor an object store grows with the table. A block
that a lost worker had is done again by another; as it is written whole and by its name, its results are there once.
"""

import json
import math
import queue
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from multiprocessing.pool import ThreadPool
from typing import Any, Protocol

from feelscope import __version__
from feelscope.errors import FeelscopeError, one_line
from feelscope.scale.addresses import Address
from feelscope.scale.blocks import Block
from feelscope.scale.cluster import ScaleError, processors_of_cluster
from feelscope.table.parquet_file import RowRange

SHARE = 0.5  # of a processor that a worker asks for: with a whole one each, Ray's own tasks would find none, and wait
TRIES = 3  # of the whole, without a block that got done in between
_EVERY = 1.0  # seconds between two looks at the cluster
NO_WORKER = 60.0  # seconds without any processor after which nobody is waited for


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one block.

    Args:
        kept: Whether its results were there before.
        rows: That it has.
        left_out: Of them, in the quarantine.
        broken: Of these, that could not be read.
        reasons: Why, and how often.
        pictures: That could not be used, by what is wrong with them.
        megabytes: The most memory that its worker has had.
        fault: Why it could not be done; empty where it was.
    """

    name: str
    rows: int
    kept: bool = False
    left_out: int = 0
    broken: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    pictures: dict[str, int] = field(default_factory=dict)
    megabytes: float = 0.0
    fault: str = ""


class Work(Protocol):
    """What is done with a block; made once a worker, there."""

    def __call__(self, block: Block) -> Done:
        """Do it, and write its results; raises `FeelscopeError`."""


class Worker:
    """One of the pool, in a process of its own.

    Args:
        make: Makes the work when the first block is there, so that what fails is said like all else.
        version: Of the package that asks.
    """

    def __init__(self, make: Callable[[], Work], version: str) -> None:
        self._make, self._version = make, version
        self._work: Work | None = None

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """Do one block."""
        block = _block(row)
        try:
            if self._version != __version__:
                raise ScaleError(
                    f"a machine of the cluster has feelscope {__version__}, and this one {self._version}; install the "
                    "same on all"
                )
            self._work = self._work or self._make()
            done = self._work(block)
        except FeelscopeError as error:
            done = Done(block.name, block.part.rows, fault=str(error))
        except OSError as error:
            done = Done(
                block.name, block.part.rows, fault=f"{error.filename or block.table}: {error.strerror or error}"
            )
        return {**asdict(done), "reasons": json.dumps(done.reasons), "megabytes": _peak()}


def run(blocks: Sequence[Block], make: Callable[[], Work], workers: int) -> Iterator[Done]:
    """Do all blocks; gives what became of each, as it comes.

    Raises:
        FeelscopeError: A block could not be done, or no worker is left.
    """
    from ray.data.exceptions import SystemException
    from ray.exceptions import RayError

    waiting = {block.name: block for block in blocks}
    tries = TRIES
    while waiting:
        try:
            for done in _watched(list(waiting.values()), make, workers):
                if done.fault:
                    raise ScaleError(done.fault)
                if waiting.pop(done.name, None) is not None:
                    tries = TRIES
                    yield done
        except (RayError, SystemException) as error:  # such as a node that went while Ray still made its plan
            tries -= 1
            if not tries:
                raise ScaleError(f"the cluster failed {TRIES} times in a row ({one_line(error)[:300]})") from error


def _watched(blocks: list[Block], make: Callable[[], Work], workers: int) -> Iterator[Done]:
    """What Ray Data gives, with a look at the cluster while nothing comes: it would wait for ever for a machine."""
    given: queue.SimpleQueue[Done] = queue.SimpleQueue()
    # Its thread ends with the process, whether or not Ray comes back.
    reading = ThreadPool(1).apply_async(_read, (_dataset(blocks, make, workers), given))
    alone = math.inf
    while True:
        is_over = reading.ready()  # asked before the queue is seen to be empty
        try:
            yield given.get(timeout=0 if is_over else _EVERY)
            continue
        except queue.Empty:
            if is_over:
                reading.get()  # raises what went wrong
                return
        if processors_of_cluster():
            alone = math.inf
        elif (alone := min(alone, time.monotonic())) + NO_WORKER < time.monotonic():
            raise ScaleError(
                "no worker is left in the cluster; start nodes and run the same command again, finished blocks are kept"
            )


def _read(rows: Any, given: "queue.SimpleQueue[Done]") -> None:
    """Hand over what comes."""
    for row in rows.iter_rows():
        given.put(Done(**{**row, "reasons": json.loads(row["reasons"])}))


def _dataset(blocks: list[Block], make: Callable[[], Work], workers: int) -> Any:
    """Each block a row and a task of its own, for a pool of workers."""
    import ray.data

    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    size = max(1, min(workers, len(blocks)))
    pool = ray.data.ActorPoolStrategy(size=size, max_tasks_in_flight_per_actor=2)
    rows: Any = ray.data.from_items([_row(block) for block in blocks], override_num_blocks=len(blocks))
    return rows.map(Worker, fn_constructor_args=(make, __version__), compute=pool, num_cpus=SHARE)


def _row(block: Block) -> dict[str, Any]:
    part = asdict(block.part)
    return {"table": block.table.url, "name": block.name, "first": block.first, **part}


def _block(row: dict[str, Any]) -> Block:
    part = RowRange(int(row["group"]), int(row["start"]), int(row["rows"]))
    return Block(Address(row["table"]), row["name"], part, int(row["first"]))


def _peak() -> float:
    """The most memory that this process has had, in megabytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)
