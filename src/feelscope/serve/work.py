"""Posts that wait for a thread: how many may, and what later ones are told.

One post is one job, whichever request it came with: all threads work on a long batch, and what is left of a request
that was given up is never begun. Requests take turns, a job each, so that one post waits for one post of each request
before it, not for the whole of a batch. ONNX Runtime gains nothing from posts computed together (docs/notes), so none
are.
"""

import asyncio
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

_WEIGHT = 0.05  # of the last job in the mean of how long one takes

Given = TypeVar("Given")
Found = TypeVar("Found")


class QueueFull(Exception):
    """There is no room; `seconds` says when there may be."""

    def __init__(self, seconds: int):
        super().__init__("the queue is full")
        self.seconds = seconds


class WorkQueue(Generic[Given, Found]):
    """Threads that work through what is given, and a bound on how much is.

    Args:
        work: Called in a thread.
        threads: At least 1.
        most: Given and not yet done.
        done: Called with the seconds that each took, in its thread.
    """

    def __init__(
        self, work: Callable[[Given], Found], threads: int, most: int, done: Callable[[float], None], name: str
    ):
        self._work, self._done = work, done
        self.threads, self.most = threads, most
        self.waiting = 0  # given and not yet done
        self._counting = threading.Lock()
        self._turns: deque[deque[tuple[Future[Found], Given]]] = deque()  # of each request, the jobs not yet begun
        self._seconds = 0.0  # that one takes, about
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)

    @property
    def free(self) -> int:
        """How many there is room for."""
        return self.most - self.waiting

    async def run(self, given: Sequence[Given]) -> list[Found]:
        """What is found for each, in the same order.

        Raises:
            QueueFull: There is no room for all of them; none is worked on.
        """
        with self._counting:
            if len(given) > self.free:
                raise QueueFull(max(1, math.ceil(self.waiting * self._seconds / self.threads)))
            self.waiting += len(given)
        jobs: list[Future[Found]] = [Future() for _ in given]
        for job in jobs:
            job.add_done_callback(self._left)
        self._turns.append(deque(zip(jobs, given, strict=True)))
        for _ in jobs:
            self._pool.submit(self._next)
        try:
            return list(await asyncio.gather(*map(asyncio.wrap_future, jobs)))
        finally:
            for job in jobs:  # of a request that was given up; a job that runs goes on
                job.cancel()

    def close(self) -> None:
        """Wait for what runs; what has not begun is given up."""
        self._pool.shutdown(cancel_futures=True)
        for request in self._turns:
            for job, _ in request:
                job.cancel()

    def _next(self) -> None:
        """Do the next job of the request whose turn it is; called once for each job."""
        with self._counting:
            request = self._turns.popleft()
            job, given = request.popleft()
            if request:
                self._turns.append(request)
        if not job.set_running_or_notify_cancel():
            return
        try:
            found = self._timed(given)
        except BaseException as error:  # noqa: BLE001  # raised where it is waited for
            job.set_exception(error)
        else:
            job.set_result(found)

    def _left(self, job: Future[Found]) -> None:
        with self._counting:
            self.waiting -= 1

    def _timed(self, given: Given) -> Found:
        started = time.perf_counter()
        try:
            return self._work(given)
        finally:
            seconds = time.perf_counter() - started
            self._seconds += (seconds - self._seconds) * (_WEIGHT if self._seconds else 1.0)
            self._done(seconds)
