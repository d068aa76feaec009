"""Estimates as text, JSON and rows of a table."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from feelscope.estimate.planning import Plan
from feelscope.estimate.quantify import Quantified
from feelscope.estimate.regression import Regression
from feelscope.estimate.shares import Difference, Estimate, Group
from feelscope.metrics.design_based import Coefficients
from feelscope.text.counts import counted

Json = dict[str, Any]
_WHAT = (
    "Corrected: holds the true share {of} in 19 of 20 samples, whatever errors the model makes, {if_drawn}.",
    "Count: how often the model answers so. Its interval knows the number of posts, and nothing of the model's errors.",
)
_DRAWN = "if the chances in the labelled table are those by which its posts were drawn"
_ALIKE = "if the labelled posts were drawn by chance, each as likely as any other"


def rows(estimate: Estimate) -> list[Json]:
    """A row for each group and emotion, all posts first; NaN for what is not known."""
    return [row for group in (estimate.total, *estimate.groups) for row in _rows_of(group, estimate.emotions)]


def _rows_of(group: Group, emotions: Sequence[str]) -> Iterator[Json]:
    nan = math.nan
    for k, emotion in enumerate(emotions):
        row: Json = {"group": group.name, "emotion": emotion, "posts": group.posts, "labelled": group.labelled}
        for name in ("share", "low", "high"):
            row[name] = nan if group.corrected is None else float(getattr(group.corrected, name)[k])
        row |= {"count": float(group.plain[k])}
        row |= {"count_low": float(group.plain_low[k]), "count_high": float(group.plain_high[k])}
        for name in ("share", "low", "high"):
            row[f"labels_alone_{name}"] = nan if group.alone is None else float(getattr(group.alone, name)[k])
        row["power"] = nan if group.corrected is None else float(group.corrected.power[k])
        yield row


def to_json(estimate: Estimate) -> Json:
    """Everything, for a program."""
    return {
        "posts": estimate.total.posts,
        "labelled": estimate.total.labelled,
        "chances": "given" if estimate.drawn else "alike",
        "shares_of": "posts like these" if estimate.beyond else "these posts",
        "shares": rows(estimate),
        "differences": [row for found in estimate.differences for row in _differences(found, estimate.emotions)],
        "notes": [*estimate.notes],
    }


def _differences(found: Difference, emotions: Sequence[str]) -> Iterator[Json]:
    for k, emotion in enumerate(emotions):
        figures = {name: float(getattr(found, name)[k]) for name in ("difference", "low", "high")}
        count = float(found.plain[k])
        yield {"group": found.group, "other": found.other, "emotion": emotion, **figures, "count_difference": count}


def to_text(estimate: Estimate, emotion: str = "") -> str:
    """Tables for people.

    Args:
        emotion: The one that is shown; empty shows all.
    """
    shown = [k for k, name in enumerate(estimate.emotions) if not emotion or name == emotion]
    total = estimate.total
    lines = [f"{counted(total.posts, 'post')}, {total.labelled:,} of them labelled", ""]
    lines += _table(total, estimate, shown)
    for group in estimate.groups:
        lines += ["", f"{group.name}: {counted(group.posts, 'post')}, {group.labelled:,} labelled", ""]
        lines += _table(group, estimate, shown)
    known = [found for found in estimate.differences if not np.isnan(found.difference).all()]
    for found in known:
        lines += ["", f"{found.group} less {found.other}, in points", ""]
        width = max(len(estimate.emotions[k]) for k in shown)
        for k in shown:
            low, high, between = (100 * float(of[k]) for of in (found.low, found.high, found.difference))
            mark = "" if low <= 0 <= high else "  *"
            plain = "" if math.isnan(found.plain[k]) else f"   {100 * found.plain[k]:+6.1f}"
            lines.append(f"{estimate.emotions[k]:<{width}}  {between:+6.1f} ({low:+.1f} to {high:+.1f}){plain}{mark}")
    if known:
        lines += ["", "The last figure is the difference of the counts. *: not zero, as far as chance goes."]
    of = "of all posts like these" if estimate.beyond else "of these posts"
    lines += ["", *(line.format(of=of, if_drawn=_DRAWN if estimate.drawn else _ALIKE) for line in _WHAT)]
    return "\n".join(lines)


def _table(group: Group, estimate: Estimate, shown: Sequence[int]) -> list[str]:
    width = max(len("emotion"), *(len(estimate.emotions[k]) for k in shown))
    lines = [f"{'emotion':<{width}}  {'corrected':<24}  count of predictions"]
    for k in shown:
        plain = share(group.plain[k], group.plain_low[k], group.plain_high[k])
        found = group.corrected
        corrected = "too few labels" if found is None else share(found.share[k], found.low[k], found.high[k])
        outside = (
            found is not None and not math.isnan(group.plain[k]) and not found.low[k] <= group.plain[k] <= found.high[k]
        )
        lines.append(
            f"{estimate.emotions[k]:<{width}}  {corrected:<24}  {plain}{'  outside' if outside else ''}".rstrip()
        )
    return lines


def share(value: float, low: float, high: float) -> str:
    """A share with its interval, as people read it; a dash for none."""
    return "-" if math.isnan(value) else f"{value:6.1%} ({low:.1%} to {high:.1%})"


def quantified_text(found: Quantified) -> str:
    """Tables for people, with what has to be believed."""
    width = max(len("emotion"), *map(len, found.emotions))
    names = [*found.shares]
    lines = [
        f"{counted(found.posts, 'post')}, none of them labelled; {found.validation:,} labelled posts of another set",
        "",
        f"{'emotion':<{width}}  " + "".join(f"{name:<26}" for name in (*names, "count of predictions")).rstrip(),
    ]
    for k, emotion in enumerate(found.emotions):
        cells = [share(*found.shares[name][:, k]) for name in names]
        cells.append(share(found.plain[k], found.plain_low[k], found.plain_high[k]))
        lines.append(f"{emotion:<{width}}  " + "".join(f"{cell:<26}" for cell in cells).rstrip())
    lines += [
        "",
        "ACC, PACC and EMQ assume prior shift: posts of an emotion look alike in both sets, and only how many there",
        "are differs. Where that is not so, the intervals are too narrow; the three then often disagree.",
        "Where you can, label some of these posts instead: feelscope estimate plan.",
    ]
    return "\n".join(lines)


def quantified_json(found: Quantified) -> Json:
    """The same for a program."""
    methods = {**found.shares, "count": np.array([found.plain, found.plain_low, found.plain_high])}
    shares = [
        {"emotion": emotion, "method": name, "share": float(of[0, k]), "low": float(of[1, k]), "high": float(of[2, k])}
        for k, emotion in enumerate(found.emotions)
        for name, of in methods.items()
    ]
    return {"posts": found.posts, "validation": found.validation, "assumption": "prior shift", "shares": shares}


def regression_text(found: Regression) -> str:
    """The coefficients for people, beside those of a regression on the model's answers."""
    kind = "log odds" if found.logistic else "points"
    scale = 1 if found.logistic else 100
    lines = [f"{found.emotion}, in {kind}: {counted(found.posts, 'post')}, {found.labelled:,} of them labelled"]
    if found.left_out:
        lines.append(f"{found.left_out:,} posts with an empty cell left out")
    width = max(map(len, found.names))
    lines += ["", f"{'':<{width}}  {'corrected':<32}  predictions taken for facts"]
    for p, name in enumerate(found.names):
        cells = [_coefficient(of, p, scale) for of in (found.corrected, found.plain)]
        lines.append(f"{name:<{width}}  {cells[0]:<32}  {cells[1]}")
    lines += ["", *(f"{column}: beside {value!r}, its most frequent value" for column, value in found.base.items())]
    lines.append("Corrected: design-based supervised learning (Egami et al. 2023), sandwich errors, 95% intervals.")
    return "\n".join(lines)


