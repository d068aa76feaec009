"""Ask a platform's web API for JSON: patient with servers that stumble, plain about everything else."""

import json
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from typing import Any, TypeVar

from feelscope.collect.quota import Meter
from feelscope.collect.rate_limits import pause_seconds, used_up_seconds
from feelscope.errors import CollectError, PictureError
from feelscope.text.json_lines import patient_loads
from feelscope.web.client import TRIES, Answer, Fault, Limits, Passing, ask, patiently, read_json, start

LIMITS = Limits(bytes=64 * 2**20, seconds=120.0, silence=30.0)
TOLD = 4.0  # seconds; of a shorter wait nothing is said
Parameters = Mapping[str, str | int | Sequence[str]]
Value = TypeVar("Value")
_JSON = "application/json"


class Refused(CollectError):
    """The source does not answer this call, however often it is asked.

    Attributes:
        code: Of HTTP.
        said: How its answer begins.
    """

    def __init__(self, message: str, code: int, said: str) -> None:
        super().__init__(message)
        self.code, self.said = code, said


class NotThere(Refused):
    """The source has nothing at this address."""


@dataclass(frozen=True, slots=True)
class Api:
    """One web API, asked with one key, or by anybody.

    Args:
        base: The address its paths are under.
        meter: Counts the calls, has the API's name, and waits.
        key: Empty where it asks for none.
        key_hint: What to do about a key that is refused.
        key_name: Of the parameter that the key is given in.
        headers: Sent with each call.
        opener: What opens addresses; None goes through the proxies that the environment names.
        refuse: Called with an answer that is no success, before its status is read; raises what it means.
    """

    base: str
    meter: Meter
    key: str = field(repr=False)
    key_hint: str
    limits: Limits = LIMITS
    key_name: str = "api_key"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    opener: urllib.request.OpenerDirector | None = None
    refuse: Callable[[Answer], None] = lambda answer: None

    def get(
        self,
        path: str,
        parameters: Parameters,
        read: Callable[[Any], Any] = lambda answer: answer,
        *,
        units: int = 1,
    ) -> Any:
        """Ask, and ask again where the server stumbles or wants to be left alone.

        Args:
            units: What the call costs of the quota.
            read: Makes what is returned of the answer; where it raises `Passing`, the server is asked again.

        Raises:
            CollectError: One line: what came instead, and what to do.
            NotThere: The address does not exist (404), or not any more (410).
            Refused: It answers no such call.
        """
        return self._patiently(path, parameters, lambda answer: read(read_answer(answer.content)), units=units)

    def get_page(self, path: str, parameters: Parameters) -> tuple[Any, Message]:
        """Ask as `get` does, for what the headers say too."""
        return self._patiently(path, parameters, lambda answer: (read_answer(answer.content), answer.headers))

    def post(self, path: str, content: Mapping[str, str]) -> Any:
        """Send an object, as to log in; asked again as in `get`."""
        return self._patiently(path, {}, lambda answer: read_answer(answer.content), json.dumps(content).encode())

    def _patiently(
        self,
        path: str,
        parameters: Parameters,
        read: Callable[[Answer], Value],
        body: bytes | None = None,
        *,
        units: int = 1,
    ) -> Value:
        given = {**parameters, **({self.key_name: self.key} if self.key else {})}
        query = urllib.parse.urlencode(given, doseq=True, errors="replace")  # half characters, of a cursor or a command
        address = f"{self.base.rstrip('/')}/{path.lstrip('/')}{'?' if query else ''}{query}"
        name = self.meter.source
        try:
            return patiently(lambda: read(self._answer(address, body, units)), Passing, self._wait)
        except Passing as fault:
            raise CollectError(f"{name}: {fault}, {TRIES} times in a row; run the same command again later") from None
        except (Fault, PictureError) as fault:  # the latter of an address that is none of the public internet
            raise CollectError(f"{name}: {fault}; is {self.base} the API, or something in between?") from None

    def _wait(self, seconds: float) -> None:
        """Wait before the source is asked again."""
        if seconds >= TOLD:
            self.meter.tell(f"{self.meter.source} stumbles; it is asked again in {seconds:g} s")
        self.meter.sleep(seconds)

    def _answer(self, address: str, body: bytes | None, units: int) -> Answer:
        self.meter.take(units)
        headers = {"Accept": _JSON, **self.headers, **({"Content-Type": _JSON} if body else {})}
        method = "GET" if body is None else "POST"
        answer = ask(address, self.limits, method=method, headers=headers, body=body, opener=self.opener)
        code, said, name = answer.status, start(answer.content, 120), self.meter.source
        if 200 <= code < 300:
            if seconds := used_up_seconds(answer.headers):
                self.meter.pause(seconds)
            return answer
        self.refuse(answer)
        if code == 429:
            self.meter.pause(pause_seconds(answer.headers))
            raise Passing("the quota is used up (429)")
        if code in (401, 403):
            what = "the key is refused" if self.key else "the call is refused"
            raise Refused(f"{name}: {what} ({code}); {self.key_hint}", code, said)
        if code in (404, 410):
            raise NotThere(f"{name}: nothing there ({code}: {said})", code, said)
        if code >= 500 or code == 408:
            raise Passing(f"the server fails ({code})")
        if 300 <= code < 400:
            said = f"it points to {str(answer.headers.get('Location'))[:100]!a}"
        raise Refused(f"{name}: the call is refused ({code}: {said})", code, said)


def read_answer(content: bytes) -> Any:
    """The value of an answer, of whose rows one may be odd; see `patient_loads`.

    Raises:
        Fault: It is no JSON.
    """
    return read_json(content, patient_loads)
