"""The figures of the structure of emotions, each with the rows it was drawn from, for `drawing.save`."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from feelscope.drawing import BLUE, COLUMN, GREY, ORANGE, Drawn, Row, canvas, draw_intervals, write_in_cells
from feelscope.explain.structure.relations import POOR_STRESS, Relations
from feelscope.explain.structure.times import Cells

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PAGE = 7.0  # inches, two columns of a page
_TWO_SIDED = "PuOr_r"  # purple for less, orange for more; told apart without red and green
_PALE = 0.35
_DOTS = 3000  # posts drawn of all: more would be one blot
_TRIES = 8  # of axes to hold all names
_ROOM = 0.015  # of the axes' width, between a name and their edge


def correlation(relations: Relations) -> Drawn:
    """Heat map of the correlations in the tree's order, with the tree above it."""
    order = list(relations.order)
    names = [relations.emotions[index] for index in order]
    values = relations.correlation[np.ix_(order, order)]  # (K, K)
    rows: list[Row] = [
        {"emotion": name, "other": other, "r": float(values[i, j])}
        for i, name in enumerate(names)
        for j, other in enumerate(names)
    ]
    height = (0.42 if len(names) <= 10 else 0.28) * len(names)
    with canvas(max(COLUMN, 2.2 + height), 2.2 + height, "explain") as figure:
        tree, heat = figure.subplots(2, 1, sharex=True, height_ratios=(1.0, max(height, 1)))
        _draw_tree(tree, relations)
        of = "predicted emotions" if relations.scale == "probability" else f"predicted {relations.scale}"
        tree.set_title(f"correlation of {of} over {relations.posts:,} posts")
        image = heat.imshow(values, cmap=_TWO_SIDED, vmin=-1, vmax=1, aspect="auto")
        heat.set_xticks(range(len(names)), names, rotation=45, ha="right", rotation_mode="anchor")
        heat.set_yticks(range(len(names)), names)
        if len(names) <= 16:
            _write_numbers(heat, np.where(np.eye(len(names), dtype=bool), np.nan, values))
        figure.colorbar(image, ax=heat, label="correlation r", shrink=0.8)
    return figure, rows


def _write_numbers(axes: "Axes", values: np.ndarray) -> None:
    """Write correlations or loadings into their cells, nothing for NaN."""
    texts = [["" if np.isnan(value) else f"{value:.2f}".replace("-", "−") for value in line] for line in values]
    write_in_cells(axes, texts, np.abs(values) > 0.6, 6)


def _draw_tree(axes: "Axes", relations: Relations) -> None:
    centre = {leaf: float(column) for column, leaf in enumerate(relations.order)}  # of each group
    height = dict.fromkeys(relations.order, 0.0)
    for number, (left, right, distance, _) in enumerate(relations.linkage, len(relations.order)):
        a, b = int(left), int(right)
        x, y = (centre[a], centre[a], centre[b], centre[b]), (height[a], distance, distance, height[b])
        axes.plot(x, y, color=BLUE, clip_on=False)
        centre[number], height[number] = (centre[a] + centre[b]) / 2, distance
    axes.set(
        ylabel="Ward's distance" if relations.joined_by == "ward" else "1 − r",
        ylim=(0, max(relations.linkage[:, 2].max(), 1e-9) * 1.05),
    )
    axes.tick_params(axis="x", length=0, labelbottom=False)
    axes.spines["bottom"].set_visible(False)


def components(relations: Relations, seed: int) -> Drawn:
    """Shares of the variance, the loadings of the first three components, and the posts along the first two."""
    emotions, explained = relations.emotions, relations.explained
    rows: list[Row] = [
        {"component": number, "explained": float(share), "emotion": name, "loading": float(loading)}
        for number, (share, vector) in enumerate(zip(explained, relations.components, strict=True), 1)
        for name, loading in zip(emotions, vector, strict=True)
    ]
    with canvas(_PAGE, max(3.0, 1.2 + 0.2 * len(emotions)), "explain") as figure:
        shares, loadings, posts = figure.subplots(1, 3, width_ratios=(1, 0.9, 1.7))
        numbers = np.arange(1, len(explained) + 1)
        shares.bar(numbers, 100 * explained, color=BLUE)
        shares.plot(numbers, 100 * np.cumsum(explained), "o-", color=ORANGE, markersize=3)
        shares.set(title="each (bars), together (line)", xlabel="component", ylabel="% of the variance", ylim=(0, 105))
        shares.xaxis.get_major_locator().set_params(integer=True)
        values = relations.components[:3].T  # (K, 3)
        image = loadings.imshow(values, cmap=_TWO_SIDED, vmin=-1, vmax=1, aspect="auto")
        loadings.set_yticks(range(len(emotions)), emotions)
        loadings.set_xticks(range(values.shape[1]), [str(number) for number in numbers[:3]])
        loadings.set(title="loadings", xlabel="component")
        _write_numbers(loadings, values)
        figure.colorbar(image, ax=loadings, shrink=0.8)
        _draw_posts(posts, relations, seed)
    return figure, rows


