"""Time zones as dates name them: offsets, abbreviations that mean one zone, and names such as Europe/Berlin."""

import re
from datetime import UTC, timedelta, timezone, tzinfo
from functools import cache

# Hours from UTC. Those of the United States are RFC 2822's, 4.3; IST, BST and others that mean several are left out.
_HOURS = {
    **dict.fromkeys(("Z", "UTC", "GMT", "UT", "WET"), 0),
    **{"EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10},
    **{"CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "WEST": 1, "EET": 2, "EEST": 3, "MSK": 3},
    **{"JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13},
}
_OF_MAIL = {"CST": -6}  # elsewhere, China's too
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+\-−])(\d{1,2})(?::?(\d{2}))?(?::?\d{2})?", re.IGNORECASE)


def zone_of(name: str, *, mail: bool = False) -> tzinfo | None:
    """The zone of a name; None for one that is unknown, or means several.

    Args:
        mail: Whether the date is written as mail writes it, where abbreviations are defined.

    Example:
        >>> zone_of("GMT+0200"), zone_of("IST")
        (datetime.timezone(datetime.timedelta(seconds=7200)), None)
    """
    if offset := _OFFSET.fullmatch(name):
        seconds = int(offset[2]) * 3600 + int(offset[3] or 0) * 60
        if seconds >= 86_400:
            return None
        return timezone(timedelta(seconds=seconds if offset[1] == "+" else -seconds))
    hours = ({**_HOURS, **_OF_MAIL} if mail else _HOURS).get(name.upper())
    if hours is not None:
        return timezone(timedelta(hours=hours)) if hours else UTC
    return _by_place(name) if "/" in name else None


@cache
def _by_place(name: str) -> tzinfo | None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
