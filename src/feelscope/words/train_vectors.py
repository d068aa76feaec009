"""Word vectors from a posts table: words to a corpus, phrases joined, vectors learnt, a folder that describes itself.

posts --words_of--> corpus.txt --phrases--> joined.txt --skip-gram--> vectors.bin (word2vec binary), README.md
"""

import shutil
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from feelscope.errors import WordsError
from feelscope.files import is_lock, read_json, remove_partials, write_json, write_text, write_whole, writing_folder
from feelscope.post import Post
from feelscope.progress import Progress, silent
from feelscope.text.tokens import words_of
from feelscope.words.binary_file import write_binary
from feelscope.words.neighbours import nearest
from feelscope.words.phrases import join_phrases
from feelscope.words.skip_gram import CHECKPOINT, SkipGram, learn
from feelscope.words.word_vectors import WordVectors

VECTORS, REPORT, CARD = "vectors.bin", "report.json", "README.md"
FEWEST_WORDS = 1000  # of all posts; fewer say nothing of any word
_LINE = 1000  # words; gensim reads at most 10,000 of a line
_SCRATCH = ".training"  # the folder of the corpus, while it is needed
_SHOWN = ("happy", "sad", "angry", "afraid", "funny", "love")  # whose neighbours the card shows


def train_vectors(
    posts: Iterable[Post],
    settings: SkipGram,
    out: Path,
    *,
    source: str,
    resume: bool = False,
    progress: Progress = silent,
) -> dict[str, object]:
    """Train word vectors and write them with a report.

    Args:
        posts: Title and text of each are read.
        out: A new or empty folder, or with `resume` one where a training was interrupted.
        source: Where the posts are from, for the report.
        progress: Called with stage, done, total and a detail.

    Returns:
        What `report.json` holds.

    Raises:
        WordsError: The folder is not empty, another process writes it, there is nothing to resume, or the posts have
            too few words.
        MissingExtra: gensim is not installed.
    """
    with writing_folder(out, WordsError):
        if (out / VECTORS).exists():
            if resume and (finished := _finished(out, settings)):
                _tidy(out)  # a kill may have left some of it
                return finished
            raise WordsError(f"{out / VECTORS}: there are vectors already; give a new folder")
        if not resume and not all(path.name == _SCRATCH or is_lock(path) for path in out.iterdir()):
            raise WordsError(f"{out}: is not empty; give a new folder, or --resume to continue a training")
        if resume and not (out / CHECKPOINT).is_file():
            raise WordsError(f"{out / CHECKPOINT}: there is no training to resume; train without --resume")
        remove_partials(out)
        return _train(posts, settings, out, source, resume, progress)


def _finished(out: Path, settings: SkipGram) -> dict[str, object] | None:
    """The report of the finished training in a folder; None where it had other settings."""
    try:
        report = read_json(out / REPORT, WordsError, "give a new folder")
    except WordsError:
        return None
    return report if report.get("settings") == asdict(settings) else None


def _train(
    posts: Iterable[Post], settings: SkipGram, out: Path, source: str, resume: bool, progress: Progress
) -> dict[str, object]:
    started, seconds = time.monotonic(), {}

    def timed(stage: str) -> None:
        nonlocal started
        seconds[stage] = round(time.monotonic() - started, 1)
        started = time.monotonic()

    scratch = out / _SCRATCH
    shutil.rmtree(scratch, ignore_errors=True)  # of a training that was killed
    scratch.mkdir()
    corpus, joined = scratch / "corpus.txt", scratch / "joined.txt"
    try:
        counted = write_corpus(posts, corpus, progress)
        timed("reading")
        phrases = join_phrases(corpus, joined, settings, lambda *now: progress("joining phrases", *now))
        timed("phrases")
        words, vectors, counts = learn(
            joined, settings, out, resume=resume, progress=lambda *now: progress("learning vectors", *now)
        )
        timed("learning")
    except WordsError:
        shutil.rmtree(scratch)
        raise
    learnt = WordVectors(tuple(words), vectors)
    report = {
        "source": source,
        **counted,
        "vocabulary": len(words),
        "kept_words": sum(counts),
        "phrases": phrases,
        "seconds": seconds,
        "settings": asdict(settings),
        "neighbours": {word: [other for other, _ in nearest(learnt, word, 8)] for word in _SHOWN if word in learnt},
    }
    write_json(out / REPORT, report)
    write_text(out / CARD, _card(report))
    write_binary(out / VECTORS, words, vectors)  # last: where they are, the training is finished
    _tidy(out)
    return report


def write_corpus(posts: Iterable[Post], path: Path, progress: Progress) -> dict[str, int]:
    """Write the words of posts, one post per line (several for a long one), and count posts and words.

    Raises:
        WordsError: There are too few.
    """
    posts_with_words = words = 0
    with write_whole(path, sync=False) as file:
        for number, post in enumerate(posts, 1):
            words_of_post = words_of(post)
            for start in range(0, len(words_of_post), _LINE):
                file.write(" ".join(words_of_post[start : start + _LINE]) + "\n")
            posts_with_words += bool(words_of_post)
            words += len(words_of_post)
            progress("reading posts", number, 0, "")
    if words < FEWEST_WORDS:
        raise WordsError(f"the posts have {words:,} words in all; give posts with {FEWEST_WORDS:,} words or more")
    return {"posts": posts_with_words, "words": words}


def _tidy(out: Path) -> None:
    """Remove what a finished training needs no more."""
    (out / CHECKPOINT).unlink(missing_ok=True)
    shutil.rmtree(out / _SCRATCH, ignore_errors=True)


def _card(report: dict) -> str:
    settings = "\n".join(f"| `{name}` | {value} |" for name, value in report["settings"].items())
    near = "\n".join(f"- {word}: {', '.join(others)}" for word, others in report["neighbours"].items())
    phrases = ", ".join(phrase.replace("_", " ") for phrase in report["phrases"][:40]) or "none"
    seconds = ", ".join(f"{stage} {value:,.0f} s" for stage, value in report["seconds"].items())
    return f"""# Word vectors

Skip-gram with negative sampling (Mikolov et al. 2013), trained on {report["source"]}: {report["posts"]:,} posts with
{report["words"]:,} words. `vectors.bin` holds {report["vocabulary"]:,} words as word2vec binary. Time: {seconds}.

| setting | value |
|---|---|
{settings}

Nearest words:

{near}

Phrases joined ({len(report["phrases"]):,}): {phrases}.

They carry what the posts carry, prejudice and slurs included.
"""
