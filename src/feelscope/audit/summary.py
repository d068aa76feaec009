"""What an audit found, as sentences and as lines for a terminal."""

from collections.abc import Iterator, Sequence

from feelscope.audit.found import CONTROL, LEAST_SWAPS, Audit, Correlation, Effect, Size
from feelscope.text.counts import counted

_MOST = 8  # effects that a sentence names


def signed(value: float, ends: Sequence[float] = ()) -> str:
    """A number with its sign, and its interval: `+0.016 (+0.003 to +0.029)`; a dash where there is none."""
    if value != value:
        return "–"
    shown = "0.000" if abs(value) < 0.0005 else f"{value:+.3f}".replace("-", "\N{MINUS SIGN}")
    if not ends or ends[0] != ends[0]:
        return shown
    return f"{shown} ({signed(ends[0])} to {signed(ends[1])})"


def plain(value: float, ends: Sequence[float] = ()) -> str:
    """A number that is never negative, and its interval, which is cut at 0."""
    if value != value:
        return "–"
    if not ends or ends[0] != ends[0]:
        return f"{value:.3f}"
    return f"{value:.3f} ({max(0.0, ends[0]):.3f}–{ends[1]:.3f})"


def p_value(value: float) -> str:
    """A p-value, as short as it may be."""
    return "–" if value != value else "<0.001" if value < 0.001 else f"{value:.3f}"


def sentences(audit: Audit) -> list[str]:
    """The findings, the most important first."""
    return [*_signed_effects(audit), *_sizes(audit), *_correlated(audit), *_swaps(audit)]


def _signed_effects(audit: Audit) -> Iterator[str]:
    tests = sum(one.swaps != CONTROL for one in audit.effects)
    found = audit.flagged()
    of = f"Holm's correction over {counted(tests, 'effect')}"
    enough, few = ([one for one in found if bool(audit.few_swaps(one.set, one.swaps)) == are] for are in (False, True))
    if enough:
        yield f"Beyond chance, after {of}: {_list(audit, enough)}."
    if few:
        yield (
            f"Beyond chance, after {of}, but with fewer than {LEAST_SWAPS} swaps, so that these very words may move "
            f"the score and not what they are about: {_list(audit, few)}."
        )
    if not found:
        one = max((one for one in audit.effects if one.swaps != CONTROL), key=lambda one: abs(one.mean))
        yield (
            f"No effect of {audit.concept} is beyond chance after {of}; the largest is {one.measure} in {one.set} "
            f"{signed(one.mean, (one.low, one.high))}."
        )
    control = audit.flagged(control=True)
    if control:
        named = _list(audit, control)
        yield f"So are effects of the control's neutral swaps ({named}): take those of that size for no finding."
    elif found:
        yield "No effect of the control's neutral swaps is."


def _list(audit: Audit, found: Sequence[Effect]) -> str:
    named = "; ".join(_named(audit, one) for one in found[:_MOST])
    return f"{named}; and {len(found) - _MOST} more" if len(found) > _MOST else named


def with_few(audit: Audit, set: str, swaps: str) -> str:
    """What is swapped, and how often where that is too few: `nationality (1 swap)`."""
    few = audit.few_swaps(set, swaps)
    return f"{swaps} ({counted(few, 'swap')})" if few else swaps


def _named(audit: Audit, one: Effect) -> str:
    under = with_few(audit, one.set, one.swaps)
    which = "" if one.swaps == CONTROL or under == audit.concept else f" under {under}"
    if audit.concept == one.swaps and one.mean:
        which += f", higher for {audit.sides[0] if one.mean > 0 else audit.sides[1]}"
    return f"{one.measure} in {one.set} {signed(one.mean, (one.low, one.high))}{which}"


def _sizes(audit: Audit) -> Iterator[str]:
    for size in audit.sizes:
        if size.swaps == CONTROL:
            continue
        control = next((one for one in audit.sizes if (one.set, one.measure, one.swaps) == _control_of(size)), None)
        if control is None:
            continue
        how = "more than" if size.more_low > 0 else "less than" if size.more_high < 0 else "about as much as"
        yield (
            f"{size.measure[0].upper()}{size.measure[1:]}, {size.set}: {size.mean:.3f} under "
            f"{with_few(audit, size.set, size.swaps)}, "
            f"{control.mean:.3f} under neutral swaps, which is {how} the control "
            f"(difference {signed(size.more, (size.more_low, size.more_high))})."
        )


