"""The figures of a report, each with the rows it was drawn from, wide for a page and narrow for a phone."""

from collections.abc import Sequence
from datetime import date
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np

from feelscope.drawing import BLUE, GREY, ORANGE, Drawn, Row, canvas, draw_intervals, write_in_cells
from feelscope.report.found import Agreement, Bin, ByColumn, Event, OverTime, Report, Share, Sureness
from feelscope.report.time_axis import draw_time
from feelscope.report.words import day

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

EXTRA = "explain"
WIDE, NARROW = 7.0, 3.6  # inches
MOST_GROUPS = 12  # that are drawn
_GRID = "#dddddd"
_FEW_BINS = 40  # that are drawn with dots


def shares(report: Report, width: float = WIDE) -> Drawn:
    """The share of each emotion and its interval."""
    rows: list[Row] = [{**_row(one), "mean_probability": report.mean_probability[one.emotion]} for one in report.shares]
    with canvas(width, 0.7 + 0.24 * len(rows), EXTRA) as figure:
        axes = figure.subplots()
        draw_intervals(axes, [one.emotion for one in report.shares], [_percent(one) for one in report.shares], "share")
        _percent_axis(axes, "x")
        axes.set_xlim(left=0)
        _room_for_dots(axes)
        axes.set_xlabel(f"share of {report.answered:,} {report.subject}, with 95% interval")
        _title(figure, f"Emotions of {report.subject}")
    return figure, rows


def by_column(report: Report, found: ByColumn, width: float = WIDE) -> Drawn:
    """The share of each emotion in each group, a panel for each emotion; groups of few posts are left to the rows."""
    rows: list[Row] = [
        {found.column: group.name, "posts_of_group": group.posts, **_row(one)}
        for group in found.groups
        for one in group.shares
    ]
    groups = [group for group in found.groups if group.merged == 1][:MOST_GROUPS]
    groups += [group for group in found.groups if group.merged > 1]
    across = 4 if width == WIDE else 2
    emotions = [one.emotion for one in report.shares]
    down = -(-len(emotions) // across)
    with canvas(width, 0.75 + down * (0.45 + 0.17 * len(groups)), EXTRA) as figure:
        panels = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)
        for panel, emotion in zip(panels.ravel(), emotions, strict=False):
            own = [next(one for one in group.shares if one.emotion == emotion) for group in groups]
            names = [_cut(group.name, 22 if width == WIDE else 14) for group in groups]
            draw_intervals(panel, names, [_percent(one) for one in own], "share")
            whole = next(one for one in report.shares if one.emotion == emotion)
            panel.axvline(100 * (whole.share or 0), color=GREY, linewidth=0.8, linestyle=":")
            panel.set_title(emotion)
            _percent_axis(panel, "x")
            panel.xaxis.get_major_locator().set_params(nbins=3 if width == WIDE else 4)
            panel.set_xlim(left=0)
            panel.tick_params(axis="x", labelbottom=True)
            panel.tick_params(axis="y", length=0)
        _room_for_dots(panels[0, 0])
        for panel in panels.ravel()[len(emotions) :]:
            panel.set_axis_off()
        _title(figure, f"Emotions of {report.subject} by {found.column}; dotted: all")
    return figure, rows


