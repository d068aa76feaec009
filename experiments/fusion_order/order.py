"""Why joint and common space come last with the paper's settings: one thing changed at a time, on MSED.

    python experiments/fusion_order/order.py msed/train.csv --dev msed/dev.csv --words VECTORS --out FOLDER
    python experiments/fusion_order/order.py ... --table experiments/fusion_order

Every training leaves its answers to the dev posts in FOLDER, and is not trained again; a killed one goes on from its
checkpoint. Trainings go seed by seed, so that a stopped experiment has whole seeds. The second command trains nothing
and writes the table of effects and `scores.csv` from what is there.
"""

import argparse
import copy
import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from feelscope.cli.progress import Stages
from feelscope.compare.material import Material, gather
from feelscope.encoders.encoded_posts import EncodedPosts
from feelscope.encoders.encoder import Encoder, Resources
from feelscope.files import write_json, write_text, write_whole
from feelscope.metrics.intervals import draw, interval
from feelscope.metrics.scores import answer as answered
from feelscope.metrics.scores import count_draws, macro_f1
from feelscope.models.common_space import CommonSpaceFusion
from feelscope.models.joint import JointFusion
from feelscope.models.network import Network
from feelscope.table import PostsTable, Quarantine
from feelscope.train import checkpoint
from feelscope.train.data import read_table
from feelscope.train.encoding import EncodedCorpus
from feelscope.train.fit import fit_classifier
from feelscope.train.recipe import Recipe, read_recipe
from feelscope.train.selection import answer

BASE = "the paper's settings"
COMBINATIONS = {"both": "", "text": "image", "image": "text"}  # and what is hidden for it


@dataclass(frozen=True)
class Try:
    """A model of the paper with some things changed."""

    model: str
    change: str = BASE
    normalise: bool = False  # each modality's vector is brought to mean 0 and deviation 1
    warm: bool = False  # the word vectors begin as those that text_only has learnt
    negatives: int = 4  # g, of common_space

    @property
    def recipe(self) -> Recipe:
        recipe = read_recipe(f"paper/{self.model}")
        if self.normalise and self.model != "image_only":
            recipe = replace(recipe, text=replace(recipe.text, normalise=True))
        if self.normalise and self.model != "text_only":
            recipe = replace(recipe, image=replace(recipe.image, normalise=True))
        if recipe.common_space:
            recipe = replace(recipe, common_space=replace(recipe.common_space, negatives=self.negatives))
        return recipe

    def name(self, seed: int) -> str:
        return f"{self.model}, {self.change}, {seed}".replace(" ", "-").replace(",", "").replace("'", "")


SCALE, WARM, BOTH, THREE = "one scale", "words first", "one scale and words first", "g = 3"
TRIES = (
    Try("text_only"),
    Try("image_only"),
    Try("joint"),
    Try("common_space"),
    Try("joint", SCALE, normalise=True),
    Try("joint", WARM, warm=True),
    Try("common_space", SCALE, normalise=True),
    Try("common_space", WARM, warm=True),
    Try("common_space", THREE, negatives=3),
    Try("text_only", SCALE, normalise=True),
    Try("joint", BOTH, normalise=True, warm=True),
    Try("common_space", BOTH, normalise=True, warm=True),
    Try("early"),
    Try("early", SCALE, normalise=True),
)


class Warm(Encoder):
    """An encoder whose embedder begins with the weights of one that has learnt."""

    def __init__(self, encoder: Encoder, learnt: nn.Module):
        self.width, self._encoder, self._learnt = encoder.width, encoder, learnt

    def embedder(self) -> nn.Module:
        return copy.deepcopy(self._learnt)

    def augment(self, inputs: torch.Tensor, draws: np.random.Generator) -> torch.Tensor:
        return self._encoder.augment(inputs, draws)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("train", type=Path)
    parser.add_argument("--dev", type=Path, required=True)
    parser.add_argument("--words", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--cache", type=Path, default=None, help="the feature cache; by default, OUT/features")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--table", type=Path, metavar="FOLDER", help="train nothing and write the table here")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    if options.table:
        write_table(options.out, options.table, options.seeds)
        return
    material = read_material(options)
    np.save(options.out / "labels.npy", material.labels("scored").numpy())
    for seed in range(options.seeds):
        for tried in TRIES:
            if not (options.out / f"{tried.name(seed)}.json").exists():
                train(tried, seed, material, options.out)


