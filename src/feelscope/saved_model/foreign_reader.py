"""A foreign model's tokenizer and networks in a process of their own, with limits on its memory and time.

So is the multilingual model, which is ours, but has an engine in C that reads whatever strangers write.

    this process                                        the other, one thread for each worker
    OwnReader's methods --a socket for each worker-->   OwnReader --> tokenizer, ONNX Runtime
                        <--JSON--

A model folder is a program of its maker's: an operator of a network may ask for terabytes, a pattern of a tokenizer may
take years, and either may do so on one post in a million. Whatever it is, it ends the other process, and that is one
line here. What comes back is JSON of a bounded length, never a pickle.

Limits are those of POSIX's `setrlimit`: macOS has no limit of memory, and Windows none at all.
"""

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from feelscope.encoders.tokenizer import Tokens
from feelscope.errors import ModelError, one_line
from feelscope.saved_model.folder import Labels, files
from feelscope.saved_model.reader import Asked, OwnReader

_MEMORY, _MEMORY_PER_WORKER, _MEMORY_PER_BYTE = 400_000_000, 32_000_000, 4  # bytes, beside each of the model's files
_SECONDS, _SECONDS_PER_BYTE = 3, 1 / 200_000_000  # of a processor, to open the model and again for each post
_PATIENCE = 30  # times as many seconds of the clock: other programs may have the processors
_CLOCK = -8  # Linux's of this process in ticks, which RLIMIT_CPU goes by; `getrusage` may be seconds behind it
_LONGEST = 1_000_000  # bytes of an answer; of 10,000 emotions it has 200,000
_LONGEST_NUMBER = 32  # bytes of each of a vector's, blanks included
_START = """
import sys
sys.path[:0] = sys.argv[1:2]
from feelscope.saved_model.foreign_reader import serve
serve(*sys.argv[2:])
"""


