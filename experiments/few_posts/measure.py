"""Which recipe for few posts: macro-F1 by the number of labelled posts, on titles that the built-in model never saw.

    python experiments/few_posts/measure.py reddit_duong/posts.csv --out FOLDER
    python experiments/few_posts/measure.py reddit_duong/posts.csv --out FOLDER --report experiments/few_posts

Each seed draws 1,000 posts to be scored, and an order of the others, of which the first N are learnt from. A line that
is in FOLDER/scores.csv is not computed again. The second command writes the table and the figure.
"""

import argparse
import csv
import random
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean, stdev

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline, make_union
from sklearn.svm import LinearSVC

import feelscope
from feelscope.drawing import BLUE, GREY, ORANGE, canvas, save
from feelscope.estimator.classifier import FeelscopeClassifier

COUNTS, SEEDS, SCORED = (50, 100, 200, 400, 800, 1600), 5, 1000
RECIPES = ("few/text_only", "strong/text_only", "tfidf/text_only")
SVM, LOGISTIC, BUILTIN = "TF-IDF, linear SVM", "FeelscopeClassifier", "built-in model as it is"
GREEN = "#009E73"
COLOURS = {"few/text_only": BLUE, "strong/text_only": ORANGE, "tfidf/text_only": GREEN, SVM: GREY}
COLUMNS = ("model", "posts", "seed", "macro_f1")
Answers = Sequence[str]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--report", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    scores = options.out / "scores.csv"
    if options.report:
        report(scores, options.report)
        return
    with options.table.open(encoding="utf-8", newline="") as file:
        rows = [(row["text"], row["emotion"].replace("joy", "happiness")) for row in csv.DictReader(file)]
    known = {tuple(line[:3]) for line in read(scores)}
    with scores.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for seed in range(SEEDS):
            drawn = random.Random(seed).sample(rows, len(rows))
            scored, others = drawn[:SCORED], drawn[SCORED:]
            for count in COUNTS:
                for name, answer in models(options.out, seed, count).items():
                    if (name, str(count), str(seed)) in known:
                        continue
                    texts, labels = zip(*others[:count], strict=True)
                    answers = answer(texts, labels, [text for text, _ in scored])
                    score = f1_score([label for _, label in scored], answers, average="macro", zero_division=0)
                    writer.writerow([name, count, seed, f"{score:.4f}"])
                    file.flush()


def models(out: Path, seed: int, count: int) -> dict[str, Callable[[Answers, Answers, Answers], Answers]]:
    """What answers texts after learning from others with their labels, by name."""

    def by_recipe(recipe: str) -> Callable[[Answers, Answers, Answers], Answers]:
        def answer(texts: Answers, labels: Answers, asked: Answers) -> Answers:
            run = out / "run"
            shutil.rmtree(run, ignore_errors=True)
            model = feelscope.train(
                [*texts], run, labels=labels, recipe=recipe, seed=seed, cache=out / "features", progress=False
            )
            return [one.emotion or "" for one in model.predict([*asked], progress=False)]

        return answer

    def svm(texts: Answers, labels: Answers, asked: Answers) -> Answers:
        words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
        letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
        return [*make_pipeline(make_union(words, letters), LinearSVC()).fit(texts, labels).predict(asked)]

    def logistic(texts: Answers, labels: Answers, asked: Answers) -> Answers:
        return [*FeelscopeClassifier(vectors=("text",)).fit([*texts], labels).predict([*asked])]

    def builtin(texts: Answers, labels: Answers, asked: Answers) -> Answers:
        model, known = feelscope.EmotionClassifier.load(), {*labels}
        answers = model.predict([*asked], progress=False)
        return [max(known, key=lambda name: one.probabilities.get(name, 0.0)) for one in answers]

    found = {recipe: by_recipe(recipe) for recipe in RECIPES} | {SVM: svm, LOGISTIC: logistic}
    return found | ({BUILTIN: builtin} if count == COUNTS[0] else {})


def read(scores: Path) -> list[list[str]]:
    """The lines that are computed."""
    if not scores.exists():
        return []
    with scores.open(encoding="utf-8", newline="") as file:
        return [*csv.reader(file)]


def report(scores: Path, folder: Path) -> None:
    """The table on standard output; scores and figure in the folder."""
    lines = read(scores)
    with (folder / "scores.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *lines])
    by: dict[tuple[str, int], list[float]] = {}
    for name, count, _, score in lines:
        by.setdefault((name, int(count)), []).append(float(score))
    names = Counter(name for name, _ in by)
    print("| model |", " | ".join(f"{count:,}" for count in COUNTS), "|")
    print("|---" * (1 + len(COUNTS)) + "|")
    for name in names:
        cells = [by.get((name, count), []) for count in COUNTS]
        print(f"| {name} |", " | ".join(f"{fmean(one):.3f} ± {stdev(one):.3f}" if one else "" for one in cells), "|")
    with canvas(3.4, 2.6) as figure:
        axes = figure.subplots()
        for name, colour in COLOURS.items():
            axes.plot(COUNTS, [fmean(by[name, count]) for count in COUNTS], ".-", color=colour, label=name)
        axes.set_xscale("log")
        axes.set_xticks(COUNTS, [f"{count:,}" for count in COUNTS], minor=False)
        axes.minorticks_off()
        axes.set(xlabel="labelled posts", ylabel="macro-F1")
        axes.legend(loc="lower right")
    drawn = [{"model": name, "posts": count, "macro_f1": round(fmean(one), 4)} for (name, count), one in by.items()]
    save(figure, drawn, folder, "few_posts")


if __name__ == "__main__":
    main()
