"""`feelscope words`: train, search, score and debias word vectors."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Option

from feelscope.cli.options import Columns, Epochs, Json, Limit, MaxErrors, QuarantineFile, Resume, Seed, Table
from feelscope.cli.output import show, show_json
from feelscope.cli.progress import Stages
from feelscope.cli.running import continue_with, open_posts, start_again
from feelscope.text.counts import counted

words = typer.Typer(no_args_is_help=True)
Vectors = Annotated[Path, Option("--words", metavar="FILE", help="Word vectors, in any of the usual formats.")]
_DEFAULT = Path("words/vectors.bin")


@words.callback()
def _words() -> None:
    """Train, search, score and debias word vectors.

    \b
    Examples:
      feelscope words train posts.csv
      feelscope words similar happy
    """


@words.command("train")
def train_words(
    table: Table,
    out: Annotated[Path, Option(metavar="FOLDER", help="Where to write vectors and report.")] = Path("words"),
    recipe: Annotated[
        Path | None, Option(metavar="FILE.toml", help="Settings; by default those of the thesis.")
    ] = None,
    epochs: Epochs = None,
    seed: Seed = None,
    workers: Annotated[int | None, Option(metavar="N", min=1, help="Threads; with several, results vary.")] = None,
    columns: Columns = "",
    quarantine: QuarantineFile = None,
    max_errors: MaxErrors = 5.0,
    limit: Limit = None,
    resume: Resume = False,
) -> None:
    """Learn word vectors from the posts of a table.

    Skip-gram with negative sampling; words that belong together are joined first. Needs
    `pip install "feelscope[words]"`.

    \b
    Examples:
      feelscope words train posts.csv
      feelscope words train posts.csv --out words --epochs 10 --resume
    """
    from feelscope.config import read_toml
    from feelscope.words.skip_gram import CHECKPOINT, SkipGram
    from feelscope.words.train_vectors import VECTORS, train_vectors

    settings = read_toml(recipe, SkipGram) if recipe else SkipGram()
    given = {"epochs": epochs, "seed": seed, "workers": workers}
    settings = replace(settings, **{name: value for name, value in given.items() if value is not None})

    def how_to_continue() -> str:
        if (out / CHECKPOINT).exists():
            return continue_with("--resume")
        return f"nothing is kept before the first epoch is over; {start_again()}"

    with (
        open_posts(table, columns, quarantine, max_errors, out=out, limit=limit, advice=how_to_continue) as posts,
        Stages() as stages,
    ):
        report = train_vectors(posts, settings, out, source=table.name, resume=resume, progress=stages)
    show(f"{out / VECTORS}: {report['vocabulary']:,} words, {settings.width} wide")


@words.command()
def similar(
    word: Annotated[str, Argument(metavar="WORD", help="As in the vectors; phrases are joined by _.")],
    file: Vectors = _DEFAULT,
    top: Annotated[int, Option(metavar="N", min=1, help="How many.")] = 10,
) -> None:
    """Show the words nearest to a word.

    \b
    Examples:
      feelscope words similar happy
      feelscope words similar happy --words glove.txt --top 5
    """
    from feelscope.words.load import load
    from feelscope.words.neighbours import nearest

    for other, cosine in nearest(load(file), word, top):
        show(f"{cosine:.3f}  {other}")


@words.command()
def evaluate(
    sets: Annotated[Path, Argument(metavar="SETS", help="A file or folder of word pairs and analogies.")],
    file: Vectors = _DEFAULT,
    as_json: Json = False,
) -> None:
    """Score word vectors on sets of rated word pairs and of analogies.

    \b
    Examples:
      feelscope words evaluate sets
      feelscope words evaluate sets/wordsim353.tsv --words glove.txt --json
    """
    from feelscope.words.evaluation import evaluate
    from feelscope.words.load import load

    scores = evaluate(load(file), sets)
    if as_json:
        show_json([asdict(score) for score in scores])
        return
    for score in scores:
        value = "     -" if score.score is None else f"{score.score:6.3f}"
        measure = "Spearman" if score.kind == "similarity" else "right   "
        show(f"{value} {measure} {score.used:6,} of {score.all:6,}  {score.set}")


@words.command()
def debias(
    vectors: Annotated[Path, Argument(metavar="VECTORS", help="Word vectors, in any of the usual formats.")],
    out: Annotated[Path, Option(metavar="FILE", help="Where to write the new vectors, as word2vec binary.")],
    keep_lengths: Annotated[
        bool, Option("--keep-lengths", help="Give each vector its old length back; published is length 1.")
    ] = False,
) -> None:
    """Take gender out of word vectors (hard debias).

    Words that say a gender keep it; all others lose it, and the words of a pair differ in nothing else.

    \b
    Examples:
      feelscope words debias words/vectors.bin --out debiased.bin
    """
    from feelscope.errors import WordsError
    from feelscope.files import writing
    from feelscope.words.binary_file import write_binary
    from feelscope.words.debias import debias as take_out
    from feelscope.words.load import load

    if out.exists() and vectors.exists() and out.samefile(vectors):
        raise WordsError(f"{out}: these are the vectors that are read; give another file")
    made = take_out(load(vectors), keep_lengths=keep_lengths)
    with writing(out, WordsError):
        write_binary(out, made.vectors.words, made.vectors.vectors)
    show(
        f"{out}: {len(made.vectors):,} words, {made.neutralised:,} of them neutralised, {made.equalised:,} pairs "
        f"equalised; the direction has {made.share:.0%} of what {counted(made.pairs, 'pair')} differ in"
    )
