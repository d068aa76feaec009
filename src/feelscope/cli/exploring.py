"""The views of an archive, and trends, as lines for a terminal."""

import math
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from feelscope.cli.output import Styled
from feelscope.config import did_you_mean
from feelscope.errors import ExploreError
from feelscope.text.counts import counted

if TYPE_CHECKING:
    from feelscope.explore.trend.trend import Trend

_BARS = " ▁▂▃▄▅▆▇█"
_SHOWN = 3  # emotions of a year, of a change
_VALUES = 8  # of a facet
_STYLES: Mapping[str, Mapping[str, Any]] = {
    "query": {"fg": "blue", "bold": True},
    "subject": {"fg": "red", "bold": True, "underline": True},
}


def named_values(given: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Facets and values of NAME=VALUE.

    Raises:
        ExploreError: It is no such pair, or a name is there twice.
    """
    pairs = [pair.partition("=") for pair in given]
    for pair, (name, sign, value) in zip(given, pairs, strict=True):
        if not (name.strip() and sign and value):
            raise ExploreError(f"--facet {pair}: expected NAME=VALUE, as in source=news")
    names = [name.strip() for name, _, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise ExploreError(f"--facet {name} is there {names.count(name)} times; give it once")
    return tuple((name, value) for name, (_, _, value) in zip(names, pairs, strict=True))


def table_lines(
    view: str, ask: Callable[..., dict[str, Any]], sentences: Callable[[], Iterator[dict[str, Any]]]
) -> Iterator[str]:
    """The lines of a whole view as CSV.

    Args:
        ask: The views of the question; named arguments change it.
        sentences: Gives the rows of all its sentences.

    Raises:
        ExploreError: No view of this name is a table.
    """
    from feelscope.explore.views.csv_export import TABLES, csv_lines

    if view not in TABLES:
        raise ExploreError(f"--csv {view[:40]}: no view has this name; {did_you_mean(view[:40], TABLES)}")
    return csv_lines(view, lambda **change: ask(**({"parts": (view,)} | change)), sentences)


def describe(answer: Mapping[str, Any], by_year: Sequence[Mapping[str, Any]]) -> list[str | Styled]:
    """Headline, words, timeline, facets, subjects and sentences of an answer of `views`, in parts.

    Args:
        by_year: The bins of the same state's timeline by year.
    """
    subjects = _subjects(answer) if answer["against"] is None else _contrast(answer)
    above = [
        _headline(answer),
        _words(answer),
        _feelings(answer),
        _timeline(answer, by_year),
        _facets(answer),
        subjects,
    ]
    return [*(f"{part}\n\n" for part in above if part), *_sentences(answer)]


def _headline(answer: Mapping[str, Any]) -> str:
    state, counts, archive = answer["state"], answer["counts"], answer["archive"]
    asked = f" for {state['query']}" if state["query"].strip() else ""
    if state["emotion"]:
        asked += f" with {state['emotion']}"
    keys = {facet["key"]: facet["facet"] for facet in answer["facets"]}
    chosen = [f"{name} {state[key]}" for key, name in keys.items() if state[key]]
    asked += f" {'and' if state['emotion'] else 'with'} {' and '.join(chosen)}" if chosen else ""
    asked += f" in {state['area']} of the map" if state["area"] else ""
    if state["from"] != archive["from"] or state["to"] != archive["to"]:
        asked += f" from {state['from']} to before {state['to']}"
    span = f"{archive['from']} to before {archive['to']}" if archive["from"] else "none with a date"
    lines = [f"{archive['name']}: {counted(archive['posts'], 'post')}, {span}"]
    lines.append(f"{counted(counts['query'], 'post')}{asked}")
    if state["subject"] is not None:
        lines[-1] += f", {counts['subject']:,} of them with the subject {state['subject']}"
    if answer["against"] is not None:
        lines.append(f"compared with {counted(counts['other'], 'post')}{_compared(answer)}")
    return "\n".join(lines)


def _words(answer: Mapping[str, Any]) -> str:
    """What each word of the query stands for, where that is more than itself, and those that no post has."""
    lines = []
    for row in answer["words"]:
        found = ", ".join(f"{form['word']} {form['posts']:,}" for form in row["finds"])
        if not row["posts"]:
            near = ", ".join(f"{form['word']} {form['posts']:,}" for form in row["near"])
            lines.append(f"{row['written']}: no post has it" + (f"; near: {near}" if near else ""))
        elif len(row["finds"]) > 1 or row["excluded"]:
            left_out = ", left out" if row["excluded"] else ""
            forms = f" ({found})" if len(row["finds"]) > 1 else ""
            lines.append(f"{row['written']}: {counted(row['posts'], 'post')}{forms}{left_out}")
    return "\n".join(lines)


def _facets(answer: Mapping[str, Any]) -> str:
    lines = []
    for facet in answer["facets"]:
        values = [f"{row['value']} {row['posts']:,}" for row in facet["values"][:_VALUES]]
        more = ", ..." if len(facet["values"]) > _VALUES else ""
        lines += [f"By {facet['facet']}: {', '.join(values)}{more}"] if values else []
    return "\n".join(lines)


def _compared(answer: Mapping[str, Any]) -> str:
    """What is on the other side, in words."""
    state, other = answer["state"], answer["against"]
    span = f" from {other['from']} to before {other['to']}"
    if not other["rest"]:
        return f" for {other['query']}{span}" if other["query"].strip() else span
    return " of other times" if other["by_time"] else f" without {state['query']}{span}"


def _feelings(answer: Mapping[str, Any]) -> str:
    found = answer["feelings"]
    if not found["posts"]:
        return ""
    beside = "the archive in the same time" if found["compared"] == "archive" else "what is compared"
    lines = [f"Feelings, with 95% intervals, beside {beside}:"]
    width = max(len(row["emotion"]) for row in found["rows"])
    for row in found["rows"]:
        interval = f"{row['low']:.0%} to {row['high']:.0%}"
        lines.append(f"{row['emotion']:<{width}}  {interval:>11}  {row['words']}")
    return "\n".join(lines)


def _contrast(answer: Mapping[str, Any]) -> str:
    found, lines = answer["contrast"], []
    for column, where in (("more", "here"), ("less", "in what is compared")):
        rows = found[column]
        if not rows["rows"]:
            continue
        lines += [f"Subjects more frequent {where}, page {rows['page']} of {rows['pages']} (posts here, posts there):"]
        for row in rows["rows"]:
            chance = "" if row["clear"] else "  may be chance"
            lines.append(f"{row['posts']:7,} {row['other_posts']:7,}  {row['subject']}{chance}")
        lines.append("")
    return "\n".join(lines).rstrip() or "No subjects."


def _timeline(answer: Mapping[str, Any], by_year: Sequence[Mapping[str, Any]]) -> str:
    bins, unit = answer["timeline"]["bins"], answer["timeline"]["unit"]
    if not bins:
        return ""
    which = "query" if answer["state"]["subject"] is None else "subject"
    drawn = _in_columns(bins, which)
    lines = [f"By {unit}, {bins[0]['from']} to before {bins[-1]['to']}:", _sparkline(drawn), ""]
    lines.append("Year   posts  of all  emotions")
    for year in by_year:
        share = f"{year[which] / year['archive']:7.1%}" if year["archive"] else "      -"
        felt = sorted(year["shares"].items(), key=lambda pair: -pair[1])[:_SHOWN] if year["shares"] else []
        said = ", ".join(f"{name} {value:.0%}" for name, value in felt)
        if year["shares"] is None:
            said = "too few posts for shares"
        lines.append(f"{year['from'][:4]} {year[which]:7,} {share}  {said}".rstrip())
    return "\n".join(lines)


def _in_columns(bins: Sequence[Mapping[str, Any]], which: str) -> list[int]:
    """The posts of bins in columns of equal time, as many as fit a line; bins that no post is in are not listed."""
    days = np.array([[row["from"], row["to"]] for row in bins], "datetime64[D]").astype(int)  # (B, 2)
    first, end = int(days[0, 0]), int(days[-1, 1])
    narrowest = max(1, int((days[:, 1] - days[:, 0]).min()))
    columns = [0] * max(1, min(shutil.get_terminal_size().columns - 2, -(-(end - first) // narrowest)))
    for day, row in zip(days[:, 0].tolist(), bins, strict=True):
        columns[(day - first) * len(columns) // (end - first)] += row[which]
    return columns


def _subjects(answer: Mapping[str, Any]) -> str:
    subjects = answer["subjects"]
    if not subjects["rows"]:
        return "No subjects."
    width = min(40, max(len(row["subject"]) for row in subjects["rows"]))
    room = min(24, max(8, shutil.get_terminal_size().columns - width - 48))
    lines = [f"Subjects, page {subjects['page']} of {subjects['pages']}:"]
    for row in subjects["rows"]:
        felt = max(row["emotions"] or [], key=lambda emotion: max(emotion["low"], -emotion["high"]), default=None)
        said = ""
        if felt is not None and max(felt["low"], -felt["high"]) > 0:  # the interval is on one side of zero
            points = [round(100 * felt[name]) for name in ("difference", "low", "high")]
            said = f"{felt['emotion']} {points[0]:+d} points ({points[1]:+d} to {points[2]:+d})"
        line = f"{row['posts']:7,}  {row['subject'][:width]:<{width}} {_sparkline(row['sparkline'], room)}  {said}"
        lines.append(line.rstrip())
    return "\n".join(lines)


def _sentences(answer: Mapping[str, Any]) -> Iterator[str | Styled]:
    sentences = answer["sentences"]
    pages = f"page {sentences['page']} of {sentences['pages']}"
    yield f"Sentences, one from each of {counted(sentences['total'], 'post')}, {pages}:"
    for row in sentences["rows"]:
        yield f"\n{row['date'] or 'no date   '}  {row['emotion'] or '-':<9}  "
        yield from marked(row["text"], row["spans"])


def marked(text: str, spans: Sequence[Mapping[str, Any]]) -> Iterator[Styled]:
    """A text with its spans in colour, on one line."""
    cuts = sorted({0, len(text), *(span[end] for span in spans for end in ("start", "end"))})
    for start, end in pairwise(cuts):
        styles = [_STYLES[span["mark"]] for span in spans if span["start"] <= start and end <= span["end"]]
        shown = re.sub(r"[\t\n\r]", " ", text[start:end])
        yield Styled(shown, {name: on for style in styles for name, on in style.items()})


def _sparkline(counts: Sequence[int], width: int = 0) -> str:
    """A row of bars; several bins are added up where there are more than columns."""
    width = width or max(20, shutil.get_terminal_size().columns - 2)
    step = max(1, -(-len(counts) // width))  # an archive without dates has no bins
    sums = [sum(counts[start : start + step]) for start in range(0, len(counts), step)]
    most = max(sums, default=0)
    return "".join(_BARS[-(-posts * 8 // most)] if most else " " for posts in sums)


def describe_trend(trend: "Trend") -> str:
    """The emotions of all posts, and every change."""
    figures = trend.as_json()
    left_out = "".join(f", {number:,} {what} left out" for what, number in trend.left_out.items())
    span = f"{trend.bins[0][0]} to before {trend.bins[-1][1]}"
    lines = [f"{trend.of}: {counted(figures['posts'], 'post')} by {trend.unit}, {span}{left_out}", ""]
    width = max(map(len, trend.emotions))
    for name, level in figures["emotions"].items():
        line = f"{name:<{width}} {level['share']:6.1%}  ({level['low']:.1%} to {level['high']:.1%})"
        if (found := figures.get("corrected", {}).get(name)) and not math.isnan(found["share"]):
            line = f"{line:<{width + 28}} corrected {found['share']:6.1%}  ({found['low']:.1%} to {found['high']:.1%})"
        lines.append(line)
    lines += ["", _intervals(trend), ""]
    if not figures["changes"]:
        lines.append(f"No change in the mix of emotions was found in {counted(len(trend.bins), trend.unit)}.")
    for change in figures["changes"]:
        lines.append(f"Change at {change['at']} ({change['from']} to before {change['to']}):")
        rows = change["emotions"]
        beyond_chance = [row for row in rows if row["low"] > 0 or row["high"] < 0][:_SHOWN]
        lines += [f"  {_change(row)}" for row in beyond_chance or rows[:1]]
    for event in figures["events"]:
        shares = f"{event['emotion']} {event['share']:.1%}, {event['around']:.1%} around it"
        lines.append(f"Short event from {event['from']} to before {event['to']}: {shares}")
    return "\n".join(lines)


def _intervals(trend: "Trend") -> str:
    """What the intervals are, and are not."""
    plain = "The intervals know the number of posts, and nothing of the model's errors"
    if trend.corrected is None:
        return f"{plain}; --labelled gives corrected ones."
    corrected = int((~np.isnan(trend.corrected.share).all(axis=1)).sum())
    of = f"{corrected:,} of {counted(len(trend.bins), trend.unit)}"
    labels = counted(int(trend.corrected.labelled.sum()), "labelled post")
    return f"{plain}. Corrected: by {labels}, whatever the errors; {of} have enough for shares of their own."


def trend_in_a_line(trend: "Trend") -> str:
    """The same, short, for a trend that is followed: the last bin and the last change."""
    figures = trend.as_json()
    last, changes = figures["bins"][-1], figures["changes"]
    felt = sorted((last["shares"] or {}).items(), key=lambda pair: -pair[1]["share"])[:_SHOWN]
    said = ", ".join(f"{name} {level['share']:.1%}" for name, level in felt) or "too few for shares"
    changed = f"last change at {changes[-1]['at']}" if changes else "no change"
    return f"{counted(figures['posts'], 'post')}; {trend.unit} of {last['from']}: {last['posts']:,}, {said}; {changed}"


def _change(row: Mapping[str, Any]) -> str:
    low, high = sorted((row["low"], row["high"]))
    points = f"{100 * row['difference']:+.1f} points, {100 * low:+.1f} to {100 * high:+.1f}"
    return f"{row['emotion']} {row['before']:.1%} to {row['after']:.1%} ({points})"
