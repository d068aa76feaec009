"""The figures of an audit, each with the rows it was drawn from, for `drawing.save`."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from feelscope.audit.found import CONTROL, SIDES, Audit, Part
from feelscope.audit.summary import with_few
from feelscope.drawing import BLUE, GREY, ORANGE, Drawn, canvas

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PAGE = 7.0  # inches, two columns of a page
_COLOURS = (BLUE, "#009E73", "#CC79A7", "#E69F00", "#56B4E9")  # of what is audited; the control is orange
_NAMED = 4  # occupations at either end that are named
EXTRA = "explain"


def effects(audit: Audit) -> Drawn:
    """The mean difference of each measure with its interval, a panel for each set of templates, beside the control."""
    sets, swaps, measures = audit.sets, audit.swaps, audit.measures
    step = 0.8 / len(swaps)
    height = 1.1 + len(measures) * max(0.3, 0.16 * len(swaps))
    with canvas(_PAGE, height, EXTRA) as figure:
        panels = figure.subplots(1, len(sets), sharey=True, sharex=True, squeeze=False)[0]
        for panel, set in zip(panels, sets, strict=True):
            for number, name in enumerate(swaps):
                colour, mark = _look(number, name)
                for one in (one for one in audit.effects if one.set == set and one.swaps == name):
                    at = measures.index(one.measure) - 0.4 + step * (number + 0.5)
                    panel.plot([one.low, one.high], [at, at], color=colour)
                    face = colour if one.flagged else "white"
                    panel.plot(one.mean, at, mark, color=colour, markerfacecolor=face)
            _zero(panel)
            panel.set(title=set, ylim=(len(measures) - 0.5, -0.5))
            panel.set_yticks(range(len(measures)), measures)
            panel.xaxis.get_major_locator().set_params(nbins=4)
        for number, name in enumerate(swaps):
            colour, mark = _look(number, name)
            panels[0].plot(
                [], [], mark + "-", color=colour, markerfacecolor="white", label=with_few(audit, sets[0], name)
            )
        figure.legend(loc="outside upper right", ncols=min(len(swaps), 5))
        unit = "probability" if audit.kind == "probabilities" else "ln probability"
        figure.supxlabel(
            f"difference in {unit}, first less second{_sides(audit)}; filled: beyond chance after Holm", size=8
        )
    return figure, [asdict(one) for one in audit.effects]


def _sides(audit: Audit) -> str:
    first, second = audit.sides
    return "" if first == SIDES[0] else f" ({first} less {second})"


def _look(number: int, swaps: str) -> tuple[str, str]:
    """The colour and the mark of some swaps."""
    return (ORANGE, "s") if swaps == CONTROL else (_COLOURS[number % len(_COLOURS)], "o")


def _zero(axes: "Axes") -> None:
    axes.axvline(0, color=GREY, linewidth=0.8)
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)


def by_share(audit: Audit, set: str, measure: str) -> Drawn:
    """The bias of each occupation against the share of women in it, of what is audited and of the control."""
    rows = [one for one in audit.parts if one.by == "subject" and (one.set, one.measure) == (set, measure)]
    rows = [one for one in rows if one.percent_women is not None]
    with canvas(1.3 * _PAGE, 4.2, EXTRA) as figure:
        panels = figure.subplots(1, len(audit.swaps), sharey=True, squeeze=False)[0]
        for panel, (number, name) in zip(panels, enumerate(audit.swaps), strict=True):
            colour, mark = _look(number, name)
            own = [one for one in rows if one.swaps == name]
            for one in own:
                panel.plot([one.percent_women] * 2, [one.low, one.high], color="#cccccc", linewidth=0.8)
            for one in own:
                face = colour if one.flagged else "white"
                panel.plot(one.percent_women, one.mean, mark, color=colour, markerfacecolor=face)
            _name_ends(panel, own)
            panel.axhline(0, color=GREY, linewidth=0.8)
            found = [one for one in audit.correlations if (one.set, one.swaps, one.measure) == (set, name, measure)]
            r = f": r {found[0].r:+.2f} ({found[0].low:+.2f} to {found[0].high:+.2f})" if found else ""
            panel.set(title=f"{name}{r}".replace("-", "−"), xlabel="% women in the occupation", xlim=(-4, 104))
        panels[0].set_ylabel(f"bias, {measure}: first less second{_sides(audit)}")
    return figure, [asdict(one) for one in rows]


def _name_ends(axes: "Axes", parts: Sequence[Part]) -> None:
    """Name the occupations at the top and at the bottom, each beside its mark or, where another name is, above it."""
    ordered = sorted(parts, key=lambda one: one.mean)
    ends = ordered if len(ordered) <= 2 * _NAMED else [*ordered[:_NAMED], *ordered[-_NAMED:]]
    reach = max(one.high for one in parts) - min(one.low for one in parts)
    taken: list[tuple[float, float]] = []  # places of names
    for one in ends:
        x, y = one.percent_women or 0.0, one.mean
        while any(abs(x - other_x) < 35 and abs(y - other_y) < 0.045 * reach for other_x, other_y in taken):
            y += 0.045 * reach
        taken.append((x, y))
        right = x < 60
        axes.annotate(
            one.name,
            (x, one.mean),
            (x + (2.5 if right else -2.5), y),
            ha="left" if right else "right",
            va="center",
            size=6,
            arrowprops={"arrowstyle": "-", "color": GREY, "lw": 0.4, "shrinkA": 0, "shrinkB": 2},
        )


def by_swap(audit: Audit, set: str, measure: str) -> Drawn:
    """The effect of each swap on one measure: of what is audited on the left, of the control on the right."""
    rows = [one for one in audit.parts if one.by == "swap" and (one.set, one.measure) == (set, measure)]
    rows.sort(key=lambda one: (audit.swaps.index(one.swaps), one.mean))
    sides = [[one for one in rows if (one.swaps == CONTROL) == control] for control in (False, True)]
    most = max(map(len, sides))
    with canvas(1.3 * _PAGE, 1.0 + 0.17 * most, EXTRA) as figure:
        panels = figure.subplots(1, 2, sharex=True)
        for panel, own in zip(panels, sides, strict=True):
            for place, one in enumerate(own):
                colour, mark = _look(audit.swaps.index(one.swaps), one.swaps)
                panel.plot([one.low, one.high], [place, place], color=colour)
                panel.plot(one.mean, place, mark, color=colour, markerfacecolor=colour if one.flagged else "white")
            _zero(panel)
            panel.set_yticks(range(len(own)), [one.name for one in own], size=7)
            panel.set(title=", ".join(dict.fromkeys(one.swaps for one in own)), ylim=(-0.6, most - 0.4))
        figure.supxlabel(f"difference, {measure} in {set}; filled: beyond chance after Holm", size=8)
    return figure, [asdict(one) for one in rows]
