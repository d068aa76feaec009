"""What `feelscope collect` shows: progress, what came of it, and how to continue."""

import shlex
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import typer

from feelscope.cli.progress import Progress, duration
from feelscope.cli.running import continue_with, show_quarantined, stoppable
from feelscope.collect import dumps
from feelscope.collect.job import KEYS, Job
from feelscope.collect.quota import Meter
from feelscope.collect.run import Outcome, collect
from feelscope.collect.sync import sync
from feelscope.collect.tumblr import Tumblr
from feelscope.errors import CollectError
from feelscope.store import Store
from feelscope.table import Quarantine
from feelscope.text.counts import counted

MOST_NOTES = 20  # lines; all of them are in the database


def run(job: Job) -> None:
    """Collect, with progress and the outcome on stderr."""
    with ExitStack() as opened:
        store = opened.enter_context(Store(job.database))
        bad = opened.enter_context(Quarantine(job.quarantine if job.source == "files" else None))
        progress = opened.enter_context(Progress(f"collecting from {job.source}"))
        source, meter = job.open(store, bad, _teller(progress))

        def show(outcome: Outcome) -> None:
            left = f", {meter.left()}" if meter else ""
            progress(outcome.found, 0, f"{counted(outcome.found, 'post')}, {outcome.new:,} new{left}")

        with stoppable(continue_with), progress:
            outcome = collect(store, source, limit=job.limit, restart=job.restart, progress=show)
        _report(job, store, outcome, meter, progress)
        if isinstance(source, Tumblr):
            _tell_gaps(job, source, outcome)
        show_quarantined(bad)


def _teller(progress: Progress) -> Callable[[str], None]:
    def tell(words: str) -> None:
        progress.close()
        typer.echo(words, err=True)

    return tell


def _report(job: Job, store: Store, outcome: Outcome, meter: Meter | None, progress: Progress) -> None:
    for note in outcome.notes[:MOST_NOTES]:
        typer.echo(f"note: {note}", err=True)
    if len(outcome.notes) > MOST_NOTES:
        typer.echo(
            f"and {len(outcome.notes) - MOST_NOTES:,} more notes, in the table `pages` of {job.database}", err=True
        )
    if job.source == "dumps":
        typer.echo(f"note: {dumps.TERMS}", err=True)
    for query in outcome.was_complete:
        typer.echo(f"{query}: was complete; --restart looks for what is new", err=True)
    if meter:
        typer.echo(meter.left(), err=True)
    typer.echo(
        f"{progress.summary('post')}, {outcome.new:,} of them new; {job.database} has {store.count():,}", err=True
    )


def _tell_gaps(job: Job, source: Tumblr, outcome: Outcome) -> None:
    """Say which periods may lack posts, each as the command that asks for it again."""
    if outcome.gaps:
        typer.echo("posts from these periods may be missing; ask again with:", err=True)
    for query, start, end in outcome.gaps[:MOST_NOTES]:
        command = ["feelscope", "collect", str(job.database), *source.again(query, start, end)]
        typer.echo(f"  {shlex.join(command)}", err=True)
    if len(outcome.gaps) > MOST_NOTES:
        typer.echo(f"  and {len(outcome.gaps) - MOST_NOTES:,} more, in the notes of the table `pages`", err=True)


def run_sync(job: Job) -> None:
    """Ask the sources about every post, and remove what is gone."""
    with Store(job.database, must_exist=True) as store, Progress("asking the sources") as progress:
        counts = store.sources()
        sources = list(job.platforms(store, _teller(progress)))
        if not sources:
            raise CollectError(f"{job.database}: has no posts from tumblr, reddit or flickr, so there is nobody to ask")
        with stoppable(continue_with), progress:
            checked, removed = sync(
                store, sources, limit=job.limit, progress=lambda done, gone: progress(done, 0, f"{gone:,} removed")
            )
        for name in [name for name in counts if name not in KEYS]:
            typer.echo(f"{counted(counts[name], 'post')} from {name}: nobody to ask", err=True)
        typer.echo(
            f"asked about {counted(checked, 'post')}, {removed:,} removed; {job.database} has {store.count():,}",
            err=True,
        )


def dry_run_lines(job: Job) -> Iterator[str]:
    """What the job will cost, without asking anybody."""
    made, estimate = job.calls_of_a_day(), job.estimate()
    yield f"posts: {'unknown' if estimate.posts is None else f'{estimate.posts:,} at most'}"
    yield f"calls: {'unknown' if estimate.calls is None else f'{estimate.calls:,}'}" + (
        f", and {made:,} made in the last day" if made else ""
    )
    yield f"time: {'unknown' if estimate.calls is None else duration(estimate.seconds) + ' of waiting for quotas'}"
    folder = job.database.absolute().parent
    free = shutil.disk_usage(folder).free if folder.is_dir() else 0
    room = "unknown" if estimate.bytes is None else f"{estimate.bytes / 1e6:,.1f} MB"
    yield f"disk: {room} of {free / 1e9:,.1f} GB free, without pictures"
    yield f"({estimate.remark})"
