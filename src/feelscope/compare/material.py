"""The posts of a comparison, split and encoded once for all its trainings.

Each modality is encoded once for each encoder that the recipes ask for, and a training's posts are put together from
these. All of it can be sent to another process: the encoders themselves are not kept, only what they made.
"""

import copy
import hashlib
import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np
import torch
from torch import nn

from feelscope import emotions as names
from feelscope.compare.estimator import FEATURES, Estimator
from feelscope.compare.features import Features, read_features
from feelscope.encoders.encoded_posts import EncodedPosts, encoded_posts
from feelscope.encoders.encoder import Encoder, Resources
from feelscope.encoders.word_recurrence import WordRecurrence
from feelscope.errors import ConfigError, PictureError, TableError
from feelscope.files import digest
from feelscope.objectives.hard_negatives import hard_negatives
from feelscope.objectives.settings import DSRegSettings
from feelscope.post import Post
from feelscope.prepare.validation_split import validation_split
from feelscope.progress import Progress
from feelscope.table import Quarantine
from feelscope.train.data import SourcePosts, order_emotions, picture_key, without_overlap
from feelscope.train.encoding import EncodedCorpus, open_encoder, open_labels, seen_labels
from feelscope.train.recipe import ChoiceSettings, Recipe

SETS = ("training", "validation", "scored")


class _Opened:
    """A modality whose posts are encoded: what a training needs of its encoder."""

    def __init__(self, encoder: Encoder):
        self.width, self._embedder = encoder.width, encoder.embedder()

    def embedder(self) -> nn.Module:
        """A new embedder of what was encoded, as the encoder itself would make one."""
        embedder = copy.deepcopy(self._embedder)
        if isinstance(embedder, WordRecurrence):
            embedder.reset_parameters()  # each seed has first weights of its own
        return embedder

    def augment(self, inputs: torch.Tensor, draws: np.random.Generator) -> torch.Tensor:
        """The inputs as they are: nothing that is compared draws views."""
        return inputs


@dataclass(frozen=True, slots=True)
class Material:
    """What all trainings of a comparison share.

    Args:
        emotions: In the order of the labels.
        posts: Those of each of SETS; without a dev table, `scored` are those of `validation`.
        has_dev: Whether `scored` are posts of a table of their own.
        apart: Of each scored post, whether neither its words nor its picture are in the table that was trained on.
        digest: Of the posts, whose pictures count by their names; `pictures_digest` of these; `words_digest` of the
            file of word vectors, empty without one.
        label_vectors: Of the emotions' words, float32 (K, D); None where no recipe asks for them.
        hard: Which posts of the training are hard negatives, float32 (N, K), by the settings of recipes that ask.
    """

    emotions: tuple[str, ...]
    posts: dict[str, list[Post]]
    has_dev: bool
    apart: list[bool]
    digest: str
    words_digest: str
    pictures_digest: str = ""
    label_vectors: np.ndarray | None = None
    hard: dict[DSRegSettings | None, torch.Tensor] = field(default_factory=dict)
    _encoders: dict[Hashable, _Opened] = field(default_factory=dict)
    _encoded: dict[tuple[Hashable, str], tuple[torch.Tensor, torch.Tensor]] = field(default_factory=dict)
    _features: dict[str, dict[str, Features]] = field(default_factory=dict)

    def labels(self, name: str) -> torch.Tensor:
        """The emotions' indices (N,) of one of SETS."""
        return torch.tensor([self.emotions.index(str(post.emotion)) for post in self.posts[name]])

    def corpus(self, recipe: Recipe) -> EncodedCorpus:
        """What a recipe is trained on."""
        encoders = {name: cast("Encoder", self._encoders[key]) for name, key in _keys(recipe).items()}
        return EncodedCorpus(
            encoders,
            self._of(recipe, "training"),
            self._of(recipe, "validation"),
            len(self.emotions),
            label_vectors=seen_labels(recipe, self.label_vectors),
        )

    def scored(self, recipe: Recipe) -> EncodedPosts:
        """The posts that are scored, with the recipe's modalities."""
        return self._of(recipe, "scored")

    def features(self, kind: str, name: str) -> Features:
        """What estimators read of a kind, of the posts of one of SETS."""
        return self._features[kind][name]

    def _of(self, recipe: Recipe, name: str) -> EncodedPosts:
        """The posts of one of SETS, with the recipe's modalities."""
        encoded = {modality: self._encoded[key, name] for modality, key in _keys(recipe).items()}
        inputs = {modality: value for modality, (value, _) in encoded.items()}
        present = {modality: value for modality, (_, value) in encoded.items()}
        hard = self.hard.get(recipe.dsreg) if name == "training" else None
        return encoded_posts(inputs, present, self.labels(name), hard=hard)


