"""Fetch one picture from the web, within limits, from the public internet only."""

import http.client
import ssl
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass

from feelscope import __version__
from feelscope.errors import PictureError
from feelscope.images import ending
from feelscope.web import addresses
from feelscope.web.addresses import Address, Pinned, PinnedTls, Resolve

REDIRECTS = (301, 302, 303, 307, 308)


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

    def fetch(self, url: str) -> bytes:
        """The bytes of a picture, told by its content.

        Raises:
            PictureError: One line: what came instead.
            NoAnswer: Another time may do.
        """
        end = time.monotonic() + self.limits.seconds
        for _ in range(self.limits.redirects + 1):
            try:
                found = self._hop(url, end)
            except ssl.SSLCertVerificationError as error:  # another time it may have been renewed
                raise NoAnswer(f"the server's certificate is refused ({error.verify_message})") from error
            except ValueError as error:  # an address that is none, in a redirect say
                raise PictureError("no address of a picture") from error
            except (OSError, http.client.HTTPException) as error:
                why = " ".join(str(error).split())[:100] or type(error).__name__
                raise NoAnswer(f"no answer ({why})") from error
            if isinstance(found, bytes):
                if not ending(found):
                    raise PictureError(f"no picture, its content begins with {found[:8]!r}")
                return found
            url = found
        raise PictureError(f"over {self.limits.redirects} redirects")

    def _hop(self, url: str, end: float) -> bytes | str:
        """Ask one server; gives the content, or where it sends to."""
        try:
            parts = urllib.parse.urlsplit(url)
            host, port = parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
        except ValueError as error:
            raise PictureError("no address of a picture") from error
        if parts.scheme not in ("http", "https") or not host or parts.username is not None:
            raise PictureError("no address of a picture (http or https)")
        if port not in self.limits.ports:
            raise PictureError(f"port {port} is none of the web")
        address = addresses.checked(host, port, self.resolve, self.allowed)
        timeout = min(self.limits.silence, max(end - time.monotonic(), 0.01))
        connection = (PinnedTls if parts.scheme == "https" else Pinned)(host, port, address, timeout)
        try:
            path = urllib.parse.quote(
                urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, "")), safe="/%?&=:@!$'()*+,;~-._"
            )
            agent = f"feelscope/{__version__} (research tool)"
            connection.request(
                "GET", path, headers={"User-Agent": agent, "Accept": "image/*", "Accept-Encoding": "identity"}
            )
            answer = connection.getresponse()
            if answer.status in REDIRECTS:
                return urllib.parse.urljoin(url, answer.getheader("Location") or "")
            if answer.status >= 500 or answer.status in (408, 429):
                raise NoAnswer(f"the server answers {answer.status}")
            if answer.status != 200:
                raise PictureError(f"the server answers {answer.status}")
            return self._read(answer, end)
        finally:
            connection.close()

    def _read(self, answer: http.client.HTTPResponse, end: float) -> bytes:
        parts, size = [], 0
        if (said := answer.length) is not None and said > self.limits.bytes:
            raise PictureError(f"over {self.limits.bytes / 1e6:g} MB")
        while part := answer.read1(2**16):
            parts.append(part)
            size += len(part)
            if size > self.limits.bytes:
                raise PictureError(f"over {self.limits.bytes / 1e6:g} MB")
            if time.monotonic() > end:
                raise NoAnswer(f"it took over {self.limits.seconds:g} s")
        if answer.length:
            raise NoAnswer("the connection was cut")
        return b"".join(parts)
