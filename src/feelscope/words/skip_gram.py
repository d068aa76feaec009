"""Learn word vectors: skip-gram with negative sampling, by gensim, in shards so that it can be resumed.

    word (V,) -> its vector (D,) -> products with a neighbour's vector and N random words': which is the neighbour?

The corpus is read `epochs` times in `SHARDS` shards each, for progress and a learning rate that falls evenly. After
each epoch the vectors are kept, so that an interrupted training continues there. Every random draw comes from the seed
and the shard: with one worker, one seed gives one result, resumed or not. Nothing is kept as a pickle.

Source: Mikolov et al. 2013, "Distributed Representations of Words and Phrases", section 2; thesis of Hu 2017, 4.2.5,
for the defaults, which the thesis took from the vectors trained on Google News.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from feelscope.config import check_ranges
from feelscope.errors import WordsError, needs_extra
from feelscope.files import digest, read_arrays, write_bytes, write_whole
from feelscope.progress import errors_only

SHARDS = 20  # of an epoch
CHECKPOINT = "checkpoint.npz"


@dataclass(frozen=True, slots=True)
class SkipGram:
    """How word vectors are learnt."""

    width: int = 300  # of a vector; thesis 4.2.5
    window: int = 10  # words to either side, a random number up to it; thesis 4.2.5
    negatives: int = 5  # random words per neighbour; thesis 4.2.5
    frequent: float = 1e-3  # share of all words above which a word is sometimes left out; thesis 4.2.5
    phrase_passes: int = 2  # a pass joins two words, two passes up to four; thesis 4.2.3 knows 2 to 4
    phrase_discount: float = 100.0  # delta of equation 4.14, occurrences taken off a pair's; thesis 4.2.5
    phrase_threshold: float = 100.0  # score above which a pair is joined, in the first pass; thesis 4.2.5
    phrase_decay: float = 0.5  # of the threshold from pass to pass; thesis 4.2.3 says it falls; ours
    fewest: int = 5  # occurrences of a word that gets a vector; the word2vec program's
    epochs: int = 5  # the word2vec program's
    learning_rate: float = 0.025  # at the start; falls to a 250th; the word2vec program's
    seed: int = 0
    workers: int = 1  # threads; with more than one, two trainings differ a little

    def __post_init__(self) -> None:
        check_ranges(
            self,
            ("width", lambda value: 1 <= value <= 10_000, "1 to 10,000"),
            ("window negatives workers", lambda value: 1 <= value <= 1000, "1 to 1,000"),
            ("fewest epochs", lambda value: 1 <= value <= 10**9, "1 to 1,000,000,000"),
            ("phrase_passes", lambda value: 0 <= value <= 100, "0 to 100"),
            ("seed", lambda value: 0 <= value < 2**32, "0 to 4,294,967,295"),
            ("phrase_discount phrase_threshold", lambda value: value >= 0, "0 or more"),
            ("learning_rate", lambda value: 0 < value < 1, "more than 0 and less than 1"),
            ("frequent phrase_decay", lambda value: 0 < value <= 1, "more than 0 and at most 1"),
        )


def learn(
    corpus: Path, settings: SkipGram, folder: Path, *, resume: bool, progress: Callable[[int, int, str], object]
) -> tuple[list[str], np.ndarray, list[int]]:
    """Learn vectors of a corpus.

    Args:
        corpus: UTF-8, one text per line, words separated by a space.
        folder: Where `CHECKPOINT` is kept.
        resume: Continue from it.
        progress: Called with shards done, shards in all, and a detail.

    Returns:
        Words (V,) by falling frequency, vectors float32 (V, D), and how often each word occurs in the corpus.

    Raises:
        WordsError: No two words are frequent enough, or there is nothing to resume.
        MissingExtra: gensim is not installed.
    """
    with needs_extra("training word vectors", "words"):
        from gensim.models import Word2Vec
    shards = _shards(corpus)
    steps = settings.epochs * len(shards)
    model = Word2Vec(
        vector_size=settings.width,
        window=settings.window,
        negative=settings.negatives,
        sample=settings.frequent,
        min_count=settings.fewest,
        alpha=settings.learning_rate,
        sg=1,
        seed=settings.seed,
        workers=settings.workers,
    )
    with errors_only("gensim"):  # it warns where a shard lacks words of the whole
        model.build_vocab(corpus_file=str(corpus))
        if len(model.wv) < 2:
            raise WordsError(
                f"{corpus.name}: no two words occur {settings.fewest} times; give more texts, or a lower `fewest`"
            )
        identity = _identity(corpus, settings)
        start = _restore(folder / CHECKPOINT, model, identity) if resume else 0
        for step in range(start * len(shards), steps):
            shard, lines, count = shards[step % len(shards)]
            high, low = learning_rates(settings.learning_rate, step, steps)
            model.random = np.random.RandomState(hash_of(settings.seed, step))
            model.train(
                corpus_file=str(shard),
                total_examples=lines,
                total_words=count,
                epochs=1,
                start_alpha=high,
                end_alpha=low,
                compute_loss=False,
            )
            if (step + 1) % len(shards) == 0:
                _keep(folder / CHECKPOINT, model, identity, (step + 1) // len(shards))
            progress(step + 1, steps, f"epoch {step // len(shards) + 1} of {settings.epochs}")
    for shard, _, _ in shards:
        shard.unlink()
    words = list(model.wv.index_to_key)
    return words, model.wv.vectors.astype(np.float32), [int(model.wv.get_vecattr(word, "count")) for word in words]


def learning_rates(first: float, step: int, steps: int) -> tuple[float, float]:
    """The learning rate at the start and end of a step, as it falls evenly from the first one to a 250th of it."""
    last = first / 250
    start, end = (first + (last - first) * done / steps for done in (step, step + 1))
    return start, end


def hash_of(*numbers: int) -> int:
    """A seed of 32 bits from numbers."""
    return int.from_bytes(hashlib.sha256(repr(numbers).encode()).digest()[:4], "little")


def _shards(corpus: Path) -> list[tuple[Path, int, int]]:
    """The corpus in files beside it, of about as many words each: path, lines and words."""
    with corpus.open("rb") as file:
        counts = [line.count(b" ") + 1 for line in file if line.strip()]
    size = sum(counts) / min(SHARDS, len(counts))  # words
    shards: list[tuple[Path, int, int]] = []
    start = words = 0
    with corpus.open("rb") as file:
        filled = (line for line in file if line.strip())
        for end, count in enumerate(counts, 1):
            words += count
            if words >= size * (len(shards) + 1) - 0.5 or end == len(counts):
                path = corpus.with_name(f"corpus-{len(shards):02}.txt")
                write_bytes(path, b"".join(islice(filled, end - start)), sync=False)
                shards.append((path, end - start, sum(counts[start:end])))
                start = end
    return shards


def _identity(corpus: Path, settings: SkipGram) -> str:
    """A digest of what decides the result, so that a checkpoint is not resumed under other settings."""
    deciding = asdict(settings)
    del deciding["workers"]
    return hashlib.sha256(f"{digest(corpus)} {json.dumps(deciding)}".encode()).hexdigest()


def _keep(path: Path, model: Any, identity: str, epochs: int) -> None:
    with write_whole(path, "wb") as file:
        np.savez(file, identity=identity, epochs=epochs, vectors=model.wv.vectors, contexts=model.syn1neg)


def _restore(path: Path, model: Any, identity: str) -> int:
    """Put the kept vectors into a model; returns how many epochs are done."""
    arrays = read_arrays(path, WordsError, "delete the checkpoint and train without --resume")
    if str(arrays.get("identity")) != identity:
        raise WordsError(f"{path}: is of other texts or settings; give those again, or train without --resume")
    try:
        model.wv.vectors[:], model.syn1neg[:] = arrays["vectors"], arrays["contexts"]
        return int(arrays["epochs"])
    except (KeyError, TypeError, ValueError) as error:
        raise WordsError(f"{path}: is damaged; delete the checkpoint and train without --resume") from error
