"""The line that makes a run again, for its card: what was typed, or called, quoted, with its recipe and seed named.

It is run where the first one was, and writes to a folder beside the run's, `RUN-again`.
"""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from feelscope.encoders.encoder import Resources
from feelscope.table import MOST_BROKEN
from feelscope.table.in_memory import MemoryRows
from feelscope.train.run_folder import RECIPE


def again(out: Path) -> str:
    """The folder that the second run is written to."""
    return f"{out}-again"


def of_arguments(given: Sequence[str], verb: str, out: Path, recipe: str, seed: int) -> str:
    """The command that was typed, as one that makes the run again; empty where it was another.

    Args:
        given: All that was typed after `feelscope`.
        verb: The command's name, as in `train`.
        out: What was given as `--out`.
        recipe, seed: Of the run; named where they were not.
    """
    if verb not in given:
        return ""
    at = given.index(verb) + 1
    kept: list[str] = []
    rest = iter(given[at:])
    for argument in rest:
        if argument == "--out":
            next(rest, None)
        elif argument != "--resume" and not argument.startswith("--out="):
            kept.append(argument)
    named = []
    for option, value in (("--recipe", recipe), ("--seed", str(seed))):
        if not any(argument == option or argument.startswith(f"{option}=") for argument in kept):
            named += [option, value]
    end = kept.index("--") if "--" in kept else len(kept)
    return shlex.join(["feelscope", *given[:at], *kept[:end], *named, "--out", again(out), *kept[end:]])


def of_training(
    out: Path,
    *,
    table: Path | MemoryRows | None,
    dev: Path | MemoryRows | None,
    data: Path | None,
    columns: Mapping[str, str] | None,
    teachers: Sequence[Path] = (),
    unlabelled: Path | MemoryRows | None = None,
    resources: Resources,
    most_broken: float = MOST_BROKEN,
    folds: int | None = None,
) -> str:
    """The command for what `train.train` was given; its recipe is the one that lies in the run's folder."""
    options = {
        "--recipe": out / RECIPE,
        "--dev": dev,
        "--data": data,
        "--columns": ",".join(f"{name}={column}" for name, column in (columns or {}).items()) or None,
        "--unlabelled": unlabelled,
        "--words": resources.words,
        "--weights": resources.weights,
        "--emoji-vectors": resources.emoji,
        "--cache": None if resources.cache == out.parent / "features" else resources.cache,
        "--max-errors": None if most_broken == MOST_BROKEN else f"{100 * most_broken:g}",
        "--folds": folds,
        "--out": again(out),
    }
    typed = [part for option, value in options.items() if value is not None for part in (option, str(value))]
    asked = [part for teacher in teachers for part in ("--teacher", str(teacher))]
    return shlex.join(["feelscope", "train", *([] if table is None else [str(table)]), *typed, *asked])
