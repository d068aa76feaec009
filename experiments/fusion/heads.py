"""Try fusions and regularisers on frozen encoders, a few seconds per trial: which are worth tuning everything?

    python experiments/fusion/heads.py DIR/msed/train.csv --out heads.csv

Trained on nine tenths of the table, scored on the validation split after the last epoch, so that nothing is chosen
here. Every trial is the base with one thing changed, with five seeds; differences are between trainings of the same
seed.

The loop below is not `feelscope.train.loop`: the recorded figures were made with its one-cycle rates and momentum, and
with a sum of the losses instead of their mean.
"""

import argparse
import copy
import csv
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from feelscope.compare.material import gather
from feelscope.encoders.encoded_posts import EncodedPosts, Present, without
from feelscope.encoders.encoder import Resources
from feelscope.metrics.scores import count_answers, macro_f1
from feelscope.models.gated import GatedFusion
from feelscope.progress import silent
from feelscope.table import Quarantine
from feelscope.train.data import read_table
from feelscope.train.encoding import EncodedCorpus
from feelscope.train.fit import average
from feelscope.train.loop import ema_share
from feelscope.train.recipe import read_recipe

EPOCHS, BATCH, RATE, WIDTH, DROPOUT = 8, 32, 5e-4, 384, 0.3


@dataclass(frozen=True)
class Try:
    """The base, which other tries change in one thing."""

    fusion: str = "gated"
    combinations: bool = True  # whether words alone and picture alone are in the loss too, with half the weight
    label_smoothing: float = 0.05
    ema_decay: float = 0.99  # of the moving average of the weights
    samples: int = 1  # dropout masks per step, whose losses are averaged (Inoue 2019)
    r_drop: float = 0.0  # weight of the divergence of two masks' answers (Liang et al. 2021)
    alignment: float = 0.0  # weight of the supervised contrast of words and pictures (Khosla et al. 2020)
    teachers: int = 0  # trainings of other seeds, whose mean answer is half of the target
    soup: int = 1  # trainings from the same start, whose weights are averaged


TRIES = {
    "base: gated, every combination, smoothing 0.05, moving average": Try(),
    "only whole posts in the loss": Try(combinations=False),
    "no label smoothing": Try(label_smoothing=0.0),
    "label smoothing 0.1": Try(label_smoothing=0.1),
    "no moving average": Try(ema_decay=0.0),
    "early fusion": Try(fusion="early"),
    "bilinear fusion, low rank": Try(fusion="bilinear"),
    "multi-sample dropout, 5 masks": Try(samples=5),
    "R-Drop, weight 1": Try(samples=2, r_drop=1.0),
    "supervised contrastive alignment, weight 0.1": Try(alignment=0.1),
    "a soup of three": Try(soup=3),
    "half of the target from five others' mean, trained on the same posts": Try(teachers=5),
}


class Early(nn.Module):
    """Both vectors side by side, zeros for what is missing: (B, 384), (B, 1280) to (B, K)."""

    def __init__(self, text: int, image: int, emotions: int):
        super().__init__()
        self.norms = nn.ModuleDict({"text": nn.LayerNorm(text), "image": nn.LayerNorm(image)})
        drop = nn.Dropout(DROPOUT)
        self.rest = nn.Sequential(drop, nn.Linear(text + image, WIDTH), nn.GELU(), drop, nn.Linear(WIDTH, emotions))

    def forward(self, vectors, present):
        return self.rest(torch.cat([self.norms[n](vectors[n]) * present[n].unsqueeze(1) for n in self.norms], dim=1))


class Bilinear(nn.Module):
    """Products of both projections beside their sum (low-rank, Kim et al. 2017); a missing one counts as ones."""

    def __init__(self, text: int, image: int, emotions: int):
        super().__init__()
        widths = {"text": text, "image": image}
        self.project = nn.ModuleDict(
            {n: nn.Sequential(nn.LayerNorm(w), nn.Dropout(DROPOUT), nn.Linear(w, WIDTH)) for n, w in widths.items()}
        )
        self.head = nn.Sequential(nn.LayerNorm(2 * WIDTH), nn.Dropout(DROPOUT), nn.Linear(2 * WIDTH, emotions))

    def forward(self, vectors, present):
        has = {n: present[n].unsqueeze(1) for n in self.project}
        each = {n: self.project[n](vectors[n]) for n in self.project}  # (B, D) each
        product = torch.stack([torch.where(has[n] > 0, torch.tanh(each[n]), 1.0) for n in each]).prod(dim=0)
        return self.head(torch.cat([product, sum(each[n] * has[n] for n in each)], dim=1))


def build(kind: str, widths: tuple[int, int], emotions: int) -> nn.Module:
    if kind == "gated":
        return GatedFusion(*widths, emotions, WIDTH, DROPOUT)
    return {"early": Early, "bilinear": Bilinear}[kind](*widths, emotions)


def combinations(present: Present, every: bool) -> list[tuple[Present, float]]:
    """What is present, and how much its loss weighs."""
    alone = [(without(present, "image"), 0.5), (without(present, "text"), 0.5)]
    return [(present, 1.0), *(alone if every else [])]


