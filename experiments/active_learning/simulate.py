"""Active learning, simulated: macro-F1 against labels bought, by the order in which posts are asked about.

    python experiments/active_learning/simulate.py vectors DATA/msed --out vectors.npz
    python experiments/active_learning/simulate.py curves vectors.npz --out scores.csv
    python experiments/active_learning/simulate.py table scores.csv
    python experiments/active_learning/simulate.py figure scores.csv --out .

Labels are those that the posts have. Each round buys BATCH more by `feelscope.label.asking`, trains on all so far, and
is scored on dev, which no round has seen.
"""

import argparse
import csv
from pathlib import Path

import numpy as np

from feelscope.drawing import BLUE, COLUMN, GREY, ORANGE, canvas, save
from feelscope.label.asking import choose
from feelscope.metrics.intervals import mean_interval
from feelscope.metrics.scores import count_answers, macro_f1

BATCH, MOST, SEEDS = 100, 2000, 5
C = 10.0  # of the logistic regression on unit vectors; fixed beforehand
ORDERS = ("random", "uncertain", "diverse", "both")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = arguments.add_subparsers(dest="command", required=True)
    for name in ("vectors", "curves", "table", "figure"):
        command = commands.add_parser(name)
        command.add_argument("source", type=Path)
        command.add_argument("--out", type=Path)
    options = arguments.parse_args()
    {"vectors": vectors, "curves": curves, "table": table, "figure": figure}[options.command](
        options.source, options.out
    )


def vectors(folder: Path, out: Path) -> None:
    """Frozen encoders' vectors, as published: words by MiniLM, pictures by EfficientNet-Lite0, each of length one."""
    from feelscope.encoders.encoder import Resources
    from feelscope.encoders.settings import ImageSettings, TextSettings
    from feelscope.models.settings import FusionSettings
    from feelscope.progress import silent
    from feelscope.table import PostsTable
    from feelscope.train.encoding import open_encoders
    from feelscope.train.recipe import Recipe

    recipe = Recipe("Vectors.", FusionSettings("early"), text=TextSettings("minilm"), image=ImageSettings("lite0"))
    found = {}
    names: list[str] = []
    for part in ("train", "dev"):
        posts = list(PostsTable(folder / f"{part}.csv"))
        names = names or sorted({str(post.emotion) for post in posts})
        encoders = open_encoders(recipe, posts, Resources(cache=out.parent / "features"))
        rows = []
        for encoder in encoders.values():
            values, _ = encoder.encode(posts, silent, lambda *_: None)
            read = encoder.embedder().eval()(values).detach().numpy()
            rows.append(read / np.maximum(np.linalg.norm(read, axis=1, keepdims=True), 1e-12))
        found[part] = np.concatenate(rows, axis=1)
        found[f"{part}_labels"] = np.array([names.index(str(post.emotion)) for post in posts])
    np.savez(out, **found)


def curves(source: Path, out: Path) -> None:
    """Buy labels, train and score, for each order and seed."""
    data = np.load(source)
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ("order", "seed", "labels", "macro_f1"))
        writer.writeheader()
        for seed in range(SEEDS):
            for order in ORDERS:
                for labels, score in bought(data, order, seed):
                    writer.writerow({"order": order, "seed": seed, "labels": labels, "macro_f1": f"{score:.4f}"})
                    file.flush()
                print(order, seed, f"{score:.4f}", flush=True)


def bought(data, order: str, seed: int):
    """Labels so far and the score, round by round; the first round is by chance and the same for every order."""
    draws = np.random.default_rng(seed)
    shuffled = draws.permutation(len(data["train"]))
    pool, labels = data["train"][shuffled], data["train_labels"][shuffled]
    known = np.zeros(len(pool), bool)
    known[:BATCH] = True
    emotions = int(labels.max()) + 1
    while True:
        model = fitted(pool[known], labels[known])
        answers = model.classes_[model.predict_proba(data["dev"]).argmax(axis=1)]
        counts = count_answers(data["dev_labels"], answers, emotions)
        yield int(known.sum()), float(macro_f1(counts, np.arange(emotions)))
        if known.sum() >= MOST:
            return
        if order == "random":
            chosen = np.flatnonzero(~known)[:BATCH]
        else:
            two = np.sort(model.predict_proba(pool), axis=1)[:, -2:]
            chosen = choose(two[:, 1] - two[:, 0], pool, order, known, ahead=BATCH)[:BATCH]
        known[chosen] = True


def fitted(rows: np.ndarray, labels: np.ndarray):
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=C, max_iter=300).fit(rows, labels)


def table(source: Path, _: Path | None) -> None:
    """The curves, and how many labels each order needs for what chance reaches with some."""
    rows = list(csv.DictReader(source.open(encoding="utf-8")))
    scores = {(row["order"], int(row["seed"]), int(row["labels"])): float(row["macro_f1"]) for row in rows}
    steps = sorted({labels for _, _, labels in scores})
    print("| labels |", " | ".join(ORDERS), "|")
    print("|---|" + "---|" * len(ORDERS))
    for labels in steps:
        if labels in (100, 200, 300, 500, 700, 1000, 1500, 2000):
            means = [np.mean([scores[order, seed, labels] for seed in range(SEEDS)]) for order in ORDERS]
            print(f"| {labels:,} |", " | ".join(f"{mean:.3f}" for mean in means), "|")
    print()
    for target in (500, 1000, 1500):
        for order in ORDERS[1:]:
            saved = np.array([1 - needed(scores, order, seed, target, steps) / target for seed in range(SEEDS)])
            low, high = mean_interval(saved)
            each = ", ".join(f"{value:.0%}" for value in saved)
            print(
                f"{order}: {saved.mean():.0%} fewer labels ({low:.0%} to {high:.0%}) than chance's {target:,}: {each}"
            )


def figure(source: Path, out: Path) -> None:
    """The curves: the mean of the seeds, and from the lowest to the highest."""
    rows = list(csv.DictReader(source.open(encoding="utf-8")))
    colours = dict(zip(ORDERS, (GREY, ORANGE, "#009E73", BLUE), strict=True))
    with canvas(COLUMN, 2.6) as drawn:
        axes = drawn.subplots()
        for order in ORDERS:
            by_labels: dict[int, list[float]] = {}
            for row in rows:
                if row["order"] == order:
                    by_labels.setdefault(int(row["labels"]), []).append(float(row["macro_f1"]))
            labels = sorted(by_labels)
            low, high = ([end(by_labels[count]) for count in labels] for end in (min, max))
            axes.fill_between(labels, low, high, color=colours[order], alpha=0.15, linewidth=0)
            axes.plot(labels, [np.mean(by_labels[count]) for count in labels], color=colours[order], label=order)
        axes.set(xlabel="labels", ylabel="macro-F1 on dev", ylim=(0.5, 0.82))
        axes.legend(loc="lower right")
    save(drawn, rows, out, "scores")


def needed(scores, order: str, seed: int, target: int, steps: list[int]) -> float:
    """The labels at which the mean of three rounds first reaches chance's at `target`, between rounds in a line."""
    smooth = {
        name: np.convolve(
            np.pad([scores[name, seed, labels] for labels in steps], 1, mode="edge"), np.ones(3) / 3, "valid"
        )
        for name in (order, "random")
    }
    wanted = smooth["random"][steps.index(target)]
    for place, value in enumerate(smooth[order]):
        if value >= wanted:
            if place == 0:
                return steps[0]
            before = smooth[order][place - 1]
            return steps[place - 1] + BATCH * (wanted - before) / (value - before)
    return float(MOST)


if __name__ == "__main__":
    main()
