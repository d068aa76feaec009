"""Options that several commands share, and how their values are read."""

import re
from pathlib import Path
from typing import Annotated, Any

import typer
from typer import Argument, Option

from feelscope.memory import BUDGET, LEAST_MEGABYTES, MEGABYTES
from feelscope.text.csv_cells import raw_cells

Table = Annotated[Path, Argument(metavar="TABLE", help="Posts: .csv, .jsonl or .parquet.")]
LabelledTable = Annotated[Path, Argument(metavar="TABLE", help="Posts with an emotion: .csv, .jsonl or .parquet.")]
Model = Annotated[
    str,
    Option(
        metavar="builtin|multilingual|RUN|hub:NAME",
        help="A model that comes with Feelscope, a folder that `train` wrote, or a model of the hub.",
    ),
]
Columns = Annotated[
    str,
    Option(
        metavar="NAME=COLUMN,...",
        help="Which column is which, such as text=Caption,emotion=Label; by place, as text=6, without a header.",
    ),
]


def _read_tables(context: typer.Context, **settings: Any) -> None:
    from feelscope.table.settings import reading_with  # late, as the room of tables takes time to import

    context.with_resource(reading_with(**settings))


def _set_encoding(context: typer.Context, value: str) -> str:
    """Set how text files are decoded, until the command ends."""
    if value:
        _read_tables(context, encoding=value)
    return value


Encoding = Annotated[
    str,
    Option(
        "--encoding",
        metavar="NAME",
        callback=_set_encoding,
        help="Of text files, such as cp1252; by default UTF-8, or what their bytes say.",
    ),
]


def _set_images(context: typer.Context, value: Path | None) -> Path | None:
    """Set where pictures lie, until the command ends."""
    if value is not None:
        _read_tables(context, images=value)
    return value


Images = Annotated[
    Path | None,
    Option(
        "--images",
        metavar="DIR",
        callback=_set_images,
        help="The folder that the table's image paths start from; by default the table's own.",
    ),
]


def _set_labels(context: typer.Context, value: str) -> str:
    """Set where the labels are, until the command ends."""
    if value:
        if value != "one-hot":
            raise typer.BadParameter(f"expected one-hot, found {value!r}")
        _read_tables(context, labels=value)
    return value


Labels = Annotated[
    str,
    Option("--labels", metavar="one-hot", callback=_set_labels, help="Take the emotion from columns of 0 and 1."),
]


def _set_train_labels(context: typer.Context, value: str | None) -> str | None:
    """The same of a training, which may be told instead which labels are the same."""
    if value != "one-hot":
        return value
    _set_labels(context, value)
    return None


TrainLabels = Annotated[
    str | None,
    Option(
        "--labels",
        metavar="by-meaning|as-they-are|one-hot",
        callback=_set_train_labels,
        help="Whether names that mean the same are one label, as happy and joy; or take it from columns of 0 and 1.",
    ),
]


def _set_dates(context: typer.Context, value: str) -> str:
    """Set the order of days and months, until the command ends."""
    from feelscope.config import did_you_mean
    from feelscope.table.times import ORDERS

    if value:
        if value not in ORDERS:
            raise typer.BadParameter(f"no order {value!r}; {did_you_mean(value, ORDERS)}")
        _read_tables(context, dates=value)
    return value


Dates = Annotated[
    str,
    Option(
        "--dates",
        metavar="dmy|mdy",
        callback=_set_dates,
        help="How to read dates such as 03/05/2021, which could be two.",
    ),
]
Limit = Annotated[int | None, Option(metavar="N", min=1, help="Read only the first N posts.")]
MEMORY = MEGABYTES
QuarantineFile = Annotated[
    Path | None,
    Option(
        "--quarantine",
        metavar="FILE",
        help="Where to write the rows that are left out, and why; by default beside the output, named after it.",
    ),
]
MaxErrors = Annotated[
    float,
    Option("--max-errors", metavar="PERCENT", min=0, max=100, help="Stop where more of the rows cannot be read."),
]


