"""What all figures share: their style, and how a figure is saved with the rows it was drawn from.

Colours are those of Okabe and Ito (2008), cividis and PuOr, told apart by colour-blind readers and in grey print.
"""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feelscope.errors import needs_extra
from feelscope.files import write_whole
from feelscope.text.csv_cells import write_csv

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Row = Mapping[str, Any]
Drawn = tuple["Figure", list[Row]]

COLUMN = 3.4  # inches, one column of a two-column page
BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#666666"
STYLE = {
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "legend.frameon": False,
    "lines.linewidth": 1.2,
    "lines.markersize": 4,
    "savefig.dpi": 200,
    "svg.hashsalt": "feelscope",  # the same ids in every run
    "text.parse_math": False,  # a dollar sign in an emotion's name is a dollar sign
}


@contextmanager
def style(extra: str = "train") -> Iterator[None]:
    """The settings of all figures, while one is drawn or saved; the caller's own are restored.

    Raises:
        MissingExtra: matplotlib is missing; it says that `extra` brings it.
    """
    with needs_extra("drawing", extra):
        import matplotlib
    settings: dict[Any, Any] = {**matplotlib.rcParamsDefault, **STYLE, "font.family": _fonts()}
    del settings["backend"]  # naming one would load pyplot
    with matplotlib.rc_context(settings):
        yield


# Of other scripts, where a machine has them; DejaVu Sans comes with matplotlib and has Latin, Cyrillic, Greek, Arabic.
_FURTHER_FONTS = (
    *("Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans JP", "Noto Sans SC", "Noto Sans KR", "PingFang SC"),
    *("Hiragino Sans", "Microsoft YaHei", "Yu Gothic", "Malgun Gothic", "WenQuanYi Micro Hei", "IPAexGothic"),
    *("Noto Sans Devanagari", "Noto Sans Hebrew", "Noto Sans Thai", "Noto Sans Bengali", "Arial Unicode MS"),
)


@lru_cache(1)
def _fonts() -> tuple[str, ...]:
    """What letters are drawn with, the first that has one."""
    from matplotlib.font_manager import fontManager

    known = set(fontManager.get_font_names())
    return ("DejaVu Sans", *(name for name in _FURTHER_FONTS if name in known))


@contextmanager
def canvas(width: float, height: float, extra: str = "train") -> Iterator["Figure"]:
    """An empty figure, its size in inches, to be drawn on in the style of all; see `style`."""
    with style(extra):
        from matplotlib.figure import Figure

        yield Figure(figsize=(width, height), layout="constrained")


def save(figure: "Figure", rows: Sequence[Row], folder: Path | str, name: str) -> list[Path]:
    """Write NAME.png (200 dpi), NAME.svg and NAME.csv, each whole or not at all, with the same bytes in every run."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(folder / f"{name}.csv", rows)
    with style():
        for kind, metadata in (("png", {}), ("svg", {"Date": None})):
            with write_whole(folder / f"{name}.{kind}", "wb") as file:
                figure.savefig(file, format=kind, metadata=metadata, bbox_inches="tight")
    return [folder / f"{name}.{kind}" for kind in ("png", "svg", "csv")]


# Of STYLE and of figures here, and what a page has in their place, so that a figure is right in the dark too.
_ON_A_PAGE = {
    "#ffffff": "var(--paper)",
    "#000000": "currentColor",
    "#dddddd": "var(--line)",
    GREY.lower(): "var(--quiet)",
    BLUE.lower(): "var(--blue)",
    ORANGE.lower(): "var(--orange)",
}


def svg(figure: "Figure", prefix: str, *, recolour: bool = True) -> str:
    """A figure as an `svg` element of a page, as wide as its place.

    Args:
        prefix: Of its ids, so that no two figures of a page share one.
        recolour: Take the colours of the page's style sheet: --paper, --line, --quiet, --blue and --orange.
    """
    made = io.BytesIO()
    with style():
        figure.savefig(made, format="svg", metadata={"Date": None}, bbox_inches="tight")
    text = made.getvalue().decode("utf-8")
    text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
    text = re.sub(
        r'<svg [^>]*?(viewBox="[^"]+")[^>]*>', r'<svg \1 xmlns:xlink="http://www.w3.org/1999/xlink">', text, count=1
    )
    text = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{prefix}-", text)
    if recolour:
        text = re.sub("|".join(_ON_A_PAGE), lambda found: _ON_A_PAGE[found.group()], text)
    return text.strip()


def write_in_cells(axes: "Axes", texts: Sequence[Sequence[str]], white: Any, size: float) -> None:
    """Write texts (rows, columns) into the cells of a heat map, in white where `white` (rows, columns) is true."""
    for row, line in enumerate(texts):
        for column, text in enumerate(line):
            if text:
                colour = "white" if white[row][column] else "black"
                axes.text(column, row, text, ha="center", va="center", color=colour, size=size)


def draw_intervals(axes: "Axes", names: Sequence[str], rows: Sequence[Row], key: str) -> None:
    """A dot for what each row has under `key`, and a line from its `low` to its `high`; the first row is on top."""
    for height, row in enumerate(rows):
        if row[key] is not None:
            axes.plot(row[key], height, "o", color=BLUE)
        if row["low"] is not None:
            axes.plot([row["low"], row["high"]], [height, height], color=BLUE)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
