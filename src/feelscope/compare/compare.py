"""Compare models: a posts table in, all of them trained and scored on the same posts, one table out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import torch

from feelscope.compare.estimator import Estimator
from feelscope.compare.finished import FinishedTrainings
from feelscope.compare.material import gather
from feelscope.compare.missing import draw, save
from feelscope.compare.processes import Job, run
from feelscope.compare.readme import Names
from feelscope.compare.report import write
from feelscope.compare.training import Outcome
from feelscope.config import processors
from feelscope.encoders.encoder import Resources
from feelscope.errors import ConfigError, ModelError, WordsError
from feelscope.files import remove_partials, writing_folder
from feelscope.post import Post
from feelscope.progress import Progress
from feelscope.table import MOST_BROKEN, PostsTable, Quarantine
from feelscope.train import run_folder
from feelscope.train.data import check_labels, order_emotions, read_table
from feelscope.train.device import CPU
from feelscope.train.encoding import check_resources
from feelscope.train.loop import show_epochs
from feelscope.train.recipe import Recipe, read_recipe


def compare(
    recipes: dict[str, Recipe],
    out: Path,
    *,
    estimators: Mapping[str, Estimator] | None = None,
    table: Path,
    dev: Path | None = None,
    validation: Path | None = None,
    seeds: Sequence[int] = range(5),
    columns: Mapping[str, str] | None = None,
    resources: Resources | None = None,
    rates: tuple[float, ...] = (),
    limit: int | None = None,
    most_broken: float = MOST_BROKEN,
    processes: int | None = None,
    device: torch.device = CPU,
    command: str = "feelscope compare",
    progress: Progress,
) -> Path:
    """Train every recipe with every seed and write the comparison; what is finished in `out` is not trained again.

    Args:
        recipes: By the name in the table, as `choose` gives them.
        estimators: Of scikit-learn, likewise; see `choose_estimators`.
        dev: Labelled posts that are scored; None scores those on which the epochs are chosen.
        validation: Labelled posts on which each epoch is chosen; None keeps some of `table` apart.
        resources: As `train` takes them.
        rates: Shares of the posts that lose a modality, for the missing-rate curve; empty leaves it out.
        limit: The first posts of each table only.
        most_broken: The share of a table's rows that may be broken, 0 to 1.
        processes: Trainings side by side; None is one per processor.
        device: Where they train, all of them.
        command: Shown in the report.
        progress: Called with stage, done, total and a detail.

    Returns:
        The report, `out`/README.md.

    Raises:
        TableError, ConfigError, ModelError, WordsError: One line that says what to do.
    """
    estimators = dict(estimators or {})
    if not seeds or not (recipes or estimators):
        raise ConfigError(f"a comparison needs at least one {'recipe' if seeds else 'seed'}, found none")
    if twice := recipes.keys() & estimators.keys():
        raise ConfigError(f"two rows are called {min(twice)}; give one of them another name")
    if named := [name for name, recipe in recipes.items() if recipe.enaet]:
        raise ConfigError(
            f"{named[0]}: a comparison has no posts without labels, which [enaet] learns from; leave this recipe out"
        )
    resources = resources or Resources(out.parent / "features")
    check_resources(recipes.values(), _without_words(resources, estimators, recipes.values()))
    others = {
        path: PostsTable(path, columns, need=("emotion",), limit=limit, quarantine=Quarantine(most_broken=most_broken))
        for path in (dev, validation)
        if path
    }
    # All recipes have the same emotions, or `gather` refuses them; without any, the table's own.
    wanted = next(iter(recipes.values()), read_recipe("strong/text_only"))
    bad_rows = Quarantine(out / run_folder.QUARANTINE, most_broken=most_broken)
    with writing_folder(out, ModelError), bad_rows as quarantine:
        remove_partials(out)
        progress("reading posts", 0, 0, "")
        source = read_table(table, wanted, columns, quarantine)
        source = replace(source, posts=source.posts[:limit])
        labelled = {path: list(other) for path, other in others.items()}
        for path, posts in labelled.items():
            check_labels(posts, path, order_emotions([source], wanted.data.emotions))
        left_out = _unreadable(estimators, source.posts, resources)
        estimators = {name: one for name, one in estimators.items() if name not in left_out}
        material = gather(
            recipes,
            source,
            labelled[dev] if dev else None,
            labelled[validation] if validation else None,
            estimators=estimators,
            resources=resources,
            quarantine=quarantine,
            progress=progress,
        )
        finished = FinishedTrainings(out / "trainings", material, rates)
        if rates:
            scored = material.posts["scored"]
            for seed in seeds:
                save(draw(scored, seed), scored, out / "missing" / f"seed-{seed}.csv")
        rows: dict[str, Recipe | Estimator] = {**recipes, **estimators}
        outcomes: dict[tuple[str, int], Outcome] = {}
        jobs = []
        for seed in seeds:
            for name, recipe in rows.items():
                outcome = finished.load(name, recipe, seed)
                if outcome is None:
                    jobs.append(Job(name, recipe, seed))
                else:
                    outcomes[name, seed] = outcome
        stage = f"training ({len(outcomes)} from before)" if outcomes else "training"
        done = 0
        progress(stage, done, len(jobs), "")

        def within(training: str, step: int, steps: int, detail: str) -> None:
            progress(stage, done, len(jobs), f"{training}: {detail}")

        for job, outcome in run(jobs, material, rates, processes or processors(), within, device):
            finished.save(job.name, job.recipe, job.seed, outcome)
            show_epochs(outcome.history, out / "tensorboard" / f"{job.name.replace('/', '-')}-{job.seed}")
            outcomes[job.name, job.seed] = outcome
            done += 1
            progress(stage, done, len(jobs), str(job))
        progress("scoring", 0, 0, "")
        by_model = {name: [outcomes[name, seed] for seed in seeds] for name in rows}
        names = Names(table.name, dev.name if dev else "", validation.name if validation else "", command, left_out)
        return write(out, names, material, by_model, rates)


def _without_words(resources: Resources, estimators: Mapping[str, Estimator], recipes: Collection[Recipe]) -> Resources:
    """What is left for recipes to read, where word vectors are there for estimators alone.

    Raises:
        ConfigError, WordsError: An estimator needs word vectors, or their file is not there.
    """
    reading = [name for name, one in estimators.items() if "mean_words" in one.features]
    if resources.words is None:
        if needing := [name for name in reading if not estimators[name].optional]:
            raise ConfigError(f"{needing[0]}: it reads mean word vectors; give a file of them with --words FILE")
        return resources
    if not resources.words.is_file():
        raise WordsError(f"{resources.words}: no such file; --words takes GloVe text, word2vec or .npz")
    by_recipes = any(recipe.text.encoder == "words" or recipe.secret for recipe in recipes)
    return resources if by_recipes or not reading else replace(resources, words=None)


def _unreadable(estimators: Mapping[str, Estimator], posts: Sequence[Post], resources: Resources) -> dict[str, str]:
    """The optional estimators that nothing is there for, and why."""
    has = {"image": any(post.image is not None for post in posts), "text": any(post.has_text for post in posts)}
    missing = {"image": "no post has a picture", "text": "no post has words"}
    left_out = {}
    for name, estimator in estimators.items():
        reasons = [missing[modality] for modality in estimator.modalities if not has[modality]]
        if "mean_words" in estimator.features and resources.words is None:
            reasons.append("it reads word vectors, and none were given with --words FILE")
        if estimator.optional and reasons:
            left_out[name] = reasons[0]
    return left_out
