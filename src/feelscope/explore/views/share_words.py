"""A share beside another one, as people say it: "32%, twice the archive’s 16%"."""

_TIMES = {2: "twice", 3: "three times", 4: "four times", 5: "five times"}
_PARTS = {0.5: "half", 1 / 3: "a third of", 0.25: "a quarter of"}
_FAR = 5.5  # times; more is not told by a number, which few posts make
_NEAR = 0.08  # of a ratio that is still called by a round name


def beside(share: float | None, other: float | None, is_clear: bool | None, whose: str) -> str:
    """What a share is beside another.

    Args:
        is_clear: Whether the difference is beyond chance; None where too few posts are there to say.
        whose: The other share is, as in "the archive’s".
    """
    if share is None:
        return "no posts"
    if other is None:
        return percent(share)
    if is_clear is None:
        return f"{percent(share)}, {whose} {percent(other)}; too few to compare"
    if not is_clear:
        if percent(share) == percent(other):
            return f"{percent(share)}, as {whose}"
        more = "more" if share > other else "less"
        return f"{percent(share)}, {more} than {whose} {percent(other)}, which may be chance"
    return f"{percent(share)}, {_ratio(share, other)} {whose} {percent(other)}"


def percent(share: float) -> str:
    """A share in whole percent."""
    return "<1%" if 0 < share < 0.005 else f"{share:.0%}"


def _ratio(share: float, other: float) -> str:
    ratio = share / other if other else float("inf")
    if share > other:
        if ratio >= _FAR:
            return "far above"
        for times, name in _TIMES.items():
            if abs(ratio / times - 1) <= _NEAR:
                return name
        return f"{ratio:.1f} times" if ratio >= 1.5 else "above"
    for part, name in _PARTS.items():
        if abs(ratio / part - 1) <= _NEAR:
            return name
    return "far below" if ratio < 1 / _FAR else "below"
