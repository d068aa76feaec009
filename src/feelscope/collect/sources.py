"""The sources of `collect` by name, and what is done with whichever a job names."""

import time
from collections.abc import Iterator, Mapping

from feelscope.collect import bluesky, dumps, files, flickr, mastodon, reddit, telegram, tumblr, youtube
from feelscope.collect.entry import Entry, Opened, Opening, Tell
from feelscope.collect.job import Job
from feelscope.collect.plan import Plan, waiting
from feelscope.collect.quota import Meter
from feelscope.collect.run import Source
from feelscope.store import Store
from feelscope.table import Quarantine

SYNC = "sync"  # asks all sources what they still have
SOURCES: Mapping[str, Entry] = {
    module.ENTRY.name: module.ENTRY
    for module in (tumblr, reddit, flickr, bluesky, mastodon, youtube, telegram, dumps, files)
}


def open_source(job: Job, store: Store, bad: Quarantine, tell: Tell) -> Opened:
    """The source of a job, and what counts its calls; keys come from the environment.

    Args:
        bad: Where rows go that cannot be posts.
        tell: Called with what is waited for.
    """
    entry = SOURCES[job.source]
    return entry.open(Opening(entry, job, store, bad, tell))


def platforms(job: Job, store: Store, tell: Tell) -> Iterator[Source]:
    """The platforms that posts of the database are from, to be asked what they still have."""
    there = store.sources()
    for entry in SOURCES.values():
        if entry.asked_at_once and entry.name in there:
            yield entry.open(Opening(entry, job, store, None, tell))[0]


def calls_of_a_day(job: Job) -> int:
    """The calls made within the last day, which count for the quotas."""
    account = SOURCES[job.source].account_of(job) if job.source in SOURCES else ""
    if not account or not job.database.is_file():
        return 0
    with Store(job.database) as store:
        return Meter(store, job.source, account, ()).calls.since(time.time() - 86_400)[0]


def estimate(job: Job, made: int) -> Plan:
    """What a job will cost, without asking anybody.

    Args:
        made: Calls of the last day, as `calls_of_a_day` counts them.
    """
    return _of_sync(job) if job.source == SYNC else SOURCES[job.source].plan(job, made)


def _of_sync(job: Job) -> Plan:
    with Store(job.database, must_exist=True) as store:
        counts = store.sources()
    calls, seconds, told = 0, 0.0, []
    for entry in SOURCES.values():
        if entry.asked_at_once and (posts := counts.get(entry.name, 0)):
            of_this = -(-posts // entry.asked_at_once)
            calls += of_this
            seconds += waiting(entry.quotas, of_this, 0)
            told += [f"at {entry.name.capitalize()} one per {entry.asked_at_once}"] * (entry.asked_at_once > 1)
    return Plan(sum(counts.values()), calls, seconds, 0, ", ".join(["one call per post", *told]))
