"""Ask a platform's web API for JSON: patient with servers that stumble, plain about everything else."""

import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

from feelscope.collect.quota import Meter
from feelscope.errors import CollectError
from feelscope.text.json_lines import patient_loads
from feelscope.web.client import TRIES, Fault, Limits, Passing, ask, patiently, read_json, start

LIMITS = Limits(bytes=64 * 2**20, seconds=120.0, silence=30.0)


class NotThere(CollectError):
    """The source has nothing at this address."""


@dataclass(frozen=True, slots=True)
class Api:
    """One web API, asked with one key.

    Args:
        base: The address its paths are under.
        meter: Counts the calls, has the API's name, and waits.
        key_hint: What to do about a key that is refused.
        key_name: Of the parameter that the key is given in.
    """

    base: str
    meter: Meter
    key: str = field(repr=False)
    key_hint: str
    limits: Limits = LIMITS
    key_name: str = "api_key"

    def get(
        self, path: str, parameters: Mapping[str, str | int], read: Callable[[Any], Any] = lambda answer: answer
    ) -> Any:
        """Ask, and ask again where the server stumbles or wants to be left alone.

        Args:
            read: Makes what is returned of the answer; where it raises `Passing`, the server is asked again.

        Raises:
            CollectError: One line: what came instead, and what to do.
            NotThere: The address does not exist (404).
        """
        query = urllib.parse.urlencode({**parameters, self.key_name: self.key})
        address, name = f"{self.base.rstrip('/')}/{path.lstrip('/')}?{query}", self.meter.source
        try:
            return patiently(lambda: read(self._get(address)), Passing, self.meter.sleep)
        except Passing as fault:
            raise CollectError(f"{name}: {fault}, {TRIES} times in a row; run the same command again later") from None
        except Fault as fault:
            raise CollectError(f"{name}: {fault}; is {self.base} the API, or something in between?") from None

    def _get(self, address: str) -> Any:
        self.meter.take()
        answer = ask(address, self.limits, headers={"Accept": "application/json"})
        code, said, name = answer.status, start(answer.content, 120), self.meter.source
        if 200 <= code < 300:
            return read_answer(answer.content)
        if code == 429:
            self.meter.pause(pause_seconds(answer.headers))
            raise Passing("the quota is used up (429)")
        if code in (401, 403):
            raise CollectError(f"{name}: the key is refused ({code}); {self.key_hint}")
        if code == 404:
            raise NotThere(f"{name}: nothing there (404: {said})")
        if code >= 500 or code == 408:
            raise Passing(f"the server fails ({code})")
        raise CollectError(f"{name}: the call is refused ({code}: {said})")


def read_answer(content: bytes) -> Any:
    """The value of an answer, of whose rows one may be odd; see `patient_loads`.

    Raises:
        Fault: It is no JSON.
    """
    return read_json(content, patient_loads)


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
