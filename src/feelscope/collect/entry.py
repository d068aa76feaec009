"""A source as one entry: how it is opened, by what its calls are counted, what it will cost, whose terms hold.

The file of a source ends with its entry; `sources.py` lists them. Nothing else knows a source by its name.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass

from feelscope.collect.api import Api
from feelscope.collect.job import Job
from feelscope.collect.plan import Plan
from feelscope.collect.quota import Meter, Quota
from feelscope.collect.run import Source
from feelscope.errors import CollectError
from feelscope.store import Store
from feelscope.table import Quarantine

Tell = Callable[[str], None]
Opened = tuple[Source, Meter | None]  # a source, and what counts its calls


@dataclass(frozen=True, slots=True)
class Entry:
    """A source of `feelscope collect`.

    Args:
        open: Gives the source; for `sync` the job has nothing to collect.
        plan: What a job will cost, given the calls of the last day.
        arguments: What follows the source's name, for messages.
        is_enough: Whether a job says what to collect.
        newest_first: Whether a job's posts come newest first, so that what is new can be asked for again and again.
        asked_at_once: Posts that `sync` asks about in one call; 0 where nobody can be asked.
        quotas: How often one account may call.
        keys: Variables of the environment without which it cannot be asked; calls are counted by the first.
        account: Whose calls are counted together; empty where that cannot be known.
        terms: Address of what its users agree to.
        reminder: Said after each collection. Both may name the `{account}`.
    """

    name: str
    open: Callable[["Opening"], Opened]
    plan: Callable[[Job, int], Plan]
    arguments: str = "WHAT..."
    is_enough: Callable[[Job], bool] = lambda job: bool(job.what)
    newest_first: Callable[[Job], bool] = lambda job: False
    asked_at_once: int = 0
    quotas: tuple[Quota, ...] = ()
    keys: tuple[str, ...] = ()
    account: Callable[[Job], str] | None = None
    terms: str = ""
    reminder: str = ""

    def said(self, words: str, job: Job) -> str:
        """The terms or the reminder, of a job."""
        return words.format(account=self.account_of(job))

    def account_of(self, job: Job) -> str:
        """Whose calls a job's are counted with; empty where that cannot be known."""
        if self.account is not None:
            return self.account(job)
        return os.environ.get(self.keys[0], "").strip() if self.keys else ""


@dataclass(frozen=True, slots=True)
class Opening:
    """What a source is opened with.

    Args:
        quarantine: Where rows go that cannot be posts; None only counts them.
        tell: Called with what is waited for.
    """

    entry: Entry
    job: Job
    store: Store
    quarantine: Quarantine | None
    tell: Tell

    def meter(self, account: str) -> Meter:
        """What counts the calls of one account."""
        entry = self.entry
        return Meter(self.store, entry.name, account, entry.quotas, wait=self.job.wait, tell=self.tell)

    def address(self, usual: str) -> str:
        """Where the source is asked: the usual address, or the one that the environment names."""
        return os.environ.get(f"FEELSCOPE_{self.entry.name.upper()}_URL", "").strip() or usual

    def secret(self, variable: str) -> str:
        """A key from the environment, and from nowhere else."""
        value = os.environ.get(variable, "").strip()
        if not value:
            how = "`feelscope docs collect` says how to get one"
            raise CollectError(f"{self.entry.name}: the environment has no {variable}; {how}")
        return value

    def api(self, usual: str, key_name: str = "api_key") -> Api:
        """The source's API, asked with the entry's first key.

        Args:
            usual: The address of its own.
            key_name: Of the parameter that the key is given in.
        """
        variable = self.entry.keys[0]
        secret = self.secret(variable)
        hint = f"check {variable}, see `feelscope docs collect`"
        return Api(self.address(usual), self.meter(secret), secret, hint, key_name=key_name)
