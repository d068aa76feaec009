"""What `feelscope collect` opens and shows: keys from the environment, progress, how to go on."""

import os
import shlex
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import typer

from feelscope.cli.progress import Progress, duration
from feelscope.cli.running import show_quarantined, stoppable
from feelscope.collect import dumps, files, flickr, plan, reddit, tumblr
from feelscope.collect.quota import Meter
from feelscope.collect.run import Outcome, Source, collect
from feelscope.collect.sync import AsksOne, sync
from feelscope.errors import CollectError
from feelscope.store import Store
from feelscope.table import Quarantine
from feelscope.web.client import Api

MOST_NOTES = 20  # lines; all of them are in the database


@dataclass(frozen=True, slots=True)
class Job:
    """What the command line asked for; times are Unix seconds."""

    database: Path
    source: str
    what: list[str]
    before: int | None
    after: int | None
    max_gap: int
    listing: str
    min_votes: int | None
    subreddits: list[str]
    ids: Path | None
    columns: dict[str, str]
    quarantine: Path
    limit: int | None
    restart: bool
    wait: bool


def run(job: Job) -> None:
    """Collect, with progress on stderr, and say what came of it."""
    with ExitStack() as opened:
        store = opened.enter_context(Store(job.database))
        bad = opened.enter_context(Quarantine(job.quarantine if job.source == "files" else None))
        progress = opened.enter_context(Progress(f"collecting from {job.source}"))
        source, meter = open_source(job, store, bad, _teller(progress))

        def show(outcome: Outcome) -> None:
            left = f", {meter.left()}" if meter else ""
            progress(outcome.found, 0, f"{outcome.found:,} posts, {outcome.new:,} new{left}")

        with stoppable(), progress:
            outcome = collect(store, source, limit=job.limit, restart=job.restart, progress=show)
        _report(job, store, outcome, meter, progress)
        if isinstance(source, tumblr.Tumblr):
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


def _tell_gaps(job: Job, source: tumblr.Tumblr, outcome: Outcome) -> None:
    """Say which spans of time may lack posts, each as the command that asks for it again."""
    if outcome.gaps:
        typer.echo("posts of these spans of time may be missing; ask again with:", err=True)
    for query, start, end in outcome.gaps[:MOST_NOTES]:
        command = ["feelscope", "collect", str(job.database), *source.again(query, start, end)]
        typer.echo(f"  {shlex.join(command)}", err=True)
    if len(outcome.gaps) > MOST_NOTES:
        typer.echo(f"  and {len(outcome.gaps) - MOST_NOTES:,} more, in the notes of the table `pages`", err=True)


def run_sync(job: Job) -> None:
    """Ask the sources about every post, and remove what is gone."""
    with Store(job.database, must_exist=True) as store, Progress("asking the sources") as progress:
        there = store.sources()
        sources: list[AsksOne | reddit.Reddit] = []
        if "tumblr" in there:
            key = _key(tumblr.KEY, "tumblr")
            sources.append(tumblr.Tumblr(_api(job, store, "tumblr", key, _teller(progress))[0], key, ["-"], 0, 0, 0))
        if "flickr" in there:
            key = _key(flickr.KEY, "flickr")
            api, _ = _api(job, store, "flickr", key, _teller(progress))
            sources.append(flickr.FlickrSearch(api, key, ["-"], 0, 0))
        if "reddit" in there:
            sources.append(_reddit(job, store, _teller(progress))[0])
        if not sources:
            raise CollectError(f"{job.database}: no post of tumblr, reddit or flickr in it; there is nobody to ask")
        with stoppable(), progress:
            checked, removed = sync(
                store, sources, limit=job.limit, progress=lambda done, gone: progress(done, 0, f"{gone:,} removed")
            )
        others = {name: count for name, count in there.items() if name not in ("tumblr", "flickr", "reddit")}
        for name, count in others.items():
            typer.echo(f"{count:,} posts of {name}: nobody to ask", err=True)
        typer.echo(
            f"asked about {checked:,} posts, {removed:,} removed; {job.database} has {store.count():,}", err=True
        )


