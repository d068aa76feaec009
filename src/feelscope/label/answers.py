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
    """

    def __init__(self, path: Path, mode: str) -> None:
        self.path, self.mode = path, mode
        self.by_person: dict[str, dict[str, str]] = {}
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return
        except (OSError, UnicodeDecodeError) as error:
            raise LabelError(f"{path}: cannot be read ({error})") from error
        for number, line in enumerate(lines, 1):
            try:
                entry = json.loads(line)
                found = (entry["mode"], str(entry["annotator"]), str(entry["id"]), str(entry["answer"]))
            except (ValueError, TypeError, KeyError):
                if number == len(lines):
                    continue  # torn by a power cut
                raise LabelError(f"{path}, line {number}: no answer; mend or remove the line") from None
            if found[0] == mode:
                self.by_person.setdefault(found[1], {})[found[2]] = found[3]

    def add(self, annotator: str, id: str, answer: str, seconds: float) -> None:
        """Keep an answer; a later one of the same person to the same post takes its place."""
        entry = {"mode": self.mode, "annotator": annotator, "id": id, "answer": answer}
        entry |= {"seconds": f"{seconds:.1f}", "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        try:
            torn = self.path.exists() and not self.path.read_bytes().endswith(b"\n") and self.path.stat().st_size > 0
            with self.path.open("a", encoding="utf-8") as file:
                file.write(("\n" if torn else "") + json.dumps(entry, ensure_ascii=False) + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise LabelError(f"{self.path}: cannot be written ({error.strerror})") from error
        self.by_person.setdefault(annotator, {})[id] = answer
