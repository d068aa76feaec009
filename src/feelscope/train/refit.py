"""Train twice: without the tuning part, to choose epochs and temperature; then on every post.

Posts of one archive are often near-duplicates of each other, so a tenth more of them is worth the time.
Source: usual practice, "refit" in scikit-learn's searches; that the temperature stays is ours.
"""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from feelscope.models.towers import Towers
from feelscope.progress import Progress
from feelscope.train import checkpoint, soup
from feelscope.train.corpus import Corpus
from feelscope.train.fit import Fitted
from feelscope.train.recipe import Recipe

FOLDER = "choosing"  # within the model's folder, while it is trained


def refit(
    towers: Callable[[], Towers], corpus: Corpus, recipe: Recipe, out: Path, *, resume: bool, progress: Progress
) -> Fitted:
    """Choose on the tuning part, then train new towers on all posts for as many epochs.

    Returns:
        The second training's weights, with the first one's temperature and history.
    """
    folder = out / FOLDER
    folder.mkdir(exist_ok=True)
    first = soup.fit_soup(towers, corpus, recipe, folder, resume=resume, progress=progress)

    def second_progress(stage: str, done: int, total: int, detail: str) -> None:
        progress(f"{stage} on all posts", done, total, detail)

    again = replace(recipe, epochs=first.epochs)
    second = soup.fit_soup(towers, corpus.whole(), again, out, resume=resume, progress=second_progress)
    return replace(second, temperature=first.temperature, history=first.history, on_all=True)


def begun(out: Path) -> bool:
    """Whether there is a training to go on with."""
    return any(out.rglob(checkpoint.FILE))


def find(out: Path) -> None:
    """Say so where there is no interrupted training.

    Raises:
        ModelError: There is no checkpoint of either training.
    """
    if not begun(out):
        checkpoint.find(out)


def remove(out: Path) -> None:
    """Delete the checkpoints of a finished training."""
    checkpoint.remove(out)
    for folder in (out / FOLDER, *soup.folders(out)):
        shutil.rmtree(folder, ignore_errors=True)
