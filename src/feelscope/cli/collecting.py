"""What `feelscope collect` shows: progress, what came of it, and how to continue."""

import shlex
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress

from feelscope.cli.progress import Progress, say
from feelscope.cli.running import continue_with, show_quarantined, stoppable
from feelscope.collect.follow import follow
from feelscope.collect.job import Job
from feelscope.collect.quota import Meter
from feelscope.collect.run import AsksAgain, Outcome, collect, sync
from feelscope.collect.sources import SOURCES, calls_of_a_day, estimate, open_source, platforms
from feelscope.config import listed
from feelscope.errors import CollectError
from feelscope.progress import duration
from feelscope.store import Store
from feelscope.text.counts import counted

MOST_NOTES = 20  # lines; all of them are in the database


def run(job: Job) -> None:
    """Collect, with progress and the outcome on stderr."""
    with (
        stoppable(continue_with),
        Store(job.database) as store,
        job.left_out() as bad,
        Progress(f"collecting from {job.source}") as progress,
    ):
        _say_notes(store)
        source, meter = open_source(job, store, bad, progress.say)

        def show(outcome: Outcome) -> None:
            left = f", {meter.left()}" if meter else ""
            progress(outcome.found, 0, f"{outcome.new:,} new{left}")

        try:
            outcome = collect(store, source, limit=job.limit, restart=job.restart, progress=show)
            if job.follow is not None:
                progress.say(f"following: asks for what is new every {job.follow:g} s; stop with Ctrl+C")
                with suppress(KeyboardInterrupt):
                    follow(
                        store,
                        source,
                        job.follow,
                        outcome=outcome,
                        limit=job.limit,
                        progress=show,
                        tell=lambda fault: progress.say(f"{fault}; asked again in {job.follow:g} s"),
                    )
        finally:
            progress.close()
            show_quarantined(bad)
        _report(job, store, outcome, meter, progress)
        if isinstance(source, AsksAgain) and outcome.gaps:
            say("posts from these periods may be missing; ask again with:")
            command = ["feelscope", "collect", str(job.database)]
            _say_some([f"  {shlex.join([*command, *source.again(*gap)])}" for gap in outcome.gaps], job)


def _report(job: Job, store: Store, outcome: Outcome, meter: Meter | None, progress: Progress) -> None:
    _say_some([f"note: {note}" for note in outcome.notes], job)
    for reason, count in outcome.left_out.most_common():
        say(f"left out: {counted(count, 'post')} {reason}")
    entry = SOURCES[job.source]
    if entry.reminder:
        say(f"note: {entry.said(entry.reminder, job)}")
    for query in outcome.was_complete if job.follow is None else ():
        say(f"{query}: was complete; --restart looks for what is new")
    if meter:
        say(meter.left())
    say(f"{progress.summary('post')}, {outcome.new:,} of them new; {job.database} has {store.count():,}")


def _say_notes(store: Store) -> None:
    for note in store.notes:
        say(f"{store.path}: {note}")


def _say_some(lines: Sequence[str], job: Job) -> None:
    for line in lines[:MOST_NOTES]:
        say(line)
    if len(lines) > MOST_NOTES:
        say(f"and {len(lines) - MOST_NOTES:,} more, in the notes of the table `pages` of {job.database}")


def run_sync(job: Job) -> None:
    """Ask the sources about every post, and remove what is gone."""
    with (
        stoppable(continue_with),
        Store(job.database, must_exist=True) as store,
        Progress("asking the sources") as progress,
    ):
        _say_notes(store)
        counts = store.sources()
        sources = list(platforms(job, store, progress.say))
        asked = [name for name, entry in SOURCES.items() if entry.asked_at_once]
        if not sources:
            raise CollectError(f"{job.database}: has no posts from {listed(asked)}, so there is nobody to ask")
        checked, removed = sync(
            store, sources, limit=job.limit, progress=lambda done, gone: progress(done, 0, f"{gone:,} removed")
        )
        progress.close()
        for name in [name for name in counts if name not in asked]:
            say(f"{counted(counts[name], 'post')} from {name}: nobody to ask")
        if not checked:
            say("every post came, or was asked about, within the last day; nothing is asked again before that is over")
        say(f"asked about {counted(checked, 'post')}, {removed:,} removed; {job.database} has {store.count():,}")


def dry_run_lines(job: Job) -> Iterator[str]:
    """What the job will cost, without asking anybody."""
    made = calls_of_a_day(job)
    plan = estimate(job, made)
    before = f", and {made:,} made in the last day" if made else ""
    folder = job.database.absolute().parent
    free = shutil.disk_usage(folder).free if folder.is_dir() else 0
    room = "unknown" if plan.bytes is None else f"{plan.bytes / 1e6:,.1f} MB"
    yield f"posts: {'unknown' if plan.posts is None else f'{plan.posts:,} at most'}"
    yield f"calls: {'unknown' if plan.calls is None else f'{plan.calls:,}'}{before}"
    yield f"time: {'unknown' if plan.calls is None else duration(plan.seconds) + ' of waiting for quotas'}"
    yield f"disk: {room} of {free / 1e9:,.1f} GB free, without pictures"
    yield f"({plan.remark})"
    entry = SOURCES.get(job.source)
    if entry is not None and entry.terms:
        yield f"read its terms before you collect: {entry.said(entry.terms, job)}"
