"""Fetch one picture from the web, within limits, from the public internet only."""

import re
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field

from feelscope.errors import PictureError
from feelscope.web import addresses
from feelscope.web.addresses import Address, Pinning, Resolve
from feelscope.web.client import Answer, Fault, Limits, TooLong, ask, opener

REDIRECTS = (301, 302, 303, 307, 308)
_HOST = re.compile(r"[\w.-]+|[0-9a-f:.]+")  # nothing that urllib would read as another host or port, such as %3A
_SAFE = "/%?&=:@!$'()*+,;~-._"  # is not quoted


class NoAnswer(PictureError):
    """The server did not answer; another time it may."""


@dataclass(frozen=True, slots=True)
class DownloadLimits:
    """What a picture on the web may cost."""

    bytes: int = 20_000_000
    seconds: float = 30.0  # for all hops of one picture
    silence: float = 10.0  # seconds without a byte
    redirects: int = 5
    ports: tuple[int, ...] = (80, 443)  # None of a machine's other services answers there


DEFAULT_LIMITS = DownloadLimits()


@dataclass(frozen=True, slots=True)
class Downloader:
    """Fetches pictures.

    Args:
        resolve, allowed: How names become addresses and which of these may be connected to; tests have their own.
    """

    limits: DownloadLimits = DEFAULT_LIMITS
    resolve: Resolve = addresses.resolve
    allowed: Callable[[Address], bool] = addresses.is_public
    _opener: urllib.request.OpenerDirector = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # No proxy: it would resolve the name again, where nobody checks it.
        object.__setattr__(self, "_opener", opener(Pinning(self.resolve, self.allowed)))

    def fetch(self, url: str) -> bytes:
        """The content of a picture, whatever it is.

        Raises:
            PictureError: One line: what came instead.
            NoAnswer: Another time may do.
        """
        end = time.monotonic() + self.limits.seconds
        for _ in range(self.limits.redirects + 1):
            try:
                answer = self._hop(url, end)
                if answer.status in REDIRECTS:
                    url = urllib.parse.urljoin(url, answer.headers.get("Location") or "")
                    continue
            except ValueError as error:  # an address that is none, in a redirect say
                raise PictureError("no address of a picture") from error
            if answer.status >= 500 or answer.status in (408, 429):
                raise NoAnswer(f"the server answers {answer.status}")
            if answer.status != 200:
                raise PictureError(f"the server answers {answer.status}")
            return answer.content
        raise PictureError(f"over {self.limits.redirects} redirects")

    def _hop(self, url: str, end: float) -> Answer:
        """Ask one server."""
        parts = urllib.parse.urlsplit(url)
        host, port = parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
        if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host) or parts.username is not None:
            raise PictureError("no address of a picture (http or https)")
        if port not in self.limits.ports:
            raise PictureError(f"port {port} is none of the web")
        place = f"[{host}]" if ":" in host else host.encode("idna").decode()
        place += f":{parts.port}" if parts.port else ""
        path, query = (urllib.parse.quote(part, safe=_SAFE) for part in (parts.path or "/", parts.query))
        url = urllib.parse.urlunsplit((parts.scheme, place, path, query, ""))
        left = max(end - time.monotonic(), 0.01)
        limits = Limits(self.limits.bytes, left, min(self.limits.silence, left), error_bytes=0)
        try:
            return ask(url, limits, headers={"Accept": "image/*"}, opener=self._opener)
        except Fault as fault:
            raise (PictureError if isinstance(fault, TooLong) else NoAnswer)(str(fault)) from fault
