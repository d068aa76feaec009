"""The folder of a job: whose it is, and one file of results for each block, written whole."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, cast

from feelscope.errors import TableError, one_line
from feelscope.files import json_text, remove_partials
from feelscope.scale.addresses import Address
from feelscope.scale.blocks import Block

FILE, REPORT, QUARANTINE = "_job.json", "_report.json", "_quarantine"
_FRESH = "name a new folder for the results"


@dataclass(frozen=True, slots=True)
class Job:
    """What is done to which table; results of another job are never put beside its own.

    Args:
        work: The command.
        table: Its address.
        rows_a_block: At most.
        settings: All else that decides what the results are, as JSON has it.
    """

    work: str
    table: str
    rows_a_block: int
    settings: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """Of the settings; results say by it whose they are."""
        said = json.dumps([self.work, dict(self.settings)], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()


@contextmanager
def tidied(out: Address, below: str = "") -> Iterator[None]:
    """Remove in the end what killed workers left half-written; put around the cluster, which kills them.

    At an address that is no path, files appear whole, or their writer removes what it began.

    Args:
        out: The folder; left alone where it is no job's.
        below: The folder in it that holds the job's file.
    """
    try:
        yield
    finally:
        if out.is_path and (out.path / below / FILE).exists():
            remove_partials(out.path)


def claim(out: Address, job: Job, *, rows_given: bool) -> Job:
    """Make a folder a job's own, or go on with it: then blocks are as long as they were.

    Args:
        rows_given: Whether somebody asked for so many rows a block.

    Raises:
        TableError: It holds something else, or results of another job.
    """
    try:
        before = _read(out)
        if before is None:
            if names := out.names():
                raise TableError(f"{out}: holds something else ({names[0]}); {_FRESH}")
            (out / FILE).write(json_text(asdict(job), 2).encode())
            return job
    except (OSError, NotImplementedError) as error:  # the latter of addresses that are only read, such as http://
        raise TableError(f"{out}: cannot be written ({one_line(error)})") from error
    if before.table != job.table:
        raise TableError(f"{out}: holds results of another table ({before.table}); {_FRESH}")
    if before.digest != job.digest:
        names = [name for name in {**before.settings, **job.settings} if _differ(name, before, job)]
        what = ", ".join(names) or "work"
        raise TableError(f"{out}: holds results of another job (other {what}); {_FRESH}")
    if rows_given and before.rows_a_block != job.rows_a_block:
        raise TableError(f"{out}: its blocks have {before.rows_a_block:,} rows; leave --block-rows out, or {_FRESH}")
    return before


def check_apart(table: Address, out: Address) -> None:
    """Refuse results below the folder of the tables, which the next run would take for tables.

    Raises:
        TableError: They are.
    """
    if f"{out.url}/".startswith(f"{table.url}/"):
        raise TableError(f"{out}: is in the folder of the tables; {_FRESH}, outside {table}")


def check_results(out: Address, blocks: Iterable[Block], ending: str) -> None:
    """Refuse results of rows that are no longer in the table, or are in another block by now.

    Raises:
        TableError: There are some.
    """
    known = {f"{block.name}{ending}" for block in blocks}
    if strange := next((name for name in out.files(ending) if name not in known), None):
        raise TableError(f"{out / strange}: is of no block of the table, which was changed; {_FRESH}")


def _differ(name: str, one: Job, other: Job) -> bool:
    return bool(one.settings.get(name) != other.settings.get(name))


def _read(out: Address) -> Job | None:
    if not (out / FILE).exists():
        return None
    try:
        return Job(**cast(dict[str, Any], json.loads((out / FILE).read())))
    except (ValueError, TypeError) as error:
        raise TableError(f"{out / FILE}: not the file of a job ({one_line(error)}); {_FRESH}") from error


def results_of(out: Address, block: Block, ending: str) -> Address:
    """Where the results of a block are."""
    return out / f"{block.name}{ending}"


def quarantine_of(out: Address, block: Block) -> Address:
    """Where the rows of a block are that were left out; missing where there are none."""
    return out / QUARANTINE / f"{block.name}.jsonl"
