"""One collection: what is asked of which source, how the source is opened, and what it will cost."""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feelscope.collect import dumps, files, flickr, reddit, tumblr
from feelscope.collect.api import Api
from feelscope.collect.quota import QUOTAS, Meter
from feelscope.collect.run import Source
from feelscope.errors import CollectError
from feelscope.store import Store
from feelscope.table import Quarantine, quarantine_beside

SECRETS = {"tumblr": (tumblr.KEY,), "reddit": reddit.KEYS, "flickr": (flickr.KEY,)}  # of the environment
KEYS = {"tumblr": tumblr.KEY, "reddit": reddit.KEYS[0], "flickr": flickr.KEY}  # the one that quotas are counted by
TERMS = {
    "tumblr": "https://www.tumblr.com/docs/en/api_agreement",
    "reddit": "https://www.redditinc.com/policies/data-api-terms",
    "flickr": "https://www.flickr.com/help/terms/api",
    "dumps": "https://www.redditinc.com/policies/data-api-terms",
}
_ADDRESSES = {"tumblr": tumblr.ADDRESS, "flickr": flickr.ADDRESS}
Tell = Callable[[str], None]
POST_BYTES = 1500  # of the database, a post with its words and tags; see docs/collect.md
PACKED = 8  # a .zst dump is about this much smaller than its lines
PER_PAGE = {"tumblr": 19, "reddit": 100, "flickr": 500}  # new posts a call, at best


@dataclass(frozen=True, slots=True)
class Plan:
    """An estimate.

    Args:
        posts: At most, or about; None where nobody can know.
        calls: To the source; 0 for files.
        seconds: That the quotas alone take.
        bytes: Of posts.db, without pictures.
        remark: What the numbers rest on.
    """

    posts: int | None
    calls: int | None
    seconds: float
    bytes: int | None
    remark: str


