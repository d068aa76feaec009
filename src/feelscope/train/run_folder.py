"""The folder a training writes: free before, and gone again where nothing came to lie in it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from feelscope.config import to_toml
from feelscope.errors import ModelError
from feelscope.saved_model import card
from feelscope.train.recipe import Recipe

RECIPE = "recipe.toml"
QUARANTINE = "quarantine.jsonl"  # may be there from a training that found nothing to train on


def check_is_free(folder: Path) -> None:
    """Refuse a folder that holds something.

    Raises:
        ModelError: It does, or it is a file.
    """
    if folder.exists() and (not folder.is_dir() or any(map(_counts, folder.iterdir()))):
        raise ModelError(
            f"{folder}: something is there already; give a new folder, or --resume to go on with a training"
        )


def is_finished(folder: Path, recipe: Recipe) -> bool:
    """Whether a folder holds the finished model of a recipe.

    Raises:
        ModelError: It holds that of another recipe.
    """
    if not ((folder / RECIPE).is_file() and (folder / card.FILE).is_file()):  # the card is written last
        return False
    if (folder / RECIPE).read_bytes() != to_toml(recipe).encode():
        raise ModelError(f"{folder}: the training is finished, and of another recipe; give a new folder")
    return True


def _counts(path: Path) -> bool:
    """Whether a file is more than what a training leaves that was killed before its first checkpoint."""
    is_left = path.name == QUARANTINE or path.suffix == ".partial" or path.name == "tensorboard"
    return not (is_left or (path.is_dir() and not any(map(_counts, path.iterdir()))))


@contextmanager
def kept_unless_empty(folder: Path) -> Iterator[None]:
    """Make a folder; where nothing came to lie in it, it goes again.

    Raises:
        ModelError: It cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelError(f"{folder}: cannot be made ({error.strerror}); give another folder") from error
    try:
        yield
    finally:
        with suppress(OSError):  # it is not empty
            folder.rmdir()
