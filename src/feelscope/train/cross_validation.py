"""Cross-validation: a model for each fold, which answers the posts that it has not seen.

    posts --folds--> of each fold: the others' posts --one training--> a model --its own posts--> answers
                                                                                folds/fold-1.npz, fold-2.npz, ...

A fold's answers are one file, written whole, so that a training that was killed goes on with the first fold without
one, from its checkpoint. Answers are the network's, in full precision; a saved model, whose encoders are 8-bit
integers, answers a little differently.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from feelscope import files
from feelscope.config import to_toml
from feelscope.encoders.encoded_posts import EncodedPosts
from feelscope.encoders.encoder import Resources
from feelscope.encoders.opening import encode
from feelscope.errors import ConfigError, ModelError
from feelscope.post import Post
from feelscope.progress import Progress
from feelscope.train import checkpoint
from feelscope.train.data import Corpus
from feelscope.train.device import CPU
from feelscope.train.encoding import encode_corpus
from feelscope.train.fit import Fitted, fit_classifier, named, remove_checkpoints
from feelscope.train.fold_corpus import folds_of, without_fold
from feelscope.train.plain_classifiers import plain_answers
from feelscope.train.recipe import Recipe
from feelscope.train.selection import answer

_REPAIR = "delete it, and go on with --resume"


@dataclass(frozen=True, slots=True)
class FoldAnswers:
    """What was answered for the posts of one fold.

    Args:
        rows: (N,), which of the corpus's posts they are.
        probabilities: By combination (`both`, `text`, `image`), float32 (N, K), zeros where nothing could be read; only
            those that the recipe reads.
        baselines: By name, the emotion that is answered, int16 (N,).
    """

    rows: np.ndarray
    probabilities: dict[str, np.ndarray]
    baselines: dict[str, np.ndarray]


def check_folds(folds: int, recipe: Recipe, *, has_dev: bool) -> None:
    """Refuse what no cross-validation can be made of.

    Raises:
        ConfigError: There are fewer than two folds, or a dev table.
    """
    if isinstance(folds, bool) or not isinstance(folds, int) or folds < 2:
        raise ConfigError(f"folds: expected a whole number of 2 or more, found {folds!r}; 5 is usual")
    if has_dev or any(source.dev for source in recipe.data.tables):
        raise ConfigError("folds: a dev table gives the scores already; leave one of the two out")


def check_resumed(folder: Path, *, folds: int | None) -> None:
    """Refuse to resume with folds what began without, or the reverse.

    Raises:
        ModelError: It began the other way.
    """
    began = (folder / checkpoint.FOLDS).is_dir()
    if checkpoint.has_begun(folder) and began != bool(folds):
        advice = "give the same --folds" if began else "leave --folds out"
        raise ModelError(
            f"{folder}: this training began {'with' if began else 'without'} folds; {advice}, or train in a new folder"
        )


def cross_validate(
    recipe: Recipe,
    corpus: Corpus,
    folds: int,
    resources: Resources,
    out: Path,
    *,
    resume: bool,
    device: torch.device = CPU,
    progress: Progress,
) -> list[FoldAnswers]:
    """Train and answer, fold by fold; what is finished in `out` is not trained again.

    Args:
        out: The run's folder.
        resume: Whether a fold that was interrupted goes on from its checkpoint.

    Raises:
        TableError, ConfigError, ModelError, WordsError: One line that says what to do.
    """
    fold_of = folds_of(corpus, recipe, folds)
    identity = _identity(recipe, corpus, fold_of, resources)
    folder = out / checkpoint.FOLDS
    folder.mkdir(exist_ok=True)
    found = []
    for number in range(folds):
        file = folder / f"fold-{number + 1}.npz"
        if not file.is_file():
            of_fold = named(progress, f", fold {number + 1} of {folds}")
            scored = [one == number for one in fold_of]
            within = folder / f"training-{number + 1}"
            answers = _train_fold(recipe, corpus, scored, resources, within, resume, device, of_fold)
            _write(file, answers, identity)
            remove_checkpoints(within)
        found.append(_read(file, identity))
    return found


def _train_fold(
    recipe: Recipe,
    corpus: Corpus,
    scored: list[bool],
    resources: Resources,
    folder: Path,
    resume: bool,
    device: torch.device,
    progress: Progress,
) -> FoldAnswers:
    """One fold's training, and what its model and the baselines answer."""
    seen = without_fold(corpus, recipe, scored)
    encoded = encode_corpus(seen, recipe, resources, quarantine=None, progress=progress)
    fitted = fit_classifier(recipe, encoded, folder, resume=resume, device=device, progress=progress)
    rows = np.flatnonzero(scored)
    every = [post for entry in corpus.sources for post in entry.posts]
    posts = [every[row] for row in rows]
    labels = _labels(corpus, posts)
    asked = encode(posts, labels, encoded.encoders, progress=progress, refuse=lambda position, error: None)
    shown = {"both": asked}
    for name, other in (("text", "image"), ("image", "text")):
        if name in asked.present and "emoji" not in asked.present:  # words alone would be words without emoji
            shown[name] = asked.without(other) if other in asked.present else asked
    learnt = [post for entry in seen.sources for post in entry.posts]
    return FoldAnswers(
        rows,
        {name: _probabilities(fitted, some) for name, some in shown.items()},
        plain_answers(learnt, _labels(corpus, learnt), posts),
    )