@dataclass(frozen=True, slots=True)
class Job:
    """What to collect from where; times are Unix seconds.

    Args:
        what: Tags, subreddits, words, or files and folders.
        quarantine: Where rows go that cannot be posts; None takes a file beside the database, named after it.
        wait: Whether to wait where a quota is used up, or to stop.
    """

    database: Path
    source: str
    what: list[str]
    before: int | None
    after: int | None
    max_gap: int
    listing: str
    wanted: reddit.Wanted
    subreddits: list[str]
    ids: Path | None
    columns: dict[str, str]
    quarantine: Path | None
    limit: int | None
    restart: bool
    wait: bool

    def left_out(self) -> Quarantine:
        """Where rows go that cannot be posts, however many; appended to, as earlier rows do not come again."""
        return Quarantine(self.quarantine or quarantine_beside(self.database), most_broken=1.0, keep=True)

    def open(self, store: Store, bad: Quarantine, tell: Tell) -> tuple[Source, Meter | None]:
        """The source, and what counts its calls; keys come from the environment.

        Args:
            bad: Where rows go that cannot be posts.
            tell: Called with what is waited for.
        """
        paths = [Path(path) for path in self.what]
        if self.source == "files":
            return files.Files(paths, self.columns, bad, store), None
        if self.source == "dumps":
            return dumps.Dumps(paths, self.subreddits, self.wanted, bad), None
        meter = self._meter(self.source, store, tell)
        if self.source == "reddit":
            return _reddit(meter, self.what, self.listing, self.wanted, bad), meter
        if self.source == "tumblr":
            return tumblr.Tumblr(_api(meter), self.what, self.before, self.after, self.max_gap, bad), meter
        if self.ids is not None:
            return flickr.FlickrIds(_api(meter), self.ids, bad), meter
        return flickr.FlickrSearch(_api(meter), self.what, self.before, self.after, bad), meter

    def platforms(self, store: Store, tell: Tell) -> Iterator[Source]:
        """The platforms that posts of the database are from, to be asked what they still have."""
        there = store.sources()
        for name in [name for name in KEYS if name in there]:
            meter = self._meter(name, store, tell)
            if name == "reddit":
                yield _reddit(meter)
            else:
                yield (tumblr.Tumblr if name == "tumblr" else flickr.FlickrSearch)(_api(meter))

    def _meter(self, name: str, store: Store, tell: Tell) -> Meter:
        return Meter(store, name, _key(KEYS[name], name), wait=self.wait, tell=tell)

    def calls_of_a_day(self) -> int:
        """The calls made within the last day, which count for the quotas."""
        secret = os.environ.get(KEYS.get(self.source, ""), "")
        if not secret or not self.database.is_file():
            return 0
        with Store(self.database) as store:
            return Meter(store, self.source, secret).calls.since(time.time() - 86_400)[0]

    def estimate(self, made: int) -> Plan:
        """What the job will cost, without asking anybody.

        Args:
            made: Calls of the last day, as `calls_of_a_day` counts them.
        """
        if self.source in ("files", "dumps"):
            return _of_files([Path(path) for path in self.what])
        if self.source == "sync":
            with Store(self.database, must_exist=True) as store:
                counts = Counter(store.sources())
            calls = counts["tumblr"] + counts["flickr"] + -(-counts["reddit"] // 100)
            seconds = _of_calls("tumblr", counts["tumblr"], made, per_call=1).seconds
            return Plan(counts.total(), calls, seconds, 0, "one call per post, at Reddit one per 100")
        if self.source == "flickr" and self.ids is not None:
            return _of_calls("flickr", len(flickr.agreed(self.ids)), made, per_call=1)
        limits = [] if self.limit is None else [self.limit]
        if self.source == "reddit":
            limits.append(reddit.LONGEST_LISTING * len(self.what))
        return _of_calls(self.source, min(limits, default=None), made)


def _key(variable: str, source: str) -> str:
    """A key from the environment, and from nowhere else."""
    value = os.environ.get(variable, "").strip()
    if not value:
        raise CollectError(f"{source}: the environment has no {variable}; `feelscope docs collect` says how to get one")
    return value


def _api(meter: Meter) -> Api:
    name = meter.source
    base = os.environ.get(f"FEELSCOPE_{name.upper()}_URL", _ADDRESSES[name])
    return Api(base, meter, _key(KEYS[name], name), f"check {KEYS[name]}, see `feelscope docs collect`")


def _reddit(meter: Meter, *what: Any) -> reddit.Reddit:
    credentials = {name: _key(name, "reddit") for name in reddit.KEYS}
    return reddit.Reddit(reddit.connect(credentials, meter, os.environ.get("FEELSCOPE_REDDIT_URL", "")), *what)


def _of_calls(source: str, posts: int | None, calls_before: int, per_call: int | None = None) -> Plan:
    """What collecting posts by calls will take.

    Args:
        posts: How many; None for all there are.
        calls_before: Calls of the last day that count for the quotas.
    """
    quotas = QUOTAS[source]
    per_call = per_call or PER_PAGE[source]
    if posts is None:
        a_day = min(quota.calls * 86_400 // quota.seconds for quota in quotas)
        most = f"at most {a_day:,} calls and {a_day * per_call:,} posts a day"
        return Plan(None, None, 0.0, None, f"all there are: nobody says how many before; {most}")
    calls = -(-posts // per_call)
    seconds = max(max(calls + calls_before - quota.calls, 0) / quota.calls * quota.seconds for quota in quotas)
    remark = f"at {per_call} new posts a call, the best there is, and the quotas' time alone"
    return Plan(posts, calls, seconds, posts * POST_BYTES, remark)


def _of_files(paths: Sequence[Path]) -> Plan:
    """What reading files, and folders of pictures, will take, by their sizes."""
    size = 0
    for path in paths:
        if not path.exists():
            raise CollectError(f"{path}: no such file or folder")
        for file in [path / name for name in files.CAPTIONS] if path.is_dir() else [path]:
            if file.is_file():
                size += file.stat().st_size * (PACKED if file.suffix == ".zst" else 1)
    return Plan(None, 0, 0.0, size, "no calls; the database takes about as much as the files unpacked, at most")
