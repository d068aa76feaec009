"""DSReg: scores of the second softmax with hard negatives by words, with random ones, and without it.

    python experiments/dsreg/run.py tune DATA WORDS --out runs.jsonl
    python experiments/dsreg/run.py test DATA WORDS --out runs.jsonl
    python experiments/dsreg/run.py ratio DATA WORDS --out runs.jsonl

Each adds a line for every training and goes on where it was stopped. `tune` never sees a test part; the others take the
weights that it found.
"""

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import torch
from protocol import (
    CURVE,
    CURVE_SEEDS,
    LONGER,
    METHODS,
    RATIO,
    RATIOS,
    RECIPE,
    SEEDS,
    TASKS,
    TUNING_SEED,
    WEIGHTS,
    Task,
    f1,
    read,
)

from feelscope.encoders.encoded_posts import encoded_posts
from feelscope.encoders.word_encoder import WordEncoder
from feelscope.objectives.hard_negatives import hard_negatives
from feelscope.objectives.settings import DSRegSettings
from feelscope.progress import silent
from feelscope.train import selection
from feelscope.train.encoding import EncodedCorpus
from feelscope.train.fit import fit_once


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("stage", choices=("tune", "test", "ratio"))
    arguments.add_argument("data", type=Path)
    arguments.add_argument("words", type=Path)
    arguments.add_argument("--out", type=Path, required=True)
    options = arguments.parse_args()
    torch.set_num_threads(1)
    lines = runs(options.out)
    done = {settings(line) for line in lines}
    sets: dict[str, Posts] = {}
    for planned in plan(options.stage, lines):
        if settings(planned) in done:
            continue
        task = TASKS[planned["task"]]
        if task.set not in sets:
            sets[task.set] = Posts(options.data, options.words, task.set)
        line = same(lines, planned) or planned | train(sets[task.set], task, planned)
        lines.append(line)
        with options.out.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        done.add(settings(line))
        print(*settings(line), f"{line['validation']:.4f}", f"{line['seconds']:.1f}", flush=True)


def runs(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []


def settings(line: dict) -> tuple:
    return tuple(line[name] for name in ("stage", "task", "by", "weight", "ratio", "seed", "epochs"))


def plan(stage: str, lines: list[dict]) -> Iterator[dict]:
    """The trainings of a stage, as the settings of their lines."""
    usual = {"stage": stage, "ratio": RATIO, "epochs": RECIPE.steps.epochs}
    if stage == "tune":
        for name, by, weight in product(TASKS, METHODS, WEIGHTS):
            yield usual | {"task": name, "by": by, "weight": weight, "seed": TUNING_SEED}
        return
    if stage == "test":
        for seed, name in product(SEEDS, TASKS):  # so that a part of it is a part of the seeds
            off = usual | {"task": name, "by": "off", "weight": 0.0, "seed": seed}
            yield off | {"epochs": LONGER}
            yield off
            for by in METHODS:
                yield usual | {"task": name, "by": by, "weight": best_weight(lines, name, by), "seed": seed}
        return
    for seed, name, by, ratio in product(CURVE_SEEDS, CURVE, METHODS, RATIOS):
        weight = best_weight(lines, name, by)
        yield usual | {"task": name, "by": by, "weight": weight, "ratio": ratio, "seed": seed}


def best_weight(lines: list[dict], task: str, by: str) -> float:
    """The weight with the best score on the validation split."""
    scores = {
        line["weight"]: line["validation"]
        for line in lines
        if (line["stage"], line["task"], line["by"]) == ("tune", task, by)
    }
    assert set(scores) == set(WEIGHTS), f"{task}: tune it first"
    return max(scores, key=lambda weight: scores[weight])


def same(lines: list[dict], planned: dict) -> dict | None:
    """What is known of a training that went the same way, with other epochs or in another stage."""
    for line in lines:
        if line["stage"] == "tune" or any(line[name] != planned[name] for name in ("task", "by", "weight", "seed")):
            continue
        if line["ratio"] == planned["ratio"] and line["epoch"] <= planned["epochs"] <= line["epochs"]:
            return line | planned | {"seconds": line["seconds"] * planned["epochs"] / line["epochs"]}
    return None


class Posts:
    """The posts of a set, encoded once for all of its tasks."""

    def __init__(self, data: Path, words: Path, name: str):
        self.parts = read(data, name)
        steps = RECIPE.steps
        self.encoder = WordEncoder(words, self.parts["train"], RECIPE.text, sparse=steps.takes_sparse_gradients)
        self.encoded = {part: self.encoder.encode(posts, silent, lambda *_: None) for part, posts in self.parts.items()}
        self._hard: dict[tuple, torch.Tensor] = {}

    def of(self, part: str, task: Task, hard: torch.Tensor | None = None):
        """A part with the labels of a task."""
        ids, present = self.encoded[part]
        labels = torch.tensor([task.label(post) for post in self.parts[part]])
        return encoded_posts({"text": ids}, {"text": present}, labels, hard=hard)

    def hard(self, task: Task, dsreg: DSRegSettings, seed: int) -> torch.Tensor:
        """Hard negatives (N, K); those by words are the same for every seed."""
        seed = seed if dsreg.by == "chance" else 0
        known = (task.name, dsreg.by, dsreg.ratio, seed)
        if known not in self._hard:
            labels = [task.label(post) for post in self.parts["train"]]
            found = hard_negatives(self.parts["train"], labels, task.emotions, dsreg, seed)
            self._hard[known] = torch.from_numpy(found.astype(np.float32))
        return self._hard[known]


def train(posts: Posts, task: Task, planned: dict) -> dict:
    """One training: scores, answers to the test part unless it is for tuning, and what it took."""
    recipe, seed = replace(RECIPE, seed=planned["seed"]), planned["seed"]
    hard, found = None, {}
    if planned["by"] != "off":
        dsreg = DSRegSettings(planned["weight"], planned["by"], planned["ratio"], task.emotion)
        recipe, hard = replace(recipe, dsreg=dsreg), posts.hard(task, dsreg, seed)
        found["hard"] = int(hard.sum())
    corpus = EncodedCorpus(
        {"text": posts.encoder}, posts.of("train", task, hard), posts.of("validation", task), len(task.emotions)
    )
    recipe = replace(recipe, steps=replace(recipe.steps, epochs=planned["epochs"]))
    started = time.process_time()
    trained = fit_once(recipe, corpus, None, draws=seed, resume=False, progress=silent)
    found["seconds"] = time.process_time() - started
    found["epoch"] = trained.epochs[""]
    for part in ("validation",) if planned["stage"] == "tune" else ("validation", "test"):
        encoded = posts.of(part, task)
        answers = selection.answer(trained.network, encoded).argmax(dim=1).numpy()
        found[part] = float(f1(encoded.labels.numpy(), answers, task)[0])
        if part == "test":
            found["answers"] = "".join(map(str, answers))
    return found


if __name__ == "__main__":
    main()
