"""Prepare a dataset on many machines: posts are cleaned in blocks; groups, splits and the leak test need all of them.

    blocks --label, clean, filter, pictures--> OUT/_blocks/NAME/GROUP-START.jsonl   on every machine
        --near-duplicates, split--> OUT/posts.parquet, report.json                  on this one

The dataset is the one that `feelscope prepare` makes of the same posts.
"""

import json
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from feelscope.errors import TableError, one_line
from feelscope.files import remove_partials, write_json, writing_folder
from feelscope.memory import BUDGET, MEGABYTES
from feelscope.post import Post
from feelscope.prepare.dataset import KNOWN, NO_PICTURE, cleaner_of, finish, label_words
from feelscope.prepare.folder import BLOCKS, QUARANTINE, REPORT, check_folder
from feelscope.prepare.further_columns import FurtherColumns
from feelscope.prepare.labelled_rows import Labelling
from feelscope.prepare.pictures import Picture, Pictures
from feelscope.prepare.report import Report
from feelscope.prepare.row_file import Row
from feelscope.prepare.settings import Settings
from feelscope.progress import Progress, silent
from feelscope.scale import blocks, job, running
from feelscope.scale.addresses import Address
from feelscope.scale.block_posts import check_rows, check_seen, open_block
from feelscope.scale.blocks import Block
from feelscope.scale.running import Done
from feelscope.table import MOST_BROKEN, Quarantine
from feelscope.table.seen_ids import SeenIds

Record = dict[str, Any]  # of one post: `id`, `row`, `dropped`, `changed`; if kept also `values`, `author`, `hash`


def prepare(
    table: Address,
    out: Path,
    settings: Settings,
    workers: int,
    *,
    pictures: bool = False,
    columns: Mapping[str, str] | None = None,
    rows_a_block: int | None = None,
    most_broken: float = MOST_BROKEN,
    megabytes: int = MEGABYTES,
    progress: Progress = silent,
) -> tuple[Report, Quarantine]:
    """Prepare a dataset in the cluster that this process is in.

    Args:
        table: A Parquet file, or a folder of them.
        out: The dataset's folder, on a disk that all machines share.
        pictures: Whether pictures that are in the table or beside it are taken along; none are fetched from the web.
        megabytes: Of each worker.

    Returns:
        The report, and what was left out.

    Raises:
        TableError, ScaleError: One line that says what to do.
    """
    started = time.perf_counter()
    job.check_apart(table, Address(str(out.absolute())))
    tables = blocks.find_tables(table, columns or {})
    with writing_folder(out, TableError), Quarantine(out / QUARANTINE, most_broken=most_broken) as bad:
        check_folder(out)
        remove_partials(out)
        kept = Address(str((out / BLOCKS).absolute()))
        said = {
            **asdict(settings),
            "keep": [*settings.keep],
            "names": [*settings.names],
            "columns": dict(columns or {}),
            "pictures": pictures,
        }
        wanted = job.Job("prepare", str(table), rows_a_block or blocks.rows_a_block(tables), said)
        ours = job.claim(kept, wanted, rows_given=rows_a_block is not None)
        todo = blocks.blocks_of(tables, ours.rows_a_block)
        make = PrepareBlocks(settings, out.absolute(), ours.digest, dict(columns or {}), pictures, megabytes)
        _clean(todo, make, workers, table, most_broken, progress)
        report = Report(asdict(settings))
        records = _records(todo, kept, bad)
        report = finish(_counted(records, todo, kept, report), out, settings, report, progress)
        report.seconds = time.perf_counter() - started
        write_json(out / REPORT, report.to_json())
        shutil.rmtree(out / BLOCKS)
        return report, bad


def _clean(
    todo: Sequence[Block],
    make: "PrepareBlocks",
    workers: int,
    table: Address,
    most_broken: float,
    progress: Progress,
) -> None:
    """Have all blocks cleaned."""
    total = sum(block.part.rows for block in todo)
    done = broken = 0
    for one in running.run(todo, make, workers):
        done, broken = done + one.rows, broken + one.broken
        progress("cleaning", done, total, "")
        if broken > most_broken * total:
            raise TableError(
                f"{table}: {broken:,} of {done:,} rows cannot be read; mend them, or allow more with --max-errors"
            )


