"""One HTTP client for APIs, pictures and search engines: one request, one bounded answer, and one name for each fault.

Built on urllib rather than on httpx with tenacity: limits, quotas, pinned addresses and the words for faults would stay
ours with either. httpx takes more processor time per picture (`python benchmarks/downloads.py`: 0.44 ms to 0.26) and to be
imported (`python -X importtime -c "import httpx"`: 114 ms, tenacity 28, urllib.request 34), and `prepare` and `collect
tumblr`, which need no extra, would need one.
"""

import http.client
import json
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any, Literal, TypeVar

from feelscope import __version__

USER_AGENT = f"feelscope/{__version__} (research tool)"
TRIES = 6  # of one call: waits 1, 2, 4, 8 and 16 seconds between them
Kind = Literal["refused", "certificate", "TLS", "silence", "too slow", "too long", "cut", "no HTTP", "no JSON", "other"]
Value = TypeVar("Value")


class Fault(Exception):
    """No whole answer came.

    Args:
        words: What went wrong, as a part of a sentence.
    """

    def __init__(self, kind: Kind, words: str) -> None:
        super().__init__(words)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Limits:
    """What one answer may cost."""

    bytes: int
    seconds: float  # however it trickles in
    silence: float  # seconds without a byte
    error_bytes: int = 65_536  # that are read of what comes with another status than success


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said, whatever its status."""

    status: int
    headers: Message
    content: bytes


def opener(*handlers: urllib.request.BaseHandler) -> urllib.request.OpenerDirector:
    """What opens addresses: it follows no redirect, as a key must not travel on, and takes every status as an answer."""
    director = urllib.request.OpenerDirector()
    for handler in (urllib.request.UnknownHandler(), *handlers):
        director.add_handler(handler)
    return director


# With the proxies that the environment names.
_OPENER = opener(urllib.request.ProxyHandler(), urllib.request.HTTPHandler(), urllib.request.HTTPSHandler())


def ask(
    url: str,
    limits: Limits,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    opener: urllib.request.OpenerDirector = _OPENER,
) -> Answer:
    """Send one request and read its answer.

    Raises:
        Fault: No whole answer came within the limits.
    """
    request = urllib.request.Request(url, body, {"User-Agent": USER_AGENT, **(headers or {})}, method=method)
    end = time.monotonic() + limits.seconds
    try:
        with opener.open(request, timeout=limits.silence) as response:
            return Answer(response.status, response.headers, _read(response, limits, end))
    except (OSError, http.client.HTTPException) as error:
        raise _fault(error) from error


def _read(response: http.client.HTTPResponse, limits: Limits, end: float) -> bytes:
    """Read a body of bounded size in bounded time."""
    success = 200 <= response.status < 300
    too_long = Fault("too long", f"an answer of over {limits.bytes / 2**20:g} MB")
    if success and (response.length or 0) > limits.bytes:
        raise too_long
    parts, left = [], limits.bytes + 1 if success else limits.error_bytes
    while left > 0 and (part := response.read1(min(left, 2**16))):
        parts.append(part)
        left -= len(part)
        if time.monotonic() > end:
            raise Fault("too slow", f"an answer that took over {limits.seconds:g} s")
    if success and not left:
        raise too_long
    if success and response.length:  # what is missing of the length that was announced
        raise Fault("cut", "the connection was cut in the middle of an answer")
    return b"".join(parts)


def _fault(error: Exception) -> Fault:
    """The name of what urllib, http.client, ssl and the system say."""
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    words = " ".join(str(cause).split()) or type(cause).__name__
    if isinstance(cause, ConnectionRefusedError):
        return Fault("refused", "connection refused")
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Fault("certificate", cause.verify_message)
    if isinstance(cause, ssl.SSLError):
        return Fault("TLS", cause.reason or words)
    if isinstance(cause, TimeoutError):
        return Fault("silence", words)
    if isinstance(cause, http.client.IncompleteRead):
        return Fault("cut", "the connection was cut in the middle of an answer")
    if isinstance(cause, http.client.HTTPException):
        return Fault("no HTTP", type(cause).__name__)
    return Fault("other", getattr(cause, "strerror", None) or words)


def read_json(content: bytes) -> Any:
    """The value of an answer.

    Raises:
        Fault: It is no JSON.
    """
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise Fault("no JSON", f"expected JSON and got {start(content)!r}") from None


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
