"""All runs, a line of scores and a file of answers each: `python run.py DATA CACHE OUT`; goes on where it stopped.

With `--choose` runs are scored on the validation posts of train, and no post of dev is opened.
"""

import argparse
import csv
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from protocol import DRAWS, ENAET, IMAGE_DROPOUT, MIXMATCH, SHARES, TEXT_DROPOUT, Fixed, Posts, Tuned, Vectors, recipe

from feelscope.encoders.efficientnet_lite0 import WIDTH
from feelscope.encoders.encoded_posts import EncodedPosts
from feelscope.metrics.scores import count_answers, macro_f1
from feelscope.models.network import Network
from feelscope.objectives.combinations import AllCombinations
from feelscope.objectives.enaet import EnAET
from feelscope.objectives.labels import LabelObjective
from feelscope.objectives.objective import Batch, Objective
from feelscope.objectives.settings import CombinationSettings
from feelscope.progress import silent
from feelscope.train import loop
from feelscope.train.classifier_task import ClassifierTask
from feelscope.train.encoding import EncodedCorpus

FUSED = ("text", "image")
COLUMNS = ("name", "share", "draw", "macro_f1", "by_text", "by_image", "seconds")


class Shuffled(EnAET):
    """The control: each post without a label gets the guess of another one."""

    def _guess(self, network, posts, pictures, maps):
        guess = super()._guess(network, posts, pictures, maps)
        order = np.random.default_rng(int(float(guess.sum(dim=0)[0]) * 1e6)).permutation(len(guess))
        return guess[torch.from_numpy(order)]


class Shown(Objective):
    """The labels, of which few posts show their pictures in a step, as with EnAET."""

    def __init__(self, objective: Objective, pictures: int):
        super().__init__()
        self.objective, self._pictures = objective, pictures

    def loss_of_step(self, network: Network, batch: Batch) -> torch.Tensor:
        posts = batch.posts
        shown = posts.present["image"] * (posts.present["image"].cumsum(dim=0) <= self._pictures)  # (B,)
        rows = posts.inputs["image"] * shown.unsqueeze(1).int()
        posts = replace(posts, present={**posts.present, "image": shown}, inputs={**posts.inputs, "image": rows})
        posts = posts.rows(posts.counts().nonzero()[:, 0])
        return self.objective.loss_of_step(network, replace(batch, posts=posts))


@dataclass(frozen=True)
class Run:
    """One model.

    Args:
        names: Its modalities.
        steps: Of this part of the training.
        start: The run whose fusion it starts with; empty starts with a new one.
        tuned: Whether the encoder of pictures learns.
        learns: `labels`, `guesses` or `shuffled` (guesses).
        scored: Whether it is answered and scored; otherwise it is but a start.
    """

    names: tuple[str, ...]
    steps: int
    start: str = ""
    tuned: bool = False
    learns: str = "labels"
    scored: bool = True


RUNS = {
    "text": Run(("text",), 800),
    "supervised, frozen": Run(FUSED, 400),
    "supervised, frozen, same wall": Run(FUSED, 800),
    "MixMatch": Run(FUSED, 400, learns="guesses"),
    "EnAET": Run(FUSED, 75, "MixMatch", tuned=True, learns="guesses"),
    "supervised": Run(FUSED, 75, "supervised, frozen", tuned=True),
    "shuffled guesses": Run(FUSED, 400, learns="shuffled"),
    "image, frozen": Run(("image",), 400),
    "image": Run(("image",), 40, "image, frozen", tuned=True),
    "image MixMatch": Run(("image",), 400, learns="guesses"),
    "image EnAET": Run(("image",), 40, "image MixMatch", tuned=True, learns="guesses"),
    "supervised, same wall": Run(FUSED, 300, "supervised, frozen, same wall", tuned=True),
}

FIRST = ("text", "supervised, frozen, same wall", "MixMatch")
SECOND = ("EnAET", "supervised, frozen", "supervised")
PASSES = (FIRST, SECOND, tuple(name for name in RUNS if name not in FIRST + SECOND))


