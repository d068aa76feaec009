"""What people answered: one JSON line an answer, appended at once, so that nothing is lost.

    {"mode": "label", "annotator": "ann", "id": "7", "answer": "joy", "seconds": "2.4", "at": "2024-05-01T10:00:00Z"}
    {"mode": "codebook", "emotion": [{"name": "joy", "definition": "", "example": ""}], "title": ""}

The last answer of a person to a post counts; one that is skipped is taken back. The last codebook counts.
"""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from feelscope.config import listed
from feelscope.errors import LabelError
from feelscope.label.codebook import SKIPPED, UNCLEAR, Codebook, from_values
from feelscope.text import json_lines

# What the question was: which emotion, whether the model is right, and which of the answers of others.
LABEL, JUDGE, ADJUDICATE = "label", "judge", "adjudicate"
CODEBOOK = "codebook"


class Answers:
    """The answers to one question about the posts of one table, folder or dataset.

    Args:
        path: The file; made with the first answer.
        mode: `label`, `judge` or `adjudicate`; answers to the other questions are left alone.

    Attributes:
        by_person: Annotator to post to answer.
        last: Post to who answered last, and what.
        skipped: Annotator to the posts that were skipped and not answered since, in that order.
        seen: Annotator to the posts that were answered or skipped, the latest last.
        notes: Annotator to post to the note beside the answer.
        described: Annotator to post to whether the picture was shown in words too; of rounds where some are.
        codebook: The one that the file has; None where none was given.
    """

    def __init__(self, path: Path, mode: str) -> None:
        self.path, self.mode = path, mode
        self.by_person: dict[str, dict[str, str]] = {}
        self.last: dict[str, tuple[str, str]] = {}
        self.skipped: dict[str, dict[str, None]] = {}
        self.seen: dict[str, dict[str, None]] = {}
        self.notes: dict[str, dict[str, str]] = {}
        self.described: dict[str, dict[str, bool]] = {}
        self.codebook: Codebook | None = None
        for entry in read_entries(path):
            self._take(entry)

    def _take(self, entry: Mapping[str, Any]) -> None:
        if entry["mode"] == CODEBOOK:
            self.codebook = from_values(
                {name: entry[name] for name in entry if name not in ("mode", "at")}, str(self.path)
            )
        elif entry["mode"] == self.mode:
            person, id, answer = (str(entry[name]) for name in ("annotator", "id", "answer"))
            self._keep(person, id, answer, entry.get("described"), entry.get("note"))

    def _keep(self, annotator: str, id: str, answer: str, described: object, note: object) -> None:
        every: tuple[dict[str, Any], ...] = (self.by_person, self.skipped, self.described, self.notes, self.seen)
        for kept in every:
            kept.get(annotator, {}).pop(id, None)
        self.seen.setdefault(annotator, {})[id] = None
        if isinstance(note, str) and note:
            self.notes.setdefault(annotator, {})[id] = note
        self.described.setdefault(annotator, {})
        if answer == SKIPPED:
            self.skipped.setdefault(annotator, {})[id] = None
            if self.last.get(id, ("",))[0] == annotator:
                del self.last[id]
            if not self.by_person.get(annotator, True):
                del self.by_person[annotator]
            return
        self.by_person.setdefault(annotator, {})[id] = answer
        self.last[id] = (annotator, answer)
        if isinstance(described, bool):
            self.described[annotator][id] = described

    def add(
        self, annotator: str, id: str, answer: str, seconds: float, described: bool | None = None, note: str = ""
    ) -> None:
        """Keep an answer; a later one of the same person to the same post takes its place.

        Args:
            described: Whether the picture was shown in words too; None in a round without such words.

        Raises:
            OSError: It cannot be written.
        """
        entry: dict[str, Any] = {"mode": self.mode, "annotator": annotator, "id": id, "answer": answer}
        entry |= {"seconds": f"{seconds:.1f}", "at": now()}
        if described is not None:
            entry["described"] = described
        if note:
            entry["note"] = note
        json_lines.append(self.path, entry, sync=True)
        self._keep(annotator, id, answer, described, note)

    def keep_codebook(self, codebook: Codebook) -> None:
        """Keep what people may answer from now on.

        Raises:
            LabelError: Somebody has given another answer.
            OSError: It cannot be written.
        """
        check_answers(self, codebook)
        if codebook != self.codebook:
            json_lines.append(self.path, {"mode": CODEBOOK, **codebook.to_json(), "at": now()}, sync=True)
            self.codebook = codebook


def now() -> str:
    """The time, as answers have it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def read_entries(path: Path) -> list[dict[str, Any]]:
    """The lines of a file of answers; none where there is no file.

    Raises:
        LabelError: It cannot be read, or a line is no answer.
    """
    entries: list[dict[str, Any]] = []
    try:
        for number, entry in json_lines.read(path) if path.exists() else ():
            wanted = ("emotion",) if entry.get("mode") == CODEBOOK else ("mode", "annotator", "id", "answer")
            if not all(name in entry for name in wanted):
                raise json_lines.BadLine(f"line {number}")
            entries.append(entry)
    except OSError as error:
        raise LabelError(f"{path}: cannot be read ({error.strerror})") from error
    except json_lines.BadLine as error:
        raise LabelError(f"{path}, {error.reason}: no answer; mend or remove the line") from None
    return entries


def check_answers(answers: Answers, codebook: Codebook) -> None:
    """Refuse a codebook that does not have the answers that people gave.

    Raises:
        LabelError: It names them.
    """
    known = {*codebook.names, UNCLEAR}
    given = [answer for own in answers.by_person.values() for answer in own.values()]
    if others := sorted({*given} - known):
        count = sum(answer not in known for answer in given)
        raise LabelError(
            f"{answers.path}: {count:,} of {len(given):,} answers are of other emotions ({listed(others)}); label with "
            "those, or name another file with --answers"
        )
