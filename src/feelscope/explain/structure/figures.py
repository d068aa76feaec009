"""The figures of the structure of emotions, each with the rows it was drawn from, for `drawing.save`."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from feelscope.drawing import BLUE, COLUMN, GREY, ORANGE, Drawn, Row, canvas, style
from feelscope.explain.structure.relations import Relations
from feelscope.explain.structure.times import Cells

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PAGE = 7.0  # inches, two columns of a page
_TWO_SIDED = "PuOr_r"  # purple for less, orange for more; told apart without red and green
_PALE = 0.35
_DOTS = 3000  # posts drawn of all: more would be one blot


def correlation(found: Relations) -> Drawn:
    """Heat map of the correlations in the tree's order, with the tree above it."""
    order = list(found.order)
    names = [found.emotions[index] for index in order]
    values = found.correlation[np.ix_(order, order)]  # (K, K)
    rows: list[Row] = [
        {"emotion": one, "other": other, "r": float(values[i, j])}
        for i, one in enumerate(names)
        for j, other in enumerate(names)
    ]
    side = 0.42 if len(names) <= 10 else 0.28
    numbers = len(names) <= 16
    with style("explain"):
        height = side * len(names)
        figure = canvas(max(COLUMN, 2.2 + height), 2.2 + height)
        tree, heat = figure.subplots(2, 1, sharex=True, height_ratios=(1.0, max(height, 1)))
        _draw_tree(tree, found)
        tree.set_title(f"correlation of predicted emotions over {found.posts:,} posts")
        drawn = heat.imshow(values, cmap=_TWO_SIDED, vmin=-1, vmax=1, aspect="auto")
        heat.set_xticks(range(len(names)), names, rotation=45, ha="right", rotation_mode="anchor")
        heat.set_yticks(range(len(names)), names)
        for i, j in ((i, j) for i in range(len(names)) for j in range(len(names)) if numbers and i != j):
            shade = "white" if abs(values[i, j]) > 0.6 else "black"
            heat.text(j, i, f"{values[i, j]:.2f}".replace("-", "−"), ha="center", va="center", color=shade, size=6)
        figure.colorbar(drawn, ax=heat, label="correlation r", shrink=0.8)
    return figure, rows


def _draw_tree(axes: "Axes", found: Relations) -> None:
    place = {leaf: float(at) for at, leaf in enumerate(found.order)}  # of each group: the middle of its two halves
    height = dict.fromkeys(found.order, 0.0)
    for number, (left, right, distance, _) in enumerate(found.links, len(found.order)):
        a, b = int(left), int(right)
        axes.plot(
            [place[a], place[a], place[b], place[b]],
            [height[a], distance, distance, height[b]],
            color=BLUE,
            clip_on=False,
        )
        place[number], height[number] = (place[a] + place[b]) / 2, distance
    axes.set_ylim(0, max(found.links[:, 2].max(), 1e-9) * 1.05)
    axes.set_ylabel("1 − r")
    axes.tick_params(axis="x", length=0, labelbottom=False)
    axes.spines["bottom"].set_visible(False)


def components(found: Relations, seed: int) -> Drawn:
    """Shares of the variance, the loadings of the first three components, and the posts along the first two."""
    shown = min(3, len(found.components))
    rows: list[Row] = [
        {
            "component": number + 1,
            "explained": float(found.explained[number]),
            "emotion": name,
            "loading": float(loading),
        }
        for number, vector in enumerate(found.components)
        for name, loading in zip(found.emotions, vector, strict=True)
    ]
    with style("explain"):
        figure = canvas(_PAGE, max(3.0, 1.2 + 0.2 * len(found.emotions)))
        shares, loadings, posts = figure.subplots(1, 3, width_ratios=(1, 0.9, 1.7))
        numbers = np.arange(1, len(found.explained) + 1)
        shares.bar(numbers, 100 * found.explained, color=BLUE)
        shares.plot(numbers, 100 * np.cumsum(found.explained), "o-", color=ORANGE, markersize=3)
        shares.set_title("each (bars), together (line)")
        shares.set_xlabel("component")
        shares.set_ylabel("% of the variance")
        shares.set_ylim(0, 105)
        shares.xaxis.get_major_locator().set_params(integer=True)
        drawn = loadings.imshow(found.components[:shown].T, cmap=_TWO_SIDED, vmin=-1, vmax=1, aspect="auto")
        loadings.set_yticks(range(len(found.emotions)), found.emotions)
        loadings.set_xticks(range(shown), [str(number + 1) for number in range(shown)])
        loadings.set_xlabel("component")
        loadings.set_title("loadings")
        for i, j in ((i, j) for i in range(len(found.emotions)) for j in range(shown)):
            value = found.components[j, i]
            shade = "white" if abs(value) > 0.6 else "black"
            loadings.text(j, i, f"{value:.2f}".replace("-", "−"), ha="center", va="center", color=shade, size=6)
        figure.colorbar(drawn, ax=loadings, shrink=0.8)
        _draw_posts(posts, found, seed)
    return figure, rows