def _coefficient(of: Coefficients, p: int, scale: int) -> str:
    value, low, high = (scale * float(part[p]) for part in (of.estimate, of.low, of.high))
    return f"{value:+.4g} ({low:+.4g} to {high:+.4g})"


def regression_json(found: Regression) -> Json:
    """The same for a program."""

    def of(part: Coefficients) -> list[Json]:
        names = ("estimate", "error", "low", "high")
        return [
            {"name": name, **{which: float(getattr(part, which)[p]) for which in names}}
            for p, name in enumerate(found.names)
        ]

    return {
        "emotion": found.emotion,
        "model": "logistic" if found.logistic else "linear",
        "posts": found.posts,
        "labelled": found.labelled,
        "left_out": found.left_out,
        "base": found.base,
        "corrected": of(found.corrected),
        "predictions_as_facts": of(found.plain),
    }


def plan_text(found: Plan) -> str:
    """How many to label, for people."""
    said = "by the errors on the labelled posts" if found.measured else "if the model errs somewhat more than it says"
    width = max(len("emotion"), *map(len, found.emotions))
    half = 100 * found.width / 2
    lines = [
        f"{counted(found.posts, 'post')}; labels needed for {half:g} points either way, {said}",
        "",
        f"{'emotion':<{width}}  {'with the model':>14}  {'labels alone':>12}",
    ]
    for name, needed, alone in zip(found.emotions, found.needed.tolist(), found.alone.tolist(), strict=True):
        lines.append(f"{name:<{width}}  {needed:>14,}  {alone:>12,}")
    return "\n".join([*lines, "", f"{counted(found.number, 'post')} to label"])


def plan_json(found: Plan) -> Json:
    """The same for a program."""
    emotions = {
        name: {"needed": needed, "alone": alone}
        for name, needed, alone in zip(found.emotions, found.needed.tolist(), found.alone.tolist(), strict=True)
    }
    return {"posts": found.posts, "width": found.width, "to_label": found.number, "emotions": emotions}
