"""Options that several commands share, and how their values are read."""

import re
from pathlib import Path
from typing import Annotated

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
    str, Option(metavar="NAME=COLUMN,...", help="Which column is which, such as text=Caption,emotion=Label.")
]


def _order(value: str) -> str:
    from feelscope.config import did_you_mean
    from feelscope.table.times import ORDERS

    if value and value not in ORDERS:
        raise typer.BadParameter(f"no order {value!r}; {did_you_mean(value, ORDERS)}", param_hint="--dates")
    return value


Dates = Annotated[
    str,
    Option(metavar="dmy|mdy", callback=_order, help="How to read dates such as 03/05/2021, which could be two."),
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
Unit = Annotated[str, Option(metavar="day|month|year", help="What is counted together.")]


def read_columns(value: str, option: str = "--columns") -> dict[str, str]:
    """Read `text=Caption,emotion=Label`; a column's name may have a comma in it."""
    pairs = [pair.partition("=") for pair in re.split(r",(?=\s*\w+\s*=)", value) if pair.strip()]
    if any(not (name.strip() and column.strip()) for name, _, column in pairs):
        raise typer.BadParameter(f"expected NAME=COLUMN,..., found {value!r}", param_hint=option)
    return {name.strip(): column.strip() for name, _, column in pairs}