def read_material(options: argparse.Namespace) -> Material:
    with Stages() as stages, Quarantine(options.out / "quarantine.jsonl") as quarantine:
        recipes = {f"{tried.model} {tried.normalise}": tried.recipe for tried in TRIES}
        return gather(
            recipes,
            read_table(options.train, TRIES[0].recipe, None, quarantine),
            list(PostsTable(options.dev, need=("emotion",), quarantine=quarantine)),
            resources=Resources(options.cache or options.out / "features", options.words),
            quarantine=quarantine,
            progress=stages,
        )


def train(tried: Try, seed: int, material: Material, out: Path) -> None:
    """Train, and write what is answered to the dev posts, with each modality hidden too."""
    recipe = replace(tried.recipe, seed=seed)
    corpus = material.corpus(recipe)
    if tried.warm:
        corpus = warmed(corpus, tried, seed, out)
    folder = out / "trainings" / tried.name(seed)
    with Stages() as stages:
        fitted = fit_classifier(recipe, corpus, folder, resume=checkpoint.has_begun(folder), progress=stages)
    if tried.model == "text_only":
        torch.save(fitted.network.embedders["text"].state_dict(), out / f"{tried.name(seed)}.words")
    posts = material.scored(recipe)
    found = {}
    for name, hidden in COMBINATIONS.items():
        if name == "both" or name in posts.present:
            seen = posts.without(hidden) if hidden in posts.present else posts
            found[name] = (answer(fitted.network, seen) / fitted.temperature).softmax(dim=1).numpy()  # (N, K)
    with write_whole(out / f"{tried.name(seed)}.npz", "wb") as file:
        np.savez(file, **found)
    best = max(fitted.history, key=lambda record: record["validation_macro_f1"])
    facts = {"picture_wins": picture_wins(fitted.network, corpus.validation)}
    write_json(out / f"{tried.name(seed)}.json", {**best, "epochs": len(fitted.history), **facts})
    (folder / checkpoint.FILE).unlink()


def warmed(corpus: EncodedCorpus, tried: Try, seed: int, out: Path) -> EncodedCorpus:
    """The same posts, whose word vectors begin as text_only of the same seed and scale left them."""
    encoder = corpus.encoders["text"]
    learnt = encoder.embedder()
    before = Try("text_only", SCALE if tried.normalise else BASE)
    learnt.load_state_dict(torch.load(out / f"{before.name(seed)}.words", weights_only=True))
    return replace(corpus, encoders={**corpus.encoders, "text": Warm(encoder, learnt)})


@torch.inference_mode()
def picture_wins(network: Network, posts: EncodedPosts) -> float | None:
    """Of the numbers of a post's pooled vector, the share that the picture gives; None where nothing is pooled."""
    fusion = network.fusion.joint if isinstance(network.fusion, CommonSpaceFusion) else network.fusion
    if not isinstance(fusion, JointFusion):
        return None
    vectors = network.vectors(posts.inputs)
    both = (posts.present["text"] * posts.present["image"]) > 0
    wins = fusion.projected("image", vectors["image"]) > fusion.projected("text", vectors["text"])  # (N, D)
    return float(wins[both].float().mean())


