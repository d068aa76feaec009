"""The posts of a comparison, split and encoded once for all its trainings.

Each modality is read once for each way in which the recipes want it; what a training gets is put together from these.
All of it can be sent to another process: the encoders themselves stay behind, only what they made is kept.
"""

import copy
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from feelscope import emotions as names
from feelscope.errors import ConfigError, PictureError, TableError, WordsError
from feelscope.family.inputs import Input, open_inputs
from feelscope.family.signals import Signals
from feelscope.post import Post
from feelscope.prepare.validation_split import validation_split
from feelscope.progress import Progress
from feelscope.table import Quarantine
from feelscope.train.corpus import SourcePosts, order_emotions, without_overlap
from feelscope.train.fusion_recipe import FusionRecipe

PARTS = ("training", "tuning", "scored")
_READING = (
    "tokens vocabulary aggregate train_words text_dropout image_dropout normalise optimizer momentum weight_decay"
)

Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Ready:
    """A modality whose posts are encoded; of an `Input` it has what `fit` asks for."""

    width: int
    module: nn.Module

    def reader(self) -> nn.Module:
        """A new reader of what was encoded."""
        return copy.deepcopy(self.module)


@dataclass(frozen=True, slots=True)
class Material:
    """What all trainings of a comparison share.

    Args:
        emotions: In the order of the labels.
        posts: Those of each of PARTS; without a dev table, `scored` are those of `tuning`.
        has_dev: Whether `scored` are posts of a table of their own.
        apart: Of each scored post, whether neither its words nor its picture stand in the table that was trained on.
        labels: Of each of PARTS, (N,).
        digest: Of the posts; `words_digest` of the file of word vectors, empty without one.
    """

    emotions: tuple[str, ...]
    posts: dict[str, list[Post]]
    has_dev: bool
    apart: list[bool]
    labels: dict[str, torch.Tensor]
    digest: str
    words_digest: str
    _inputs: dict[Key, Ready] = field(default_factory=dict)
    _encoded: dict[tuple[Key, str], tuple[torch.Tensor, torch.Tensor]] = field(default_factory=dict)

    def inputs(self, recipe: FusionRecipe) -> dict[str, Ready]:
        """The recipe's modalities by name."""
        return {name: self._inputs[_key(recipe, name)] for name in reads(recipe)}

    def signals(self, recipe: FusionRecipe, part: str) -> Signals:
        """The posts of one of PARTS, with the recipe's modalities."""
        found = {name: self._encoded[_key(recipe, name), part] for name in reads(recipe)}
        given = {name: value for name, (value, _) in found.items()}
        return Signals(given, {name: present for name, (_, present) in found.items()}, self.labels[part])


def reads(recipe: FusionRecipe) -> dict[str, str]:
    """The recipe's modalities, and by which encoder or of which columns they are read."""
    own = {"text": recipe.text, "image": recipe.image}
    return {name: kind for name, kind in own.items() if kind} | {
        kind.partition(":")[0]: kind for kind in recipe.modalities
    }


