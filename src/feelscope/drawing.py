"""What all figures share: their style, and how a figure is saved with the rows it was drawn from.

Colours are those of Okabe and Ito (2008), cividis and PuOr, told apart by colour-blind readers and in grey print.
"""

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feelscope.errors import MissingExtra
from feelscope.files import write_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Row = Mapping[str, object]
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
    try:
        import matplotlib
    except ModuleNotFoundError as error:
        raise MissingExtra(f'figures need matplotlib: pip install "feelscope[{extra}]"') from error
    settings: dict[Any, Any] = {**matplotlib.rcParamsDefault, **STYLE}
    del settings["backend"]  # naming one would load pyplot
    with matplotlib.rc_context(settings):
        yield


def canvas(width: float, height: float) -> "Figure":
    """An empty figure, its size in inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def save(figure: "Figure", rows: Sequence[Row], folder: Path | str, name: str) -> list[Path]:
    """Write NAME.png (200 dpi), NAME.svg and NAME.csv, each whole or not at all, with the same bytes in every run."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    png, svg, table = (folder / f"{name}.{kind}" for kind in ("png", "svg", "csv"))
    with style():
        for path, metadata in ((png, {}), (svg, {"Date": None})):
            with write_whole(path, "wb") as file:
                figure.savefig(file, format=path.suffix[1:], metadata=metadata, bbox_inches="tight")
    with write_whole(table, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
    return [png, svg, table]


def _cell(value: object) -> object:
    """A cell: empty where nothing is known, six digits of a fraction."""
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.6g}"
    return "" if value is None else value
