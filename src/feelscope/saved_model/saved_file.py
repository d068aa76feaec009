"""Whether a file of a saved folder is the one that was saved, and lies where the folder is."""

from pathlib import Path

from feelscope.files import digest


def unlike_saved(path: Path, saved: object, most: float, kind: str) -> str:
    """What is wrong with a file of a folder that others may have changed; empty where it is as it was saved.

    Args:
        saved: Its SHA-256, as the folder's manifest has it.
        most: Bytes that are read.
        kind: What the folder holds, as in "model".

    Raises:
        OSError: It is missing or cannot be read.
        RuntimeError: It is a link in a circle, before Python 3.13.
    """
    path.resolve(strict=True)
    if not is_within(path, path.parent):
        return f"this is a link to a file outside the {kind}'s folder"
    return "" if digest(path, most) == saved else f"this file was altered since the {kind} was saved"


def is_within(path: Path, folder: Path) -> bool:
    """Whether a file lies in a folder; of the hub's cache, where all files are links, also in the cache's store."""
    places = [folder, *hub_stores(folder)]
    return any(path.resolve().is_relative_to(place.resolve()) for place in places)


def hub_stores(folder: Path) -> list[Path]:
    """Where the hub's cache keeps the content of a snapshot's files; none for any other folder.

    CACHE/models--OWNER--NAME/snapshots/COMMIT/FILE -> ../../blobs/DIGEST, which may lead to CACHE/blobs/...
    """
    whole = folder.absolute()
    if len(whole.parents) < 3 or whole.parent.name != "snapshots" or not whole.parents[1].name.startswith("models--"):
        return []
    return [whole.parents[1] / "blobs", whole.parents[2] / "blobs"]