class Experiment:
    """The runs of all draws."""

    def __init__(self, data: Path, cache: Path, out: Path, *, choose: bool):
        self.posts = Posts.read(data)
        self.vectors = Vectors(self.posts, cache)
        self.out = out
        count = len(self.posts.train)
        self.among, self.scored = np.arange(count), np.arange(count, count + len(self.posts.dev))
        if choose:
            held = self.posts.validation()
            self.among = np.setdiff1d(self.among, held)
            self.scored = held[(self.vectors.rows[held, 0] > 0).numpy()]
        out.mkdir(parents=True, exist_ok=True)

    def train(self, name: str, share: float, draw: int) -> tuple[Network, float]:
        """A model and the processor seconds of its training, without those of its start."""
        run = RUNS[name]
        labelled, others = self.posts.labelled(draw, share, self.among)
        pictures = Tuned(self.vectors, IMAGE_DROPOUT) if run.tuned else Fixed(WIDTH, IMAGE_DROPOUT)
        encoders = {"text": Fixed(384, TEXT_DROPOUT), "image": pictures}
        settings = None
        if run.learns != "labels":
            settings = ENAET if run.tuned else MIXMATCH
        if settings is ENAET and run.names == ("image",):
            settings = replace(ENAET, pictures=6)
        made = replace(recipe(run.names, run.steps, tuned=run.tuned, enaet=settings), seed=draw)
        corpus = EncodedCorpus(
            {name: encoders[name] for name in run.names},
            self.vectors.of(labelled, run.names, tuned=run.tuned),
            self.vectors.of(labelled[:0], run.names, tuned=run.tuned),
            len(self.posts.emotions),
            unlabelled=self.vectors.of(others, run.names, tuned=run.tuned, unlabelled=True) if settings else None,
        )
        task = ClassifierTask(made, corpus, draw, objective=self._objective(run, made))
        if run.learns == "shuffled":
            task.objective.__class__ = Shuffled
        if run.start:
            state = torch.load(self._weights(run.start, share, draw), weights_only=True)
            task.network.fusion.load_state_dict(state)
        started = time.process_time()
        loop.fit(task, made.steps, seed=draw, patience=10**6, folder=None, progress=silent)
        seconds = time.process_time() - started
        torch.save(task.network.fusion.state_dict(), self._weights(name, share, draw))
        return task.network, seconds

    def _objective(self, run: Run, made) -> Objective | None:
        if run.learns != "labels" or not run.tuned:
            return None
        labels: Objective = LabelObjective()
        if len(run.names) > 1:
            return Shown(AllCombinations(labels, CombinationSettings()), ENAET.pictures)
        return Shown(labels, 6)

    def _weights(self, name: str, share: float, draw: int) -> Path:
        return self.out / f"{name} {share} {draw}.pt"

    def run(self, name: str, share: float, draw: int) -> dict[str, object]:
        """Train, answer and score."""
        network, seconds = self.train(name, share, draw)
        run = RUNS[name]
        posts = self.vectors.of(self.scored, run.names, tuned=run.tuned)
        seen = {"macro_f1": posts}
        logits = {"macro_f1": self._answer(network, posts)}
        if len(run.names) > 1:
            seen |= {"by_text": posts.without("image"), "by_image": posts.without("text")}
            logits |= {one: self._answer(network, seen[one]) for one in ("by_text", "by_image")}
        labels, count = posts.labels.numpy(), len(self.posts.emotions)
        answers = {one: value.argmax(dim=1).numpy() for one, value in logits.items()}
        scores = {
            one: float(macro_f1(count_answers(labels, answer, count), np.unique(labels)))
            for one, answer in answers.items()
        }
        np.savez(self.out / f"{name} {share} {draw}.npz", labels=labels, **answers)
        return {"name": name, "share": share, "draw": draw, "seconds": round(seconds, 1), **scores}

    def _answer(self, network: Network, posts: EncodedPosts) -> torch.Tensor:
        """Logits; the pictures of a tuned encoder are read once for all combinations."""
        network.eval()
        if not hasattr(network, "read") or network.read[0] is not posts.inputs:
            with torch.inference_mode():
                parts = [network.vectors(posts.rows(index).inputs) for index in torch.arange(len(posts)).split(64)]
                vectors = {name: torch.cat([part[name] for part in parts]) for name in parts[0]}
            network.read = (posts.inputs, vectors)
        with torch.inference_mode():
            return network.emotions(network.fused(network.read[1], posts.present))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("cache", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--choose", action="store_true")
    parser.add_argument("--only", default="", help="names of runs, with semicolons between")
    parser.add_argument("--shares", default=",".join(map(str, SHARES)))
    parser.add_argument("--draws", default=",".join(map(str, DRAWS)))
    given = parser.parse_args()
    torch.set_num_threads(1)
    experiment = Experiment(given.data, given.cache, given.out, choose=given.choose)
    table = given.out / "scores.csv"
    done = set()
    if table.exists():
        with table.open(encoding="utf-8", newline="") as file:
            done = {(row["name"], float(row["share"]), int(row["draw"])) for row in csv.DictReader(file)}
    passes = (given.only.split(";"),) if given.only else PASSES
    for wanted in passes:
        for draw in map(int, given.draws.split(",")):
            for share in map(float, given.shares.split(",")):
                for name in wanted:
                    if (name, share, draw) not in done:
                        row = experiment.run(name, share, draw)
                        done.add((name, share, draw))
                        _append(table, row)
                        print(row, flush=True)


def _append(table: Path, row: dict[str, object]) -> None:
    new = not table.exists()
    with table.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        if new:
            writer.writeheader()
        writer.writerow(row)


if __name__ == "__main__":
    main()
