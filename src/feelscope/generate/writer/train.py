"""Train a writer: posts in, a folder that `PostWriter.load` opens out."""

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from feelscope.errors import ModelError
from feelscope.files import remove_partials, write_text, writing_folder
from feelscope.generate.writer import card
from feelscope.generate.writer import folder as writer_folder
from feelscope.generate.writer.folder import SavedWriter
from feelscope.generate.writer.posts import Corpus, digest_of, read_corpus, with_words
from feelscope.generate.writer.settings import WriterSettings
from feelscope.generate.writer.task import WriterTask, new_network, steps_of
from feelscope.models.writer import Writer
from feelscope.post import Post
from feelscope.progress import Progress, silent
from feelscope.saved_model.builtin_pictures import BuiltinPictures
from feelscope.text.vocabulary import Vocabulary
from feelscope.train import checkpoint, loop, run_folder
from feelscope.train.device import CPU
from feelscope.train.fit import remove_checkpoints
from feelscope.words.load import load
from feelscope.words.word_vectors import WordVectors

PATIENCE = 4  # epochs without a lower perplexity on posts that are kept apart


def train_writer(
    posts: Iterable[Post],
    out: Path,
    settings: WriterSettings,
    *,
    vectors: Path | None = None,
    cache: Path,
    device: torch.device = CPU,
    resume: bool = False,
    progress: Progress = silent,
) -> SavedWriter:
    """Train a writer and save it.

    Args:
        posts: With an emotion each; those without words are left out.
        vectors: A file of word vectors to begin with; the writer's have their width then.
        cache: The folder of the feature cache.
        device: Where it learns; see `train.device.choose`.

    Raises:
        TableError: There are too few posts with words.
        ConfigError: No post has the one emotion that is asked for.
        ModelError, WordsError: One line that says what to do.
    """
    with ExitStack() as held:
        held.enter_context(writing_folder(out, ModelError))
        if not resume:
            run_folder.check_is_free(out)
        elif not (out / writer_folder.MANIFEST).is_file():
            checkpoint.find(out)  # says that there is none
        learnt = with_words(posts, settings)
        if resume and (out / writer_folder.MANIFEST).is_file():
            before = writer_folder.read(out)
            same = {
                "settings": before.settings == settings_with(settings, before.settings.embedding if vectors else None),
                "posts": before.scores.get("digest") == digest_of(learnt),
            }
            for what in (name for name, is_same in same.items() if not is_same):
                raise ModelError(f"{out}: the training is finished, and had other {what}; give a new folder")
            return before
        corpus = read_corpus(learnt, settings, cache, progress)
        known = None if vectors is None else load(vectors, {*corpus.vocabulary.words})
        settings = settings_with(settings, None if known is None else known.width)
        remove_partials(out)
        network, history = fit_writer(corpus, settings, out, known, device=device, resume=resume, progress=progress)
        scores = {
            "digest": digest_of(learnt),
            "posts": len(corpus.training) - corpus.copies,
            "copies": corpus.copies,
            "posts_by_emotion": _counts(corpus),
            "pictures": int(corpus.training.seen[: len(corpus.training) - corpus.copies].sum()),
            "pictures_unread": corpus.unread,
            "kept_apart": len(corpus.validation),
            "history": history,
        }
        saved = saved_writer(out.resolve().name, corpus, network, settings, scores)
        write_text(out / card.FILE, card.card(saved))
        writer_folder.write(out, saved)
        remove_checkpoints(out)
    return saved


def settings_with(settings: WriterSettings, width: int | None) -> WriterSettings:
    """The settings with the width of word vectors that were given."""
    return settings if width is None else replace(settings, embedding=width)


def fit_writer(
    corpus: Corpus,
    settings: WriterSettings,
    folder: Path | None = None,
    vectors: WordVectors | None = None,
    *,
    device: torch.device = CPU,
    resume: bool = False,
    progress: Progress = silent,
) -> tuple[Writer, list[dict[str, Any]]]:
    """Train a writer; returns it and the record of its epochs.

    Raises:
        ModelError: A loss or a weight is no number any more; it says at which step, and where the last good state is.
    """
    torch.manual_seed(settings.seed)
    width = corpus.training.pictures.shape[1]
    network = new_network(settings, len(corpus.vocabulary), len(corpus.emotions), width)
    if vectors is not None:
        start_from(network, corpus.vocabulary, vectors)
    task = WriterTask(network, corpus.training, corpus.validation, settings)
    steps = steps_of(settings)
    history = loop.fit(
        task, steps, seed=settings.seed, patience=PATIENCE, folder=folder, resume=resume, device=device,
        progress=progress,
    )  # fmt: skip
    return network.eval(), history


@torch.no_grad()
def start_from(network: Writer, vocabulary: Vocabulary, vectors: WordVectors) -> None:
    """Put known word vectors in place of new ones, brought to the mean length of one that those have about."""
    known = {vocabulary.number(word): row for row, word in enumerate(vectors.words) if word in vocabulary}
    if known:
        rows = torch.from_numpy(vectors.vectors[[*known.values()]].copy())  # (N, E)
        network.words.weight[[*known]] = rows / rows.norm(dim=1).mean().clamp(min=1e-12)


def saved_writer(
    name: str, corpus: Corpus, network: Writer, settings: WriterSettings, scores: dict[str, Any]
) -> SavedWriter:
    """What a folder holds of a trained writer."""
    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    encoder = BuiltinPictures().identity
    return SavedWriter(
        name, settings, encoder, corpus.emotions, corpus.vocabulary, corpus.forms, weights, corpus.guard, scores
    )


def _counts(corpus: Corpus) -> dict[str, int]:
    counts = torch.bincount(corpus.training.emotions, minlength=len(corpus.emotions)).tolist()
    return dict(zip(corpus.emotions, counts, strict=True))