def _labels(corpus: Corpus, posts: list[Post]) -> list[int]:
    return [corpus.emotions.index(str(post.emotion)) for post in posts]


@torch.inference_mode()
def _probabilities(fitted: Fitted, posts: EncodedPosts) -> np.ndarray:
    """Calibrated as a saved model's, float32 (N, K); zeros for a post of which nothing is read."""
    table = (answer(fitted.network, posts) / fitted.temperature).softmax(dim=1).double().numpy()  # (N, K)
    present = torch.stack(list(posts.present.values()), dim=1).numpy() > 0  # (N, M)
    for read in np.unique(present, axis=0):
        rows = (present == read).all(axis=1)
        names = [name for name, there in zip(posts.present, read, strict=True) if there]
        if not names:
            table[rows] = 0
        elif (known := fitted.calibration.of(names)) is not None:
            table[rows] = known.scaling(table[rows])
    return table.astype(np.float32)


def _identity(recipe: Recipe, corpus: Corpus, fold_of: list[int], resources: Resources) -> str:
    """Equal for equal recipes, posts, folds, teachers and files of vectors."""
    vectors = [files.digest(path) if path else "" for path in (resources.words, resources.emoji)]
    made_of = [to_toml(recipe), corpus.emotions, corpus.digest(pictures=bool(recipe.image.encoder)), fold_of, vectors]
    taught = sorted((corpus.taught or {}).items())
    return hashlib.sha256(json.dumps([made_of, taught]).encode()).hexdigest()


def _write(file: Path, answers: FoldAnswers, identity: str) -> None:
    arrays = {"rows": answers.rows, "identity": np.array(identity)}
    arrays |= {f"probabilities {name}": table for name, table in answers.probabilities.items()}
    arrays |= {f"baseline {name}": table for name, table in answers.baselines.items()}
    with files.write_whole(file, "wb") as out:
        np.savez(out, **arrays)  # type: ignore[arg-type]


def _read(file: Path, identity: str) -> FoldAnswers:
    """The answers of a finished fold.

    Raises:
        ModelError: The file is damaged, or of another training.
    """
    arrays = files.read_arrays(file, ModelError, _REPAIR)
    if not {"rows", "identity", "probabilities both"} <= arrays.keys():
        raise ModelError(f"{file}: not the answers of a fold; {_REPAIR}")
    if str(arrays["identity"]) != identity:
        raise ModelError(
            f"{file}: this fold belongs to another recipe, other posts or another number of folds; give the same ones, "
            "or train in a new folder"
        )

    def under(start: str) -> dict[str, np.ndarray]:
        return {name.removeprefix(start): value for name, value in arrays.items() if name.startswith(start)}

    return FoldAnswers(arrays["rows"], under("probabilities "), under("baseline "))
