"""A report as one HTML page that needs nothing else: findings, figures, all numbers, methods."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from feelscope.explain.page import bullets, safe, section, shell, table
from feelscope.report.found import ByColumn, OverTime, Report, Share
from feelscope.report.methods import methods
from feelscope.report.summary import BIASED, heading, sentences
from feelscope.report.words import between, interval, percent, points
from feelscope.text.counts import counted

_FOLDER = Path(__file__).parent
_MOST_ROWS = 100  # of a table; the CSV beside the page has all


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure on the page.

    Args:
        name: Of its files.
        title: Of its section.
        caption: What it shows, for those too who do not see it.
        wide, narrow: It as `svg` elements, for a page and for a phone.
        is_card: Whether it keeps its own colours, on white.
    """

    name: str
    title: str
    caption: str
    wide: str
    narrow: str
    is_card: bool = False


def html(report: Report, figures: Sequence[Shown], command: str) -> str:
    """The page of a report.

    Args:
        figures: In their order.
        command: That made it; empty if it is not to be shown.
    """
    tables = _tables(report)
    body = [section("Findings", bullets(sentences(report)), f'<p class="caution">{safe(BIASED)}</p>')]
    body += [section(one.title, _figure(one), tables.get(one.name, "")) for one in figures]
    paragraphs = "".join(f"<p>{safe(one)}</p>" for one in methods(report))
    body.append(f'<section class="methods"><h2>Methods</h2>{paragraphs}</section>')
    footer = ["Every figure is beside this page as PNG and SVG, with its numbers as CSV."]
    if command:
        footer.append(f"Made by: {safe(command)}")
    title = safe(heading(report))
    return shell(title, _answer(report), "".join(body), footer, style=(_FOLDER / "page.css").read_text("utf-8"))


def _answer(report: Report) -> str:
    first = report.shares[0]
    posts = counted(report.answered, "post")
    return (
        f"Emotions of {posts}, as a model reads them: {percent(first.share)} {safe(first.emotion)}, and "
        f"{len(report.emotions) - 1} others. Intervals are of 95%."
    )


def _figure(one: Shown) -> str:
    shown = "".join(
        f'<div class="{size}" role="img" aria-label="{safe(one.caption)}">{svg}</div>'
        for size, svg in (("wide", one.wide), ("narrow", one.narrow))
    )
    return f'<figure class="drawn{" card" * one.is_card}">{shown}<figcaption>{safe(one.caption)}</figcaption></figure>'


def _tables(report: Report) -> dict[str, str]:
    """The numbers of each figure, by its name."""
    tables = {
        "shares": table(
            "Numbers",
            ("emotion", "posts", "share", "95% interval", "mean probability"),
            [
                (*_cells(one), interval(one.low, one.high), percent(report.mean_probability[one.emotion]))
                for one in report.shares
            ],
            4,
            is_open=False,
        )
    }
    emotions = [one.emotion for one in report.shares]
    for number, column in enumerate(report.by, 1):
        tables["by" if len(report.by) == 1 else f"by_{number}"] = _by_column(column, emotions)
    if report.over is not None:
        tables["over_time"] = _over_time(report.over, emotions)
    if report.event is not None:
        tables["event"] = table(
            "Numbers",
            ("emotion", "before", "after", "change in points", "interval"),
            [
                (
                    *(one.emotion, percent(one.second), percent(one.first), points(one.difference)),
                    between(one.low, one.high),
                )
                for one in report.event.differences
            ],
            4,
            is_open=False,
        )
    tables["sureness"] = table(
        "Numbers",
        ("read from", "posts", "mean probability of the answer"),
        [(read or "nothing", f"{posts:,}", percent(mean)) for read, (posts, mean) in report.sure.by_read.items()],
        2,
        is_open=False,
    )
    return tables


def _by_column(found: ByColumn, emotions: Sequence[str]) -> str:
    rows = [
        (group.name, f"{group.posts:,}", *(_of(group.shares, emotion) for emotion in emotions))
        for group in found.groups[:_MOST_ROWS]
    ]
    return table(
        _named("Numbers", len(found.groups)),
        (safe(found.column), "posts", *map(safe, emotions)),
        rows,
        len(emotions) + 1,
        is_open=False,
    )


def _over_time(found: OverTime, emotions: Sequence[str]) -> str:
    rows = [
        (one.start, f"{one.posts:,}", *(_of(one.shares, emotion) for emotion in emotions))
        for one in found.bins[-_MOST_ROWS:]
    ]
    return table(
        _named("Numbers", len(found.bins)),
        ("from", "posts", *map(safe, emotions)),
        rows,
        len(emotions) + 1,
        is_open=False,
    )


def _named(name: str, rows: int) -> str:
    return f"{name} ({_MOST_ROWS} of {rows:,}; all are in the CSV)" if rows > _MOST_ROWS else name


def _of(shares: Sequence[Share], emotion: str) -> str:
    one = next((one for one in shares if one.emotion == emotion), None)
    return "–" if one is None else percent(one.share)


def _cells(one: Share) -> tuple[str, str, str]:
    return one.emotion, f"{one.posts:,}", percent(one.share)
