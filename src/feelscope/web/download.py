"""Fetch one picture from the web, within limits, from the public internet only."""

import re
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import replace

from feelscope.errors import PictureError
from feelscope.web.addresses import Address, checked, is_public
from feelscope.web.client import Answer, Fault, Limits, TooLong, Unknown, ask, opener
from feelscope.web.connection import Resolve, resolve

REDIRECTS, MOST_REDIRECTS = (301, 302, 303, 307, 308), 5
LIMITS = Limits(bytes=20_000_000, seconds=30.0, silence=10.0, error_bytes=0)
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")  # nothing that urllib would read as another host or port, such as %3A
_LONGEST_HOST = 253  # letters of a name
_NO_ADDRESS = "no address of a picture"
_SAFE = "/%?&=:@!$'()*+,;~-._"  # is not quoted


class NoAnswer(PictureError):
    """The server did not answer; another time it may."""


class Downloader:
    """Fetches pictures.

    Args:
        limits: For all hops of one picture.
        ports: None of a machine's other services answers there.
        resolve, allowed: How names become addresses and which of these may be connected to; tests have their own.
    """

    def __init__(
        self,
        limits: Limits = LIMITS,
        ports: tuple[int, ...] = (80, 443),
        resolve: Resolve = resolve,
        allowed: Callable[[Address], bool] = is_public,
    ) -> None:
        self.limits, self.ports = limits, ports
        self._opener = opener(resolve=checked(resolve, allowed))  # no proxy: it would resolve the name again, unchecked

    def fetch(self, url: str) -> bytes:
        """The content of a picture, whatever it is.

        Raises:
            PictureError: One line: what came instead.
            NoAnswer: Another time may do.
        """
        end = time.monotonic() + self.limits.seconds
        for _ in range(MOST_REDIRECTS + 1):
            try:
                answer = self._hop(url, end)
                if answer.status in REDIRECTS:
                    url = urllib.parse.urljoin(url, answer.headers.get("Location") or "")
                    continue
            except ValueError as error:  # an address that is none, in a redirect say
                raise PictureError(_NO_ADDRESS, _NO_ADDRESS) from error
            said = f"the server answers {answer.status}"
            if answer.status >= 500 or answer.status in (408, 429):
                raise NoAnswer(said, said)
            if answer.status != 200:
                raise PictureError(said, said)
            return answer.content
        said = f"over {MOST_REDIRECTS} redirects"
        raise PictureError(said, said)

    def _hop(self, url: str, end: float) -> Answer:
        """Ask one server."""
        parts = urllib.parse.urlsplit(url)
        host, port = parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
        if ":" not in host and len(host) <= _LONGEST_HOST:  # full-width letters, digits and dots become plain ones
            host = host.encode("idna").decode()
        if (
            parts.scheme not in ("http", "https")
            or not _HOST.fullmatch(host)
            or len(host) > _LONGEST_HOST
            or parts.username is not None
        ):
            raise PictureError(f"{_NO_ADDRESS} (http or https)", _NO_ADDRESS)
        if port not in self.ports:
            raise PictureError(f"port {port} is not a web port", "not a web port")
        place = f"[{host}]" if ":" in host else host
        place += f":{parts.port}" if parts.port else ""
        path, query = (urllib.parse.quote(part, safe=_SAFE) for part in (parts.path or "/", parts.query))
        url = urllib.parse.urlunsplit((parts.scheme, place, path, query, ""))
        limits = replace(self.limits, seconds=end - time.monotonic())
        try:
            return ask(url, limits, headers={"Accept": "image/*"}, opener=self._opener)
        except TooLong as fault:
            raise PictureError(str(fault), "too big") from fault
        except Fault as fault:  # an unknown name too: away from the network no name is known
            kind = "no address is known" if isinstance(fault, Unknown) else "no answer"
            raise NoAnswer(str(fault), kind) from fault
