"""Where a file of vectors is from, and under which licence, as far as something beside it says so.

NAME.about.json    beside any file: {"source": "...", "licence": "..."}, written by whoever has the file
report.json        beside the vectors.bin of `words train`: which posts it was learnt from
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feelscope.errors import WordsError
from feelscope.files import digest, read_json
from feelscope.table.about import beside
from feelscope.words.train_vectors import REPORT, VECTORS

NOT_STATED = "licence not stated"
_MOST_BYTES = 4_000_000
_LONGEST = 200  # characters of what is said
_REPAIR = "mend it, or remove it"


@dataclass(frozen=True, slots=True)
class Origin:
    """What is known of a file of vectors.

    Args:
        digest: The first 16 hexadecimal digits of its SHA-256.
        source: Where it is from; empty where nothing says so.
        licence: `NOT_STATED` where nothing says so.
    """

    name: str
    digest: str
    source: str
    licence: str

    def __str__(self) -> str:
        said = f", {self.source}" if self.source else ""
        return f"{self.name} (SHA-256 {self.digest}...){said}"


def origin(path: Path) -> Origin:
    """What is known of a file of vectors.

    Raises:
        WordsError: What lies beside it and says so cannot be read.
    """
    said: Mapping[str, Any] = {}
    source = ""
    if beside(path).is_file():
        said = read_json(beside(path), WordsError, _REPAIR, _MOST_BYTES)
        source = _text(said.get("source"))
    elif path.name == VECTORS and path.with_name(REPORT).is_file():
        said = read_json(path.with_name(REPORT), WordsError, _REPAIR, _MOST_BYTES)
        source = f"learnt by `feelscope words train` from {_text(said.get('source')) or 'posts'}"
    licence = _text(said.get("licence")) or _text(said.get("license"))
    return Origin(path.name, digest(path)[:16], source, licence or NOT_STATED)


def _text(value: object) -> str:
    """A text on one line, as far as it is one."""
    return " ".join("".join(filter(str.isprintable, value)).split())[:_LONGEST] if isinstance(value, str) else ""
