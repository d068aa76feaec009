"""What people answered: one JSON line an answer, appended at once, so that nothing is lost."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from feelscope.errors import LabelError
from feelscope.text import json_lines

LABEL, JUDGE = "label", "judge"  # what the question was: which emotion, or is the model right


class Answers:
    """The answers to one dataset, in its answers.jsonl.

    Args:
        path: The file; made with the first answer.
        mode: `label` or `judge`; answers of the other question are left alone.

    Attributes:
        by_person: Annotator to post to answer.
        described: Annotator to post to whether the picture was shown in words too; of rounds where some are.
    """

    def __init__(self, path: Path, mode: str) -> None:
        self.path, self.mode = path, mode
        self.by_person: dict[str, dict[str, str]] = {}
        self.described: dict[str, dict[str, bool]] = {}
        try:
            for number, entry in json_lines.read(path) if path.exists() else ():
                self._take(number, entry)
        except OSError as error:
            raise LabelError(f"{path}: cannot be read ({error.strerror})") from error
        except json_lines.BadLine as error:
            raise LabelError(f"{path}, {error.reason}: no answer; mend or remove the line") from None

    def _take(self, number: int, entry: Mapping[str, Any]) -> None:
        try:
            mode, person, id, answer = (str(entry[name]) for name in ("mode", "annotator", "id", "answer"))
        except KeyError:
            raise json_lines.BadLine(f"line {number}") from None
        if mode == self.mode:
            self._keep(person, id, answer, entry.get("described"))

    def _keep(self, annotator: str, id: str, answer: str, described: object) -> None:
        self.by_person.setdefault(annotator, {})[id] = answer
        of_person = self.described.setdefault(annotator, {})
        of_person.pop(id, None)
        if isinstance(described, bool):
            of_person[id] = described

    def add(self, annotator: str, id: str, answer: str, seconds: float, described: bool | None = None) -> None:
        """Keep an answer; a later one of the same person to the same post takes its place.

        Args:
            described: Whether the picture was shown in words too; None in a round without such words.

        Raises:
            OSError: It cannot be written.
        """
        entry: dict[str, Any] = {"mode": self.mode, "annotator": annotator, "id": id, "answer": answer}
        entry |= {"seconds": f"{seconds:.1f}", "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        if described is not None:
            entry["described"] = described
        json_lines.append(self.path, entry, sync=True)
        self._keep(annotator, id, answer, described)
