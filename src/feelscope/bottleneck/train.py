"""Train a bottleneck: posts with pictures and words in, a folder with bottleneck, scores and card out."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from feelscope import emotions
from feelscope.bottleneck import card
from feelscope.bottleneck import folder as bottleneck_folder
from feelscope.bottleneck.captions import caption_of, said_of
from feelscope.bottleneck.fit import Training, fit_bottleneck
from feelscope.bottleneck.folder import BottleneckParts
from feelscope.bottleneck.pictures import Pictures
from feelscope.bottleneck.reading import Bottleneck
from feelscope.config import to_toml
from feelscope.encoders.encoder import Encoder, Resources
from feelscope.encoders.opening import open_image
from feelscope.encoders.picture_encoder import PictureEncoder
from feelscope.errors import ModelError, PictureError
from feelscope.files import remove_partials, write_json, write_text, writing_folder
from feelscope.metrics.scores import score
from feelscope.post import Post
from feelscope.progress import Progress, silent
from feelscope.table import MOST_BROKEN, PostsTable, Quarantine
from feelscope.table.unused_pictures import count_fault
from feelscope.train import checkpoint, run_folder
from feelscope.train.data import Corpus, check_labels, read_corpus, without_overlap
from feelscope.train.device import CPU
from feelscope.train.encoding import check_resources
from feelscope.train.fit import remove_checkpoints
from feelscope.train.rebuild_line import of_training
from feelscope.train.recipe import Recipe


def train_bottleneck(
    recipe: Recipe,
    out: Path,
    *,
    table: Path | None = None,
    dev: Path | None = None,
    data: Path | None = None,
    columns: Mapping[str, str] | None = None,
    resources: Resources | None = None,
    most_broken: float = MOST_BROKEN,
    resume: bool = False,
    device: torch.device = CPU,
    command: str = "",
    progress: Progress = silent,
    tell: Callable[[Quarantine], None] | None = None,
) -> Path:
    """Train a semantic bottleneck and save it.

    Args:
        recipe: One with a `[bottleneck]`; the other arguments are those of `feelscope.train.train.train`.
        dev: Labelled posts whose pictures are scored once, at the end.

    Returns:
        `out`, which `Bottleneck.load` opens.

    Raises:
        TableError, ConfigError, ModelError, MissingExtra: One line that says what to do.
    """
    assert recipe.bottleneck is not None, "give a recipe with a [bottleneck]"
    resources = resources or Resources(out.parent / "features")
    with ExitStack() as held:
        held.enter_context(writing_folder(out, ModelError))
        if not resume:
            run_folder.check_is_free(out)
        elif run_folder.is_finished(out, recipe):
            remove_checkpoints(out)
            return out
        elif not checkpoint.has_begun(out):
            checkpoint.find(out)  # says that there is none
        check_resources([recipe], resources)
        labelled = None
        if dev:  # a fault must not show at the end
            counted = Quarantine(most_broken=most_broken)
            labelled = list(PostsTable(dev, columns, need=("emotion",), quarantine=counted))
        remove_partials(out)
        quarantine = held.enter_context(Quarantine(out / run_folder.QUARANTINE, most_broken=most_broken))
        progress("reading posts", 0, 0, "")
        corpus = read_corpus(recipe, table=table, data=data, columns=columns, quarantine=quarantine, progress=progress)
        if labelled is not None and dev is not None:
            check_labels(labelled, dev, corpus.emotions)
            mapped, _ = emotions.match([str(post.emotion) for post in labelled], corpus.emotions)
            labelled = [replace(post, emotion=mapped[str(post.emotion)]) for post in labelled]
        encoder = open_image(recipe.image, resources, seed=recipe.seed)
        assert isinstance(encoder, PictureEncoder)
        training, validation = (
            _pictures(corpus.posts(held=kept), corpus.emotions, encoder, quarantine, progress) for kept in (False, True)
        )
        if tell is not None:
            tell(quarantine)
        how = Training(recipe.steps, recipe.seed, recipe.choices.patience, out, resume, progress, device)
        fitted = fit_bottleneck(training, validation, recipe.bottleneck, how, labels=len(corpus.emotions))
        parts = BottleneckParts(
            out.resolve().name,
            corpus.emotions,
            recipe.image.encoder,
            encoder.identity,
            encoder.width,
            fitted.temperature,
            recipe.bottleneck,
            fitted.vocabulary,
            fitted.words,
            fitted.asked,
            fitted.captioner,
            fitted.network,
        )
        progress("saving the bottleneck", 0, 0, "")
        bottleneck_folder.write(out, parts)
        scores = _scores(parts, corpus, labelled, encoder, progress)
        write_text(out / run_folder.RECIPE, to_toml(recipe))
        write_json(
            out / "metrics.json",
            {"emotions": corpus.emotions, "seed": recipe.seed, "validation": fitted.record, "bottleneck": scores},
        )
        built = encoder.describe(encoder.embedder())
        command = command or of_training(
            out,
            table=table,
            dev=dev,
            data=data,
            columns=columns,
            resources=resources,
            most_broken=most_broken,
        )
        card.write(out, recipe, corpus, parts, fitted.record, scores, built=built, command=command)
        remove_checkpoints(out)
    return out


def _pictures(
    posts: list[Post], names: tuple[str, ...], encoder: Encoder, quarantine: Quarantine | None, progress: Progress
) -> Pictures:
    """The posts that have a picture that can be read; `names` are the emotions, in the order of the labels."""

    def refuse(position: int, error: PictureError) -> None:
        if quarantine is not None:
            post = posts[position]
            quarantine.add(post.id, post.row, "picture not used in training", detail=str(error))
            count_fault(quarantine, str(error))

    vectors, present = encoder.encode(posts, progress, refuse)
    pictures = Pictures(
        vectors,
        [[caption_of(post)] for post in posts],
        [said_of(post) for post in posts],
        torch.tensor([names.index(str(post.emotion)) for post in posts], dtype=torch.long),
    )
    return pictures.rows(np.flatnonzero(present.numpy()).tolist())


def _scores(
    parts: BottleneckParts, corpus: Corpus, labelled: list[Post] | None, encoder: Encoder, progress: Progress
) -> dict[str, dict[str, float]]:
    """Accuracy and macro-F1 from the texts of pictures, by the name of the posts; each text is written, then read."""
    if labelled is None:
        held = corpus.posts(held=True)
        sets = {"validation split, on which the epoch was chosen: a little too high": held} if held else {}
    else:
        sets = {
            "dev, without the posts that also appear in the training data": without_overlap(labelled, corpus.sources),
            "dev, all posts": labelled,
        }
    bottleneck, scores = Bottleneck(parts), {}
    for name, posts in sets.items():
        pictures = _pictures(posts, corpus.emotions, encoder, None, progress)
        if not len(pictures):
            continue
        found = score(
            pictures.labels.numpy(), bottleneck.probabilities(bottleneck.texts(pictures.vectors)), corpus.emotions
        )
        low, high = found.intervals["macro_f1"]
        scores[name] = {
            "posts": len(pictures),
            "accuracy": found.accuracy,
            "macro_f1": found.macro_f1,
            "macro_f1_low": low,
            "macro_f1_high": high,
            "ece": found.ece,
        }
    return scores
