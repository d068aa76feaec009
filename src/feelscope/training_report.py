"""What a training leaves beside its networks: weights, recipe, scores, figures and a model card."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from feelscope import card, figures
from feelscope.classifier import EmotionClassifier
from feelscope.config import to_toml
from feelscope.corpus import Corpus, Progress, without_overlap
from feelscope.evaluate import evaluate
from feelscope.fit import Fitted
from feelscope.post import Post
from feelscope.recipe import Recipe

HOW = (
    "MiniLM (6 layers, width 384) reads title and text, EfficientNet-Lite0 the picture; both are projected to "
    "width {width} and mixed by a learnt gate, a missing half by a learnt vector. "
    "Both encoders compute in 8-bit integers."
)
NOT_FOR = (
    "Deciding about a person: it reads what a post shows, not what its author feels.",
    "Diagnosis, hiring, policing, or any use in which one wrong answer harms someone.",
)
LIMITS = (
    "English words only; other languages are read as pieces of words it does not know.",
    "Irony, quotes and slang that postdates the data are often misread.",
    "It has learnt its data's habits: who is pictured with which emotion is one of them.",
)


def write(
    out: Path,
    recipe: Recipe,
    corpus: Corpus,
    fitted: Fitted,
    *,
    dev: Mapping[str, list[Post]],
    progress: Progress,
) -> None:
    """Write model.safetensors, recipe.toml, metrics.json, figures/ and README.md.

    Args:
        dev: Labelled posts that were not trained on, by name; they are scored here and nowhere else.
    """
    from safetensors.torch import save_file

    save_file(fitted.towers.state_dict(), out / "model.safetensors")
    (out / "recipe.toml").write_text(to_toml(recipe), encoding="utf-8")
    classifier = EmotionClassifier.load(out)
    scored = _dev_posts(dev, corpus) if dev else _own_posts(corpus)
    scores = {name: _score(classifier, posts, name, progress) for name, posts in scored.items() if posts}
    metrics = {
        "emotions": corpus.emotions,
        "seed": recipe.seed,
        "temperature": fitted.temperature,
        "posts": [
            {"table": entry.source.name, "labelled": len(entry.posts), "without_emotion": entry.dropped}
            for entry in corpus.sources
        ],
        "epochs": fitted.history,
        "scores": scores,
    }
    (out / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    figures.save_all(out / "figures", next(iter(scores.values()))["both"], fitted.history)
    card.write_card(out, _card(out, recipe, corpus, fitted, scores))


def _dev_posts(dev: Mapping[str, list[Post]], corpus: Corpus) -> dict[str, list[Post]]:
    scored = {}
    for name, posts in dev.items():
        apart = without_overlap(posts, corpus.sources)
        if len(apart) < len(posts):
            scored[f"{name}, without the {len(posts) - len(apart)} posts that also stand in train"] = apart
        scored[f"{name}, all posts"] = posts
    return scored


def _own_posts(corpus: Corpus) -> dict[str, list[Post]]:
    """Without a dev table: the tuning part, or, of a table too small for one, the training posts."""
    if corpus.held:
        return {"tuning part of train, on which the epoch was chosen: a little too high": corpus.held}
    posts = [post for entry in corpus.sources for post in entry.posts]
    return {"the training posts themselves: far too high": posts}


def _score(classifier: EmotionClassifier, posts: Iterable[Post], name: str, progress: Progress) -> dict[str, Any]:
    return evaluate(classifier, posts, progress=lambda done, total: progress("scoring", done, total, name)).to_json()


def _card(out: Path, recipe: Recipe, corpus: Corpus, fitted: Fitted, scores: dict[str, Any]) -> card.Card:
    name = out.resolve().name
    tuned = any(corpus.tuning)
    chosen = "fitted on a tuning part of train" if tuned else "set by the recipe"
    used_for = f"training, {recipe.tuning:.0%} of it kept apart for choosing" if tuned else "training"
    if fitted.on_all:
        used_for = f"choosing on {recipe.tuning:.0%} of it, then training on all"
    return card.Card(
        name=name,
        purpose=recipe.purpose,
        not_for=NOT_FOR,
        emotions=corpus.emotions,
        how=HOW.format(width=recipe.width),
        licence="As the data's licences below allow.",
        data=[
            card.DataSet(
                name=entry.source.name,
                posts=len(entry.posts),
                licence=entry.source.licence,
                used_for=used_for,
            )
            for entry in corpus.sources
        ],
        scores=scores,
        calibration=f"One temperature, {fitted.temperature:.3g}, {chosen}.",
        seeds=[recipe.seed],
        command=f"feelscope train {'--data DIR' if recipe.data else 'TABLE'} --recipe {name}/recipe.toml --out RUN",
        limits=LIMITS,
    )