class ForeignReader:
    """A model that came from elsewhere; see `reader.Reader`.

    Args:
        workers: Threads that may call at once without waiting for each other.

    Raises:
        ModelError: A file cannot be opened, does not fit the others, or takes too much memory or time.
    """

    def __init__(self, folder: Path, labels: Labels, workers: int):
        size = sum((folder / name).stat().st_size for name in files(labels))
        self._folder = folder
        self._memory = _MEMORY + workers * _MEMORY_PER_WORKER + size * _MEMORY_PER_BYTE
        self._seconds = round(_SECONDS + size * _SECONDS_PER_BYTE)
        pairs = [socket.socketpair() for _ in range(workers)]
        theirs = [end for _, end in pairs]
        arguments = (str(Path(__file__).parents[2]), str(self._memory), str(self._seconds))
        handles = [end.fileno() for end in theirs]
        self._process = subprocess.Popen(
            # Not from the current folder, where a foreign numpy.py may lie; Ctrl+C is for this process alone.
            [sys.executable, "-P", "-c", _START, *arguments, *map(str, handles)],
            pass_fds=handles,
            process_group=0,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for end in theirs:
            end.close()
        connections = [Connection(end.detach()) for end, _ in pairs]
        weakref.finalize(self, _close, self._process, connections)
        self._free: queue.LifoQueue[Connection] = queue.LifoQueue()
        for connection in connections:
            self._free.put(connection)
        self.widths: Mapping[str, int] = {}
        self.widths = self._ask("open", str(folder.resolve()), labels)

    def encode(self, texts: list[str], cut: bool) -> Tokens:
        """Token ids; see `reader.Reader`."""
        return self.encode_all([(texts, cut)])[0]

    def encode_all(self, asked: Sequence[tuple[list[str], bool]]) -> list[Tokens]:
        """Token ids of each; see `reader.Reader`."""
        return [Tokens(*one) for one in self._ask("encode_all", asked, posts=len(asked))]

    def vectors(self, ids: list[int] | None, rgb: np.ndarray | None) -> dict[str, np.ndarray]:
        """Vectors (F,) by modality; see `reader.Reader`."""
        return {name: np.array(vector, np.float32) for name, vector in self._ask("vectors", ids, rgb).items()}

    def fused(self, known: Mapping[str, np.ndarray]) -> np.ndarray:
        """One vector (F,) of all modalities; see `reader.Reader`."""
        return np.array(self._ask("fused", known), np.float32)

    def probabilities(
        self, ids: list[int] | None, rgb: np.ndarray | None, known: Mapping[str, np.ndarray]
    ) -> np.ndarray:
        """Probabilities (K,); see `reader.Reader`."""
        return self.probabilities_all([(ids, rgb, known)])[0]

    def probabilities_all(self, asked: Sequence[Asked]) -> list[np.ndarray]:
        """Probabilities (K,) of each; see `reader.Reader`."""
        return [np.array(row, np.float32) for row in self._ask("probabilities_all", asked, posts=len(asked))]

    def _ask(self, method: str, *arguments: Any, posts: int = 1) -> Any:
        connection = self._free.get()
        try:
            connection.send((method, arguments, posts))
            if not connection.poll(posts * _PATIENCE * self._seconds):
                self._process.kill()
            longest = _LONGEST + _LONGEST_NUMBER * sum(self.widths.values())
            answer = json.loads(connection.recv_bytes(posts * longest))
        except (OSError, EOFError) as error:
            raise ModelError(f"{self._folder}: {self._end()}; use a model that you trust") from error
        except BaseException:  # Ctrl+C: the answer that is still to come must not be that to the next question
            self._process.kill()
            connection.close()
            raise
        finally:
            self._free.put(connection)
        if "error" in answer:
            raise ModelError(answer["error"])
        return answer["value"]

    def _end(self) -> str:
        """Why the other process has ended."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        code = self._process.returncode
        if code == -signal.SIGXCPU:
            return f"reading with this model took over {self._seconds} seconds of processor time"
        name = signal.Signals(-code).name if code and code < 0 else f"exit code {code}"
        return f"the process of this model ended ({name}), which may have taken over {self._memory / 1e6:,.0f} MB"


def _close(process: subprocess.Popen, connections: Sequence[Connection]) -> None:
    for connection in connections:
        connection.close()
    process.kill()
    process.wait()


def serve(memory: str, seconds: str, *handles: str) -> None:
    """The other process: open a model and answer, each handle in a thread of its own, until the first is closed."""
    limits = _Limits(int(memory), int(seconds))
    connections = [Connection(int(handle)) for handle in handles]
    readers: list[OwnReader] = []
    for connection in connections[1:]:
        threading.Thread(target=_answer, args=(connection, readers, limits), daemon=True).start()
    _answer(connections[0], readers, limits)


def _answer(connection: Connection, readers: list[OwnReader], limits: "_Limits") -> None:
    try:
        while True:
            method, arguments, posts = connection.recv()
            with limits.of(posts):
                answer = json.dumps(_answer_one(method, arguments, readers)).encode()
            connection.send_bytes(answer)
    finally:  # the parent is gone, or memory is; whatever the other threads are at, nobody waits for them
        os._exit(1)


def _answer_one(method: str, arguments: Sequence[Any], readers: list[OwnReader]) -> dict[str, Any]:
    try:
        if method == "open":
            folder, labels = arguments
            readers.append(OwnReader(Path(folder), labels))
            return {"value": dict(readers[0].widths)}
        match getattr(readers[0], method)(*arguments):
            case dict() as vectors:
                return {"value": {name: vector.tolist() for name, vector in vectors.items()}}
            case rows:
                return {"value": [[one.ids, one.cut] if isinstance(one, Tokens) else one.tolist() for one in rows]}
    except ModelError as error:
        return {"error": str(error)}
    except BaseException as error:  # noqa: BLE001  # of foreign data anything may come, and nobody sees this process
        return {"error": f"the model cannot be read ({one_line(error)[:200]}); train or copy it again"}


class _Limits:
    """This process's memory once and for all, and its processor time for each answer, whatever is at work beside it."""

    def __init__(self, memory: int, seconds: int):
        import resource

        self._resource, self._seconds, self._busy, self._lock = resource, seconds, 0, threading.Lock()
        for kind, most in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_DATA, memory)):
            most = self._allowed(kind, most)
            resource.setrlimit(kind, (most, most))

    @contextmanager
    def of(self, posts: int) -> Iterator[None]:
        """The time of an answer to so many posts."""
        self._change(posts)
        try:
            yield
        finally:
            self._change(-posts)

    def _allowed(self, kind: int, most: int) -> int:
        """A limit, or the one that this process already has, where that is lower: nobody may raise it."""
        hard = self._resource.getrlimit(kind)[1]
        return most if hard == self._resource.RLIM_INFINITY else min(most, hard)

    def _change(self, by: int) -> None:
        kind, resource = self._resource.RLIMIT_CPU, self._resource
        with self._lock:
            self._busy += by
            most = self._allowed(kind, int(self._used()) + 1 + self._seconds * max(1, self._busy))
            resource.setrlimit(kind, (most, resource.getrlimit(kind)[1]))

    def _used(self) -> float:
        """Seconds of the processor that this process has had."""
        with suppress(OSError):  # not Linux
            return time.clock_gettime(_CLOCK)
        return sum(self._resource.getrusage(self._resource.RUSAGE_SELF)[:2])
