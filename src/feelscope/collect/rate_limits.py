"""What the headers of an answer say of how often one may ask: Tumblr's, Mastodon's, Bluesky's, and Retry-After.

Retry-After: 30                    seconds, or a date as in mail
X-Ratelimit-Perhour-Remaining: 0   Tumblr: of each limit; its -Reset is in seconds
X-RateLimit-Reset: 2026-...Z       Mastodon: a time
RateLimit-Reset: 1790000000        Bluesky: seconds since 1970; elsewhere seconds from now
"""

import time
from email.message import Message

from feelscope.table.times import read_time, unix_seconds

_LIMIT, _RESET, _REMAINING = ("x-ratelimit", "ratelimit"), "reset", "remaining"
_IF_UNKNOWN, _LONGEST = 60.0, 2 * 86_400.0  # seconds
_SINCE_1970 = 10**9  # a larger number is a moment, and no span


def pause_seconds(headers: Message) -> float:
    """How long a 429 asks to wait: Retry-After, else the reset of the limit that is used up, else a minute."""
    known = [wait for wait in (_wait(headers, "Retry-After"), *_resets(headers, unless_said=True)) if wait is not None]
    return min(max([1.0, *known]) if known else _IF_UNKNOWN, _LONGEST)


def used_up_seconds(headers: Message) -> float:
    """How long to wait after an answer that was the last of its limit; 0 after any other."""
    return min(max((wait for wait in _resets(headers, unless_said=False) if wait is not None), default=0.0), _LONGEST)


def _resets(headers: Message, *, unless_said: bool) -> list[float | None]:
    """When the limits that are used up come back.

    Args:
        unless_said: Whether a limit that does not say what remains is one.
    """
    waits = []
    for name in headers:
        if name.lower().startswith(_LIMIT) and name.lower().endswith(_RESET):
            remaining = _number(headers.get(name[: -len(_RESET)] + _REMAINING))
            if remaining < 1 if remaining is not None else unless_said:
                waits.append(_wait(headers, name))
    return waits


def _wait(headers: Message, name: str) -> float | None:
    """The seconds from now that a header names; None where it names none, or a moment that is over."""
    value = headers.get(name)
    number = _number(value)
    if number is not None and number < _SINCE_1970:
        return number
    moment = number if number is not None else unix_seconds(read_time(value))
    if moment is None:
        return None
    # The server's clock, where it tells: this machine's may be wrong.
    now = unix_seconds(read_time(headers.get("Date"))) or time.time()
    return moment - now if moment > now else None


def _number(value: str | None) -> float | None:
    try:
        return None if value is None else float(value)
    except ValueError:
        return None
