"""Training word vectors, compared with plain gensim: the same texts, settings and stages, processor seconds.

    python benchmarks/words.py TABLE --posts 8000

Plain gensim ("bare") is what a short script would do: words to a file, phrases, one call of Word2Vec. Ours works in
shards, keeps checkpoints and writes a report. Each is run in turn, twice; the faster run counts.
"""

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from gensim.models import Word2Vec
from gensim.models.phrases import Phrases
from gensim.models.word2vec import LineSentence

from feelscope.table import PostsTable
from feelscope.text.tokens import words_of
from feelscope.words.phrases import score
from feelscope.words.skip_gram import SkipGram
from feelscope.words.train_vectors import train_vectors


def bare(posts: PostsTable, settings: SkipGram, folder: Path) -> int:
    source = folder / "corpus.txt"
    with source.open("w", encoding="utf-8") as file:
        for post in posts:
            if words := words_of(post):
                file.write(" ".join(words) + "\n")
    for number in range(settings.phrase_passes):
        phrases = Phrases(
            LineSentence(str(source)),
            min_count=settings.phrase_discount,
            threshold=settings.phrase_threshold * settings.phrase_decay**number,
            delimiter="\x01",
            scoring=score,
        ).freeze()
        joined = folder / f"joined-{number}.txt"
        with joined.open("w", encoding="utf-8") as file:
            file.writelines(" ".join(phrases[words]) + "\n" for words in LineSentence(str(source)))
        source = joined
    model = Word2Vec(
        corpus_file=str(source),
        sg=1,
        vector_size=settings.width,
        window=settings.window,
        negative=settings.negatives,
        sample=settings.frequent,
        min_count=settings.fewest,
        epochs=settings.epochs,
        workers=settings.workers,
        seed=settings.seed,
    )
    model.wv.save_word2vec_format(str(folder / "vectors.bin"), binary=True)
    return len(model.wv)


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("table", type=Path)
    given.add_argument("--posts", type=int, default=8000)
    given.add_argument("--epochs", type=int, default=2)
    asked = given.parse_args()
    settings = replace(SkipGram(), epochs=asked.epochs)
    seconds: dict[str, list[float]] = {"bare": [], "ours": []}
    for _ in range(2):
        for name in seconds:
            posts = PostsTable(asked.table, limit=asked.posts)
            with tempfile.TemporaryDirectory() as scratch:
                started = time.process_time()
                if name == "bare":
                    bare(posts, settings, Path(scratch))
                else:
                    train_vectors(posts, settings, Path(scratch) / "words", source=asked.table.name)
                seconds[name].append(time.process_time() - started)
            print(f"{name}: {seconds[name][-1]:.1f} processor seconds", flush=True)
    print(f"ours / bare: {min(seconds['ours']) / min(seconds['bare']):.3f}")


if __name__ == "__main__":
    main()
