"""One call to a search engine over HTTP: JSON goes, JSON comes, and everything else is one line."""

import base64
import http.client
import json
import re
import ssl
import time
import urllib.error
import urllib.request
from typing import Any, NoReturn
from urllib.parse import unquote, urlsplit

from feelscope import __version__
from feelscope.errors import ExploreError

TIMEOUT = 30.0  # seconds for a whole answer
MOST_BYTES = 256 * 2**20
_SAID = 160  # characters of what a server said that are shown
_INDEX = re.compile(r"[a-z0-9][a-z0-9._-]{2,200}")  # what all three engines take


class Refused(ExploreError):
    """The engine answered with an error status.

    Args:
        status: HTTP's.
        kind: The engine's own word for it; empty where it said none.
    """

    def __init__(self, line: str, status: int, kind: str) -> None:
        super().__init__(line)
        self.status, self.kind = status, kind


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """An engine does not send elsewhere; a password must not travel on."""

    def redirect_request(self, *arguments: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


class Server:
    """A search engine and one of its indexes.

    Args:
        address: Of the index: `http://localhost:9200/archive` for Elasticsearch and OpenSearch,
            `http://localhost:7280/api/v1/_elastic/archive` for Quickwit. A name and a password may stand in front, as
            in `https://reader:secret@host/archive`; no message shows them.
        timeout: Seconds for a whole answer.

    Attributes:
        index: The index's name.
        shown: The address without password.

    Raises:
        ExploreError: It is no such address.
    """

    def __init__(self, address: str, timeout: float = TIMEOUT) -> None:
        example = "expected one like http://localhost:9200/archive, or http://localhost:7280/api/v1/_elastic/archive"
        try:
            parts = urlsplit(address)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise ExploreError(f"the address of an engine cannot be read; {example}") from None
        path, _, self.index = parts.path.rstrip("/").rpartition("/")
        if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
            raise ExploreError(f"{_hidden(address)!r} is no address of an engine; {example}")
        if not _INDEX.fullmatch(self.index):
            rule = "small letters, digits, . - _, three or more"
            raise ExploreError(f"{_hidden(address)!r} does not end with the name of an index ({rule}); {example}")
        place = f"[{host}]" if ":" in host else host
        self.base = f"{parts.scheme}://{place}{f':{port}' if port else ''}{path}"
        self.shown = f"{self.base}/{self.index}"
        self.is_quickwit = path.endswith("/_elastic")
        self.timeout = timeout
        self._headers = {"User-Agent": f"feelscope/{__version__}", "Accept": "application/json"}
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
            self._headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"

    def ask(self, method: str, address: str, body: Any = None, *, lines: bool = False) -> Any:
        """Send a request and read the JSON that comes.

        Args:
            address: Whole, or a path under `base`.
            body: What becomes JSON; with `lines` a list that becomes one JSON object a line.

        Raises:
            Refused: An error status came.
            ExploreError: Nothing came in time, or no JSON.
        """
        address = f"{self.base}/{address}" if address[:1] != "h" or "://" not in address else address
        data = None
        headers = dict(self._headers)
        if body is not None:
            data = b"".join(map(_line, body)) if lines else _line(body)
            headers["Content-Type"] = "application/x-ndjson" if lines else "application/json"
        request = urllib.request.Request(address, data, headers, method=method)
        end = time.monotonic() + self.timeout
        try:
            with _OPENER.open(request, timeout=self.timeout) as answer:
                content = self._read(answer, end)
        except urllib.error.HTTPError as error:
            with error:
                self._refuse(error)
        except (urllib.error.URLError, OSError, http.client.HTTPException) as error:
            self._unreachable(error)
        return self._json(content)

    def _read(self, answer: http.client.HTTPResponse, end: float) -> bytes:
        parts, size = [], 0
        while part := answer.read1(2**16):
            parts.append(part)
            size += len(part)
            if size > MOST_BYTES:
                raise ExploreError(f"{self.shown}: an answer of over {MOST_BYTES // 2**20} MB")
            if time.monotonic() > end:
                raise TimeoutError
        if answer.length:  # what is missing of the length that was said
            raise ExploreError(f"{self.shown}: the connection was cut in the middle of an answer; try again")
        return b"".join(parts)

    def _json(self, content: bytes) -> Any:
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            hint = "is this the engine, or a page in front of it?"
            raise ExploreError(f"{self.shown}: expected JSON and got {_start(content)!r}; {hint}") from None

    def _refuse(self, error: urllib.error.HTTPError) -> NoReturn:
        """Say what an error status means."""
        content = error.read(65_536)
        kind, reason = _reason(content)
        if error.code in (401, 403):
            hint = "put name and password into the address, as in https://NAME:PASSWORD@host"
            line = f"refuses access ({error.code}); {hint}"
        elif error.code == 404 and (kind == "index_not_found_exception" or self.is_quickwit):
            line = f"has no such index; feelscope explore export INDEX {self.shown} makes it"
        elif 300 <= error.code < 400:
            line = f"sends elsewhere ({error.code}, {str(error.headers.get('Location'))[:_SAID]}); give that address"
        else:
            line = f"answered {error.code}: {reason}" if reason else f"answered {error.code} and said nothing"
        raise Refused(f"{self.shown}: {line}", error.code, kind)

    def _unreachable(self, error: Exception) -> NoReturn:
        """Say why nothing came."""
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        if isinstance(reason, TimeoutError):
            raise ExploreError(f"{self.shown}: no answer within {self.timeout:g} s; is the engine busy?") from None
        if isinstance(reason, ssl.SSLError):
            raise ExploreError(f"{self.shown}: no safe connection ({reason.reason or reason})") from None
        if isinstance(reason, http.client.HTTPException):
            hint = "is this the port of an engine?"
            raise ExploreError(f"{self.shown}: what came is no HTTP ({type(reason).__name__}); {hint}") from None
        said = getattr(reason, "strerror", None) or " ".join(str(reason).split())
        raise ExploreError(f"{self.shown}: cannot be reached ({said}); is the engine running?") from None


def _line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"


def _hidden(address: str) -> str:
    """An address without what stands in front of the host."""
    return re.sub(r"//[^/]*@", "//", address)


def _start(content: bytes) -> str:
    return " ".join(content[:60].decode(errors="replace").split())


def _reason(content: bytes) -> tuple[str, str]:
    """The engine's word and words for what is wrong, from the body of an error; the body itself where it is no JSON."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return "", _start(content)
    error = found.get("error", found.get("message", "")) if isinstance(found, dict) else ""
    if not isinstance(error, dict):
        return "", " ".join(str(error).split())[:_SAID]
    causes = error.get("root_cause")
    cause = causes[0] if isinstance(causes, list) and causes and isinstance(causes[0], dict) else error
    kind = str(cause.get("type") or error.get("type") or "")
    return kind, " ".join(str(cause.get("reason") or error.get("reason") or kind).split())[:_SAID]