def _draw_posts(axes: "Axes", found: Relations, seed: int) -> None:
    """A sample of the posts, and an arrow for each emotion: the way in which posts have more of it."""
    draw = np.random.default_rng(seed).permutation(found.posts)[:_DOTS]
    x, y = found.scores[np.sort(draw), :2].T
    axes.plot(x, y, ".", color="#bbbbbb", markersize=1.5, rasterized=True)
    reach = 0.8 * max(np.quantile(np.abs(found.scores[:, :2]), 0.995), 1e-6)
    ends = found.components[:2].T * reach / max(np.abs(found.components[:2]).max(), 1e-9)  # (K, 2)
    for end in ends:
        axes.annotate("", xy=end, xytext=(0, 0), arrowprops={"arrowstyle": "->", "color": BLUE, "lw": 0.9})
        axes.plot(*end, alpha=0)  # room for the arrow
    _write_names(axes, found.emotions, ends)
    axes.set_xlabel(f"component 1 ({100 * found.explained[0]:.1f}% of the variance)")
    axes.set_ylabel(f"component 2 ({100 * found.explained[1]:.1f}%)")
    axes.set_title(f"{len(draw):,} of {found.posts:,} posts" if len(draw) < found.posts else f"{found.posts:,} posts")


def emotion_map(found: Relations) -> Drawn:
    """Emotions as places: those that go together lie together (classical multidimensional scaling)."""
    rows: list[Row] = [
        {"emotion": name, "x": float(x), "y": float(y)}
        for name, (x, y) in zip(found.emotions, found.places, strict=True)
    ]
    with style("explain"):
        figure = canvas(COLUMN * 1.3, COLUMN * 1.2)
        axes = figure.subplots()
        places = np.zeros((len(found.emotions), 2))
        places[:, : found.places.shape[1]] = found.places
        axes.plot(places[:, 0], places[:, 1], "o", color=BLUE)
        axes.set_aspect("equal", adjustable="datalim")
        axes.margins(0.2)
        _write_names(axes, found.emotions, places)
        shares = [*(100 * found.places_explained), 0.0][:2]
        axes.set_xlabel(f"axis 1 ({shares[0]:.0f}% of the squared distances)")
        axes.set_ylabel(f"axis 2 ({shares[1]:.0f}%)")
        axes.set_title(f"near is alike; stress {found.stress:.2f}")
    return figure, rows


def _write_names(axes: "Axes", names: Sequence[str], places: np.ndarray) -> None:
    """Write names beside places (K, 2), away from their middle; a thin line leads to a name that had to move."""
    axes.autoscale_view()
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    line, letter = 0.05 * (top - bottom), 0.027 * (right - left)  # about the height of a line, the width of a letter
    dot = letter / 2
    taken = [(x - dot, x + dot, y) for x, y in places.tolist()]  # left, right and height of what must not be covered
    middle = places.mean(axis=0)
    for index in np.argsort(np.abs(places[:, 1] - middle[1]), kind="stable"):
        x, y = float(places[index, 0]), float(places[index, 1])
        outward = 1 if x >= middle[0] else -1
        step = line / 4 if y >= middle[1] else -line / 4
        start, end = sorted((x + outward * dot, x + outward * letter * (len(names[index]) + 1)))
        height = y
        while any(start < b and a < end and abs(height - at) < line for a, b, at in taken):
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


