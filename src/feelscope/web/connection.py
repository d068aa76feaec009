"""One exchange over HTTP that ends in time, whatever the other side does.

http.client and requests look at the clock of one read: who sends a byte a second keeps them for ever. Here the sockets
know when the exchange is to end. Each look-up, connection, handshake, send and read waits no longer than what is left,
and what comes is counted as it comes off the wire, so that headers, interim answers, chunk lines and trailers are
bounded too. http.client keeps the protocol, and urllib the proxies that the environment names.
"""

import functools
import http.client
import ipaddress
import os
import queue
import socket
import ssl
import threading
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

Resolve = Callable[[str, int], list[str]]  # a host and a port to addresses, in the order in which to try them
BESIDES = 2**18  # bytes of an answer that are no body: status, headers, handshake, trailers
_RECORD = 2**14  # bytes, of TLS


class Flood(http.client.HTTPException):
    """More came around the body than any answer needs."""


class Budget:
    """What is left of one exchange.

    Args:
        seconds: For all of it.
        silence: Seconds without a byte.
    """

    def __init__(self, seconds: float, silence: float) -> None:
        self._end, self._silence, self._bytes = time.monotonic() + seconds, silence, BESIDES

    def is_over(self) -> bool:
        """Whether its time is up."""
        return time.monotonic() >= self._end

    def wait(self) -> float:
        """The seconds that the next step may take.

        Raises:
            TimeoutError: There are none left.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return min(left, self._silence)

    def take(self, count: int) -> None:
        """Count bytes that came.

        Raises:
            Flood: They are too many, for the body that they brought.
        """
        self._bytes -= count
        if self._bytes < 0:
            raise Flood

    def bring(self, count: int) -> None:
        """Count bytes of the body among those that came: as many again may come around them, as in short chunks."""
        self._bytes += 2 * count


class TimedSocket(socket.socket):
    """A connection of which no step outlasts the exchange.

    Raises:
        TimeoutError: One would.
    """

    def __init__(self, *arguments: Any, budget: Budget) -> None:
        super().__init__(*arguments)
        self.budget = budget

    def connect(self, address: Any) -> None:
        self.settimeout(self.budget.wait())
        super().connect(address)

    def receive(self, buffer: Any) -> int:
        """Bytes off the wire."""
        self.settimeout(self.budget.wait())
        count = super().recv_into(buffer)
        self.budget.take(count)
        return count

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:  # all that a response's file calls
        return self.receive(buffer)

    def transmit(self, data: Any) -> None:
        """Bytes onto the wire."""
        rest = memoryview(data).cast("B")
        while rest:
            self.settimeout(self.budget.wait())
            rest = rest[self.send(rest) :]

    def sendall(self, data: Any, flags: int = 0) -> None:
        self.transmit(data)


class TlsSocket(TimedSocket):
    """The same with TLS over it.

    Not `ssl.SSLSocket`: OpenSSL reads on by itself while anything comes that is not for us, session tickets say, and
    never looks at the clock. Fed by hand it sees one record's worth between two looks.

    Args:
        plain: A connection, which is taken over.
        host: Whose certificate it must be.
    """

    def __init__(self, plain: TimedSocket, context: ssl.SSLContext, host: str) -> None:
        super().__init__(plain.family, plain.type, plain.proto, plain.detach(), budget=plain.budget)
        self._came, self._goes, self._record = ssl.MemoryBIO(), ssl.MemoryBIO(), bytearray(_RECORD)
        try:
            self._tls = context.wrap_bio(self._came, self._goes, server_hostname=host)
            self._step(self._tls.do_handshake)
        except BaseException:  # nobody else knows of it yet
            self.close()
            raise

    def _step(self, call: Callable[..., Any], *arguments: Any) -> Any:
        """Send what a call of OpenSSL has to say, and call again with what comes while that is what it wants."""
        while True:
            try:
                result, wants = call(*arguments), False
            except ssl.SSLWantReadError:
                wants = True
            if self._goes.pending:
                self.transmit(self._goes.read())
            if not wants:
                return result
            if count := self.receive(self._record):
                self._came.write(memoryview(self._record)[:count])
            else:
                self._came.write_eof()

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        try:
            return int(self._step(self._tls.read, len(buffer), buffer))
        except ssl.SSLEOFError:  # closed without a word, as many servers do; a body's length says whether it is whole
            return 0

    def sendall(self, data: Any, flags: int = 0) -> None:
        rest = memoryview(data).cast("B")
        while rest:
            rest = rest[self._step(self._tls.write, rest) :]


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name."""
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


