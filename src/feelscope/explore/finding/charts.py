"""Charts of an answer as SVG, for a page without scripts: posts over time, feelings, and the course of one emotion.

Colours are variables of the page's style, so that they follow light and dark. All text is escaped.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from feelscope.explain.page import safe
from feelscope.text.counts import counted

_WIDE, _LEFT, _RIGHT = 680, 52, 8
Json = Mapping[str, Any]


def over_time(answer: Json) -> str:
    """Posts of the question by bin, those that mention the subject over them, and the others as a line."""
    bins = answer["timeline"]["bins"]
    if not bins:
        return ""
    tall, top, bottom = 190, 10, 166
    x, years = _time(bins, bottom)
    most = max(1, *(row["query"] for row in bins))
    others = max((row.get("other") or 0 for row in bins), default=0)
    scale = most if answer["against"] and answer["against"]["rest"] else max(most, others)
    parts = [_level(number, bottom - number / scale * (bottom - top), f"{number:,}") for number in _round(scale)]
    for name, kind in (("query", "q"), ("subject", "f")):
        parts += (
            f'<rect class="{kind}-area" x="{x(row["from"]):.1f}" width="{max(0.6, x(row["to"]) - x(row["from"])):.1f}" '
            f'y="{bottom - row[name] / scale * (bottom - top):.1f}" height="{row[name] / scale * (bottom - top):.1f}"/>'
            for row in bins
            if row[name]
        )
    if others:
        own = others if answer["against"]["rest"] else scale
        points = [(x, row, bottom - row["other"] / own * (bottom - top)) for row in bins]
        path = "".join(f"L{x(row['from']):.1f} {y:.1f}H{x(row['to']):.1f}" for x, row, y in points)
        parts.append(f'<path class="b-line" d="M{path[1:]}"/>')
    total = sum(row["query"] for row in bins)
    label = f"{counted(total, 'post')} by {answer['timeline']['unit']}, {bins[0]['from']} to before {bins[-1]['to']}"
    return _svg(tall, label, [*parts, *years])


def felt(answer: Json) -> str:
    """The share of each emotion with its interval, beside the archive's and the others'."""
    rows = [row for row in answer["feelings"]["rows"] if row["share"] is not None]
    if not rows:
        return ""
    top, each, left = 6, 26, 96
    shares = [
        value for row in rows for value in (row["high"], row["archive_share"], (row.get("other") or {}).get("high"))
    ]
    most = max(0.05, *(value for value in shares if value is not None))
    bottom = top + each * len(rows)

    def x(share: float) -> str:
        return f"{left + share / most * (_WIDE - left - 24):.1f}"

    parts = []
    for tick in _round(most):
        parts.append(f'<path class="grid" d="M{x(tick)} {top}V{bottom}"/>')
        parts.append(f'<text x="{x(tick)}" y="{bottom + 14}" text-anchor="middle">{tick:.0%}</text>')
    for at, row in enumerate(rows):
        y = top + each * (at + 0.5)
        other = row.get("other") or {}
        parts.append(f'<text class="name" x="0" y="{y + 4:.1f}">{safe(row["emotion"])}</text>')
        if row["archive_share"] is not None:
            parts.append(f'<path class="archive" d="M{x(row["archive_share"])} {y - 9:.1f}m-3 0h6v18h-6Z"/>')
        if other.get("share") is not None:
            parts.append(f'<path class="b-line" d="M{x(other["low"])} {y + 5:.1f}H{x(other["high"])}"/>')
            parts.append(f'<path class="b-dot" d="M{x(other["share"])} {y - 1:.1f}l5 6l-5 6l-5 -6Z"/>')
        line = y - 4 if other else y
        parts.append(f'<path class="q-line" d="M{x(row["low"])} {line:.1f}H{x(row["high"])}"/>')
        parts.append(f'<circle class="q-dot" cx="{x(row["share"])}" cy="{line:.1f}" r="4.5"/>')
    return _svg(bottom + 20, "Share of each emotion with its 95% interval", parts)


def course(answer: Json) -> str:
    """The share of the emotion that was followed, with its band, the archive's line, and its changes."""
    found = answer.get("course")
    if not found:
        return ""
    bins = found["bins"]
    shown = [row for row in bins if row["share"] is not None]
    if not shown:
        return ""
    tall, top, bottom = 170, 16, 146
    x, years = _time(bins, bottom)
    most = max(0.02, *(row["high"] for row in shown), *(row["archive"]["share"] or 0 for row in bins))

    def y(share: float) -> float:
        return bottom - share / most * (bottom - top)

    def middle(row: Json) -> float:
        return (x(row["from"]) + x(row["to"])) / 2

    parts = [_level(tick, y(tick), f"{tick:.0%}") for tick in _round(most)]
    for low, high, at in ((row["low"], row["high"], middle(row)) for row in shown):
        parts.append(f'<path class="band" d="M{at:.1f} {y(low):.1f}V{y(high):.1f}"/>')
    parts.append(f'<path class="archive-line" d="{_line(bins, middle, lambda row: row["archive"]["share"], y)}"/>')
    if "other" in bins[0]:
        parts.append(f'<path class="b-line" d="{_line(bins, middle, lambda row: row["other"]["share"], y)}"/>')
    parts.append(f'<path class="q-line" d="{_line(bins, middle, lambda row: row["share"], y)}"/>')
    parts += (f'<circle class="q-dot" cx="{middle(row):.1f}" cy="{y(row["share"]):.1f}" r="2"/>' for row in shown)
    parts += (f'<path class="change" d="M{x(one["at"]):.1f} {top}V{bottom}"/>' for one in found["changes"])
    return _svg(tall, f"Share of {found['emotion']} by {found['unit']}", [*parts, *years])