def top_words(rows: Sequence[Row], emotions: Sequence[str], mean: np.ndarray) -> Drawn:
    """The words of each emotion as bars of its mean probability in their posts; the line is that of all posts.

    Args:
        rows: As `top_words.WordMeans.top` gives them.
        emotions: K.
        mean: (K,), of all posts.
    """
    by_emotion = {name: [row for row in rows if row["emotion"] == name] for name in emotions}
    most = max((len(one) for one in by_emotion.values()), default=1)
    across = min(4, len(emotions))
    down = -(-len(emotions) // across)
    with style("explain"):
        figure = canvas(_PAGE, down * (0.75 + 0.15 * max(most, 1)))
        panels = figure.subplots(down, across, squeeze=False).ravel()
        for panel, name, whole in zip(panels, emotions, mean, strict=False):
            some: list[Any] = by_emotion[name]
            panel.barh(range(len(some)), [row["mean"] for row in some], color=BLUE, height=0.7)
            panel.axvline(whole, color=ORANGE, linewidth=1, linestyle="--")
            panel.set_yticks(range(len(some)), [row["word"] for row in some])
            panel.set_ylim(max(most, 1) - 0.5, -0.5)
            panel.set_xlim(left=0)
            panel.set_title(name if some else f"{name}: no word stands out")
            panel.xaxis.get_major_locator().set_params(nbins=3)
        for panel in panels[len(emotions) :]:
            panel.set_axis_off()
        figure.supxlabel("mean probability of the emotion in posts with the word (dashed: in all posts)", size=8)
    return figure, list(rows)


def times(cells: Mapping[str, Cells], emotions: Sequence[str], zone: str, rows: Sequence[Row]) -> Drawn:
    """Change of each emotion's share by weekday and hour against all dated posts; dots where chance is no reason."""
    known = np.concatenate([np.abs(part.change[np.isfinite(part.change)]) for part in cells.values()])
    reach = max(float(np.quantile(known, 0.98)) if len(known) else 0.0, 0.02)
    with style("explain"):
        from matplotlib import cm, colors

        figure = canvas(_PAGE, 1.5 + 0.24 * len(emotions))
        widths = [max(len(part.names), 12) for part in cells.values()]  # room for the names of weekdays
        panels = figure.subplots(1, len(cells), sharey=True, squeeze=False, width_ratios=widths)[0]
        for panel, (of, part) in zip(panels, cells.items(), strict=True):
            panel.set_facecolor("#eeeeee")  # of cells without posts
            sure = np.where(part.beyond_chance, 1.0, _PALE).T  # what may be chance is pale
            panel.imshow(part.change.T, cmap=_TWO_SIDED, vmin=-reach, vmax=reach, aspect="auto", alpha=sure)
            at, row = np.nonzero(part.beyond_chance)
            shades = [
                "white" if abs(part.change[i, j]) > 0.6 * reach else "black" for i, j in zip(at, row, strict=True)
            ]
            panel.scatter(at, row, s=5, c=shades)
            short = [name[:2] if name.isalpha() else name for name in part.names]
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
    """Correlation of components and emotions with people's ratings, with 95% intervals."""
    names = list(dict.fromkeys(str(row["with"]) for row in rows))
    kinds = list(dict.fromkeys(str(row["rating"]) for row in rows))
    with style("explain"):
        figure = canvas(COLUMN * (0.6 + 0.7 * len(kinds)), 1.2 + 0.18 * len(names))
        panels = figure.subplots(1, len(kinds), sharey=True, squeeze=False)[0]
        for panel, kind in zip(panels, kinds, strict=True):
            row: Any
            for row in rows:
                if row["rating"] == kind and row["r"] is not None:
                    height = names.index(str(row["with"]))
                    panel.plot([row["low"], row["high"]], [height, height], color=BLUE)
                    panel.plot(row["r"], height, "o", color=BLUE)
            panel.axvline(0, color=GREY, linewidth=0.8)
            panel.set_title(kind)
            panel.set_xlim(-1, 1)
            panel.set_xlabel("correlation r, 95% interval")
            panel.grid(axis="x", color="#dddddd", linewidth=0.6)
            panel.set_axisbelow(True)
        panels[0].set_yticks(range(len(names)), names)
        panels[0].set_ylim(len(names) - 0.5, -0.5)
    return figure, list(rows)
