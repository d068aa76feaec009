"""Ask a web API for JSON: patient with servers that stumble, plain about everything else."""

import time
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any, Protocol

from feelscope.errors import CollectError
from feelscope.web.client import TRIES, Answer, Fault, Limits, Passing, ask, patiently, read_json, start

LIMITS = Limits(bytes=64 * 2**20, seconds=120.0, silence=30.0)


class NotThere(CollectError):
    """The source has nothing at this address."""


class Stumble(CollectError):
    """Something that another try may mend."""


class Meter(Protocol):
    """Counts the calls of a key; `feelscope.collect.quota.Meter` keeps them in a database."""

    def take(self) -> None:
        """Count a call that is about to be made, once it may be made."""

    def pause(self, seconds: float) -> None:
        """The source asked to be left alone for some seconds."""


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
    limits: Limits = LIMITS

    def get(self, path: str, parameters: Mapping[str, str | int]) -> Any:
        """Ask, and ask again where the server stumbles or wants to be left alone.

        Raises:
            CollectError: One line: what came instead, and what to do.
            NotThere: The address does not exist (404).
        """
        address = f"{self.base.rstrip('/')}/{path.lstrip('/')}?{urllib.parse.urlencode(parameters)}"
        try:
            return patiently(lambda: self._get(address), Stumble, self.sleep)
        except Stumble as stumble:
            raise CollectError(
                f"{self.name}: {stumble}, {TRIES} times in a row; run the same command again later"
            ) from None

    def _get(self, address: str) -> Any:
        self.meter.take()
        try:
            answer = ask(address, self.limits, headers={"Accept": "application/json"})
            if not 200 <= answer.status < 300:
                self._refuse(answer)
            return read_json(answer.content)
        except Passing as fault:
            raise Stumble(str(fault)) from None
        except Fault as fault:
            raise CollectError(f"{self.name}: {fault}; is {self.base} the API, or something in between?") from None

    def _refuse(self, answer: Answer) -> None:
        """Say what an HTTP status means for the user."""
        code, said = answer.status, start(answer.content, 120)
        if code == 429:
            self.meter.pause(pause_seconds(answer.headers))
            raise Stumble("the quota is used up (429)")
        if code in (401, 403):
            raise CollectError(f"{self.name}: the key is refused ({code}); {self.key_hint}")
        if code == 404:
            raise NotThere(f"{self.name}: nothing there (404: {said})")
        if code >= 500 or code == 408:
            raise Stumble(f"the server fails ({code})")
        raise CollectError(f"{self.name}: the call is refused ({code}: {said})")


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
