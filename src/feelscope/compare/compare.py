"""Compare models: a posts table in, all of them trained and scored on the same posts, one table out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import torch

from feelscope.compare.finished import FinishedTrainings
from feelscope.compare.material import gather
from feelscope.compare.missing import draw, save
from feelscope.compare.processes import Job, run
from feelscope.compare.readme import Names
from feelscope.compare.report import write
from feelscope.compare.training import Outcome
from feelscope.config import processors
from feelscope.encoders.encoder import Resources
from feelscope.errors import ConfigError, ModelError
from feelscope.files import remove_partials, writing_folder
from feelscope.progress import Progress
from feelscope.table import MOST_BROKEN, PostsTable, Quarantine
from feelscope.train import run_folder
from feelscope.train.data import check_labels, order_emotions, read_table
from feelscope.train.device import CPU
from feelscope.train.encoding import check_resources
from feelscope.train.loop import show_epochs
from feelscope.train.recipe import Recipe


def compare(
    recipes: dict[str, Recipe],
    out: Path,
    *,
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
    if not seeds or not recipes:
        raise ConfigError(f"a comparison needs at least one {'seed' if recipes else 'recipe'}, found none")
    if named := [name for name, recipe in recipes.items() if recipe.enaet]:
        raise ConfigError(
            f"{named[0]}: a comparison has no posts without labels, which [enaet] learns from; leave this recipe out"
        )
    resources = resources or Resources(out.parent / "features")
    check_resources(recipes.values(), resources)
    others = {
        path: PostsTable(path, columns, need=("emotion",), limit=limit, quarantine=Quarantine(most_broken=most_broken))
        for path in (dev, validation)
        if path
    }
    first = next(iter(recipes.values()))  # all have the same emotions, or `gather` refuses them
    bad_rows = Quarantine(out / run_folder.QUARANTINE, most_broken=most_broken)
    with writing_folder(out, ModelError), bad_rows as quarantine:
        remove_partials(out)
        progress("reading posts", 0, 0, "")
        source = read_table(table, first, columns, quarantine)
        source = replace(source, posts=source.posts[:limit])
        labelled = {path: list(other) for path, other in others.items()}
        for path, posts in labelled.items():
            check_labels(posts, path, order_emotions([source], first.data.emotions))
        material = gather(
            recipes,
            source,
            labelled[dev] if dev else None,
            labelled[validation] if validation else None,
            resources=resources,
            quarantine=quarantine,
            progress=progress,
        )
        finished = FinishedTrainings(out / "trainings", material, rates)
        if rates:
            scored = material.posts["scored"]
            for seed in seeds:
                save(draw(scored, seed), scored, out / "missing" / f"seed-{seed}.csv")
        outcomes: dict[tuple[str, int], Outcome] = {}
        jobs = []
        for seed in seeds:
            for name, recipe in recipes.items():
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
        by_model = {name: [outcomes[name, seed] for seed in seeds] for name in recipes}
        names = Names(table.name, dev.name if dev else "", validation.name if validation else "", command)
        return write(out, names, material, by_model, rates)
