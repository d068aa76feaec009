"""What people answered: one JSON line an answer, appended at once, so that nothing is lost."""

import json
import os
import time
from pathlib import Path

from feelscope.errors import LabelError

LABEL, JUDGE = "label", "judge"  # what the question was: which emotion, or is the model right


class Answers:
    """The answers to one dataset, in its answers.jsonl.

    Args:
        path: The file; made with the first answer.
        mode: `label` or `judge`; answers of the other question are left alone.

    Attributes:
        by_person: Annotator to post to answer.
    """

    def __init__(self, path: Path, mode: str) -> None:
        self.path, self.mode = path, mode
        self.by_person: dict[str, dict[str, str]] = {}
        try:
            lines = path.read_bytes().splitlines() if path.exists() else []
        except OSError as error:
            raise LabelError(f"{path}: cannot be read ({error.strerror})") from error
        for number, line in enumerate(lines, 1):
            if not line.strip() or (number == len(lines) and b"}" not in line):
                continue  # empty, or the last one, torn by a power cut
            try:
                entry = json.loads(line)
                mode, person, id, answer = (str(entry[name]) for name in ("mode", "annotator", "id", "answer"))
            except (ValueError, TypeError, KeyError):
                raise LabelError(f"{path}, line {number}: no answer; mend or remove the line") from None
            if mode == self.mode:
                self.by_person.setdefault(person, {})[id] = answer

    def add(self, annotator: str, id: str, answer: str, seconds: float) -> None:
        """Keep an answer; a later one of the same person to the same post takes its place.

        Raises:
            OSError: It cannot be written.
        """
        entry = {"mode": self.mode, "annotator": annotator, "id": id, "answer": answer}
        entry |= {"seconds": f"{seconds:.1f}", "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        with self.path.open("a+b") as file:
            file.seek(0)
            before, newline, last = file.read().rpartition(b"\n")
            if b"}" not in last:  # torn by a power cut, or nothing
                file.truncate(len(before + newline))
                last = b""
            line = json.dumps(entry, ensure_ascii=False).encode(errors="replace")
            file.write(b"\n" * bool(last) + line + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self.by_person.setdefault(annotator, {})[id] = answer
