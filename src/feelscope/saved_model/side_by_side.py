"""Posts answered by several threads, a few at a time, in the order they came and in bounded memory."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from typing import TypeVar

from feelscope.memory import BUDGET, batches, post_size
from feelscope.post import Post

T = TypeVar("T")

_POSTS_PER_JOB = 2  # a post takes a millisecond or more, handing over far less; ten posts keep every core busy too
_MOST_PER_JOB = 64  # posts of a model that takes less
_QUICK_JOB, _SLOW_JOB = 0.02, 0.1  # seconds on the clock: the next jobs have more posts, or fewer
_JOBS_TIMED = 8
_BYTES_PER_JOB = 1_000_000  # a post with its picture in the table may be a job alone
_JOBS_PER_WORKER = 32  # that wait in memory at most, and no more bytes than the budget's queue


def side_by_side(posts: Iterable[Post], answer: Callable[[list[Post]], list[T]], workers: int) -> Iterator[T]:
    """An answer for each post, computed by several threads; given in the order of the posts."""
    source = iter(posts)
    first = list(islice(source, 2))
    if len(first) <= 1:  # one post needs no threads
        yield from answer(first)
        return
    pace = _Pace()
    chunks = pace.chunks(chain(first, source))
    jobs: deque[tuple[Future[list[T]], int]] = deque()
    held = 0  # bytes of the posts that wait for their answers
    with ThreadPoolExecutor(workers, thread_name_prefix="feelscope") as pool:
        try:
            while True:
                while not jobs or (len(jobs) < workers * _JOBS_PER_WORKER and held < BUDGET.queue):
                    chunk, size = next(chunks, ([], 0))
                    if not chunk:
                        break
                    jobs.append((pool.submit(pace.timed, answer, chunk), size))
                    held += size
                if not jobs:
                    return
                answers, size = jobs.popleft()
                yield from answers.result()
                held -= size
        finally:
            pool.shutdown(cancel_futures=True)


class _Pace:
    """How many posts are a job: more of a model so quick that handing them over takes longer than reading them."""

    def __init__(self) -> None:
        self._most = _POSTS_PER_JOB
        self._seconds: list[float] = []  # of the last jobs of so many posts

    def chunks(self, posts: Iterable[Post]) -> Iterator[tuple[list[Post], int]]:
        """The posts of each job, and their bytes."""
        return batches(posts, lambda: self._most, _BYTES_PER_JOB, post_size)

    def timed(self, answer: Callable[[list[Post]], list[T]], chunk: list[Post]) -> list[T]:
        """The answers to a job, by whose time later ones are made."""
        start = time.perf_counter()
        answers = answer(chunk)
        if len(chunk) == self._most:
            self._seconds.append(time.perf_counter() - start)
        if len(self._seconds) >= _JOBS_TIMED:
            seconds = min(self._seconds)  # meanwhile other programs may have had the processor
            self._seconds = []
            if seconds < _QUICK_JOB:
                self._most = min(2 * self._most, _MOST_PER_JOB)
            elif seconds > _SLOW_JOB:
                self._most = max(self._most // 2, _POSTS_PER_JOB)
        return answers
