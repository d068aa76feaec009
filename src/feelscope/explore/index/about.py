"""about.json: what an index is of, and which of its files count. It is written last, in one step.

INDEX/
  about.json         this
  posts/             tagged posts, see `shards`
  search-000001/     what the engine made of them, and the vocabulary
  thumbnails/        small pictures
  writer.lock        held by whoever writes
"""

import json
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from feelscope.config import build
from feelscope.errors import ConfigError, ExploreError
from feelscope.explore.search.state import Facts
from feelscope.files import lock, write_json

VERSION = 1  # of everything in the folder: fields, stems, subjects
POSTS, THUMBNAILS, VOCABULARY = "posts", "thumbnails", "vocabulary.parquet"
_FILE, _LOCK = "about.json", "writer.lock"


@dataclass(frozen=True, slots=True)
class About:
    """What an index is of.

    Args:
        model: What emotions were read with.
        search: Name of the folder that is searched; empty while nothing is complete.
        shards: Those that are in it.
        probabilities: Emotions that posts may have a probability of.
    """

    name: str
    model: str
    probabilities: tuple[str, ...]
    search: str = ""
    shards: tuple[str, ...] = ()
    facts: Facts | None = None


def write_about(folder: Path, about: About) -> None:
    """Write about.json; the files it names count from then on, and not before."""
    fields = {"version": VERSION, **asdict(about)}
    fields["pieces"] = fields.pop("shards")  # their name in every index of this version
    write_json(folder / _FILE, fields, indent=1)


def read_about(folder: Path) -> About:
    """Read about.json, of a complete or a half-built index.

    Raises:
        ExploreError: There is none, or one of another version.
    """
    try:
        fields = json.loads((folder / _FILE).read_text(encoding="utf-8"), object_hook=_without_nones)
        version = fields.pop("version")
        if version == VERSION:
            fields["shards"] = fields.pop("pieces")
            return build(fields, About, "its contents")
    except FileNotFoundError:
        raise ExploreError(f"{folder}: is not an index; make one with feelscope explore build TABLE {folder}") from None
    except (OSError, ValueError, KeyError, AttributeError, ConfigError) as error:
        raise ExploreError(f"{folder / _FILE}: cannot be read ({error}); rebuild it with --rebuild") from error
    raise ExploreError(
        f"{folder}: an index of version {version}, and this Feelscope has version {VERSION}; rebuild it with --rebuild"
    )


def _without_nones(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def read_complete(folder: Path) -> tuple[About, Facts]:
    """Read about.json of an index that can be asked.

    Raises:
        ExploreError: As `read_about`, or its first build was never completed.
    """
    about = read_about(folder)
    if about.facts is None:
        raise ExploreError(f"{folder}: is half built; complete it with feelscope explore build TABLE {folder}")
    return about, about.facts


def is_index(folder: Path) -> bool:
    """Whether there is an index, half built or of any version."""
    return (folder / _FILE).is_file()


def writing(folder: Path) -> AbstractContextManager[None]:
    """Hold a folder for writing; the lock goes with the process, however it ends.

    Raises:
        ExploreError: Another process writes.
    """
    busy = ExploreError(f"{folder}: another process writes to this index; wait until it is done")
    return lock(folder / _LOCK, busy)