def _raw_cells(context: typer.Context, value: bool) -> bool:
    """Set what CSV files are written with, until the command ends."""
    context.with_resource(raw_cells(value))
    return value


Raw = Annotated[
    bool, Option("--raw", callback=_raw_cells, help="In CSV files, leave cells that begin a formula as they are.")
]


def _set_memory(megabytes: int) -> int:
    BUDGET.set(megabytes)
    return megabytes


Memory = Annotated[
    int,
    Option(
        metavar="MB",
        min=LEAST_MEGABYTES,
        callback=_set_memory,
        help="What reading posts and pictures may take, the program included.",
    ),
]
ReadPictures = Annotated[
    bool, Option("--read-pictures", help="Read the words in pictures too, of memes and screenshots.")
]
AltText = Annotated[
    bool, Option("--alt-text", help="Read what authors say of their pictures too, the table's column alt_text.")
]


def _check_share(value: float | None) -> float | None:
    if value is not None and not 0 <= value <= 1:  # NaN is neither
        raise typer.BadParameter(f"expected a share from 0 to 1, such as 0.8, found {value:g}")
    return value


SkipPictures = Annotated[
    float | None,
    Option(
        metavar="SHARE",
        callback=_check_share,
        help="Leave out the pictures of posts whose words alone are surer than this, such as 0.8.",
    ),
]


def _be_quiet(context: typer.Context, value: bool) -> bool:
    """Say nothing but errors, until the command ends."""
    from feelscope.cli.progress import quietly

    context.with_resource(quietly(value))
    return value


Quiet = Annotated[
    bool, Option("--quiet", "-q", is_eager=True, callback=_be_quiet, help="Say nothing on stderr but errors.")
]
Json = Annotated[bool, Option("--json", help="Print everything as one JSON object.")]

# Training
Resume = Annotated[bool, Option("--resume", help="Continue an interrupted training.")]
Device = Annotated[
    str,
    Option(metavar="auto|cpu|cuda", help="Where to compute; auto takes a GPU if there is one."),
]
Epochs = Annotated[int | None, Option(metavar="N", min=1, help="Instead of the recipe's.")]
Seed = Annotated[int | None, Option(metavar="N", min=0, help="Instead of the recipe's.")]
Words = Annotated[Path | None, Option(metavar="FILE", help="Word vectors, for recipes that use them.")]
EmojiVectors = Annotated[
    Path | None, Option(metavar="FILE", help="Vectors of emoji, beside their names, for recipes that read emoji.")
]
Weights = Annotated[
    Path | None,
    Option(metavar="DIR|FILE", help="Pretrained weights, instead of those in installed packages."),
]
Cache = Annotated[Path | None, Option(metavar="DIR", help="The feature cache; by default, `features` next to RUN.")]

# Exploring
Index = Annotated[Path, Argument(metavar="INDEX", help="The folder of the index.")]
Engine = Annotated[
    str, Option(metavar="URL", help="Ask the index that `export` made there, instead of the folder's own.")
]
Subject = Annotated[str, Option(metavar="SUBJECT", help="Posts of an index with this subject.")]
Since = Annotated[str, Option("--from", metavar="DAY", help="First day, YYYY-MM-DD.")]
Until = Annotated[str, Option("--to", metavar="DAY", help="The day after the last one.")]
Unit = Annotated[str, Option(metavar="day|week|month|year", help="What is counted together.")]


def read_columns(value: str, option: str = "--columns") -> dict[str, str]:
    """Read `text=Caption,emotion=Label`; a column's name may have a comma in it."""
    pairs = [pair.partition("=") for pair in re.split(r",(?=\s*\w+\s*=)", value) if pair.strip()]
    if any(not (name.strip() and column.strip()) for name, _, column in pairs):
        raise typer.BadParameter(f"expected NAME=COLUMN,..., found {value!r}", param_hint=option)
    return {name.strip(): column.strip() for name, _, column in pairs}
