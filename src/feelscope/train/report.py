"""What a training leaves beside its networks: weights, recipe, scores, figures and a model card."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feelscope.config import to_toml
from feelscope.evaluate import figures
from feelscope.evaluate.evaluate import evaluate
from feelscope.post import Post
from feelscope.progress import Progress
from feelscope.saved_model import card
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.train.corpus import SourcePosts, without_overlap
from feelscope.train.fusion_recipe import FusionRecipe
from feelscope.train.recipe import Recipe

if TYPE_CHECKING:
    import torch

NOT_FOR = (
    "Deciding about a person: it reads what a post shows, not what its author feels.",
    "Diagnosis, hiring, policing, or any use in which one wrong answer harms someone.",
)
LIMITS = (
    "English words only; other languages are read as pieces of words it does not know.",
    "Irony, quotes and slang that postdates the data are often misread.",
    "It has learnt its data's habits: who is pictured with which emotion is one of them.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """What the report says of a training, whatever was trained.

    Args:
        weights: Of the networks, by name.
        emotions: In the order of the probabilities.
        sources: The posts, those kept apart among them.
        temperature: Of the probabilities.
        history: One dict an epoch, as `figures.learning_curve` takes it; with a `part`, of several networks in turn.
        held: The posts that were kept apart as the tuning part.
        on_all: Whether they were trained on too, once the choices were made.
        how: The model in a sentence or two.
        parts: Of each output of the network, the emotion's index and its part; empty where outputs are emotions.
        arguments: Of `feelscope train` for these posts, beside --recipe and --out.
    """

    weights: Mapping[str, "torch.Tensor"]
    emotions: tuple[str, ...]
    sources: Sequence[SourcePosts]
    temperature: float
    history: Sequence[Mapping[str, Any]]
    held: Sequence[Post]
    how: str
    arguments: str
    on_all: bool = False
    parts: Sequence[tuple[int, str]] = ()


def write(
    out: Path,
    recipe: Recipe | FusionRecipe,
    trained: Trained,
    *,
    dev: Mapping[str, list[Post]],
    progress: Progress,
) -> None:
    """Write model.safetensors, recipe.toml, metrics.json, figures/ and README.md.

    Args:
        dev: Labelled posts that were not trained on, by name; they are scored here and nowhere else.
    """
    from safetensors.torch import save_file

    save_file({name: value.contiguous() for name, value in trained.weights.items()}, out / "model.safetensors")
    (out / "recipe.toml").write_text(to_toml(recipe), encoding="utf-8")
    classifier = EmotionClassifier.load(out)
    scored = _dev_posts(dev, trained.sources) if dev else _own_posts(trained)
    scores = {name: _score(classifier, posts, name, progress) for name, posts in scored.items() if posts}
    metrics = {
        "emotions": trained.emotions,
        "seed": recipe.seed,
        "parts": trained.parts,
        "temperature": trained.temperature,
        "posts": [
            {"table": entry.source.name, "labelled": len(entry.posts), "without_emotion": entry.dropped}
            for entry in trained.sources
        ],
        "epochs": trained.history,
        "scores": scores,
    }
    (out / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    figures.save_all(out / "figures", next(iter(scores.values()))["both"], _one_curve(trained.history))
    card.write_card(out, _card(out, recipe, trained, scores))


def _one_curve(history: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """The epochs, where they are of one network; several have no common curve."""
    return [] if any("part" in epoch for epoch in history) else history


def _dev_posts(dev: Mapping[str, list[Post]], sources: Sequence[SourcePosts]) -> dict[str, list[Post]]:
    scored = {}
    for name, posts in dev.items():
        apart = without_overlap(posts, sources)
        if len(apart) < len(posts):
            scored[f"{name}, without the {len(posts) - len(apart)} posts that also stand in train"] = apart
        scored[f"{name}, all posts"] = posts
    return scored


def _own_posts(trained: Trained) -> dict[str, list[Post]]:
    """Without a dev table: the tuning part, or, of a table too small for one, the training posts."""
    if trained.held:
        return {"tuning part of train, on which the epoch was chosen: a little too high": list(trained.held)}
    posts = [post for entry in trained.sources for post in entry.posts]
    return {"the training posts themselves: far too high": posts}


def _score(classifier: EmotionClassifier, posts: Iterable[Post], name: str, progress: Progress) -> dict[str, Any]:
    return evaluate(classifier, posts, progress=lambda done, total: progress("scoring", done, total, name)).to_json()


def _card(out: Path, recipe: Recipe | FusionRecipe, trained: Trained, scores: dict[str, Any]) -> card.Card:
    name = out.resolve().name
    chosen = "fitted on a tuning part of train" if trained.held else "set by the recipe"
    used_for = f"training, {recipe.tuning:.0%} of it kept apart for choosing" if trained.held else "training"
    if trained.on_all:
        used_for = f"choosing on {recipe.tuning:.0%} of it, then training on all"
    return card.Card(
        name=name,
        purpose=recipe.purpose,
        not_for=NOT_FOR,
        emotions=trained.emotions,
        how=trained.how,
        licence="As the data's licences below allow.",
        data=[
            card.DataSet(
                name=entry.source.name,
                posts=len(entry.posts),
                licence=entry.source.licence,
                used_for=used_for,
            )
            for entry in trained.sources
        ],
        scores=scores,
        calibration=f"One temperature, {trained.temperature:.3g}, {chosen}.",
        seeds=[recipe.seed],
        command=f"feelscope train {trained.arguments} --recipe {name}/recipe.toml --out RUN",
        limits=LIMITS,
    )
