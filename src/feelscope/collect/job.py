"""One collection: what is asked of which source, how the source is opened, and what it will cost."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feelscope.collect import dumps, files, flickr, plan, reddit, tumblr
from feelscope.collect.quota import Meter
from feelscope.collect.run import Source
from feelscope.errors import CollectError
from feelscope.store import Store
from feelscope.table import Quarantine
from feelscope.web.api import Api

KEYS = {"tumblr": tumblr.KEY, "reddit": reddit.KEYS[0], "flickr": flickr.KEY}  # the one that quotas are counted by
_ADDRESSES = {"tumblr": tumblr.ADDRESS, "flickr": flickr.ADDRESS}
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Job:
    """What to collect from where; times are Unix seconds.

    Args:
        what: Tags, subreddits, words, or files and folders.
        wait: Whether to wait where a quota is used up, or to stop.
    """

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

    def open(self, store: Store, bad: Quarantine, tell: Tell) -> tuple[Source, Meter | None]:
        """The source, and what counts its calls; keys come from the environment.

        Args:
            bad: Where rows of files go that cannot be read.
            tell: Called with what is waited for.
        """
        if self.source == "files":
            return files.Files([Path(path) for path in self.what], self.columns, bad), None
        if self.source == "dumps":
            return dumps.Dumps([Path(path) for path in self.what], self.subreddits, self.min_votes), None
        meter = Meter(store, self.source, _key(KEYS[self.source], self.source), wait=self.wait, tell=tell)
        if self.source == "reddit":
            return _reddit(meter, self.what, self.listing, self.min_votes), meter
        api, secret = _api(self.source, meter)
        if self.source == "tumblr":
            return tumblr.Tumblr(api, secret, self.what, self.before, self.after, self.max_gap), meter
        if self.ids is not None:
            return flickr.FlickrIds(api, secret, self.ids), meter
        return flickr.FlickrSearch(api, secret, self.what, self.before, self.after), meter

    def platforms(self, store: Store, tell: Tell) -> Iterator[Source]:
        """The platforms that posts of the database are from, to be asked what they still have."""
        for name in [name for name in KEYS if name in store.sources()]:
            meter = Meter(store, name, _key(KEYS[name], name), wait=self.wait, tell=tell)
            if name == "reddit":
                yield _reddit(meter)
            else:
                yield (tumblr.Tumblr if name == "tumblr" else flickr.FlickrSearch)(*_api(name, meter))

    def calls_of_a_day(self) -> int:
        """The calls made within the last day, which count for the quotas."""
        secret = os.environ.get(KEYS.get(self.source, ""), "")
        if not secret or not self.database.is_file():
            return 0
        with Store(self.database) as store:
            meter = Meter(store, self.source, secret)
            return store.calls.since(self.source, meter.key, time.time() - 86_400)[0]

    def estimate(self) -> plan.Plan:
        """What the job will cost, without asking anybody."""
        if self.source in ("files", "dumps"):
            paths = [Path(path) for path in self.what]
            for path in paths:
                if not path.exists():
                    raise CollectError(f"{path}: no such file or folder")
            return plan.of_files(paths)
        made = self.calls_of_a_day()
        if self.source == "sync":
            with Store(self.database, must_exist=True) as store:
                counts = store.sources()
            calls = counts.get("tumblr", 0) + counts.get("flickr", 0) + -(-counts.get("reddit", 0) // 100)
            seconds = plan.of_calls("tumblr", counts.get("tumblr", 0), made, per_call=1).seconds
            return plan.Plan(sum(counts.values()), calls, seconds, 0, "one call per post, at Reddit one per 100")
        if self.source == "flickr" and self.ids is not None:
            return plan.of_calls("flickr", len(flickr.agreed(self.ids)), made, per_call=1)
        posts = self.limit
        if self.source == "reddit":
            most = reddit.LONGEST_LISTING * len(self.what)
            posts = most if posts is None else min(most, posts)
        return plan.of_calls(self.source, posts, made)


def _key(variable: str, source: str) -> str:
    """A key from the environment, and from nowhere else."""
    value = os.environ.get(variable, "").strip()
    if not value:
        raise CollectError(f"{source}: the environment has no {variable}; docs/collect.md says how to get one")
    return value


def _api(name: str, meter: Meter) -> tuple[Api, str]:
    base = os.environ.get(f"FEELSCOPE_{name.upper()}_URL", _ADDRESSES[name])
    return Api(name, base, meter, f"check {KEYS[name]}, see docs/collect.md"), _key(KEYS[name], name)


def _reddit(meter: Meter, *what: Any) -> reddit.Reddit:
    address = os.environ.get("FEELSCOPE_REDDIT_URL", "")
    credentials = {name: _key(name, "reddit") for name in reddit.KEYS}
    client = reddit.connect(credentials, meter, address or reddit.ADDRESS, address or reddit.OAUTH_ADDRESS)
    return reddit.Reddit(client, *what)
