"""The emotion model with `[secret]` on MSED, beside the same without and with permuted label vectors.

    python experiments/secret/emotion_model.py VECTORS WORDS --out model_runs.jsonl [--tuning]
    python experiments/secret/emotion_model.py VECTORS WORDS --out model_runs.jsonl --report

VECTORS is what `data.py` wrote. Adds a line for each row, weight and seed, and goes on where it was stopped. With
--tuning the test part stays closed. With --report writes model_scores.csv and prints the table.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from data import parts
from sklearn.model_selection import train_test_split
from torch import nn

from feelscope.encoders.encoded_posts import encoded_posts
from feelscope.encoders.settings import TextSettings
from feelscope.metrics.intervals import draw, interval, with_interval
from feelscope.metrics.scores import accuracy, count_answers, count_draws, macro_f1
from feelscope.models.settings import FusionSettings
from feelscope.objectives.settings import SecretSettings
from feelscope.progress import silent
from feelscope.text.csv_cells import write_csv
from feelscope.train import selection
from feelscope.train.encoding import EncodedCorpus, seen_labels
from feelscope.train.fit import fit_classifier
from feelscope.train.recipe import ChoiceSettings, Recipe, StepSettings
from feelscope.words.label_vectors import label_vectors
from feelscope.words.load import load

SEEDS, HELD = 3, 0.1  # of the training posts, which choose epoch, weight, share and softness
WEIGHTS = (0.3, 1.0, 3.0)  # of the distance beside the labels; 0 is the model without


class Vectors:
    """Texts that were read before, and a hidden layer that learns above them."""

    width, tokens = 256, 0

    def embedder(self) -> nn.Module:
        return nn.Sequential(nn.Linear(384, self.width), nn.ReLU(), nn.Dropout(0.3))

    def augment(self, inputs, draws):
        return inputs


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("vectors", type=Path)
    arguments.add_argument("words", type=Path)
    arguments.add_argument("--out", type=Path, required=True)
    arguments.add_argument("--tuning", action="store_true")
    arguments.add_argument("--report", action="store_true")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    data = parts(options.vectors, "msed", 0)
    emotions = sorted(set(data.train_labels.tolist()))
    lines = [json.loads(line) for line in options.out.read_text().splitlines()] if options.out.exists() else []
    if options.report:
        report(lines, np.array([emotions.index(label) for label in data.test_labels]))
        return
    known = label_vectors(emotions, load(options.words))
    done = {(line["row"], line["weight"], line["seed"]) for line in lines}
    for seed in range(1 if options.tuning else SEEDS):
        for row, weight in (("without", 0.0), *((row, one) for row in ("secret", "permuted") for one in WEIGHTS)):
            if (row, weight, seed) not in done:
                line = {"row": row, "weight": weight, "seed": seed}
                line |= one_run(data, emotions, known, row, weight, seed, options.tuning)
                with options.out.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(line) + "\n")
                print({name: value for name, value in line.items() if name != "answers"}, flush=True)


def one_run(data, emotions, known, row: str, weight: float, seed: int, tuning: bool) -> dict:
    """Train, choose epoch and weighing on a tenth of the training posts, and answer the test part."""
    secret = None if row == "without" else SecretSettings(weight, permute=row == "permuted")
    recipe = Recipe(
        "SECRET on MSED.",
        FusionSettings("text_only"),
        seed=seed,
        text=TextSettings("minilm"),
        steps=StepSettings(optimizer="adamw", learning_rate=1e-3, weight_decay=0.01, batch_size=32, epochs=12),
        choices=ChoiceSettings(patience=4),
        secret=secret,
    )
    labels = np.array([emotions.index(label) for label in data.train_labels])
    rows = np.arange(len(labels))
    kept, held = train_test_split(rows, test_size=HELD, random_state=seed, stratify=labels)
    training, validation = (posts(data.train[part], labels[part]) for part in (kept, held))
    corpus = EncodedCorpus(
        {"text": Vectors()}, training, validation, len(emotions), label_vectors=seen_labels(recipe, known)
    )
    torch.manual_seed(seed)
    started = time.process_time()
    fitted = fit_classifier(recipe, corpus, None, progress=silent)
    seconds = time.process_time() - started
    space = fitted.network.label_space
    answered = selection.answer(fitted.network, validation).argmax(dim=1).numpy()
    found = {"seconds": seconds, "epochs": fitted.epochs[""], "share": float(space.share) if space else 0.0}
    found["validation_macro_f1"] = score(labels[held], answered, emotions)[1]
    if tuning:
        return found
    test = np.array([emotions.index(label) for label in data.test_labels])
    answers = selection.answer(fitted.network, posts(data.test, test)).argmax(dim=1).numpy()
    found["accuracy"], found["macro_f1"] = score(test, answers, emotions)
    return found | {"answers": answers.tolist()}


def posts(vectors: np.ndarray, labels: np.ndarray):
    return encoded_posts(
        {"text": torch.from_numpy(vectors)}, {"text": torch.ones(len(labels))}, torch.from_numpy(labels)
    )


def score(labels, answers, emotions) -> tuple[float, float]:
    counts = count_answers(labels, answers, len(emotions))
    return float(accuracy(counts)), float(macro_f1(counts, np.arange(len(emotions))))


def report(lines: list[dict], labels: np.ndarray) -> None:
    """Means over seeds of each row at the weight that the held posts choose, and the gain over the model without."""
    kept = [{name: value for name, value in line.items() if name != "answers"} for line in lines]
    write_csv(Path(__file__).with_name("model_scores.csv"), kept)
    posts_drawn, emotions = draw(len(labels)), int(labels.max()) + 1
    scores = {}
    print("| row | weight | macro-F1 | accuracy | on posts held out | share | seconds |\n" + "|---" * 7 + "|")
    for row in ("without", "secret", "permuted"):
        by_weight: dict[float, list[dict]] = {}
        for line in lines:
            if line["row"] == row:
                by_weight.setdefault(line["weight"], []).append(line)
        weight, runs = max(by_weight.items(), key=lambda pair: np.mean([run["validation_macro_f1"] for run in pair[1]]))
        names = ("macro_f1", "accuracy", "validation_macro_f1", "share", "seconds")
        cells = " | ".join(f"{np.mean([run[name] for run in runs]):.3f}" for name in names)
        print(f"| {row} | {weight:g} | {cells} |")
        counts = [count_draws(posts_drawn, labels, np.array(run["answers"]), emotions) for run in runs]
        scores[row] = np.mean([macro_f1(one, np.arange(emotions)) for one in counts], axis=0)
    for other in ("without", "permuted"):
        less = scores["secret"] - scores[other]
        print(f"\nsecret less {other}: {with_interval(float(less[0]), interval(less[1:]), ' to ')}")


if __name__ == "__main__":
    main()
