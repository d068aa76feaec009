"""One stage of the built-in model: its recipe without some of its steps, trained once with a tenth kept apart.

    python experiments/builtin/stage.py --data DIR --teacher teacher.jsonl --without reading made --out RUNS

Trains RUNS/NAME, or goes on with it, and appends its scores on the validation split and on the `choose` halves of
experiments/probes to RUNS/stages.jsonl. `--read text` or `image` trains one modality alone, in half the time.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from feelscope import EmotionClassifier
from feelscope.cli.progress import Stages
from feelscope.models.settings import FusionSettings
from feelscope.train import checkpoint
from feelscope.train.recipe import Recipe, read_recipe
from feelscope.train.train import train

sys.path.append(str(Path(__file__).parents[1] / "probes"))
from score import score_probes

VALIDATION = 0.1


def _without_table(name: str) -> Callable[[Recipe], Recipe]:
    def without(recipe: Recipe) -> Recipe:
        tables = tuple(source for source in recipe.data.tables if not source.table.startswith(f"{name}/"))
        return replace(recipe, data=replace(recipe.data, tables=tables))

    return without


def _without_lending(recipe: Recipe) -> Recipe:
    first, *others = recipe.data.tables
    return replace(recipe, data=replace(recipe.data, tables=(replace(first, borrow_picture=0.0), *others)))


STEPS: Mapping[str, Callable[[Recipe], Recipe]] = {
    "reading": lambda recipe: replace(recipe, text=replace(recipe.text, reading="plain")),
    "made": lambda recipe: replace(recipe, augmentation=None),
    "views": lambda recipe: replace(recipe, image=replace(recipe.image, views="squares")),
    "lending": _without_lending,
    **{name: _without_table(name) for name in ("airline", "faces", "plain")},
}


def read_alone(recipe: Recipe, modality: str) -> Recipe:
    """The recipe with one modality, and the tables that have it."""
    pictured = ("msed/", "faces/", "plain/")
    tables = tuple(
        replace(source, borrow_picture=0.0)
        for source in recipe.data.tables
        if (source.table.startswith(pictured) if modality == "image" else not source.table.startswith(pictured[1:]))
    )
    other = {"text": "image", "image": "text"}[modality]
    return replace(
        recipe,
        **{other: replace(getattr(recipe, other), encoder="", training="frozen", **_plain(other))},
        fusion=FusionSettings(model=f"{modality}_only", dropout=recipe.fusion.dropout),
        combinations=None,
        choices=replace(recipe.choices, skip_pictures=1.0),
        augmentation=recipe.augmentation if modality == "text" else None,
        data=replace(recipe.data, tables=tables),
    )


def _plain(modality: str) -> dict[str, str]:
    return {"views": "squares", "unframe": False, "warns_of": ()} if modality == "image" else {}


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--teacher", type=Path)
    arguments.add_argument("--without", nargs="*", choices=STEPS, default=[])
    arguments.add_argument("--read", choices=("text", "image"))
    arguments.add_argument("--epochs", type=int, default=4)
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--out", type=Path, required=True, metavar="RUNS")
    options = arguments.parse_args()
    recipe = read_recipe("builtin")
    for step in options.without:
        recipe = STEPS[step](recipe)
    if options.read:
        recipe = read_alone(recipe, options.read)
    recipe = replace(
        recipe,
        seed=options.seed,
        steps=replace(recipe.steps, epochs=options.epochs),
        choices=replace(recipe.choices, validation=VALIDATION, trainings=1, patience=options.epochs),
        data=replace(recipe.data, tables=tuple(replace(source, dev="") for source in recipe.data.tables)),
    )
    name = "-".join([options.read or "both", *(f"no_{step}" for step in options.without), f"s{options.seed}"])
    run = options.out / name
    with Stages() as stages:
        train(
            recipe,
            run,
            data=options.data,
            teachers=[options.teacher] if options.teacher else [],
            resume=checkpoint.has_begun(run),
            progress=stages,
        )
    kinds = score_probes(EmotionClassifier.load(run), "choose")
    row = {
        "name": name,
        "validation": json.loads((run / "metrics.json").read_text())["scores"],
        "probes": {kind: score["right"] for kind, score in kinds.items()},
    }
    with (options.out / "stages.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
    print(f"{name}: mean over kinds {sum(row['probes'].values()) / len(kinds):.3f}")


if __name__ == "__main__":
    main()
