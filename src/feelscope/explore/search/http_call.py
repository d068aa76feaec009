"""One call to a search engine over HTTP: JSON goes, JSON comes, and everything else is one line."""

import base64
import json
import re
from typing import Any, NoReturn
from urllib.parse import unquote, urlsplit

from feelscope.errors import ExploreError
from feelscope.web.client import Answer, Fault, Limits, Silence, ask, read_json, start

TIMEOUT = 30.0  # seconds for a whole answer
MOST_BYTES = 256 * 2**20
_SAID = 160  # characters of what a server said that are shown
_INDEX = re.compile(r"[a-z0-9][a-z0-9._-]{2,200}")  # what all three engines take


class Refused(ExploreError):
    """The engine answered with an error status."""

    def __init__(self, line: str, status: int) -> None:
        super().__init__(line)
        self.status = status


class Busy(Refused):
    """The engine has too much to do; another time it may not."""


class Server:
    """A search engine and one of its indexes.

    Args:
        address: Of the index: `http://localhost:9200/archive` for Elasticsearch and OpenSearch,
            `http://localhost:7280/api/v1/_elastic/archive` for Quickwit. A name and a password may precede the host, as
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
            raise ExploreError(f"{_hidden(address)!r} is not an engine's address; {example}")
        if not _INDEX.fullmatch(self.index):
            rule = "small letters, digits, . - _, three or more"
            raise ExploreError(f"{_hidden(address)!r} does not end with the name of an index ({rule}); {example}")
        place = f"[{host}]" if ":" in host else host
        self.base = f"{parts.scheme}://{place}{f':{port}' if port else ''}{path}"
        self.shown = f"{self.base}/{self.index}"
        self.root = self.base.removesuffix("/_elastic")  # of Quickwit's own calls
        self.is_quickwit = path.endswith("/_elastic")
        self._limits = Limits(bytes=MOST_BYTES, seconds=timeout, silence=timeout)
        self._headers = {"Accept": "application/json"}
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
        content, headers = None, dict(self._headers)
        if body is not None:
            content = b"".join(map(_line, body)) if lines else _line(body)
            headers["Content-Type"] = "application/x-ndjson" if lines else "application/json"
        try:
            answer = ask(address, self._limits, method=method, headers=headers, body=content)
            if not 200 <= answer.status < 300:
                self._refuse(answer)
            return read_json(answer.content)
        except Fault as fault:
            hint = "is the engine busy?" if isinstance(fault, Silence) else "is this an engine, and is it running?"
            raise ExploreError(f"{self.shown}: {fault}; {hint}") from None

    def _refuse(self, answer: Answer) -> NoReturn:
        """Say what an error status means."""
        status, (kind, reason) = answer.status, _reason(answer.content)
        if status in (401, 403):
            hint = "put name and password into the address, as in https://NAME:PASSWORD@host"
            line = f"refuses access ({status}); {hint}"
        elif status == 404 and (kind == "index_not_found_exception" or self.is_quickwit):
            line = f"has no such index; feelscope explore export INDEX {self.shown} makes it"
        elif 300 <= status < 400:
            line = f"sends elsewhere ({status}, {str(answer.headers.get('Location'))[:_SAID]}); give that address"
        else:
            line = f"answered {status}: {reason}" if reason else f"answered {status} and said nothing"
        raise (Busy if status in (429, 503) else Refused)(f"{self.shown}: {line}", status)


def _line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"


def _hidden(address: str) -> str:
    """An address without the name and password before its host."""
    return re.sub(r"//[^/]*@", "//", address)


def _reason(content: bytes) -> tuple[str, str]:
    """The engine's word and words for what is wrong, from the body of an error; the body itself where it is no JSON."""
    try:
        said = read_json(content)
    except Fault:
        return "", start(content)
    error = said.get("error", said.get("message", "")) if isinstance(said, dict) else ""
    if not isinstance(error, dict):
        return "", " ".join(str(error).split())[:_SAID]
    causes = error.get("root_cause")
    cause = error | (causes[0] if isinstance(causes, list) and causes and isinstance(causes[0], dict) else {})
    kind = str(cause.get("type") or "")
    return kind, " ".join(str(cause.get("reason") or kind).split())[:_SAID]
