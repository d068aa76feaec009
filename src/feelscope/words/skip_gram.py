"""Learn word vectors: skip-gram with negative sampling, by gensim, in pieces that can be gone on with.

    word (V,) -> its vector (D,) -> products with a neighbour's vector and N random words': which is the neighbour?

The corpus is gone through `epochs` times in `PIECES` pieces each, for progress and a learning rate that falls evenly.
After each epoch the vectors are kept, so that an interrupted training goes on there. Every random draw comes from the
seed and the piece: with one worker, one seed gives one result, gone on with or not. Nothing is kept as a pickle.

Source: Mikolov et al. 2013, "Distributed Representations of Words and Phrases", section 2; thesis of Hu 2017, 4.2.5,
for the defaults, which the thesis took from the vectors trained on Google News.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from feelscope.errors import ConfigError, MissingExtra, WordsError
from feelscope.progress import errors_only

PIECES = 20  # of an epoch
FEWEST_WORDS = 1000  # in a corpus; fewer say nothing of any word
CHECKPOINT = "checkpoint.npz"


@dataclass(frozen=True, slots=True)
class SkipGram:
    """How word vectors are learnt."""

    width: int = 300  # of a vector; thesis 4.2.5
    window: int = 10  # words to either side, a random number up to it; thesis 4.2.5
    negatives: int = 5  # random words a neighbour; thesis 4.2.5
    frequent: float = 1e-3  # share of all words above which a word is left out at times; thesis 4.2.5
    phrase_passes: int = 2  # a pass joins two words, two passes up to four; thesis 4.2.3 knows 2 to 4
    phrase_discount: float = 100.0  # delta of equation 4.14, occurrences taken off a pair's; thesis 4.2.5
    phrase_threshold: float = 100.0  # score above which a pair is joined, in the first pass; thesis 4.2.5
    phrase_decay: float = 0.5  # of the threshold from pass to pass; thesis 4.2.3 says it falls; ours
    fewest: int = 5  # occurrences of a word that gets a vector; the word2vec program's
    epochs: int = 5  # the word2vec program's
    rate: float = 0.025  # at the start; falls to a 250th; the word2vec program's
    seed: int = 0
    workers: int = 1  # threads; with more than one, two trainings differ a little

    def __post_init__(self) -> None:
        """Refuse what would fail or learn nothing."""
        for name in ("width", "window", "negatives", "fewest", "epochs", "workers"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name}: expected 1 or more, found {getattr(self, name)!r}")
        for name in ("phrase_passes", "phrase_discount", "phrase_threshold", "seed"):
            if getattr(self, name) < 0:
                raise ConfigError(f"{name}: expected 0 or more, found {getattr(self, name)!r}")
        if not 0 < self.rate < 1 or not 0 < self.frequent <= 1 or not 0 < self.phrase_decay <= 1:
            raise ConfigError("rate, frequent, phrase_decay: expected more than 0 and not over 1")


def learn(
    corpus: Path,
    settings: SkipGram,
    folder: Path,
    *,
    resume: bool,
    progress: Callable[[int, int, str], object],
) -> tuple[list[str], np.ndarray, list[int]]:
    """Learn vectors of a corpus.

    Args:
        corpus: UTF-8, a text a line, words apart by a space.
        folder: Where `CHECKPOINT` is kept.
        resume: Go on with it.
        progress: Called with pieces done, pieces of all, and a detail.

    Returns:
        Words (V,) by falling frequency, vectors float32 (V, D), and how often each word stands in the corpus.

    Raises:
        WordsError: The corpus has too few words, or there is nothing to go on with.
        MissingExtra: gensim is not installed.
    """
    try:
        from gensim.models import Word2Vec
    except ModuleNotFoundError as error:
        raise MissingExtra('training word vectors needs gensim: pip install "feelscope[words]"') from error
    pieces = _pieces(corpus, folder)
    total = settings.epochs * len(pieces)
    model = Word2Vec(
        vector_size=settings.width,
        window=settings.window,
        negative=settings.negatives,
        sample=settings.frequent,
        min_count=settings.fewest,
        alpha=settings.rate,
        sg=1,
        seed=settings.seed,
        workers=settings.workers,
    )
    with errors_only("gensim"):  # it warns where a piece lacks words of the whole
        model.build_vocab(corpus_file=str(corpus))
        if len(model.wv) < 2:
            raise WordsError(
                f"{corpus.name}: no two words stand there {settings.fewest} times; give more texts, or a lower `fewest`"
            )
        identity = _identity(corpus, settings)
        start = _restore(folder / CHECKPOINT, model, identity) if resume else 0
        lowest = settings.rate / 250
        for step in range(start * len(pieces), total):
            piece, lines, count = pieces[step % len(pieces)]
            high, low = (settings.rate + (lowest - settings.rate) * at / total for at in (step, step + 1))
            model.random = np.random.RandomState(hash_of(settings.seed, step))
            model.train(
                corpus_file=str(piece),
                total_examples=lines,
                total_words=count,
                epochs=1,
                start_alpha=high,
                end_alpha=low,
                compute_loss=False,
            )
            if (step + 1) % len(pieces) == 0:
                _keep(folder / CHECKPOINT, model, identity, (step + 1) // len(pieces))
            progress(step + 1, total, f"epoch {step // len(pieces) + 1} of {settings.epochs}")
    for piece, _, _ in pieces:
        piece.unlink()
    words = list(model.wv.index_to_key)
    return words, model.wv.vectors.astype(np.float32), [int(model.wv.get_vecattr(word, "count")) for word in words]


def hash_of(*numbers: int) -> int:
    """A seed of 32 bits from numbers."""
    return int.from_bytes(hashlib.sha256(repr(numbers).encode()).digest()[:4], "little")


def _pieces(corpus: Path, folder: Path) -> list[tuple[Path, int, int]]:
    """The corpus in files of about as many words each: path, lines and words."""
    counts = [line.count(b" ") + 1 for line in corpus.open("rb") if line.strip()]
    if sum(counts) < FEWEST_WORDS:
        raise WordsError(f"the texts have {sum(counts)} words; give texts of {FEWEST_WORDS:,} words or more")
    wanted = sum(counts) / min(PIECES, len(counts))
    pieces: list[tuple[Path, int, int]] = []
    lines: list[bytes] = []
    so_far = 0
    with corpus.open("rb") as file:
        rows = (line for line in file if line.strip())
        for line, words in zip(rows, counts, strict=True):
            lines.append(line)
            so_far += words
            if so_far >= wanted * (len(pieces) + 1) - 0.5:
                pieces.append(_write_piece(folder, len(pieces), lines))
                lines = []
    if lines:
        pieces.append(_write_piece(folder, len(pieces), lines))
    return pieces


def _write_piece(folder: Path, number: int, lines: list[bytes]) -> tuple[Path, int, int]:
    path = folder / f"corpus-{number:02}.txt"
    path.write_bytes(b"".join(lines))
    return path, len(lines), sum(line.count(b" ") + 1 for line in lines)


def _identity(corpus: Path, settings: SkipGram) -> str:
    """A digest of what decides the result, so that a checkpoint is not gone on with under other settings."""
    with corpus.open("rb") as file:
        found = hashlib.file_digest(file, "sha256")
    chosen: dict[str, Any] = asdict(settings)
    del chosen["workers"]
    found.update(json.dumps(chosen).encode())
    return found.hexdigest()


def _keep(path: Path, model: Any, identity: str, epochs: int) -> None:
    partial = path.with_suffix(".partial.npz")
    with partial.open("wb") as file:
        np.savez(file, identity=identity, epochs=epochs, vectors=model.wv.vectors, contexts=model.syn1neg)
    partial.replace(path)


def _restore(path: Path, model: Any, identity: str) -> int:
    """Put the kept vectors into a model; returns the epochs that are done."""
    if not path.is_file():
        raise WordsError(f"{path}: no training to go on with is there; train without --resume")
    try:
        with np.load(path, allow_pickle=False) as kept:
            values = {name: kept[name] for name in kept.files}
    except (OSError, ValueError, EOFError, KeyError, BadZipFile) as error:
        raise WordsError(f"{path}: the checkpoint is torn; delete it and train without --resume") from error
    if str(values.get("identity")) != identity:
        raise WordsError(f"{path}: belongs to other texts or settings; give those again, or train without --resume")
    model.wv.vectors[:], model.syn1neg[:] = values["vectors"], values["contexts"]
    return int(values["epochs"])
