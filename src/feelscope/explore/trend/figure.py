"""The figure of a trend: a panel for each emotion, and the number of posts under all of them."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from feelscope import drawing
from feelscope.drawing import BLUE, GREY, ORANGE, Drawn, Row, canvas
from feelscope.errors import ExploreError
from feelscope.explore.search.bins import LEAST_POSTS
from feelscope.explore.trend.trend import Trend
from feelscope.files import write_json, writing_folder
from feelscope.text.counts import counted

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PAGE = 7.0  # inches, two columns
_ACROSS = 2
_FEW = 40  # bins that are drawn with dots


def save_trend(trend: Trend, folder: Path) -> None:
    """Write the figure, the rows it was drawn from, and everything as JSON: trend.png, .svg, .csv and .json.

    Raises:
        ExploreError: Another process is writing the folder, or it cannot be made.
    """
    with writing_folder(folder, ExploreError):
        drawing.save(*draw_trend(trend), folder, "trend")
        write_json(folder / "trend.json", trend.as_json(), indent=1)


def draw_trend(trend: Trend) -> Drawn:
    """Shares with their 95% intervals, the level between changes, dashed lines at changes; and the rows drawn."""
    rows: list[Row] = [*trend.rows()]
    number = len(trend.emotions) + 1
    down = -(-number // _ACROSS)
    with canvas(_PAGE, 0.6 + 1.15 * down, "explore") as figure:
        from matplotlib.dates import date2num

        panels = figure.subplots(down, _ACROSS, squeeze=False).ravel()
        edges = np.array([date2num(np.datetime64(day)) for day in (*(a for a, _ in trend.bins), trend.bins[-1][1])])
        for k, panel in enumerate(panels[: number - 1]):
            _draw_emotion(panel, trend, k, edges)
        panels[number - 1].stairs(trend.posts, edges, fill=True, color=GREY, linewidth=0)  # one shape for all bins
        panels[number - 1].set_title(f"posts by {trend.unit}")
        for panel in panels[:number]:
            _draw_time(panel, trend, edges)
        for panel in panels[number:]:
            panel.set_axis_off()
        figure.suptitle(_title(trend), fontsize=8, x=0.01, ha="left")
    return figure, rows


def _draw_emotion(panel: "Axes", trend: Trend, k: int, edges: np.ndarray) -> None:
    share, low, high = (100 * part[:, k] for part in trend.shares())
    middle = (edges[:-1] + edges[1:]) / 2
    panel.fill_between(middle, low, high, color=BLUE, alpha=0.25, linewidth=0)
    panel.plot(middle, share, color=BLUE, linewidth=0.9, marker="." if len(middle) < _FEW else "")
    if (found := trend.corrected) is not None:
        share, low, high = (100 * part[:, k] for part in (found.share, found.low, found.high))
        bars = np.abs(np.array([share - low, high - share]))
        panel.errorbar(middle, share, bars, color="black", fmt="o", markersize=2.5, elinewidth=0.8, capsize=1.5)
    for start, end in trend.stretches:
        level = 100 * trend.level((start, end))[0][k]
        panel.plot([edges[start], edges[end]], [level, level], color=ORANGE, linewidth=1.4)
    panel.set_title(trend.emotions[k])
    panel.set_ylim(bottom=0)
    panel.yaxis.set_major_formatter(lambda value, _: f"{value:g}%")


def _draw_time(panel: "Axes", trend: Trend, edges: np.ndarray) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    for first, _ in trend.stretches[1:]:
        panel.axvline(edges[first], color=ORANGE, linewidth=0.8, linestyle="--")
    panel.set_xlim(edges[0], edges[-1])
    locator = AutoDateLocator(minticks=2, maxticks=6)
    panel.xaxis.set_major_locator(locator)
    panel.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))


def _title(trend: Trend) -> str:
    changes = len(trend.stretches) - 1
    labels = "" if trend.corrected is None else counted(int(trend.corrected.labelled.sum()), "labelled post")
    corrected = f"\nblack: corrected by {labels}, 95% interval; the blue one knows nothing of errors" if labels else ""
    marked = f"{counted(changes, 'change')} (dashed)" if changes else "no change found"
    return (
        f"{trend.of}: share of each emotion among {counted(int(trend.posts.sum()), 'post')}, {marked}\n"
        f"blue: 95% interval where a {trend.unit} has {LEAST_POSTS} posts or more; orange: level between changes"
        f"{corrected}"
    )
