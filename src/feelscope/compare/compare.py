"""Compare models: a posts table in, all of them trained and scored on the same posts, one table out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from feelscope.compare.kept import Kept
from feelscope.compare.material import gather
from feelscope.compare.missing import draw, save
from feelscope.compare.processes import Job, run
from feelscope.compare.report import Report
from feelscope.compare.training import Outcome
from feelscope.config import processors
from feelscope.errors import ConfigError
from feelscope.family.train import read_table
from feelscope.progress import Progress
from feelscope.table import PostsTable, Quarantine
from feelscope.train import run_folder
from feelscope.train.corpus import check_labels, order_emotions
from feelscope.train.fusion_recipe import FusionRecipe


def compare(
    recipes: dict[str, FusionRecipe],
    out: Path,
    *,
    table: Path,
    dev: Path | None = None,
    tuning: Path | None = None,
    seeds: Sequence[int] = range(5),
    words: Path | None = None,
    columns: Mapping[str, str] | None = None,
    weights: Path | None = None,
    cache: Path | None = None,
    rates: tuple[float, ...] = (),
    limit: int | None = None,
    processes: int | None = None,
    command: str = "feelscope compare",
    progress: Progress,
) -> Path:
    """Train every recipe with every seed and write the comparison; what `out` has of it is not trained again.

    Args:
        recipes: By the name in the table, as `choose` gives them.
        dev: Labelled posts that are scored; None scores the tuning part.
        tuning: Labelled posts on which each epoch is chosen; None keeps a part of `table` apart.
        words, weights, cache: As `family.train.train` takes them.
        rates: Of posts that lose a half, for the missing-rate curve; empty leaves it out.
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
    kinds = {recipe.modalities for recipe in recipes.values()}
    reading = next(iter(recipes.values()))
    if len(kinds) > 1:  # the table is read once, with the columns that any of them needs
        reading = replace(reading, model="joint", text="words", image="lite0", modalities=max(kinds, key=len))
    further = {
        path: PostsTable(path, columns, need=("emotion",), limit=limit) for path in (dev, tuning) if path is not None
    }
    with run_folder.kept_unless_empty(out), Quarantine(out / run_folder.QUARANTINE) as quarantine:
        progress("reading posts", 0, 0, "")
        source = read_table(table, reading, columns, quarantine)
        source = replace(source, posts=source.posts[:limit])
        for labelled in further.values():
            check_labels(labelled, order_emotions([source], reading.emotions))
        material = gather(
            recipes,
            source,
            list(further[dev]) if dev else None,
            list(further[tuning]) if tuning else None,
            words=words,
            weights=weights,
            cache=cache or out.parent / "features",
            quarantine=quarantine,
            progress=progress,
        )
        kept = Kept(out / "trainings", material, rates)
        if rates:
            for seed in seeds:
                posts = material.posts["scored"]
                save(draw(posts, seed), posts, out / "missing" / f"seed-{seed}.csv")
        found: dict[tuple[str, int], Outcome] = {}
        jobs = []
        for seed in seeds:
            for name, recipe in recipes.items():
                known = kept.load(name, recipe, seed)
                if known is None:
                    jobs.append(Job(name, recipe, seed))
                else:
                    found[name, seed] = known
        total, before = len(jobs), len(found)
        stage = f"training ({before} from before)" if before else "training"
        progress(stage, 0, total, "")

        def within(part: str, done: int, steps: int, detail: str) -> None:
            progress(stage, len(found) - before, total, f"{part}: {detail}" if detail else part)

        for job, outcome in run(jobs, material, rates, processes or processors(), within):
            kept.save(job.name, job.recipe, job.seed, outcome)
            found[job.name, job.seed] = outcome
            progress(stage, len(found) - before, total, f"{job.name}, seed {job.seed}")
        progress("scoring", 0, 0, "")
        outcomes = {name: [found[name, seed] for seed in seeds] for name in recipes}
        return Report(
            table.name, dev.name if dev else "", tuning.name if tuning else "", material, outcomes, rates, command
        ).write(out)