Calls = queue.SimpleQueue[tuple[Callable[[], list[str]], "Future[list[str]]"]]
_idle: list[Calls] = []  # of the threads that wait for something to look up
if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(after_in_child=_idle.clear)  # a child has none of its parent's threads


def _look_up(calls: Calls) -> None:
    """Answer calls, one after another."""
    while True:
        call, future = calls.get()
        try:
            found = call()
        except BaseException as error:  # noqa: BLE001  # raised where it is waited for
            _idle.append(calls)
            future.set_exception(error)
        else:
            _idle.append(calls)
            future.set_result(found)


def _in_time(call: Callable[[], list[str]], seconds: float) -> list[str]:
    """What a look-up gives, if it ends in time; else it is left to its thread, which nobody waits for.

    The system's look-up of names can be neither told to stop nor given a time; it ends by itself within a minute.
    """
    try:
        calls = _idle.pop()
    except IndexError:
        calls = queue.SimpleQueue()
        threading.Thread(target=_look_up, args=(calls,), name="look-up", daemon=True).start()
    future: Future[list[str]] = Future()
    calls.put((call, future))
    return future.result(seconds)


def _is_address(host: str) -> bool:
    """Whether there is nothing to look up."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class _Connection(http.client.HTTPConnection):
    """A connection to one of a host's addresses, which are looked up once, or through a proxy."""

    def __init__(
        self, host: str, *, timeout: object, budget: Budget, resolve: Resolve, tls: ssl.SSLContext | None
    ) -> None:
        self.default_port = 80 if tls is None else 443
        super().__init__(host)  # the budget has the times
        self._budget, self._resolve, self._tls = budget, resolve, tls
        self._create_connection = self._first_that_answers  # of `HTTPConnection.connect`, which speaks to proxies

    def _first_that_answers(self, place: tuple[str, int], *_: object) -> TimedSocket:
        host, port = place
        try:
            if _is_address(host):
                addresses = self._resolve(host, port)
            else:
                addresses = _in_time(lambda: self._resolve(host, port), self._budget.wait())
        except socket.gaierror as error:
            raise socket.gaierror(error.errno, f"no address is known for {host}") from error
        failed: OSError = socket.gaierror(socket.EAI_NONAME, f"no address is known for {host}")
        for address in addresses:
            connection = TimedSocket(socket.AF_INET6 if ":" in address else socket.AF_INET, budget=self._budget)
            try:
                connection.connect((address, port))
                return connection
            except OSError as error:
                connection.close()
                failed = error
        raise failed

    def connect(self) -> None:
        super().connect()
        if self._tls is not None:
            host = self._tunnel_host or self.host  # type: ignore[attr-defined]  # the one behind a proxy
            self.sock = TlsSocket(self.sock, self._tls, host)  # type: ignore[arg-type]


class Exchange(urllib.request.Request):
    """A request with its budget."""

    budget: Budget


class Handler(urllib.request.HTTPHandler, urllib.request.HTTPSHandler):
    """What lets an opener of urllib make `Exchange`s.

    Args:
        resolve: May refuse a host by an error.
    """

    def __init__(self, resolve: Resolve = resolve) -> None:
        super().__init__()
        self._resolve = resolve

    @functools.cached_property
    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        context.set_alpn_protocols(["http/1.1"])
        return context

    def _open(self, request: Exchange, tls: ssl.SSLContext | None) -> http.client.HTTPResponse:
        return self.do_open(_Connection, request, budget=request.budget, resolve=self._resolve, tls=tls)  # type: ignore[arg-type]

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        assert isinstance(request, Exchange)
        return self._open(request, None)

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        assert isinstance(request, Exchange)
        return self._open(request, self._tls)
