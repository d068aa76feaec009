"""manifest.json of a saved folder: the SHA-256 of its files. Written last, so that a folder without it is not finished.

Folders are shared, so what is in one is foreign: its files are checked before anything of them is read.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from feelscope.errors import ModelError, one_line
from feelscope.files import digest, read_json, write_json
from feelscope.saved_model.saved_file import unlike_saved

MANIFEST = "manifest.json"
_MOST_BYTES = 100_000


def write_manifest(folder: Path, names: Iterable[str]) -> None:
    """Write the checksums of some files of a folder."""
    write_json(folder / MANIFEST, {name: digest(folder / name) for name in names})


def read_manifest(folder: Path, repair: str) -> dict[str, Any]:
    """The checksums of a folder's files, by name.

    Args:
        repair: What to do about a folder that is damaged.

    Raises:
        ModelError: It is missing or damaged.
    """
    return read_json(folder / MANIFEST, ModelError, repair, _MOST_BYTES)


def check_file(folder: Path, name: str, most: int, manifest: Mapping[str, Any], kind: str, repair: str) -> None:
    """Refuse a file that is not what was saved.

    Args:
        most: Bytes.
        kind: What the folder holds, as in "model".

    Raises:
        ModelError: It is missing, larger, altered, or a link to elsewhere.
    """
    path = folder / name
    try:
        problem = unlike_saved(path, manifest.get(name), most, kind)
    except (OSError, RuntimeError) as error:
        raise ModelError(f"{path}: cannot be read ({one_line(error)}); {repair}") from error
    if problem:
        raise ModelError(f"{path}: {problem}; {repair}")


def check_files(folder: Path, most: Mapping[str, int], kind: str, repair: str) -> None:
    """Refuse a folder of which a file is not what was saved.

    Args:
        most: Bytes, by the name of each file.
        kind, repair: As of `check_file`.

    Raises:
        ModelError: As from `read_manifest` and `check_file`.
    """
    manifest = read_manifest(folder, repair)
    for name, bytes_ in most.items():
        check_file(folder, name, bytes_, manifest, kind, repair)
