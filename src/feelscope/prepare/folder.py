"""The folder of a dataset and what may be in it."""

from pathlib import Path

from feelscope.errors import TableError
from feelscope.files import is_lock

POSTS, REPORT, IMAGES, FETCHED = "posts.parquet", "report.json", "images", "pictures.jsonl"
QUARANTINE, ANSWERS = "quarantine.jsonl", "answers.jsonl"  # the answers are those of `feelscope label`
BLOCKS = "_blocks"  # of `feelscope scale prepare`, until the dataset is whole
_KNOWN = {POSTS, REPORT, IMAGES, FETCHED, QUARANTINE, ANSWERS, BLOCKS}


def check_folder(out: Path) -> None:
    """See that a dataset may be written to a folder: it is missing, empty, or holds an earlier dataset.

    Raises:
        TableError: It is a file, or holds something else.
    """
    if out.exists() and not out.is_dir():
        raise TableError(f"{out}: is a file; name a folder for the dataset")
    for path in sorted(out.iterdir()) if out.is_dir() else ():
        if path.name not in _KNOWN and path.suffix != ".partial" and not is_lock(path):
            raise TableError(f"{out}: holds something else ({path.name}); name a new folder for the dataset")