def write_table(out: Path, folder: Path, seeds: int) -> None:
    """The scores of each try, and its effect against the paper's settings of the same model and against text_only."""
    labels = np.load(out / "labels.npy")
    draws = draw(len(labels))
    scores = dict(read_scores(out, labels, draws, seeds))
    whole = [seed for seed in range(seeds) if all((tried, seed) in scores for tried in TRIES)] or [0]
    rows = []
    for tried in TRIES:
        mine = [scores[tried, seed] for seed in whole if (tried, seed) in scores]
        for seed, score in zip(whole, mine, strict=False):
            facts = json.loads((out / f"{tried.name(seed)}.json").read_text())
            kept = {name: facts.get(name) for name in ("epoch", "epochs", "train_accuracy", "picture_wins")}
            values = {f"macro_f1_{name}": float(value[0]) for name, value in score.items()}
            rows.append({"model": tried.model, "change": tried.change, "seed": seed, **values, **kept})
    lines = [f"seeds {whole}", "", *to_markdown(scores, whole, rows)]
    names = dict.fromkeys(name for row in rows for name in row)
    with (folder / "scores.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows({k: f"{v:.4f}" if isinstance(v, float) else v for k, v in row.items()} for row in rows)
    write_text(folder / "table.md", "\n".join(lines) + "\n")
    print("\n".join(lines))


Scores = dict[tuple[Try, int], dict[str, np.ndarray]]  # by combination, macro-F1 (1 + R,) as it is and by draws


def read_scores(
    out: Path, labels: np.ndarray, draws: np.ndarray, seeds: int
) -> Iterator[tuple[tuple[Try, int], dict[str, np.ndarray]]]:
    present = np.unique(labels)
    for tried in TRIES:
        for seed in range(seeds):
            if (out / f"{tried.name(seed)}.json").exists():
                with np.load(out / f"{tried.name(seed)}.npz") as tables:
                    yield (
                        (tried, seed),
                        {
                            name: macro_f1(count_draws(draws, labels, answered(table), table.shape[1]), present)
                            for name, table in tables.items()
                        },
                    )


def to_markdown(scores: Scores, seeds: list[int], rows: list[dict]) -> list[str]:
    """A line each: mean and deviation over seeds, then differences with the intervals of a bootstrap over posts."""
    head = ("model", "change", "macro-F1", "words alone", "picture alone", "effect", "effect on words alone",
            "behind text_only", "train accuracy", "picture wins", "epochs")  # fmt: skip
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]

    def mean(tried: Try, name: str) -> np.ndarray:
        return np.mean([scores[tried, seed][name] for seed in seeds], axis=0)  # (1 + R,)

    for tried in TRIES:
        own = [row for row in rows if (row["model"], row["change"]) == (tried.model, tried.change)]
        base = next(one for one in TRIES if (one.model, one.change) == (tried.model, BASE))
        if not all((one, seed) in scores for one in (tried, base, TRIES[0]) for seed in seeds):
            continue
        cells = [spread([row.get(f"macro_f1_{name}") for row in own]) for name in COMBINATIONS]
        for name in ("both", "text"):
            has = tried != base and name in scores[tried, seeds[0]]
            cells.append(shown(mean(tried, name) - mean(base, name)) if has else "")
        cells.append("" if tried.model == "text_only" else shown(mean(TRIES[0], "both") - mean(tried, "both")))
        cells += [spread([row[name] for row in own]) for name in ("train_accuracy", "picture_wins")]
        cells.append(f"{np.mean([row['epoch'] for row in own]):.0f}")
        lines.append(f"| {tried.model} | {tried.change} | {' | '.join(cells)} |")
    return lines


def spread(values: list[float | None], of: Callable = np.mean) -> str:
    known = [value for value in values if value is not None]
    deviation = f" ± {np.std(known, ddof=1):.3f}" if len(known) > 1 else ""
    return f"{of(known):.3f}{deviation}" if known else "–"


def shown(difference: np.ndarray) -> str:
    low, high = interval(difference[1:])
    return f"{difference[0]:+.3f} ({low:+.3f} to {high:+.3f})"


if __name__ == "__main__":
    main()
