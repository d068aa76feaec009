"""Ask a web API for JSON: patient with servers that stumble, plain about everything else."""

import http.client
import json
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any

from feelscope import __version__
from feelscope.collect.quota import Meter
from feelscope.errors import CollectError

USER_AGENT = f"feelscope/{__version__} (research tool)"
TIMEOUT = 30.0  # seconds without a byte
MOST_SECONDS = 120.0  # for one answer, however it trickles in
MOST_BYTES = 64 * 2**20
TRIES = 6  # of one call: waits 1, 2, 4, 8 and 16 seconds between them


class NotThere(CollectError):
    """The source has nothing at this address."""


class _Stumble(Exception):
    """Something that another try may mend."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """An API does not send elsewhere; a key in an address must not travel on."""

    def redirect_request(self, *arguments: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


@dataclass(frozen=True, slots=True)
class Api:
    """One web API.

    Args:
        name: For messages.
        base: The address its paths are under.
        key_hint: What to do about a key that is refused.
        sleep: Waiting; tests have their own.
    """

    name: str
    base: str
    meter: Meter
    key_hint: str
    sleep: Callable[[float], None] = time.sleep
    timeout: float = TIMEOUT

    def get(self, path: str, parameters: Mapping[str, str | int]) -> Any:
        """Ask, and ask again where the server stumbles or wants to be left alone.

        Raises:
            CollectError: One line: what came instead, and what to do.
            NotThere: The address does not exist (404).
        """
        address = f"{self.base.rstrip('/')}/{path.lstrip('/')}?{urllib.parse.urlencode(parameters)}"
        request = urllib.request.Request(address, headers={"User-Agent": USER_AGENT, "Accept": "application/json"})
        for attempt in range(TRIES):
            self.meter.take()
            try:
                return self._ask(request)
            except _Stumble as stumble:
                if attempt == TRIES - 1:
                    raise CollectError(
                        f"{self.name}: {stumble}, {TRIES} times in a row; the same command goes on later"
                    ) from None
                self.sleep(2.0**attempt)
        raise AssertionError("the last try returns or raises")

    def _ask(self, request: urllib.request.Request) -> Any:
        try:
            with _OPENER.open(request, timeout=self.timeout) as answer:
                body = self._read(answer)
        except urllib.error.HTTPError as error:
            with error:
                self._refuse(error)
        except (urllib.error.URLError, OSError, http.client.HTTPException) as error:
            self._unreachable(error)
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            start = " ".join(body[:60].decode(errors="replace").split())
            raise CollectError(
                f"{self.name}: expected JSON and got {start!r}; is {self.base} the API, or a page in between?"
            ) from None

    def _read(self, answer: http.client.HTTPResponse) -> bytes:
        """Read an answer of bounded size in bounded time."""
        parts, size, end = [], 0, time.monotonic() + MOST_SECONDS
        while part := answer.read1(2**16):
            parts.append(part)
            size += len(part)
            if size > MOST_BYTES:
                raise CollectError(f"{self.name}: an answer of over {MOST_BYTES // 2**20} MB")
            if time.monotonic() > end:
                raise _Stumble(f"an answer that took over {MOST_SECONDS:.0f} s")
        if answer.length:  # what is missing of the length that was said
            raise _Stumble("the connection was cut in the middle of an answer")
        return b"".join(parts)

    def _refuse(self, error: urllib.error.HTTPError) -> None:
        """Say what an HTTP status means for the user."""
        said = " ".join(error.read(300).decode(errors="replace").split())[:120]
        if error.code == 429:
            seconds = pause_seconds(error.headers)
            self.meter.pause(seconds)
            raise _Stumble("the quota is used up (429)")
        if error.code in (401, 403):
            raise CollectError(f"{self.name}: the key is refused ({error.code}); {self.key_hint}")
        if error.code == 404:
            raise NotThere(f"{self.name}: nothing there (404: {said})")
        if error.code >= 500 or error.code == 408:
            raise _Stumble(f"the server fails ({error.code})")
        raise CollectError(f"{self.name}: the call is refused ({error.code}: {said})")

    def _unreachable(self, error: Exception) -> None:
        reason = getattr(error, "reason", error)
        if isinstance(reason, ConnectionRefusedError):
            raise CollectError(f"{self.name}: nobody answers at {self.base} (connection refused)") from None
        if isinstance(reason, ssl.SSLCertVerificationError):
            raise CollectError(f"{self.name}: the certificate of {self.base} is not trusted") from None
        why = " ".join(str(reason).split()) or type(reason).__name__
        raise _Stumble(f"no answer ({why})") from None


def pause_seconds(headers: Message) -> float:
    """How long a 429 asks to wait: Retry-After, else the reset of the limit that is used up, else a minute."""
    waits = [_number(headers.get("Retry-After"))]
    for name, value in headers.items():
        # X-Ratelimit-Perhour-Remaining and -Reset, X-Ratelimit-Perday-..., X-Ratelimit-Reset
        if name.lower().startswith("x-ratelimit") and name.lower().endswith("reset"):
            remaining = _number(headers.get(name[: -len("reset")] + "remaining"))
            if remaining is None or remaining < 1:
                waits.append(_number(value))
    known = [wait for wait in waits if wait is not None]
    return min(max([1.0, *known]) if known else 60.0, 2 * 86_400.0)


def _number(value: str | None) -> float | None:
    try:
        return None if value is None else float(value)
    except ValueError:
        return None