def _line(
    bins: Sequence[Json], x: Callable[[Json], float], value: Callable[[Json], float | None], y: Callable[[float], float]
) -> str:
    """A path through the bins that have a value, broken where one has none."""
    path, is_open = "", False
    for row in bins:
        share = value(row)
        if share is not None:
            path += f"{'L' if is_open else 'M'}{x(row):.1f} {y(share):.1f}"
        is_open = share is not None
    return path


def _time(bins: Sequence[Json], bottom: float) -> tuple[Callable[[str], float], list[str]]:
    """Where a day is, and the words below: first and last day, and years where they have room."""
    begin, end = (date.fromisoformat(day).toordinal() for day in (bins[0]["from"], bins[-1]["to"]))

    def x(day: str) -> float:
        return _LEFT + (date.fromisoformat(day).toordinal() - begin) / (end - begin) * (_WIDE - _LEFT - _RIGHT)

    first, last = date.fromordinal(begin), date.fromordinal(end - 1)
    each = max(1, math.ceil((last.year - first.year + 1) / 8))
    days = [date(year, 1, 1) for year in range(first.year + 1, last.year + 1, each)]
    words = [(x(day.isoformat()), str(day.year)) for day in days]
    if len(words) < 3:
        words = [(_LEFT, first.isoformat()), (_WIDE - _RIGHT - 70, last.isoformat())]
    marks = [f'<text x="{at:.1f}" y="{bottom + 16}">{text}</text>' for at, text in words]
    return x, [f'<path class="base" d="M{_LEFT} {bottom}H{_WIDE - _RIGHT}"/>', *marks]


def _level(number: float, y: float, text: str) -> str:
    return (
        f'<path class="grid" d="M{_LEFT} {y:.1f}H{_WIDE - _RIGHT}"/>'
        f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{text}</text>'
    )


def _round(most: float) -> list[float]:
    """Round numbers from 0 up to the highest, about four."""
    rough = most / 3
    power = 10 ** math.floor(math.log10(rough))
    step = next(part * power for part in (1, 2, 5, 10) if part * power >= rough * 0.8)
    step = step if most <= 1 else max(1, round(step))
    return [step * number for number in range(int(most / step + 1e-9) + 1)]


def _svg(tall: float, label: str, parts: Sequence[str]) -> str:
    return f'<svg viewBox="0 0 {_WIDE} {tall}" role="img" aria-label="{safe(label)}">{"".join(parts)}</svg>'
