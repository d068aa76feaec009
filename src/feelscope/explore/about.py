"""about.json: what an index is of, and which of its files count. It is written last, in one step.

INDEX/
  about.json         this
  posts/             tagged posts, see `pieces`
  search-000001/     what the engine made of them, and the vocabulary
  thumbnails/        small pictures
  writer.lock        held while somebody writes
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from feelscope.errors import ExploreError
from feelscope.explore.state import Facts

VERSION = 1  # of everything in the folder: fields, stems, subjects
POSTS, THUMBNAILS, VOCABULARY = "posts", "thumbnails", "vocabulary.parquet"
_FILE, _LOCK = "about.json", "writer.lock"


@dataclass(frozen=True, slots=True)
class About:
    """What an index is of.

    Args:
        model: What emotions were read with.
        search: Name of the folder that is searched; empty while nothing is complete.
        pieces: Those that are in it.
        probabilities: Emotions that posts may have a probability of.
    """

    name: str
    model: str
    probabilities: tuple[str, ...]
    search: str = ""
    pieces: tuple[str, ...] = ()
    facts: Facts | None = None


def write_about(folder: Path, about: About) -> None:
    """Write about.json; with it, and not before, the files it names count."""
    partial = folder / f"{_FILE}.partial"
    with partial.open("w", encoding="utf-8") as file:
        json.dump({"version": VERSION, **asdict(about)}, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(folder / _FILE)


def read_about(folder: Path) -> About:
    """Read about.json, complete or not.

    Raises:
        ExploreError: There is none, or one of another version.
    """
    try:
        found = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        version = found.pop("version")
        if version == VERSION:
            return _about(found)
    except FileNotFoundError:
        raise ExploreError(f"{folder}: is no index; make one with feelscope explore build TABLE {folder}") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ExploreError(f"{folder / _FILE}: cannot be read ({error}); build the index anew with --anew") from error
    raise ExploreError(
        f"{folder}: an index of version {version}, and this Feelscope has version {VERSION}; build it anew with --anew"
    )


def read_complete(folder: Path) -> About:
    """Read about.json of an index that can be asked.

    Raises:
        ExploreError: As `read_about`, or its first build was never done.
    """
    about = read_about(folder)
    if about.facts is None:
        raise ExploreError(f"{folder}: is half built; go on with feelscope explore build TABLE {folder}")
    return about


def is_index(folder: Path) -> bool:
    """Whether there is an index, half built or of any version."""
    return (folder / _FILE).is_file()


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Hold a folder for writing; the lock goes with the process, however it ends.

    Raises:
        ExploreError: Another process writes.
    """
    with (folder / _LOCK).open("wb") as file:
        try:
            _lock(file.fileno())
        except OSError:
            raise ExploreError(f"{folder}: another process writes to this index; wait until it is done") from None
        yield


def _lock(handle: int) -> None:
    """Raises OSError where another process has it."""
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined] # Windows only
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _about(found: dict[str, Any]) -> About:
    facts = found.pop("facts")
    if facts is not None:
        facts = Facts(**{**facts, "emotions": tuple(facts["emotions"])})
    probabilities, pieces = tuple(found.pop("probabilities")), tuple(found.pop("pieces"))
    return About(**found, probabilities=probabilities, pieces=pieces, facts=facts)
