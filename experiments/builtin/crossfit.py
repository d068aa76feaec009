"""A teacher of the words: answers for every training post, each by a network that was not trained on it.

    python experiments/builtin/crossfit.py --data DIR --out FOLDER [--folds 3] [--only 0]
    feelscope train --recipe builtin --data DIR --teacher FOLDER/teacher.jsonl --out RUN

The recipe's tables of words are cut into folds, whole groups of near-duplicates at a time. For each fold the recipe is
trained for words alone on the others, and asked about it: FOLDER/fold-N is the model, FOLDER/fold-N.jsonl what it
answers. The recipe's validation split is in no training, and is answered by the first fold's model. The same command
goes on with what was stopped.

Source: answers from outside a fold as in stacking (Wolpert 1992); a network that learns from its like (Furlanello et
al. 2018, "Born-Again Neural Networks").
"""

import argparse
import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from stage import read_alone

from feelscope import EmotionClassifier, Post
from feelscope.cli.progress import Stages
from feelscope.files import write_text
from feelscope.predict import row
from feelscope.prepare.split import fraction
from feelscope.prepare.validation_split import folded, validation_split
from feelscope.text.near_duplicates import group
from feelscope.train import checkpoint
from feelscope.train.data import read_source
from feelscope.train.recipe import Recipe, read_recipe
from feelscope.train.train import train

SCORED = "fold.csv"
EPOCHS = 2  # in a third, the loss of MSED on posts kept apart rises


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--folds", type=int, default=3)
    arguments.add_argument("--only", type=int, help="one fold, so that two processes can share the work")
    arguments.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    options = arguments.parse_args()
    recipe = read_alone(read_recipe("builtin"), "text")
    share = read_recipe("builtin").choices.validation
    folds = range(options.folds) if options.only is None else [options.only]
    for number in folds:
        answers = options.out / f"fold-{number}.jsonl"
        if not answers.exists():
            asked = cut(recipe, options.data, options.out / f"data-{number}", number, options.folds, share)
            run = options.out / f"fold-{number}"
            fit(recipe, options.out / f"data-{number}", run)
            found = EmotionClassifier.load(run).stream(asked)
            write_text(answers, "".join(f"{json.dumps(row(one))}\n" for one in found))
    done = [options.out / f"fold-{number}.jsonl" for number in range(options.folds)]
    if all(file.exists() for file in done):
        write_text(options.out / "teacher.jsonl", "".join(file.read_text(encoding="utf-8") for file in done))


def cut(recipe: Recipe, data: Path, out: Path, number: int, folds: int, share: float) -> list[Post]:
    """Write the recipe's tables without a fold and without the validation split; return the posts to be asked about.

    The fold of the first table is written too, for the model's scores.
    """
    asked: list[Post] = []
    for source in recipe.data.tables:
        posts = read_source(data / source.table, source, recipe.data.emotions).posts
        kept = validation_split(posts, share)
        fold_of = folds_of(posts, folds)
        left_out = {post.id for post, one, held in zip(posts, fold_of, kept, strict=True) if held or one == number}
        asked += [
            Post(post.id, post.text, post.title)
            for post, one, held in zip(posts, fold_of, kept, strict=True)
            if (number == 0 if held else one == number)
        ]
        write_rest(data / source.table, out / source.table, lambda id, left_out=left_out: id not in left_out)
        if source is recipe.data.tables[0]:
            fold = {post.id for post, one in zip(posts, fold_of, strict=True) if one == number}
            write_rest(data / source.table, out / SCORED, lambda id, fold=fold: id in fold)
    return asked


def folds_of(posts: Sequence[Post], folds: int) -> list[int]:
    """The fold of each post; near-duplicates are in one."""
    texts = [folded(post) for post in posts]
    return [
        int(fraction(f"fold {texts[first] or post.id}") * folds)
        for first, post in zip(group(texts), posts, strict=True)
    ]


def write_rest(table: Path, out: Path, wanted: Callable[[str], bool]) -> None:
    """Copy the posts of a table whose ids are wanted."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with table.open(encoding="utf-8", newline="") as read, out.open("w", encoding="utf-8", newline="") as written:
        rows = csv.DictReader(read)
        copy = csv.DictWriter(written, rows.fieldnames or ())
        copy.writeheader()
        copy.writerows(row for row in rows if wanted(row["id"]))


def fit(recipe: Recipe, data: Path, run: Path) -> None:
    """Train on the rest, for the words alone; nothing is chosen."""
    recipe = replace(
        recipe,
        steps=replace(recipe.steps, epochs=EPOCHS),
        choices=replace(recipe.choices, validation=0.0, trainings=1, temperature=1.0),
        data=replace(recipe.data, tables=tuple(replace(source, dev="") for source in recipe.data.tables)),
    )
    with Stages() as stages:
        train(recipe, run, data=data, dev=data / SCORED, resume=checkpoint.has_begun(run), progress=stages)


if __name__ == "__main__":
    main()