def over_time(report: Report, found: OverTime, width: float = WIDE) -> Drawn:
    """The share of each emotion over time with its interval, a panel each with one scale, and the number of posts."""
    rows: list[Row] = [
        {"from": one.start, "to": one.end, "posts_of_time": one.posts, **_row(share)}
        for one in found.bins
        for share in (one.shares or [Share(emotion, 0, None, None, None) for emotion in report.emotions])
    ]
    emotions = [one.emotion for one in report.shares]
    across = 2 if width == WIDE else 1
    down = -(-(len(emotions) + 1) // across)
    with canvas(width, 0.6 + 1.3 * down, EXTRA) as figure:
        from matplotlib.dates import date2num

        panels = figure.subplots(down, across, squeeze=False).ravel()
        drawn = _drawn(found)
        starts = [date.fromisoformat(one.start) for one in drawn]
        end = date.fromisoformat(drawn[-1].end)
        edges = np.array([float(date2num(one)) for one in (*starts, end)])
        events = [] if report.event is None else [date.fromisoformat(report.event.day)]
        highest = 0.0
        for panel, emotion in zip(panels, emotions, strict=False):
            highest = max(highest, _draw_line(panel, drawn, emotion, edges))
            panel.set_title(emotion)
            _percent_axis(panel, "y")
        for panel in panels[: len(emotions)]:
            panel.set_ylim(0, min(100.0, 1.05 * highest) or 1)
        posts = panels[len(emotions)]
        posts.stairs([one.posts for one in drawn], edges, fill=True, color=GREY, linewidth=0)
        posts.set_title(f"posts by {found.unit}")
        posts.grid(axis="y", color=_GRID, linewidth=0.6)
        posts.set_axisbelow(True)
        for panel in panels[: len(emotions) + 1]:
            draw_time(panel, starts[0], end, 6 if width == WIDE else 5, events)
        for panel in panels[len(emotions) + 1 :]:
            panel.set_axis_off()
        dashed = f"; dashed: {day(report.event.day)}" if report.event else ""
        _title(figure, f"Emotions of {report.subject} by {found.unit}, share and 95% interval{dashed}")
    return figure, rows


def _drawn(found: OverTime) -> Sequence[Bin]:
    """The bins from the first to the last one of enough posts; all where there is none."""
    full = [place for place, one in enumerate(found.bins) if one.shares]
    return found.bins[full[0] : full[-1] + 1] if full else found.bins


def _draw_line(panel: "Axes", bins: Sequence[Bin], emotion: str, edges: np.ndarray) -> float:
    """Draw the shares of an emotion; gives the top of the highest interval."""
    own = [next((one for one in bin.shares if one.emotion == emotion), None) for bin in bins]
    share, low, high = (
        np.array([np.nan if one is None or getattr(one, name) is None else 100 * getattr(one, name) for one in own])
        for name in ("share", "low", "high")
    )
    middle = (edges[:-1] + edges[1:]) / 2
    panel.fill_between(middle, low, high, color=BLUE, alpha=0.25, linewidth=0)
    alone = np.isfinite(share) & ~np.isfinite(np.roll(share, 1)) & ~np.isfinite(np.roll(share, -1))
    if len(own) == 1 or alone.any():  # between gaps, neither a line nor a band is seen
        shown = alone if len(own) > 1 else np.isfinite(share)
        panel.vlines(middle[shown], low[shown], high[shown], color=BLUE, alpha=0.4, linewidth=1.2)
        panel.plot(middle[shown], share[shown], ".", color=BLUE)
    panel.plot(middle, share, color=BLUE, linewidth=1.0, marker="." if len(own) < _FEW_BINS else "")
    return float(np.nanmax(high, initial=0.0))


def event(report: Report, found: Event, width: float = WIDE) -> Drawn:
    """Shares before and after, and the change with its interval."""
    rows: list[Row] = [
        {
            "emotion": one.emotion,
            "before": one.second,
            "after": one.first,
            "change": one.difference,
            "low": one.low,
            "high": one.high,
            "beyond_chance": int(one.beyond_chance),
        }
        for one in found.differences
    ]
    names = [one.emotion for one in found.differences]
    with canvas(width, (0.95 if width == WIDE else 1.1) + 0.24 * len(names), EXTRA) as figure:
        left, right = figure.subplots(1, 2, sharey=True)
        for height, one in enumerate(found.differences):
            left.plot([100 * one.second, 100 * one.first], [height, height], color=GREY, linewidth=1.0, zorder=1)
            left.plot(
                100 * one.second,
                height,
                "o",
                color=BLUE,
                markerfacecolor="white",
                label="before" if not height else None,
            )
            left.plot(100 * one.first, height, "o", color=BLUE, label="after" if not height else None)
        changes = [
            {"change": 100 * one.difference, "low": 100 * one.low, "high": 100 * one.high} for one in found.differences
        ]
        draw_intervals(right, names, changes, "change")
        right.axvline(0, color=GREY, linewidth=0.8)
        left.grid(axis="x", color=_GRID, linewidth=0.6)
        left.set_axisbelow(True)
        left.set_xlim(left=0)
        _room_for_dots(left)
        _percent_axis(left, "x")
        right.xaxis.set_major_formatter(lambda value, _: f"{value:+g}".replace("-", "−") if value else "0")
        for axes in (left, right):
            axes.xaxis.get_major_locator().set_params(nbins=5 if width == WIDE else 3)
        left.set_xlabel("share: ○ before, ● after")
        right.set_xlabel("change in points")
        where = f"around {day(found.day)}"
        _title(figure, f"Emotions of {report.subject} {where},\n{found.days} days on each side")
    return figure, rows


def agreement(report: Report, found: Agreement, width: float = WIDE) -> Drawn:
    """What the picture alone says, for each emotion of the words alone."""
    names = report.emotions
    counts = np.array(found.counts)
    totals = counts.sum(axis=1, keepdims=True)
    of_row = np.divide(counts, totals, out=np.zeros(counts.shape), where=totals > 0)
    rows: list[Row] = [
        {"words": names[i], "picture": names[j], "posts": int(counts[i, j]), "share_of_row": float(of_row[i, j])}
        for i in range(len(names))
        for j in range(len(names))
    ]
    side = min(width, 1.4 + 0.55 * len(names))
    with canvas(side, 0.78 * side, EXTRA) as figure:
        axes = figure.subplots()
        edges = np.arange(len(names) + 1) - 0.5
        axes.pcolormesh(edges, edges, np.where(totals > 0, of_row, np.nan), cmap="cividis", vmin=0, vmax=1)
        axes.invert_yaxis()
        write_in_cells(axes, [[f"{one:,}" if one else "" for one in row] for row in counts.tolist()], of_row < 0.5, 7)
        axes.set_xticks(range(len(names)), names, rotation=35, ha="right")
        axes.set_yticks(range(len(names)), names)
        axes.set_xlabel("picture alone")
        axes.set_ylabel("words alone")
        axes.tick_params(length=0)
        _title(figure, f"Words and pictures of {report.subject}:\nnumber of posts, colour by share of the row")
    return figure, rows


def sureness(report: Report, found: Sureness, width: float = WIDE) -> Drawn:
    """How probable the answers were."""
    bins = len(found.bins)
    rows: list[Row] = [
        {"from": number / bins, "to": (number + 1) / bins, "posts": count} for number, count in enumerate(found.bins)
    ]
    with canvas(width, 1.9, EXTRA) as figure:
        axes = figure.subplots()
        edges = np.linspace(0, 100, bins + 1)
        axes.stairs(100 * np.array(found.bins) / sum(found.bins), edges, fill=True, color=BLUE, edgecolor="white")
        axes.axvline(100 * found.mean, color=ORANGE, linewidth=1.2)
        mean = 100 * found.mean
        axes.annotate(f"mean {mean:.0f}%", (mean, 1), xycoords=("data", "axes fraction"), va="bottom", ha="center")
        axes.set_xlim(0, 100)
        _percent_axis(axes, "x")
        _percent_axis(axes, "y")
        axes.grid(axis="y", color=_GRID, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.set_xlabel("probability of the answer")
        axes.set_ylabel("share of posts")
        _title(figure, f"How sure the model is of {report.subject}")
    return figure, rows


def _row(one: Share) -> dict[str, object]:
    return {"emotion": one.emotion, "posts": one.posts, "share": one.share, "low": one.low, "high": one.high}


def _percent(one: Share) -> dict[str, float | None]:
    values = {"share": one.share, "low": one.low, "high": one.high}
    return {name: None if value is None else 100 * value for name, value in values.items()}


def _percent_axis(axes: "Axes", which: str) -> None:
    getattr(axes, f"{which}axis").set_major_formatter(lambda value, _: f"{value:g}%")
    if which == "y":
        axes.grid(axis="y", color=_GRID, linewidth=0.6)
        axes.set_axisbelow(True)


def _room_for_dots(axes: "Axes") -> None:
    """Begin an axis a little below zero, so that a dot at zero is whole."""
    axes.set_xlim(left=-0.02 * axes.get_xlim()[1])


def _title(figure: "Figure", text: str) -> None:
    most = int(14.5 * figure.get_figwidth())  # characters of a line
    lines = [line for part in text.split("\n") for line in wrap(part, most)]
    figure.suptitle("\n".join(lines), fontsize=9, x=0.01, ha="left")


def _cut(name: str, most: int) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"


def names_of(found: Sequence[ByColumn]) -> list[str]:
    """File names of the figures by column."""
    return [f"by_{number}" if len(found) > 1 else "by" for number, _ in enumerate(found, 1)]