def gather(
    recipes: dict[str, FusionRecipe],
    source: SourcePosts,
    dev: list[Post] | None,
    chosen_on: list[Post] | None = None,
    *,
    words: Path | None,
    weights: Path | None,
    cache: Path,
    quarantine: Quarantine,
    progress: Progress,
) -> Material:
    """Split the posts and encode them.

    Args:
        dev: The posts that are scored; None takes the tuning part.
        chosen_on: The tuning part; None keeps one apart, as the recipes say.
        words, weights, cache: As `open_inputs` takes them; recipes that read no word vectors need no `words`.

    Raises:
        ConfigError, TableError, ModelError, WordsError: One line that says what to do.
    """
    share = float(_one(recipes, "tuning")) if chosen_on is None else 0.0
    if dev is None and chosen_on is None and not share:
        raise ConfigError("these recipes keep no posts apart to be scored; give some with --dev TABLE")
    if words is not None and all(recipe.text != "words" for recipe in recipes.values()):
        raise ConfigError(f"--words {words}: none of these recipes reads word vectors; leave it out")
    if words is not None and not words.is_file():
        raise WordsError(f"{words}: no such file; --words takes GloVe text, word2vec or .npz")
    emotions = order_emotions([source], tuple(_one(recipes, "emotions")))
    progress("looking for near-duplicates", 0, 0, "")
    held = validation_split(source.posts, share) if share else [False] * len(source.posts)
    posts = {
        "training": [post for post, mark in zip(source.posts, held, strict=True) if not mark],
        "tuning": [post for post, mark in zip(source.posts, held, strict=True) if mark],
    }
    if chosen_on is not None:
        posts["tuning"] = _as_trained(chosen_on, emotions)
    posts["scored"] = posts["tuning"] if dev is None else _as_trained(dev, emotions)
    if not posts["scored"]:
        raise TableError(f"{source.source.table}: too few posts to keep some apart for the scores; give --dev TABLE")
    apart = {id(post) for post in without_overlap(posts["scored"], [replace(source, posts=posts["training"])])}
    index = {name: at for at, name in enumerate(emotions)}
    material = Material(
        emotions=emotions,
        posts=posts,
        has_dev=dev is not None,
        apart=[id(post) in apart for post in posts["scored"]],
        labels={part: torch.tensor([index[str(post.emotion)] for post in some]) for part, some in posts.items()},
        digest=_digest(posts),
        words_digest="" if words is None else hashlib.sha256(words.read_bytes()).hexdigest(),
    )
    for recipe in recipes.values():
        for name in reads(recipe):
            key = _key(recipe, name)
            if key not in material._inputs:
                one = _open(recipe, name, posts["training"], words, weights, cache)
                for part, some in posts.items():
                    material._encoded[key, part] = _encode(one, some, name, part, quarantine, progress)
                material._inputs[key] = Ready(one.width, one.reader())
        if not any(material._encoded[_key(recipe, name), "training"][1].any() for name in reads(recipe)):
            wanted = " or ".join(reads(recipe))
            raise TableError(
                f"{source.source.table}: no post has any {wanted} that can be read, as {recipe.model} does"
            )
    return material


def _one(recipes: dict[str, FusionRecipe], setting: str) -> Any:
    values = {getattr(recipe, setting) for recipe in recipes.values()}
    if len(values) > 1:
        found = ", ".join(sorted(map(str, values)))
        raise ConfigError(f"{setting}: the recipes of one comparison need the same, found {found}")
    return values.pop()


def _as_trained(dev: list[Post], emotions: tuple[str, ...]) -> list[Post]:
    """Labels as the training table writes them; `check_labels` has seen that all are known."""
    mapped, _ = names.match({str(post.emotion) for post in dev}, emotions)
    return [replace(post, emotion=mapped[str(post.emotion)]) for post in dev]


def _key(recipe: FusionRecipe, name: str) -> Key:
    return (reads(recipe)[name], *(getattr(recipe, setting) for setting in _READING.split()))


def _open(
    recipe: FusionRecipe, name: str, posts: Sequence[Post], words: Path | None, weights: Path | None, cache: Path
) -> Input:
    """One modality of a recipe, as if it read nothing else."""
    alone = {"text": {"image": "", "modalities": ()}, "image": {"text": "", "modalities": ()}}
    if name in alone:
        single = replace(recipe, model=f"{name}_only", **alone[name])  # type: ignore[arg-type]
        by_words = words if single.text == "words" else None
        return open_inputs(single, posts, words=by_words, weights=weights, cache=cache)[name]
    from feelscope.family.further_input import FurtherInput

    return FurtherInput(reads(recipe)[name], posts)


def _encode(
    one: Input, posts: list[Post], name: str, part: str, quarantine: Quarantine, progress: Progress
) -> tuple[torch.Tensor, torch.Tensor]:
    def refuse(row: int, error: PictureError) -> None:
        quarantine.add(posts[row].id, posts[row].row, f"picture of the {part} part not used", detail=str(error))

    return one.encode(posts, lambda stage, *now: progress(f"{stage}, {part} part", *now), refuse)


def _digest(posts: dict[str, list[Post]]) -> str:
    """SHA-256 of the posts by part, with their labels; a picture counts by its name."""
    rows = [[part, post.id, post.emotion, post.texts, _name(post)] for part in PARTS for post in posts[part]]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def _name(post: Post) -> str:
    return post.image.name if isinstance(post.image, Path) else hashlib.sha256(post.image or b"").hexdigest()