def _control_of(size: Size) -> tuple[str, str, str]:
    return size.set, size.measure, CONTROL


def _correlated(audit: Audit) -> Iterator[str]:
    found = [one for one in audit.correlations if one.swaps != CONTROL and (one.low > 0 or one.high < 0)]
    for one in found:
        control = next((other for other in audit.correlations if _same(one, other) and other.swaps == CONTROL), None)
        beside = f"; under the control {signed(control.r, (control.low, control.high))}" if control else ""
        yield (
            f"{one.measure}, {one.set}: the bias of {one.subjects} occupations goes with the share of women in them, "
            f"r {signed(one.r, (one.low, one.high))}{beside}; one of {len(audit.correlations)} correlations, "
            "each with an interval of its own."
        )


def _same(one: Correlation, other: Correlation) -> bool:
    return (one.set, one.measure) == (other.set, other.measure)


def _swaps(audit: Audit) -> Iterator[str]:
    own = [one for one in audit.parts if one.by == "swap" and one.swaps != CONTROL]
    neutral = [one for one in audit.parts if one.by == "swap" and one.swaps == CONTROL]
    if not own or not neutral:
        return
    moved, neutral_moved = (len({one.name for one in rows if one.flagged}) for rows in (own, neutral))
    of, neutral_of = (len({one.name for one in rows}) for rows in (own, neutral))
    yield (
        f"Taken alone, {moved} of {of} swaps move a score beyond chance, and {neutral_moved} of the {neutral_of} "
        "neutral ones: a model moves with any word."
    )


SIZE_HEADS = ("sentences", "swaps", "measure", "mean", "more than control")  # the last 2 are numbers
EFFECT_HEADS = ("score of", "sentences", "swaps", "mean difference", "p (Holm)", "mean absolute bias")  # the last 3


def size_rows(audit: Audit) -> list[tuple[str, ...]]:
    """How far answers move at all, as cells."""
    return [
        (
            *(one.set, with_few(audit, one.set, one.swaps), one.measure, plain(one.mean, (one.low, one.high))),
            signed(one.more, (one.more_low, one.more_high)),
        )
        for one in audit.sizes
    ]


def effect_rows(audit: Audit) -> list[tuple[str, ...]]:
    """Which way answers move, as cells."""
    return [
        (
            *(
                one.measure,
                one.set,
                with_few(audit, one.set, one.swaps),
                signed(one.mean, (one.low, one.high)),
                p_value(one.holm),
            ),
            plain(one.absolute, (one.absolute_low, one.absolute_high)),
        )
        for one in audit.effects
    ]


def to_text(audit: Audit) -> str:
    """The findings, and the tables of sizes and effects."""
    lines = [f"{audit.model}: what {audit.concept} moves, beside neutral swaps; 95% intervals\n"]
    lines += [f"- {one}" for one in sentences(audit)]
    width = max(len(name) for name in (*audit.measures, *(one.measure for one in audit.sizes)))
    columns = max(len(with_few(audit, one.set, one.swaps)) for one in audit.effects)
    for set in audit.sets:
        lines.append(f"\n{set}: mean difference, {audit.sides[0]} less {audit.sides[1]}; mean absolute bias")
        for one in audit.effects:
            if one.set == set:
                mean = signed(one.mean, (one.low, one.high))
                absolute = plain(one.absolute, (one.absolute_low, one.absolute_high))
                swaps = with_few(audit, set, one.swaps)
                lines.append(f"  {one.measure:<{width}}  {swaps:<{columns}}  {mean:<27}  {absolute}")
        for size in audit.sizes:
            if size.set == set:
                mean = plain(size.mean, (size.low, size.high))
                swaps = with_few(audit, set, size.swaps)
                lines.append(f"  {size.measure:<{width}}  {swaps:<{columns}}  {mean}")
    return "\n".join([*lines, *([""] if audit.notes else []), *audit.notes])