def _draw_posts(axes: "Axes", relations: Relations, seed: int) -> None:
    """A sample of the posts, and an arrow for each emotion in the direction in which posts have more of it."""
    sample = np.random.default_rng(seed).permutation(relations.posts)[:_DOTS]
    x, y = relations.scores[np.sort(sample), :2].T
    axes.plot(x, y, ".", color="#bbbbbb", markersize=1.5, rasterized=True)
    reach = 0.8 * max(np.quantile(np.abs(relations.scores[:, :2]), 0.995), 1e-6)
    ends = relations.components[:2].T * reach / max(np.abs(relations.components[:2]).max(), 1e-9)  # (K, 2)
    for end in ends:
        axes.annotate("", xy=end, xytext=(0, 0), arrowprops={"arrowstyle": "->", "color": BLUE, "lw": 0.9})
        axes.plot(*end, alpha=0)  # room for the arrow
    first, second = 100 * relations.explained[:2]
    of = f" of {relations.posts:,}" if len(sample) < relations.posts else ""
    axes.set(title=f"{len(sample):,}{of} posts", ylabel=f"component 2 ({second:.1f}%)")
    axes.set_xlabel(f"component 1 ({first:.1f}% of the variance)")
    _write_names(axes, relations.emotions, ends)


def emotion_map(relations: Relations) -> Drawn:
    """Emotions as points: those that go together are close together (classical multidimensional scaling)."""
    rows: list[Row] = [
        {"emotion": name, "x": float(x), "y": float(y)}
        for name, (x, y) in zip(relations.emotions, relations.coordinates, strict=True)
    ]
    with canvas(COLUMN * 1.3, COLUMN * 1.2, "explain") as figure:
        axes = figure.subplots()
        axes.plot(*relations.coordinates.T, "o", color=BLUE)
        axes.set_aspect("equal", adjustable="datalim")
        axes.margins(0.2)
        first, second = 100 * relations.coordinates_explained
        poor = relations.stress > POOR_STRESS
        warning = f", above {POOR_STRESS}: distances are distorted" if poor else ""
        axes.set(title=f"near is alike; stress {relations.stress:.2f}{warning}", ylabel=f"axis 2 ({second:.0f}%)")
        axes.set_xlabel(f"axis 1 ({first:.0f}% of the squared distances)")
        _write_names(axes, relations.emotions, relations.coordinates)
    return figure, rows


def _write_names(axes: "Axes", names: Sequence[str], points: np.ndarray) -> None:
    """Write names beside points (K, 2), away from their middle and inside the axes; lines lead to those that moved.

    Axes grow until every name is inside: how large a name is in their units is known only once they are drawn.
    """
    axes.autoscale_view()
    for _ in range(_TRIES):
        for text in axes.texts[:]:
            if text.get_text():  # an arrow has none
                text.remove()
        _place_names(axes, names, points)
        figure = axes.get_figure()
        assert figure is not None
        figure.canvas.draw()
        boxes = [text.get_window_extent() for text in axes.texts if text.get_text()]
        inside = np.array([box.transformed(axes.transAxes.inverted()).extents for box in boxes])  # (K, 4)
        low, high = inside[:, :2].min(axis=0) - _ROOM, inside[:, 2:].max(axis=0) + _ROOM
        if (low >= 0).all() and (high <= 1).all():
            return
        to_data = axes.transAxes + axes.transData.inverted()
        for corner in to_data.transform([np.minimum(low, 0), np.maximum(high, 1)]):
            axes.plot(*corner, alpha=0)  # room for the names
        axes.autoscale_view()


def _place_names(axes: "Axes", names: Sequence[str], points: np.ndarray) -> None:
    """Each name at the height of its point, or as near to it as no other name or point is covered."""
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    line, letter = 0.05 * (top - bottom), 0.027 * (right - left)  # about the height of a line, the width of a letter
    dot = letter / 2
    taken = [(x - dot, x + dot, y) for x, y in points.tolist()]  # left, right and height of what must not be covered
    middle = points.mean(axis=0)
    for index in np.argsort(np.abs(points[:, 1] - middle[1]), kind="stable"):
        x, y = float(points[index, 0]), float(points[index, 1])
        outward = 1 if x >= middle[0] else -1
        step = line / 4 if y >= middle[1] else -line / 4
        start, end = sorted((x + outward * dot, x + outward * letter * (len(names[index]) + 1)))
        height = y
        while any(start < b and a < end and abs(height - other) < line for a, b, other in taken):
            height += step
        taken.append((start, end, height))
        moved = height != y
        axes.annotate(
            names[index],
            xy=(x, y),
            xytext=(x + outward * letter * 0.7, height),
            ha="left" if outward > 0 else "right",
            va="center",
            size=7,
            arrowprops={"arrowstyle": "-", "color": GREY, "lw": 0.5, "shrinkA": 0, "shrinkB": 2} if moved else None,
        )


