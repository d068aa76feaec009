"""One HTTP client for APIs, pictures and search engines: one request, one bounded answer, and one name for each fault.

urllib rather than httpx with tenacity: limits, quotas, pinned addresses and words for faults would be ours with either,
`prepare` and `collect tumblr` need no extra as it is, and httpx costs 0.51 ms of processor time per picture (this 0.28,
`python benchmarks/downloads.py`) and 97 ms to import (urllib.request 45, tenacity 26, `python -X importtime`).
"""

import functools
import http.client
import json
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any, TypeVar

from feelscope import __version__
from feelscope.web.connection import BESIDES, Budget, Exchange, Flood, Handler, Resolve, resolve

USER_AGENT = f"feelscope/{__version__} (research tool)"
TRIES = 6  # of one call: waits 1, 2, 4, 8 and 16 seconds between them
Value = TypeVar("Value")


class Fault(Exception):
    """No whole answer came, in words for people."""


class TooLong(Fault):
    """It was larger than the limit."""


class Passing(Fault):
    """Another try may mend it."""


class Silence(Passing):
    """Nothing came in time, or not all of it."""


class Unknown(Passing):
    """The host's name has no address, as far as this machine can tell now."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one answer may cost."""

    bytes: int  # of its body; what comes besides may be as much again and 256 KiB
    seconds: float  # from the look-up of the name to the last byte, however it trickles in
    silence: float  # seconds without a byte
    error_bytes: int = 65_536  # that are read of what comes with another status than success


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said, whatever its status."""

    status: int
    headers: Message
    content: bytes


def opener(*handlers: urllib.request.BaseHandler, resolve: Resolve = resolve) -> urllib.request.OpenerDirector:
    """What opens addresses: any status is an answer, and no redirect is followed, as a key must not travel on."""
    director = urllib.request.OpenerDirector()
    for handler in (urllib.request.UnknownHandler(), Handler(resolve), *handlers):
        director.add_handler(handler)
    return director


@functools.cache
def _through_proxies() -> urllib.request.OpenerDirector:
    """What opens addresses through the proxies that the environment names."""
    return opener(urllib.request.ProxyHandler())


def ask(
    url: str,
    limits: Limits,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    opener: urllib.request.OpenerDirector | None = None,
) -> Answer:
    """Send one request and read its answer.

    Args:
        opener: By default one that uses the proxies that the environment names.

    Raises:
        Fault: No whole answer came within the limits.
    """
    budget = Budget(limits.seconds, limits.silence)
    try:
        request = Exchange(url, body, {"User-Agent": USER_AGENT, **(headers or {})}, method=method)
        request.budget = budget
        with (opener or _through_proxies()).open(request) as response:
            return Answer(response.status, response.headers, _read(response, limits, budget))
    except (OSError, http.client.HTTPException) as error:
        raise _fault(error, budget) from error
    except ValueError as error:  # whose words may show a key
        raise Fault("an address that cannot be asked") from error


def _read(response: http.client.HTTPResponse, limits: Limits, budget: Budget) -> bytes:
    """Read a body of bounded size; its time is the connection's."""
    success = 200 <= response.status < 300
    parts, left = [], limits.bytes + 1 if success else limits.error_bytes
    if success and (response.length or 0) > limits.bytes:
        left = 0
    while left > 0 and (part := response.read1(min(left, 2**16))):
        parts.append(part)
        left -= len(part)
        budget.bring(len(part))
    if success and not left:
        raise TooLong(f"an answer of over {limits.bytes // 10**6} MB")
    if success and response.length:  # what is missing of the length that was announced
        raise http.client.IncompleteRead(b"")
    return b"".join(parts)


def _fault(error: Exception, budget: Budget) -> Fault:
    """In words what urllib, http.client, ssl or the system says."""
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    match cause:
        case ssl.SSLCertVerificationError():
            return Fault(f"the server's certificate is refused ({cause.verify_message})")
        case ssl.SSLError():
            return Passing(f"no answer (TLS: {cause.reason or cause})")
        case TimeoutError():
            return Silence("an answer that did not end in time" if budget.is_over() else "no answer in time")
        case socket.gaierror():
            return Unknown(f"no answer ({cause.strerror})")
        case ConnectionRefusedError():
            return Fault("no answer (connection refused)")
        case Flood():
            return TooLong(f"an answer with over {BESIDES // 1000} kB around its body")
        case http.client.IncompleteRead():
            return Passing("the connection was cut in the middle of an answer")
        case http.client.HTTPException():
            return Passing(f"no answer in HTTP ({type(cause).__name__})")
        case OSError():
            return Passing(f"no answer ({cause.strerror or type(cause).__name__})")
        case _:
            return Passing(f"no answer ({' '.join(str(cause).split())})")


def read_json(content: bytes, loads: Callable[[bytes], Any] = json.loads) -> Any:
    """The value of an answer.

    Args:
        loads: Reads it; whatever it raises as `ValueError` is no JSON.

    Raises:
        Fault: It is no JSON.
    """
    try:
        return loads(content)
    except (ValueError, RecursionError):
        raise Fault(f"expected JSON and got {start(content)!r}") from None


def start(content: bytes, length: int = 60) -> str:
    """The first letters of an answer, in one line, for messages."""
    return " ".join(content[:300].decode(errors="replace").split())[:length]


def patiently(call: Callable[[], Value], stumble: type[Exception], sleep: Callable[[float], None]) -> Value:
    """Call, and call again where it raises a stumble, after growing waits; the last stumble is raised."""
    for attempt in range(TRIES - 1):
        try:
            return call()
        except stumble:
            sleep(2.0**attempt)
    return call()
