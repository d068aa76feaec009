"""Answers that were given elsewhere: by `label` on another machine, in doccano, or in Label Studio.

answers of `label`      each line as it is, with its annotator
Label Studio            the person who chose, by mail address, name or number
doccano                 does not say who: one label a text is of an annotator named after the file, several are of
                        "NAME 1", "NAME 2" and so on, which need not be the same person everywhere
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feelscope.config import listed
from feelscope.errors import LabelError
from feelscope.files import write_bytes
from feelscope.label.answers import ADJUDICATE, CODEBOOK, JUDGE, LABEL, Answers, check_answers, now, read_entries
from feelscope.label.codebook import SKIPPED, UNCLEAR, Codebook, from_values, of_names
from feelscope.label.opened import Opened
from feelscope.label.session import annotator_name
from feelscope.table import BadRow
from feelscope.table.layouts import doccano, label_studio
from feelscope.table.layouts.known import unwrapped
from feelscope.table.layouts.rows import LayoutRows
from feelscope.table.opening import open_rows
from feelscope.text.counts import counted
from feelscope.text.json_lines import dump

Entry = dict[str, Any]
_TAKEN = "expected answers of feelscope label, or an export of doccano (JSONL) or Label Studio (JSON)"


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import added."""

    added: int
    known: int  # answers that were there already
    other: int  # that the same person has given otherwise here, and which stay as they are

    def __str__(self) -> str:
        said = [f"{counted(self.added, 'answer')} added"]
        said += [f"{self.known:,} already there"] if self.known else []
        said += [f"{self.other:,} left out, as the same person has answered otherwise here"] if self.other else []
        return "; ".join(said)


def import_answers(opened: Opened, file: Path, codebook: Codebook | None = None) -> Imported:
    """Add the answers of a file to those of what was opened; all of them or, after an error, none.

    Args:
        codebook: What people may answer; None takes that of the answers here, of the file, or the names in the file.

    Raises:
        LabelError: It is no such file, or has answers to other posts, or other answers.
    """
    entries = [*_entries(file)]
    last = {
        (entry["mode"], entry["annotator"], str(entry["id"])): entry for entry in entries if entry["mode"] != CODEBOOK
    }
    given = [entry for entry in last.values() if entry["answer"] != SKIPPED]
    if not given:
        raise LabelError(f"{file}: there is no answer in it; {_TAKEN}")
    ids = {post.id for post in opened.posts}
    if missing := list(dict.fromkeys(str(entry["id"]) for entry in given if str(entry["id"]) not in ids)):
        what = f"has answers to {counted(len(missing), 'post')} that {opened.path} does not have"
        raise LabelError(f"{file}: {what} ({listed(missing)}); take them out, or open what they are of")
    here = {mode: Answers(opened.answers, mode) for mode in (LABEL, JUDGE, ADJUDICATE)}
    lines = _of_codebook(file, entries, given, here[LABEL], codebook)
    added = known = other = 0
    for entry in given:
        before = here[entry["mode"]].by_person.get(str(entry["annotator"]), {}).get(str(entry["id"]))
        if before is None:
            lines.append(entry)
            added += 1
        else:
            known, other = known + (before == entry["answer"]), other + (before != entry["answer"])
    if lines:
        old = opened.answers.read_bytes() if opened.answers.exists() else b""
        kept = b"".join(map(dump, read_entries(opened.answers))) if not old.endswith(b"\n") else old
        write_bytes(opened.answers, kept + b"".join(map(dump, lines)))
    return Imported(added, known, other)


def _of_codebook(
    file: Path, entries: list[Entry], given: list[Entry], here: Answers, codebook: Codebook | None
) -> list[Entry]:
    """The line of the codebook that is to be written, if any; refuses answers that it does not have."""
    own = next((entry for entry in reversed(entries) if entry["mode"] == CODEBOOK), None)
    theirs = (
        None if own is None else from_values({name: own[name] for name in own if name not in ("mode", "at")}, str(file))
    )
    answers = {str(entry["answer"]) for entry in given if entry["mode"] in (LABEL, ADJUDICATE)}
    named = sorted(answers - {UNCLEAR})
    kept = codebook or here.codebook or theirs
    if kept is None and len(named) > 1:
        kept = of_names(
            sorted({*named, *(answer for of in here.by_person.values() for answer in of.values())} - {UNCLEAR})
        )
    if kept is None:
        return []
    check_answers(here, kept)
    if others := [name for name in named if name not in kept.names]:
        raise LabelError(f"{file}: it has other emotions ({listed(others)}) than {listed(kept.names)}")
    return [] if kept == here.codebook else [{"mode": CODEBOOK, **kept.to_json(), "at": now()}]


def _entries(file: Path) -> Iterator[Entry]:
    """The answers of a file, as lines of our own."""
    rows = open_rows(file)
    if isinstance(rows, LayoutRows) and rows.layout.is_labelling:
        records = [(number, unwrapped(row)) for number, row in enumerate(rows.raw, 1) if not isinstance(row, BadRow)]
        yield from _of_label_studio(file, records) if rows.layout.name == "Label Studio" else _of_doccano(file, records)
        return
    first = next(iter(rows), None)
    if not (isinstance(first, Mapping) and "mode" in first):
        raise LabelError(f"{file}: {_TAKEN}")
    for entry in read_entries(file):
        if entry["mode"] in (LABEL, JUDGE, ADJUDICATE, CODEBOOK):
            yield entry


def _of_label_studio(file: Path, records: list[tuple[int, Mapping[str, Any]]]) -> Iterator[Entry]:
    for number, record in records:
        if label_studio.is_mine(record):
            data = record["data"] if isinstance(record.get("data"), Mapping) else {}
            id = _id(file, number, data.get("id", record.get("id")))
            for who, label in label_studio.ratings(record):
                yield _entry(file, who or file.stem, id, label)


def _of_doccano(file: Path, records: list[tuple[int, Mapping[str, Any]]]) -> Iterator[Entry]:
    rated = [
        (_id(file, number, record["id"]), doccano.ratings(record))
        for number, record in records
        if doccano.is_mine(record)
    ]
    is_one_person = all(len(labels) <= 1 for _, labels in rated)
    for id, labels in rated:
        for place, label in enumerate(labels, 1):
            yield _entry(file, file.stem if is_one_person else f"{file.stem} {place}", id, label)


def _id(file: Path, number: int, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise LabelError(f"{file}, record {number}: no id")
    return str(value)


def _entry(file: Path, who: str, id: str, label: str) -> Entry:
    try:
        name = annotator_name(who)
    except LabelError as error:
        raise LabelError(f"{file}: annotator {who[:100]!r}: {error}") from None
    entry = {"mode": LABEL, "annotator": name, "id": id, "answer": label.strip()}
    return {**entry, "seconds": "0.0", "at": now(), "from": file.name}
