"""about.json: what an index is of, and which of its files count. It is written last, in one step.

INDEX/
  about.json         this
  posts/             tagged posts, see `shards`
  search-000001/     what the engine made of them, the vocabulary, and counts of frequent stems
  thumbnails/        small pictures
  map/               with --map: vectors of posts and their places on the map, see `vectors` and `placing`
  rebuilt-000001/    once it was rebuilt: those above, in place of those; until then with an about.json of its own
  .lock              while somebody writes
"""

import re
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from feelscope.config import build
from feelscope.errors import ConfigError, ExploreError
from feelscope.explore.search.state import Facts
from feelscope.files import read_json, write_json

VERSION = 4  # of everything in the folder: fields, stems, subjects
POSTS, THUMBNAILS, MAP = "posts", "thumbnails", "map"
VOCABULARY, STEMS = "vocabulary.parquet", "stems.parquet"
ABOUT, OLD_LOCK = "about.json", "writer.lock"  # the lock of older versions
_REBUILT = re.compile(r"rebuilt-\d{6}")


@dataclass(frozen=True, slots=True)
class About:
    """What an index is of.

    Args:
        model: What emotions were read with.
        search: Name of the folder that is searched; empty while nothing is complete.
        shards: Those that are in it.
        probabilities: Emotions that posts may have a probability of.
        model_digest: Of the model's manifest; empty where it is not known.
        facets: Columns of the table that are facets too.
        mapped: Whether posts have a place on a map.
        inside: Name of the folder in the index's that all of these are in; empty for the index's own.
    """

    name: str
    model: str
    probabilities: tuple[str, ...]
    search: str = ""
    shards: tuple[str, ...] = ()
    facts: Facts | None = None
    model_digest: str = ""
    inside: str = ""
    facets: tuple[str, ...] = ()
    mapped: bool = False

    def __post_init__(self) -> None:
        """Refuse names that lead elsewhere."""
        names = (self.inside and _REBUILT, self.inside), (self.search and re.compile(r"search-\d{6,}"), self.search)
        for pattern, name in (*names, *((re.compile(r"\d{6,}\.parquet"), shard) for shard in self.shards)):
            if pattern and not pattern.fullmatch(name):
                raise ConfigError(f"{name!r} is no name of its files")


def write_about(folder: Path, about: About) -> None:
    """Write about.json; the files it names count from then on, and not before."""
    write_json(folder / ABOUT, {"version": VERSION, **asdict(about)}, indent=1)


def read_about(folder: Path) -> About:
    """Read about.json, of a complete or a half-built index.

    Raises:
        ExploreError: There is none, or one of another version.
    """
    if not (folder / ABOUT).exists():
        raise ExploreError(f"{folder}: is not an index; make one with feelscope explore build TABLE {folder}")
    fields = _without_nones(read_json(folder / ABOUT, ExploreError, "rebuild it with --rebuild"))
    try:
        version = fields.pop("version")
        if version == VERSION:
            return build(fields, About, "its contents")
    except (KeyError, ConfigError) as error:
        raise ExploreError(f"{folder / ABOUT}: cannot be read ({error}); rebuild it with --rebuild") from error
    raise ExploreError(
        f"{folder}: an index of version {version}, and this Feelscope has version {VERSION}; rebuild it with --rebuild"
    )


def _without_nones(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields, and those of an object in one, that are there."""
    return {
        name: _without_nones(value) if isinstance(value, dict) else value
        for name, value in fields.items()
        if value is not None
    }


def read_complete(folder: Path) -> tuple[About, Facts]:
    """Read about.json of an index that can be asked.

    Raises:
        ExploreError: As `read_about`, or its first build was never completed.
    """
    put_back(folder)
    about = read_about(folder)
    if about.facts is None:
        raise ExploreError(f"{folder}: is half built; complete it with feelscope explore build TABLE {folder}")
    return about, about.facts


def is_index(folder: Path) -> bool:
    """Whether there is an index, half built or of any version."""
    return (folder / ABOUT).is_file()


def rebuilt(folder: Path) -> list[Path]:
    """Where rebuilds of an index were made, the first one first."""
    return sorted(path for path in folder.glob("rebuilt-*") if _REBUILT.fullmatch(path.name))


def rebuild_place(folder: Path) -> Path:
    """Where to rebuild an index: where a rebuild was stopped, or a new folder in its own."""
    places = rebuilt(folder)
    if not places:
        return folder / "rebuilt-000001"
    inside = ""
    with suppress(ExploreError):  # of another version, or damaged: what is rebuilt for
        inside = read_about(folder).inside
    with suppress(ExploreError):
        if read_about(places[-1]).facts is None and inside != places[-1].name:
            return places[-1]
    return folder / f"rebuilt-{int(places[-1].name.partition('-')[2]) + 1:06}"


def put_back(folder: Path) -> None:
    """Where a kill of an older version's rebuild left no index under the name, put the one beside it there."""
    if not folder.name or folder.exists():
        return
    old, new = (folder.with_name(f"{folder.name}.{which}") for which in ("old", "new"))
    with suppress(ExploreError, OSError):  # OSError: another process was first
        read_about(old)
        try:
            is_complete = read_about(new).facts is not None
        except ExploreError:
            is_complete = False
        (new if is_complete else old).rename(folder)