def top_words(rows: Sequence[Row], emotions: Sequence[str], mean: np.ndarray, *, alone: bool = False) -> Drawn:
    """The words of each emotion as bars of its mean probability in their posts, all on one scale; the line is the mean.

    Args:
        rows: As `top_words.WordMeans.top` gives them.
        emotions: K.
        mean: (K,), of all posts, or of all words alone.
        alone: Whether each bar is the answer to the word alone.
    """
    by_emotion = {name: [row for row in rows if row["emotion"] == name] for name in emotions}
    most = max(1, *(len(words) for words in by_emotion.values()))
    across = min(4, len(emotions))
    down = -(-len(emotions) // across)
    with canvas(_PAGE, down * (0.75 + 0.15 * most), "explain") as figure:
        panels = figure.subplots(down, across, squeeze=False).ravel()
        most_sure = 1.03 * max([*(float(row["mean"]) for row in rows), *mean.tolist()])
        for panel, (name, words), in_all in zip(panels, by_emotion.items(), mean, strict=False):
            panel.barh(range(len(words)), [row["mean"] for row in words], color=BLUE, height=0.7)
            panel.axvline(in_all, color=ORANGE, linewidth=1, linestyle="--")
            panel.set_yticks(range(len(words)), [row["word"] for row in words])
            panel.set(title=name if words else f"{name}: no word stands out", ylim=(most - 0.5, -0.5))
            panel.set_xlim(0, most_sure)
            panel.xaxis.get_major_locator().set_params(nbins=3)
        for panel in panels[len(emotions) :]:
            panel.set_axis_off()
        said = "mean probability of the emotion in posts with the word (dashed: in all posts)"
        if alone:
            said = "probability of the emotion for the word alone (dashed: mean of all words asked)"
        figure.supxlabel(said, size=8)
    return figure, list(rows)


def times(cells: Mapping[str, Cells], emotions: Sequence[str], zone: str, rows: Sequence[Row]) -> Drawn:
    """Change of each emotion's share by weekday and hour against all dated posts; a dot where it is beyond chance."""
    known = np.concatenate([np.abs(by_time.change[np.isfinite(by_time.change)]) for by_time in cells.values()])
    reach = max(float(np.quantile(known, 0.98)) if len(known) else 0.0, 0.02)
    with canvas(_PAGE, 1.5 + 0.24 * len(emotions), "explain") as figure:
        from matplotlib import cm, colors

        widths = [max(len(by_time.names), 12) for by_time in cells.values()]  # room for the names of weekdays
        panels = figure.subplots(1, len(cells), sharey=True, squeeze=False, width_ratios=widths)[0]
        for panel, (of, by_time) in zip(panels, cells.items(), strict=True):
            change, beyond = by_time.change.T, by_time.beyond_chance.T  # (K, T)
            panel.set_facecolor("#eeeeee")  # of cells without posts
            strength = np.where(beyond, 1.0, _PALE)  # what may be chance is pale
            panel.imshow(change, cmap=_TWO_SIDED, vmin=-reach, vmax=reach, aspect="auto", alpha=strength)
            row, column = np.nonzero(beyond)
            shades = np.where(np.abs(change[row, column]) > 0.6 * reach, "white", "black")
            panel.scatter(column, row, s=5, c=list(shades))
            short = [name[:2] if name.isalpha() else name for name in by_time.names]
            every = 1 if len(short) <= 7 else 3
            panel.set_xticks(range(0, len(short), every), short[::every])
            panel.set_xlabel(f"{of} ({zone})")
        panels[0].set_yticks(range(len(emotions)), emotions)
        scale = cm.ScalarMappable(colors.Normalize(-reach, reach), _TWO_SIDED)
        bar = figure.colorbar(scale, ax=list(panels), extend="both")
        bar.ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:+.0f}%".replace("-", "−"))
        bar.set_label("against all dated posts")
        panels[0].set_title("share of each emotion; a dot: more than chance, pale: may be chance")
    return figure, list(rows)


def ratings(rows: Sequence[Row]) -> Drawn:
    """Correlation of components and emotions with people's ratings, with their 95% intervals."""
    names = list(dict.fromkeys(row["with"] for row in rows))
    kinds = list(dict.fromkeys(row["rating"] for row in rows))
    with canvas(COLUMN * (0.6 + 0.7 * len(kinds)), 1.2 + 0.18 * len(names), "explain") as figure:
        panels = figure.subplots(1, len(kinds), sharey=True, squeeze=False)[0]
        for panel, kind in zip(panels, kinds, strict=True):
            draw_intervals(panel, names, [row for row in rows if row["rating"] == kind], "r")
            panel.axvline(0, color=GREY, linewidth=0.8)
            panel.set(title=kind, xlim=(-1, 1), xlabel="correlation r and its 95% interval")
    return figure, list(rows)
