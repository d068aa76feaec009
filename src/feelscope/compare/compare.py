"""Compare models: a posts table in, all of them trained and scored on the same posts, one table out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from feelscope.compare.finished import FinishedTrainings
from feelscope.compare.material import gather
from feelscope.compare.missing import draw, save
from feelscope.compare.processes import Job, run
from feelscope.compare.report import Report, Tables
from feelscope.compare.training import Outcome
from feelscope.config import processors
from feelscope.encoders.encoder import Resources
from feelscope.errors import ConfigError
from feelscope.progress import Progress
from feelscope.table import PostsTable, Quarantine
from feelscope.train import run_folder
from feelscope.train.data import check_labels, order_emotions, read_table
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
    processes: int | None = None,
    command: str = "feelscope compare",
    progress: Progress,
) -> Path:
    """Train every recipe with every seed and write the comparison; what `out` has of it is not trained again.

    Args:
        recipes: By the name in the table, as `choose` gives them.
        dev: Labelled posts that are scored; None scores the validation split.
        validation: Labelled posts on which each epoch is chosen; None keeps some of `table` apart.
        resources: As `train` takes them.
        rates: Of posts that lose a modality, for the missing-rate curve; empty leaves it out.
        limit: The first posts of each table only.
        processes: Trainings side by side; None is one for each processor.
        command: Shown in the report.
        progress: Called with stage, done, total and a detail.

    Returns:
        The report, `out`/README.md.

    Raises:
        TableError, ConfigError, ModelError, WordsError: One line that says what to do.
    """
    if not seeds or not recipes:
        raise ConfigError(f"a comparison needs one {'seed' if recipes else 'recipe'} or more, found none")
    labelled = {path: PostsTable(path, columns, need=("emotion",), limit=limit) for path in (dev, validation) if path}
    first = next(iter(recipes.values()))
    with run_folder.kept_unless_empty(out), Quarantine(out / run_folder.QUARANTINE) as quarantine:
        progress("reading posts", 0, 0, "")
        source = read_table(table, first, columns, quarantine)
        source = replace(source, posts=source.posts[:limit])
        for others in labelled.values():
            check_labels(others, order_emotions([source], first.data.emotions))
        material = gather(
            recipes,
            source,
            list(labelled[dev]) if dev else None,
            list(labelled[validation]) if validation else None,
            resources=resources or Resources(out.parent / "features"),
            quarantine=quarantine,
            progress=progress,
        )
        finished = FinishedTrainings(out / "trainings", material, rates)
        if rates:
            for seed in seeds:
                posts = material.posts["scored"]
                save(draw(posts, seed), posts, out / "missing" / f"seed-{seed}.csv")
        outcomes: dict[tuple[str, int], Outcome] = {}
        jobs = []
        for seed in seeds:
            for name, recipe in recipes.items():
                known = finished.load(name, recipe, seed)
                if known is None:
                    jobs.append(Job(name, recipe, seed))
                else:
                    outcomes[name, seed] = known
        total, before = len(jobs), len(outcomes)
        stage = f"training ({before} from before)" if before else "training"
        progress(stage, 0, total, "")

        def within(training: str, done: int, steps: int, detail: str) -> None:
            progress(stage, len(outcomes) - before, total, f"{training}: {detail}" if detail else training)

        for job, outcome in run(jobs, material, rates, processes or processors(), within):
            finished.save(job.name, job.recipe, job.seed, outcome)
            outcomes[job.name, job.seed] = outcome
            progress(stage, len(outcomes) - before, total, f"{job.name}, seed {job.seed}")
        progress("scoring", 0, 0, "")
        by_model = {name: [outcomes[name, seed] for seed in seeds] for name in recipes}
        tables = Tables(table.name, dev.name if dev else "", validation.name if validation else "")
        return Report(tables, material, by_model, rates, command).write(out)
