"""How much memory posts in flight and pictures may take: counted in bytes, before they are taken, over all threads.

One process has one budget, `BUDGET`. Its shares are apart, and a thread that holds some of one may wait for a later one
but never for an earlier one, so that no two threads wait for each other:

    look_ahead    rows of a table that are read before they are asked for
    queue         posts that wait for their turn, or for the posts before them
    contents      pictures' files that are held as they are
    decoding      pixels, and what a decoder needs beside them
"""

import ctypes
import math
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from threading import Condition
from typing import TypeVar

from feelscope.post import Post

MEGABYTES = 600  # of the whole process by default, with the built-in model on four processors
LEAST_MEGABYTES = 300
_PLAIN = (str, float, int, bytes, type(None))
PROGRAM = 200_000_000  # bytes of the program itself: Python, ONNX Runtime, Arrow and the built-in model; measured

T = TypeVar("T")
R = TypeVar("R")


class Share:
    """Bytes that threads take and give back; whoever asks first is served first."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._free = size
        self._changed = Condition()
        self._turns: deque[object] = deque()

    @contextmanager
    def take(self, size: int) -> Iterator[None]:
        """Hold some bytes, at most the whole share; waits until they are free."""
        assert 0 <= size <= self.size, (size, self.size)
        turn = object()
        with self._changed:
            self._turns.append(turn)
            try:
                self._changed.wait_for(lambda: self._turns[0] is turn and size <= self._free)
                self._free -= size
            finally:
                self._turns.remove(turn)
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._free += size
                self._changed.notify_all()


class MemoryBudget:
    """What is left of a process's memory when the program itself is taken off, in shares.

    Attributes:
        megabytes: Of the whole process.
        look_ahead, queue: Bytes, to be kept to by the one thread that reads ahead or fills a queue.
        contents, decoding: Bytes that many threads take.
    """

    def __init__(self, megabytes: int = MEGABYTES) -> None:
        self.set(megabytes)

    def set(self, megabytes: int) -> None:
        """Change the budget to at least `LEAST_MEGABYTES`, before anything is taken of it."""
        assert megabytes >= LEAST_MEGABYTES, megabytes
        self.megabytes = megabytes
        left = megabytes * 1_000_000 - PROGRAM
        # A photo of 12 megapixels fits in `decoding` as WebP, which takes most, and four downloads in `contents`.
        self.look_ahead, self.queue = int(0.08 * left), int(0.12 * left)
        self.contents, self.decoding = Share(int(0.22 * left)), Share(int(0.58 * left))

    def enough(self, size: int, share: Share) -> int:
        """The megabytes of a budget in which this share would have a size."""
        return math.ceil((size / share.size * (self.megabytes * 1_000_000 - PROGRAM) + PROGRAM) / 1_000_000) + 1


BUDGET = MemoryBudget()


def size_of(*values: object) -> int:
    """About how many bytes values take: texts, bytes, and what is nested in lists and by name."""
    size, waiting = 0, list(values)
    for value in waiting:  # which grows meanwhile
        size += sys.getsizeof(value, 64)
        if isinstance(value, _PLAIN):  # is asked first: whether something is a `Mapping` takes five times as long
            continue
        if isinstance(value, Mapping):
            waiting += [*value.keys(), *value.values()]
        elif isinstance(value, list | tuple):
            waiting += value
    return size


def post_size(post: Post) -> int:
    """About how many bytes a post takes; a picture that is a file takes none yet."""
    return size_of(post.text, post.title, post.image, post.other)


def batches(
    values: Iterable[T], most: int | Callable[[], int], most_bytes: int, size: Callable[[T], int]
) -> Iterator[tuple[list[T], int]]:
    """Lists of at most so many values, and their bytes; a list ends with the value that makes it too big.

    Args:
        most: A function is asked again at every value.
    """
    limit = most if callable(most) else lambda: most
    batch: list[T] = []
    taken = 0
    for value in values:
        batch.append(value)
        taken += size(value)
        if len(batch) >= limit() or taken >= most_bytes:
            yield batch, taken
            batch, taken = [], 0
    if batch:
        yield batch, taken


def with_answers(values: Iterable[T], answer: Callable[[Iterator[T]], Iterable[R]]) -> Iterator[tuple[T, R]]:
    """Each value with its answer; none is held after it has one. `itertools.tee` would hold up to 57 of them.

    Args:
        answer: Gives one answer a value, in their order, and may read ahead.
    """
    waiting: deque[T] = deque()

    def asked() -> Iterator[T]:
        for value in values:
            waiting.append(value)
            yield value

    for answered in answer(asked()):
        yield waiting.popleft(), answered
    assert not waiting, f"{len(waiting)} values have no answer"


@lru_cache(maxsize=1)
def _malloc_trim() -> Callable[[int], object] | None:
    """The function of glibc; None in other places."""
    if not sys.platform.startswith("linux"):
        return None
    return getattr(ctypes.CDLL(None), "malloc_trim", None)


def give_back_freed() -> None:
    """Let the system have what was freed; glibc would keep up to 64 MB for each thread."""
    if (trim := _malloc_trim()) is not None:
        trim(0)