def gather(
    recipes: dict[str, Recipe],
    source: SourcePosts,
    dev: list[Post] | None,
    validation: list[Post] | None = None,
    *,
    estimators: Mapping[str, Estimator] | None = None,
    resources: Resources,
    quarantine: Quarantine,
    progress: Progress,
) -> Material:
    """Split the posts and encode them.

    Args:
        dev: The posts that are scored; None scores those on which the epoch is chosen.
        validation: The posts on which the epoch is chosen; None keeps some apart, as the recipes say.
        estimators: Whose features are wanted too.
        resources: As `open_text` takes them; recipes that read no word vectors need no `words`.

    Raises:
        ConfigError, TableError, ModelError, WordsError: One line that says what to do.
    """
    share, asked = 0.0, [*recipes.values()]
    read = {name for estimator in (estimators or {}).values() for name in estimator.features}
    if validation is None:
        choices = [recipe.choices for recipe in asked] or [ChoiceSettings()]
        share = _common([one.validation for one in choices], "validation")
        if dev is None and not share:
            raise ConfigError("these recipes keep no posts apart to be scored; give some with --dev TABLE")
    emotions = order_emotions([source], _common([recipe.data.emotions for recipe in asked] or [()], "emotions"))
    progress("looking for near-duplicates", 0, 0, "")
    held = validation_split(source.posts, share) if share else [False] * len(source.posts)
    posts = {
        "training": [post for post, mark in zip(source.posts, held, strict=True) if not mark],
        "validation": [post for post, mark in zip(source.posts, held, strict=True) if mark],
    }
    if validation is not None:
        posts["validation"] = _as_trained(validation, emotions)
    posts["scored"] = posts["validation"] if dev is None else _as_trained(dev, emotions)
    if not posts["scored"]:
        raise TableError(f"{source.source.table}: too few posts to keep some apart for the scores; give --dev TABLE")
    pictured = any(FEATURES[name] == "image" for name in read) or any(recipe.image.encoder for recipe in asked)
    apart = {id(post) for post in without_overlap(posts["scored"], [replace(source, posts=posts["training"])])}
    material = Material(
        emotions=emotions,
        posts=posts,
        has_dev=dev is not None,
        apart=[id(post) in apart for post in posts["scored"]],
        digest=_digest(posts),
        words_digest="" if resources.words is None else digest(resources.words),
        pictures_digest=_pictures_digest(posts) if pictured else "",
        label_vectors=next((open_labels(one, emotions, resources) for one in recipes.values() if one.secret), None),
    )
    for recipe in recipes.values():
        if recipe.dsreg and recipe.dsreg not in material.hard:
            labels = material.labels("training").tolist()
            found = hard_negatives(posts["training"], labels, emotions, recipe.dsreg, recipe.seed)
            material.hard[recipe.dsreg] = torch.from_numpy(found.astype(np.float32))
        for name, key in _keys(recipe).items():
            if key not in material._encoders:
                encoder = open_encoder(recipe, name, posts["training"], resources)
                for set_name in SETS:
                    encoded = _encode(encoder, posts[set_name], set_name, quarantine, progress)
                    material._encoded[key, set_name] = encoded
                material._encoders[key] = _Opened(encoder)
        if not any(material._encoded[key, "training"][1].any() for key in _keys(recipe).values()):
            modalities = " or ".join(recipe.modalities)
            raise TableError(
                f"{source.source.table}: no post has any {modalities} that can be read, which {recipe.fusion.model} "
                "needs; name its column with --columns, or compare other models"
            )
    for kind in sorted(read):
        material._features[kind] = read_features(kind, posts, resources.words, progress)
    return material


def _common(values: Sequence[Any], setting: str) -> Any:
    """The value that all recipes have."""
    if len({*values}) > 1:
        different = ", ".join(sorted(map(str, {*values})))
        raise ConfigError(f"{setting}: the recipes of one comparison need the same, found {different}")
    return values[0]


def _as_trained(posts: list[Post], emotions: tuple[str, ...]) -> list[Post]:
    """Labels as the training table writes them; `check_labels` has seen that all are known."""
    mapped, _ = names.match({str(post.emotion) for post in posts}, emotions)
    return [replace(post, emotion=mapped[str(post.emotion)]) for post in posts]


def _keys(recipe: Recipe) -> dict[str, Hashable]:
    """For each of the recipe's modalities, everything that decides what its encoder makes of posts."""
    keys: dict[str, Hashable] = {}
    if recipe.text.encoder:
        keys["text"] = (recipe.text, recipe.steps.takes_sparse_gradients, "emoji" in recipe.further.names)
    if recipe.image.encoder:
        keys["image"] = recipe.image
    return keys | dict(zip(recipe.further.names, recipe.further.modalities, strict=True))


def _encode(
    encoder: Encoder, posts: list[Post], name: str, quarantine: Quarantine, progress: Progress
) -> tuple[torch.Tensor, torch.Tensor]:
    def refuse(position: int, error: PictureError) -> None:
        post = posts[position]
        quarantine.add(post.id, post.row, f"picture of the {name} posts not used", detail=str(error))

    return encoder.encode(posts, lambda stage, *now: progress(f"{stage}, {name} posts", *now), refuse)


def _digest(posts: dict[str, list[Post]]) -> str:
    """SHA-256 of the posts by set, with their labels; a picture counts by its name."""
    rows = [[name, post.id, post.emotion, post.texts, post.picture_name] for name in SETS for post in posts[name]]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def _pictures_digest(posts: dict[str, list[Post]]) -> str:
    """SHA-256 of the pictures of the posts by set."""
    keys = [[name, picture_key(post)] for name in SETS for post in posts[name]]
    return hashlib.sha256(json.dumps(keys).encode()).hexdigest()
