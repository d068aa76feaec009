"""Try fusions and regularisers on frozen encoders, a few seconds a try: which are worth a training of everything?

    python experiments/fusion/heads.py DIR/msed/train.csv --out heads.csv

Trained on nine tenths of the table, scored on the tuning tenth after the last epoch, so that nothing is chosen here.
Every try is the base with one thing changed; five seeds. The mean difference is of the same seeds.
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
from feelscope.metrics.scores import count_answers, macro_f1
from feelscope.models.gated import GatedFusion
from feelscope.table import Quarantine
from feelscope.train.corpus import read_source
from feelscope.train.recipe import Source, read_recipe

EPOCHS, BATCH, RATE, WIDTH, DROPOUT = 8, 32, 5e-4, 384, 0.3


@dataclass(frozen=True)
class Try:
    """The base, which other tries change in one thing."""

    fusion: str = "gated"
    halves: bool = True  # whether words alone and picture alone are scored too, each half as much
    label_smoothing: float = 0.05
    average: float = 0.99  # decay of the moving average of the weights
    samples: int = 1  # dropout masks a step, whose losses are averaged (Inoue 2019)
    r_drop: float = 0.0  # weight of the divergence of two masks' answers (Liang et al. 2021)
    alignment: float = 0.0  # weight of the supervised contrast of words and pictures (Khosla et al. 2020)
    teachers: int = 0  # trainings of other seeds, whose mean answer is half of the target
    soup: int = 1  # trainings from one beginning, whose weights are averaged


TRIES = {
    "base: gated, every half, smoothing 0.05, moving average": Try(),
    "posts as they are alone in the loss": Try(halves=False),
    "no label smoothing": Try(label_smoothing=0.0),
    "label smoothing 0.1": Try(label_smoothing=0.1),
    "no moving average": Try(average=0.0),
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


def ways(batch, halves: bool):
    """What is present, and how much its loss weighs."""
    here = batch.present
    alone = [{name: here[name] if name == kept else torch.zeros_like(here[name]) for name in here} for kept in here]
    return [(here, 1.0), *((one, 0.5) for one in alone)] if halves else [(here, 1.0)]


def contrast(network: nn.Module, batch) -> torch.Tensor:
    """Projected words and pictures of one emotion closer to each other than to the rest, at temperature 0.1."""
    half = {n: F.normalize(getattr(network, n)(batch.inputs[n]), dim=1) for n in ("text", "image")}  # (B, D)
    logits = half["image"] @ half["text"].T / 0.1  # (B, B)
    same = (batch.labels.unsqueeze(0) == batch.labels.unsqueeze(1)).float()  # (B, B)
    return -(logits.log_softmax(dim=1) * same / same.sum(dim=1, keepdim=True)).sum(dim=1).mean()


def fit(one: Try, material, recipe, seed: int, begin: int | None = None, taught=None) -> nn.Module:
    training = material.signals(recipe, "training")
    torch.manual_seed(seed if begin is None else begin)
    widths = tuple(training.inputs[name].shape[1] for name in ("text", "image"))
    network = build(one.fusion, widths, len(material.emotions))
    torch.manual_seed(seed)
    kept = copy.deepcopy(network).requires_grad_(False)
    optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=0.01)
    steps = EPOCHS * -(-len(training) // BATCH)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, anneal_strategy="linear")
    step = 0
    for _ in range(EPOCHS):
        for index in torch.randperm(len(training)).split(BATCH):
            batch = training.rows(index)
            loss = torch.zeros(())
            for present, weight in ways(batch, one.halves):
                answers = [network(batch.inputs, present) for _ in range(max(one.samples, 1))]
                for answer in answers:
                    labelled = F.cross_entropy(answer, batch.labels, label_smoothing=one.label_smoothing)
                    if taught is not None:
                        labelled = (labelled + F.cross_entropy(answer, taught[index])) / 2
                    loss = loss + weight * labelled / len(answers)
                if one.r_drop:
                    first, second = (answer.log_softmax(dim=1) for answer in answers)
                    both = F.kl_div(first, second, log_target=True, reduction="batchmean")
                    both = both + F.kl_div(second, first, log_target=True, reduction="batchmean")
                    loss = loss + weight * one.r_drop * both / 2
            if one.alignment:
                loss = loss + one.alignment * contrast(network, batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            rates.step()
            step += 1
            decay = min(one.average, (1 + step) / (10 + step)) if one.average else 0.0
            with torch.no_grad():
                for old, new in zip(kept.parameters(), network.parameters(), strict=True):
                    old.lerp_(new, 1 - decay)
    return kept.eval()


@torch.no_grad()
def answer(network: nn.Module, signals) -> list[torch.Tensor]:
    """Logits (N, K) as they are, for the words alone, for the picture alone."""
    return [network(signals.inputs, present) for present, _ in ways(signals, True)]


def train(one: Try, material, recipe, seed: int) -> nn.Module:
    if one.soup > 1:
        parts = [fit(one, material, recipe, seed + 1000 * number, begin=seed) for number in range(one.soup)]
        with torch.no_grad():
            for name, value in parts[0].state_dict().items():
                value.copy_(torch.stack([part.state_dict()[name] for part in parts]).mean(dim=0))
        return parts[0]
    taught = None
    if one.teachers:
        plain, training = replace(one, teachers=0), material.signals(recipe, "training")
        others = [fit(plain, material, recipe, seed + 1000 * number) for number in range(1, one.teachers + 1)]
        taught = torch.stack([answer(other, training)[0].softmax(dim=1) for other in others]).mean(dim=0)
    return fit(one, material, recipe, seed, taught=taught)


def scores(network: nn.Module, signals) -> list[float]:
    """Macro-F1 of the three ways, then the loss of posts as they are."""
    found, labels = answer(network, signals), signals.labels.numpy()
    known = np.unique(labels)
    each = [macro_f1(count_answers(labels, way.argmax(dim=1).numpy(), way.shape[1]), known) for way in found]
    return [float(value) for value in each] + [float(F.cross_entropy(found[0], signals.labels))]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.csv")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--cache", type=Path, default=Path("features"))
    options = parser.parse_args()
    recipe = read_recipe("strong/early")
    source = read_source(options.table, Source(str(options.table), options.table.name, "as its owner says"), ())
    with Quarantine(options.out.with_suffix(".quarantine.jsonl")) as quarantine:
        material = gather(
            {"early": recipe},
            source,
            None,
            words=None,
            weights=None,
            cache=options.cache,
            quarantine=quarantine,
            progress=lambda *now: None,
        )
    tuning = material.signals(recipe, "tuning")
    base: np.ndarray | None = None
    with options.out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("try", "both", "text", "image", "loss", "both_difference", "deviation_of_difference"))
        for name, one in TRIES.items():
            rows = [scores(train(one, material, recipe, seed), tuning) for seed in range(options.seeds)]
            found = np.array(rows)
            base = found if base is None else base
            gained = found[:, 0] - base[:, 0]
            line = [*found.mean(axis=0), gained.mean(), gained.std(ddof=1) if len(gained) > 1 else 0.0]
            writer.writerow((name, *(f"{value:.4f}" for value in line)))
            file.flush()
            print(name, *(f"{value:.4f}" for value in line), flush=True)


if __name__ == "__main__":
    main()
