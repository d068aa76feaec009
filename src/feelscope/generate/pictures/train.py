"""Train a picture generator: posts with pictures in, a folder with weights, sheets of pictures and a card out."""

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

import torch

from feelscope.errors import ModelError
from feelscope.files import remove_partials, writing_folder
from feelscope.generate.pictures import folder as generator_folder
from feelscope.generate.pictures import report
from feelscope.generate.pictures.fit import fit_pictures
from feelscope.generate.pictures.folder import SavedGenerator
from feelscope.generate.pictures.reading import read_pictures
from feelscope.generate.pictures.settings import PictureSettings
from feelscope.post import Post
from feelscope.progress import Progress, silent
from feelscope.table import Quarantine
from feelscope.train import checkpoint, run_folder
from feelscope.train.device import CPU
from feelscope.train.fit import remove_checkpoints


def train_pictures(
    posts: Iterable[Post],
    settings: PictureSettings,
    out: Path,
    *,
    source: str,
    cache: Path,
    quarantine: Quarantine,
    resume: bool = False,
    device: torch.device = CPU,
    progress: Progress = silent,
) -> SavedGenerator:
    """Train a picture generator and save it; see `read_pictures` for the posts.

    Raises:
        ModelError: The folder holds something else, or the training failed; one line that says what to do.
        TableError: There are too few pictures.
    """
    with ExitStack() as held:
        held.enter_context(writing_folder(out, ModelError))
        finished = (out / generator_folder.MANIFEST).is_file()
        if not resume:
            run_folder.check_is_free(out)
        elif not finished:
            checkpoint.find(out)  # says that there is none
        remove_partials(out)
        shown = read_pictures(posts, settings, source, cache=cache, quarantine=quarantine, progress=progress)
        if finished:
            return _of_before(out, settings, shown.digest)
        generator, _, history = fit_pictures(shown, settings, out, resume=resume, device=device, progress=progress)
        progress("measuring", 0, 0, "")
        known = shown.conditions.shape[1], shown.emotions, shown.reader
        scores = report.measure(SavedGenerator(settings, generator, *known, {}), shown) | {
            "source": shown.source,
            "digest": shown.digest,
            "pictures": len(shown),
            "epochs": len(history),
            "variety": history[-1]["variety"],
            "history": history,
        }
        saved = SavedGenerator(settings, generator, *known, scores)
        report.write(out, saved, shown)
        generator_folder.write(out, saved)
        remove_checkpoints(out)
    return saved


def _of_before(out: Path, settings: PictureSettings, digest: str) -> SavedGenerator:
    """The generator of a training that is finished.

    Raises:
        ModelError: It had other settings or other pictures.
    """
    before = generator_folder.read(out)
    same = {"settings": before.settings == settings, "pictures": before.scores.get("digest") == digest}
    for what in (name for name, is_same in same.items() if not is_same):
        raise ModelError(f"{out}: the training is finished, and had other {what}; give a new folder")
    return before