def _records(todo: Iterable[Block], kept: Address, bad: Quarantine) -> Iterator[Record]:
    """What became of every post, in the table's order; ids that came before are left out, as bad rows are."""
    with SeenIds() as seen:
        for block in todo:
            head, *lines = job.results_of(kept, block, ".jsonl").read().splitlines()
            for row in json.loads(head)["bad"]:
                reason, _, detail = row["reason"].partition(": ")  # which the line has together
                bad.add(row["id"], row["row"], reason, detail=detail, table=row["table"])
            for line in lines:
                record = json.loads(line)
                if seen.add(record["id"]):
                    yield record
                else:
                    bad.add(record["id"], record["row"], "duplicate id", table=str(block.table))


def _counted(
    records: Iterable[Record], todo: Iterable[Block], kept: Address, report: Report
) -> Iterator[tuple[Row, str, Picture]]:
    """The rows that are kept; all are counted."""
    for record in records:
        report.read += 1
        report.changed += record["changed"]
        if record["dropped"]:
            report.dropped[record["dropped"]] += 1
        else:
            row = record["values"]
            yield row, record["author"], Picture(row["image"], record["hash"])
    for block in todo:
        with job.results_of(kept, block, ".jsonl").open() as file:
            head = json.loads(file.readline())
            report.pictures.update(head["pictures"])
            report.left_behind = sorted({*report.left_behind, *head["left_behind"]})


@dataclass(frozen=True, slots=True)
class PrepareBlocks:
    """Makes what cleans blocks, in a worker."""

    settings: Settings
    out: Path
    job_digest: str
    columns: Mapping[str, str]
    pictures: bool
    megabytes: int

    def __call__(self) -> "_BlockCleaner":
        BUDGET.set(self.megabytes)
        return _BlockCleaner(self)


class _BlockCleaner:
    def __init__(self, asked: PrepareBlocks) -> None:
        words = label_words(asked.settings)
        clean = cleaner_of(asked.settings, words)
        self._asked, self._kept = asked, Address(str(asked.out / BLOCKS))
        self._labelling = Labelling(asked.settings, words, clean, pictures=asked.pictures)

    def __call__(self, block: Block) -> Done:
        check_seen(block)
        results = job.results_of(self._kept, block, ".jsonl")
        if results.exists():
            return self._finished(block, results)
        with open_block(block, self._asked.columns) as given:
            album = Pictures(self._asked.out) if self._asked.pictures else None
            records = self._records(given.posts, block.first - 1, album)
            bad = given.posts.quarantine
            done = Done(block.name, block.part.rows, left_out=bad.count, broken=given.posts.broken)
            head = {
                "done": asdict(done),
                "job": self._asked.job_digest,
                "digest": given.digest,
                "pictures": dict(album.counts) if album else {},
                "left_behind": sorted(self._labelling.passed_on.left_behind),
                "bad": [json.loads(line) for line in given.bad_rows().splitlines()],
            }
        results.write("\n".join(json.dumps(value) for value in (head, *records)).encode() + b"\n")
        return done

    def _records(self, posts: Iterable[Post], before: int, album: Pictures | None) -> list[Record]:
        """What becomes of a block's posts, in their order."""
        records: list[Record] = []
        waiting: dict[int, Record] = {}  # by post, those whose row waits for its picture

        def rows() -> Iterator[tuple[Row, Post]]:
            for post in posts:
                labelled = self._labelling(post)
                record = {"id": post.id, "row": post.row + before, "changed": labelled.changed}
                records.append(record | {"dropped": labelled.dropped})
                if labelled.row is not None:
                    waiting[post.row] = records[-1]
                    yield labelled.row, post

        found = album.get(rows()) if album else ((row, post, Picture()) for row, post in rows())
        further = FurtherColumns(KNOWN)
        for row, post, picture in found:
            record = waiting.pop(post.row)
            row["image"] = picture.file
            further.learn(row)  # makes what JSON has no type for text, as the dataset does
            if album and not (picture.file or row["title"].strip() or row["text"].strip()):
                record["dropped"] = NO_PICTURE
            else:
                record |= {"values": row, "author": post.author, "hash": picture.hash}
        return records

    def _finished(self, block: Block, results: Address) -> Done:
        """What is there already, if it is of this job and these rows.

        Raises:
            TableError: It is not.
        """
        try:
            with results.open() as file:
                head = json.loads(file.readline())
            done, job_digest, rows_digest = Done(**head["done"]), head["job"], head["digest"]
        except (OSError, LookupError, ValueError, TypeError) as error:
            raise TableError(f"{results}: not a cleaned block ({one_line(error)}); remove it") from error
        if job_digest != self._asked.job_digest:
            raise TableError(f"{results}: is of other settings; name a new folder for the dataset")
        check_rows(results, block, rows_digest)
        return replace(done, kept=True)
