"""Train: posts in, a model folder with its scores, figures and card out. The order of events."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import torch

from feelscope.encoders.encoded_posts import combination_counts
from feelscope.encoders.encoder import Resources
from feelscope.errors import ConfigError, ModelError
from feelscope.files import remove_partials, writing_folder
from feelscope.progress import Progress, silent
from feelscope.saved_model.export import export
from feelscope.table import MOST_BROKEN, PostsTable, Quarantine
from feelscope.table.in_memory import MemoryRows
from feelscope.train import checkpoint, cross_validation, report, run_folder, together
from feelscope.train.cross_validation import FoldAnswers, check_folds, cross_validate
from feelscope.train.data import check_labels, check_unlabelled, read_corpus, read_dev
from feelscope.train.describing import describe
from feelscope.train.device import CPU
from feelscope.train.encoding import check_resources, encode_corpus
from feelscope.train.fit import CHOOSING, check_resumed, fit_classifier, refit, remove_checkpoints
from feelscope.train.rebuild_line import of_training
from feelscope.train.recipe import Recipe
from feelscope.words.origin import Origin, origin


def train(
    recipe: Recipe,
    out: Path,
    *,
    table: Path | MemoryRows | None = None,
    dev: Path | MemoryRows | None = None,
    data: Path | None = None,
    columns: Mapping[str, str] | None = None,
    teachers: Sequence[Path] = (),
    unlabelled: Path | MemoryRows | None = None,
    resources: Resources | None = None,
    most_broken: float = MOST_BROKEN,
    folds: int | None = None,
    resume: bool = False,
    device: torch.device = CPU,
    command: str = "",
    progress: Progress = silent,
    tell: Callable[[Quarantine], None] | None = None,
) -> Path:
    """Train a model and save it.

    Where several processes train together (`train.together`), each has a folder of its own, and only that of the first
    gets the model.

    Args:
        recipe: What to train and how.
        out: The model's folder; must be new or empty, or hold the checkpoint to resume.
        table: Labelled posts, a file or in memory, for a recipe that names no tables itself.
        dev: Labelled posts that are opened once, at the end, for the scores.
        data: The folder that holds the tables a recipe names.
        columns: Standard names to the table's names, as for `PostsTable`.
        teachers: Predictions for posts of the tables, as `feelscope predict` writes them, to learn from as well.
        unlabelled: Posts to learn from without labels, for a recipe with `[enaet]`; it takes those posts of the tables
            whose label is empty as well.
        resources: Word vectors, published weights, and the feature caches' folder; None keeps these in `features/`
            beside `out`.
        most_broken: The share of a table's rows that may be broken, 0 to 1.
        folds: Into how many parts the posts go for the scores, each scored by a model that learnt from the others,
            before the model itself learns from all; None scores on `dev` or the validation split.
        resume: Continue from the checkpoint in `out`, from whatever device.
        device: Where it computes; `train.device.choose` gives one.
        command: That makes the run again, for its card; by default one of the arguments.
        progress: Called with stage, done, total and a detail.
        tell: Called once all posts are read, with what of them was not used.

    Returns:
        `out`, which `EmotionClassifier.load` opens.

    Raises:
        TableError, ConfigError, ModelError, WordsError, MissingExtra: One line that says what to do.
    """
    if recipe.bottleneck:
        raise ConfigError("bottleneck: such a recipe is trained by `feelscope train` or `train_bottleneck`")
    check_unlabelled(recipe, unlabelled)
    if recipe.enaet and teachers:
        raise ConfigError("enaet: its guesses take the place of a teacher's answers; leave --teacher out")
    if folds is not None:
        check_folds(folds, recipe, has_dev=dev is not None)
    with ExitStack() as held:
        held.enter_context(writing_folder(out, ModelError))
        if not resume:
            run_folder.check_is_free(out)
        elif run_folder.is_finished(out, recipe, folds):
            remove_checkpoints(out)  # a kill between two of them may have left some
            return out
        elif not checkpoint.has_begun(out):
            checkpoint.find(out)  # says that there is none
        cross_validation.check_resumed(out, folds=folds)
        if columns and recipe.data.tables and dev is None and unlabelled is None:
            raise ConfigError("this recipe names the columns of its own tables; leave --columns out")
        resources = resources or Resources(out.parent / "features")
        check_resources([recipe], resources)
        labelled = None
        if dev:  # a fault must not show at the end
            counted = Quarantine(most_broken=most_broken)
            labelled = PostsTable(dev, columns, need=("emotion",), quarantine=counted)
        remove_partials(out)
        quarantine = held.enter_context(Quarantine(out / run_folder.QUARANTINE, most_broken=most_broken))
        progress("reading posts", 0, 0, "")
        corpus = read_corpus(
            recipe,
            table=table,
            data=data,
            columns=columns,
            teachers=teachers,
            unlabelled=unlabelled,
            quarantine=quarantine,
            progress=progress,
        )
        scored = {"dev": list(labelled)} if labelled else {}
        if dev:
            check_labels(scored["dev"], dev, corpus.emotions)
        scored |= read_dev(recipe, data, corpus.emotions, quarantine)
        refits = (folds is not None or (recipe.choices.refit and bool(scored))) and any(corpus.held)
        answers: list[FoldAnswers] = []
        if folds is None:
            check_resumed(out, refits=refits)
        else:
            answers = cross_validate(
                recipe, corpus, folds, resources, out, resume=resume, device=device, progress=progress
            )
        encoded = encode_corpus(corpus, recipe, resources, quarantine=quarantine, progress=progress)
        if tell is not None:
            tell(quarantine)
        trained_on = corpus
        if refits:
            chosen = fit_classifier(recipe, encoded, out / CHOOSING, resume=resume, device=device, progress=progress)
            trained_on = corpus.whole()
            encoded = encode_corpus(trained_on, recipe, resources, quarantine=None, progress=silent)
            fitted = refit(recipe, chosen, encoded, out, resume=resume, device=device, progress=progress)
        else:  # without other posts, the validation split gives the scores
            fitted = fit_classifier(recipe, encoded, out, resume=resume, device=device, progress=progress)
        if together.place()[0]:  # the first process saves the model
            return out
        progress("saving the model", 0, 0, "")
        modalities = tuple(name for name, present in encoded.training.present.items() if present.any())
        posts = trained_on.posts(held=False)
        export(
            out,
            fitted.network,
            encoded.encoders,
            corpus.emotions,
            modalities,
            fitted.temperature,
            posts,
            fitted.calibration,
            _in_use(recipe, modalities),
        )
        had = combination_counts(encoded.training.present)
        told = report.Told(
            describe(fitted.network, encoded.encoders, modalities),
            command
            or of_training(
                out,
                table=table,
                dev=dev,
                data=data,
                columns=columns,
                teachers=teachers,
                unlabelled=unlabelled,
                resources=resources,
                most_broken=most_broken,
                folds=folds,
            ),
            _vectors(recipe, resources),
            answers,
        )
        report.write(out, recipe, corpus, fitted, scored, had, told, progress=progress)
        remove_checkpoints(out)
    return out


def _vectors(recipe: Recipe, resources: Resources) -> dict[str, Origin]:
    """The files of vectors that were read, by what they were used for."""
    reads = [*["words"] * (recipe.text.encoder == "words"), *["the emotions' names"] * (recipe.secret is not None)]
    files = {f"vectors of {' and '.join(reads)}": resources.words, "vectors of emoji": resources.emoji}
    return {use: origin(path) for use, path in files.items() if path is not None}


def _in_use(recipe: Recipe, modalities: Sequence[str]) -> dict[str, Any]:
    """What labels.json says of the use; pictures are left out only by a model that learnt both."""
    both = {"text", "image"} <= {*modalities}
    return {
        "languages": recipe.text.languages,
        "warns_of": recipe.image.warns_of,
        "skip_pictures": recipe.choices.skip_pictures if both else 1.0,
        "unframe": recipe.image.unframe,
    }