def open_source(job: Job, store: Store, bad: Quarantine, tell: Callable[[str], None]) -> tuple[Source, Meter | None]:
    """The source of a job, and what counts its calls."""
    if job.source == "files":
        return files.Files([Path(path) for path in job.what], job.columns, bad), None
    if job.source == "dumps":
        return dumps.Dumps([Path(path) for path in job.what], job.subreddits, job.min_votes), None
    if job.source == "reddit":
        return _reddit(job, store, tell)
    key = _key(tumblr.KEY if job.source == "tumblr" else flickr.KEY, job.source)
    api, meter = _api(job, store, job.source, key, tell)
    if job.source == "tumblr":
        return tumblr.Tumblr(api, key, job.what, job.before, job.after, job.max_gap), meter
    if job.ids is not None:
        return flickr.FlickrIds(api, key, job.ids), meter
    return flickr.FlickrSearch(api, key, job.what, job.before, job.after), meter


def _api(job: Job, store: Store, name: str, key: str, tell: Callable[[str], None]) -> tuple[Api, Meter]:
    address, variable = {"tumblr": (tumblr.ADDRESS, tumblr.KEY), "flickr": (flickr.ADDRESS, flickr.KEY)}[name]
    meter = Meter(store, name, key, wait=job.wait, tell=tell)
    base = os.environ.get(f"FEELSCOPE_{name.upper()}_URL", address)
    return Api(name, base, meter, f"check {variable}, see docs/collect.md"), meter


def _reddit(job: Job, store: Store, tell: Callable[[str], None]) -> tuple[reddit.Reddit, Meter]:
    keys = {name: _key(name, "reddit") for name in reddit.KEYS}
    meter = Meter(store, "reddit", keys["REDDIT_CLIENT_ID"], wait=job.wait, tell=tell)
    address = os.environ.get("FEELSCOPE_REDDIT_URL", reddit.ADDRESS)
    oauth = os.environ.get("FEELSCOPE_REDDIT_URL", reddit.OAUTH_ADDRESS)
    client = reddit.connect(keys, meter, address, oauth)
    return reddit.Reddit(client, job.what or ["-"], job.listing, job.min_votes), meter


def _key(variable: str, source: str) -> str:
    """A key from the environment, and from nowhere else."""
    value = os.environ.get(variable, "").strip()
    if not value:
        raise CollectError(f"{source}: the environment has no {variable}; docs/collect.md says how to get one")
    return value


def dry_run_lines(job: Job) -> Iterator[str]:
    """What the job will cost, without asking anybody."""
    made, estimate = 0, None
    if job.source in ("files", "dumps"):
        paths = [Path(path) for path in job.what]
        for path in paths:
            if not path.exists():
                raise CollectError(f"{path}: no such file or folder")
        estimate = plan.of_files(paths)
    else:
        if job.database.is_file():
            made = _calls_of_a_day(job)
        estimate = _estimate(job, made)
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


def _estimate(job: Job, made: int) -> plan.Plan:
    if job.source == "sync":
        with Store(job.database, must_exist=True) as store:
            there = store.sources()
        single = there.get("tumblr", 0) + there.get("flickr", 0)
        calls = single + -(-there.get("reddit", 0) // 100)
        seconds = plan.of_calls("tumblr", there.get("tumblr", 0), made, per_call=1).seconds
        return plan.Plan(sum(there.values()), calls, seconds, 0, "a call a post, at Reddit one for 100")
    if job.source == "flickr" and job.ids is not None:
        return plan.of_calls("flickr", len(flickr.agreed(job.ids)), made, per_call=1)
    posts = job.limit
    if job.source == "reddit":
        most = reddit.LONGEST_LISTING * len(job.what)
        posts = most if posts is None else min(most, posts)
    return plan.of_calls(job.source, posts, made)


def _calls_of_a_day(job: Job) -> int:
    variable = {"tumblr": tumblr.KEY, "flickr": flickr.KEY, "reddit": reddit.KEYS[0]}.get(job.source)
    key = os.environ.get(variable, "") if variable else ""
    if not key or variable is None:
        return 0
    with Store(job.database) as store:
        meter = Meter(store, job.source, key)
        return store.calls.since(job.source, meter.key, time.time() - 86_400)[0]