def contrast(network: nn.Module, batch: EncodedPosts) -> torch.Tensor:
    """Projected words and pictures of one emotion closer to each other than to the rest, at temperature 0.1."""
    projected = {n: F.normalize(getattr(network, n)(batch.inputs[n]), dim=1) for n in ("text", "image")}  # (B, D)
    logits = projected["image"] @ projected["text"].T / 0.1  # (B, B)
    same = (batch.labels.unsqueeze(0) == batch.labels.unsqueeze(1)).float()  # (B, B)
    return -(logits.log_softmax(dim=1) * same / same.sum(dim=1, keepdim=True)).sum(dim=1).mean()


def fit(
    settings: Try, corpus: EncodedCorpus, seed: int, start: int | None = None, taught: torch.Tensor | None = None
) -> nn.Module:
    training = corpus.training
    torch.manual_seed(seed if start is None else start)
    widths = (training.inputs["text"].shape[1], training.inputs["image"].shape[1])
    network = build(settings.fusion, widths, corpus.emotions)
    torch.manual_seed(seed)
    averaged = copy.deepcopy(network).requires_grad_(False)
    optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=0.01)
    steps = EPOCHS * -(-len(training) // BATCH)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, anneal_strategy="linear")
    step = 0
    for _ in range(EPOCHS):
        for index in torch.randperm(len(training)).split(BATCH):
            batch = training.rows(index)
            loss = torch.zeros(())
            for present, weight in combinations(batch.present, settings.combinations):
                answers = [network(batch.inputs, present) for _ in range(max(settings.samples, 1))]
                for logits in answers:
                    labelled = F.cross_entropy(logits, batch.labels, label_smoothing=settings.label_smoothing)
                    if taught is not None:
                        labelled = (labelled + F.cross_entropy(logits, taught[index])) / 2
                    loss = loss + weight * labelled / len(answers)
                if settings.r_drop:
                    first, second = (logits.log_softmax(dim=1) for logits in answers)
                    both = F.kl_div(first, second, log_target=True, reduction="batchmean")
                    both = both + F.kl_div(second, first, log_target=True, reduction="batchmean")
                    loss = loss + weight * settings.r_drop * both / 2
            if settings.alignment:
                loss = loss + settings.alignment * contrast(network, batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            rates.step()
            step += 1
            share = ema_share(settings.ema_decay, step) if settings.ema_decay else 0.0
            with torch.no_grad():
                for old, new in zip(averaged.parameters(), network.parameters(), strict=True):
                    old.lerp_(new, 1 - share)
    return averaged.eval()


@torch.no_grad()
def answer(network: nn.Module, posts: EncodedPosts) -> list[torch.Tensor]:
    """Logits (N, K) as they are, for the words alone, for the picture alone."""
    return [network(posts.inputs, present) for present, _ in combinations(posts.present, True)]


def train(settings: Try, corpus: EncodedCorpus, seed: int) -> nn.Module:
    if settings.soup > 1:
        return average([fit(settings, corpus, seed + 1000 * number, start=seed) for number in range(settings.soup)])
    taught = None
    if settings.teachers:
        plain = replace(settings, teachers=0)
        others = [fit(plain, corpus, seed + 1000 * number) for number in range(1, settings.teachers + 1)]
        taught = torch.stack([answer(other, corpus.training)[0].softmax(dim=1) for other in others]).mean(dim=0)
    return fit(settings, corpus, seed, taught=taught)


def scores(network: nn.Module, posts: EncodedPosts) -> list[float]:
    """Macro-F1 of the three combinations, then the loss of posts as they are."""
    answers, labels = answer(network, posts), posts.labels.numpy()
    known = np.unique(labels)
    each = [macro_f1(count_answers(labels, logits.argmax(dim=1).numpy(), logits.shape[1]), known) for logits in answers]
    return [float(value) for value in each] + [float(F.cross_entropy(answers[0], posts.labels))]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.csv")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--cache", type=Path, default=Path("features"))
    options = parser.parse_args()
    recipe = read_recipe("strong/early")
    with Quarantine(options.out.with_suffix(".quarantine.jsonl")) as quarantine:
        material = gather(
            {"early": recipe},
            read_table(options.table, recipe, None, quarantine),
            None,
            resources=Resources(options.cache),
            quarantine=quarantine,
            progress=silent,
        )
    corpus = material.corpus(recipe)
    base: np.ndarray | None = None
    with options.out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("try", "both", "text", "image", "loss", "both_difference", "deviation_of_difference"))
        for name, settings in TRIES.items():
            by_seed = np.array(
                [scores(train(settings, corpus, seed), corpus.validation) for seed in range(options.seeds)]
            )
            base = by_seed if base is None else base
            gained = by_seed[:, 0] - base[:, 0]
            row = [*by_seed.mean(axis=0), gained.mean(), gained.std(ddof=1) if len(gained) > 1 else 0.0]
            writer.writerow((name, *(f"{value:.4f}" for value in row)))
            file.flush()
            print(name, *(f"{value:.4f}" for value in row), flush=True)


if __name__ == "__main__":
    main()
