"""What YouTube says when it gives nothing: the quota, the key, or what cannot be had."""

from collections.abc import Callable, Mapping

from feelscope.collect.quota import Meter
from feelscope.collect.rows import listed
from feelscope.errors import CollectError
from feelscope.text.html import read_html
from feelscope.text.json_lines import patient_loads
from feelscope.web.client import Answer, Passing, start

_USED_UP = {"quotaExceeded", "dailyLimitExceeded"}
_TOO_FAST = {"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED", "backendError"}
LOST = {"invalidPageToken", "processingFailure"}
# What is said of a video, and is no reason to stop.
SAID = {
    "commentsDisabled": "comments are disabled",
    "videoNotFound": "there is no such video, or not any more",
    "channelNotFound": "there is no such channel, or not any more",
    "forbidden": "it may not be read: private, or of a closed channel",
    "commentNotFound": "the comment is not there any more",
    "commentThreadNotFound": "the comment is not there any more",
    "processingFailure": "the server cannot give its comments",
    "invalidPageToken": "the server lost the place in its comments, time and again",
}
_KEY = {"keyInvalid", "API_KEY_INVALID", "accessNotConfigured", "SERVICE_DISABLED", "API_KEY_SERVICE_BLOCKED"}
MISSING = {"videoNotFound", "channelNotFound"}


class Withheld(CollectError):
    """What is asked for cannot be had; other things can.

    Attributes:
        reason: In YouTube's word.
    """

    def __init__(self, reason: str, said: str) -> None:
        super().__init__(said)
        self.reason = reason


def refusal(meter: Meter, hint: str) -> Callable[[Answer], None]:
    """What reads an answer that is no success: Google's APIs say by a word what is wrong."""

    def refuse(answer: Answer) -> None:
        reasons, said = _reasons(answer.content)
        if reasons & _USED_UP:
            now = meter.clock()
            meter.pause(max(quota.free(now, now) for quota in meter.quotas) - now)
            raise Passing("the quota is used up (quotaExceeded)")
        if reasons & _TOO_FAST:
            raise Passing(f"too many calls at once ({said})")
        if found := sorted(reasons & SAID.keys()):
            raise Withheld(found[0], f"youtube: {SAID[found[0]]} ({said})")
        if reasons & _KEY or answer.status in (401, 403):
            raise CollectError(f"youtube: the key is refused ({said}); {hint}")

    return refuse


def _reasons(content: bytes) -> tuple[set[str], str]:
    """The words that say what is wrong, and the sentence."""
    try:
        answer = patient_loads(content)
    except (ValueError, RecursionError):
        return set(), start(content)
    error = answer.get("error") if isinstance(answer, Mapping) else None
    if not isinstance(error, Mapping):
        return set(), start(content)
    parts = [*listed(error.get("errors")), *listed(error.get("details"))]
    reasons = {part["reason"] for part in parts if isinstance(part, Mapping) and isinstance(part.get("reason"), str)}
    return reasons, start(read_html(str(error.get("message", "")))[0].encode("utf-8", "replace"), 120)
