"""A run's whole network again, in torch and in one piece, from the files that its training left.

recipe.toml        by what a post is read, and the fusion
labels.json        emotions; further modalities
metrics.json       temperature, subclasses
calibration.json   how probabilities are scaled, by combination of modalities
model.safetensors  the weights that learnt; those of frozen encoders come from where the training had them

token ids, pixels, further vectors --encoders--> vectors (B, D) --fusion, subclasses, temperature, calibration--> (B, K)
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from feelscope.config import shown
from feelscope.encoders import further
from feelscope.encoders.emoji_encoder import EmojiRows
from feelscope.encoders.further.emoji import words_in_place
from feelscope.encoders.rebuilt import RebuiltImage, RebuiltText, rebuild_image, rebuild_text
from feelscope.encoders.token_places import token_places
from feelscope.encoders.tokenizer import Tokenizer
from feelscope.errors import ModelError, one_line
from feelscope.explain.gradients import Inputs
from feelscope.files import read_bounded, read_json
from feelscope.images.unframed import read_as_model
from feelscope.models.network import build_network
from feelscope.post import Post, Prediction
from feelscope.saved_model import folder as model_folder
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.train.recipe import Recipe, read_recipe
from feelscope.train.run_folder import METRICS, RECIPE, REPAIR, WEIGHTS, check_is_run

_MOST_BYTES = 2**31  # of the weights
_MOST_SUBCLASSES = 10_000


class RebuiltRun:
    """A run's network and what it reads of a post; `explain.gradients.Differentiable` is one.

    Args:
        folder: That `feelscope train` wrote.
        weights: A folder with the published weights of frozen encoders; None looks in installed packages.

    Raises:
        ModelError, ConfigError, MissingExtra: A file is missing, damaged, or does not fit the others.
    """

    def __init__(self, folder: Path, weights: Path | None = None):
        check_is_run(folder)
        self._labels = model_folder.read_labels(folder)
        self.name, self.emotions = self._labels.name, self._labels.emotions
        self._served = EmotionClassifier.load(folder)
        metrics = read_json(folder / METRICS, ModelError, REPAIR)
        self.temperature = _temperature(metrics, folder)
        self._further = {
            str(kind["kind"]): further.from_json(json.dumps(kind), str(folder / "labels.json"))
            for kind in self._labels.further
        }
        recipe, state = read_recipe(folder / RECIPE), _read_weights(folder / WEIGHTS)
        try:
            self._build(recipe, state, _emotion_of(metrics, len(self.emotions)), weights)
        except ModelError as error:
            raise ModelError(f"{folder / WEIGHTS}: {error}; {REPAIR}") from error
        self._tokenizer = (
            Tokenizer(folder / "tokenizer.json", self._labels.tokens, self._labels.pairs, self._labels.reading)
            if "text" in self._labels.modalities
            else None
        )

    def _build(
        self, recipe: Recipe, state: Mapping[str, torch.Tensor], emotion_of: tuple[int, ...], weights: Path | None
    ) -> None:
        """The encoders, then the fusion of their vectors."""
        widths: dict[str, int] = {}
        embedders: dict[str, nn.Module] = {}
        self.text: RebuiltText | None = None
        self.image: RebuiltImage | None = None
        for name in recipe.modalities:
            own = _under(state, f"embedders.{name}.")
            if name == "text":
                self.text = rebuild_text(recipe.text, own, weights).eval().requires_grad_(False)
                widths[name] = self.text.width
            elif name == "image":
                self.image = rebuild_image(recipe.image, own, weights).eval().requires_grad_(False)
                widths[name] = self.image.width
            elif name == "emoji" and name in self._further:
                embedders[name] = rows = EmojiRows(_emoji_table(own))
                widths[name] = self._further[name].width * rows.width
            elif name in self._further:
                widths[name] = self._further[name].width
            else:
                raise ModelError(f"{RECIPE} reads {shown(name)}, and labels.json does not")
        known = state.get("label_space.labels")
        network = build_network(recipe.fusion, embedders, widths, len(self.emotions), emotion_of, known)
        try:
            network.fusion.load_state_dict(_under(state, "fusion."))
            if network.attention is not None:
                network.attention.load_state_dict(_under(state, "attention."))
            if network.label_space is not None:
                network.label_space.load_state_dict(_under(state, "label_space."))
        except RuntimeError as error:
            raise ModelError(one_line(error)[:200]) from error
        self._names = tuple(widths)
        self._network = network.eval().requires_grad_(False)
        self._widths = widths

    @property
    def lookup(self) -> nn.Module | None:
        """The part that makes token vectors (B, T, D) of token ids."""
        return None if self.text is None else self.text.lookup

    def read(self, post: Post) -> tuple[Inputs, Prediction]:
        """What the network takes of a post, and what the saved model answers to it."""
        prediction = self._served.predict([post])[0]
        used = prediction.modalities
        inputs = Inputs()
        if "text" in used and self.text is not None and self._tokenizer is not None:
            words = words_in_place(post) if "emoji" in self._further else post
            ids, places = self._tokenizer(words).ids, token_places(self._tokenizer, words)
            taken, from_ = self.text.prepared(ids)
            inputs.ids = torch.tensor([taken])  # (1, T)
            inputs.places = [places[place] if place >= 0 else None for place in from_]
        if "image" in used and self.image is not None and post.image is not None:
            told: list[str] = []
            read = read_as_model(post.image, self.image.size, self._labels.unframe, tell=told.append)
            inputs.rgb, inputs.part = read
            alone = tuple(f"by gradients, one frame alone: {one}" for one in told if one not in prediction.warnings)
            prediction = replace(prediction, warnings=(*prediction.warnings, *alone))
        for name, modality in self._further.items():
            if name in used and (vector := modality.vector(post)) is not None:
                inputs.further[name] = self._embedded(name, np.asarray(vector, np.float32))
        return inputs, prediction

    @torch.no_grad()
    def _embedded(self, name: str, vector: np.ndarray) -> np.ndarray:
        """What the fusion takes of a further vector (F,): of emoji their vectors, of which there are gradients."""
        if name not in self._network.embedders:
            return vector
        return self._network.embedders[name](torch.from_numpy(vector)[None])[0].numpy()

    def to(self, device: torch.device) -> "RebuiltRun":
        """The same run, whose networks take what is on a device."""
        for part in (self.text, self.image, self._network):
            if part is not None:
                part.to(device)
        return self

    def scores(
        self, ids: torch.Tensor | None, rgb: torch.Tensor | None, further: Mapping[str, torch.Tensor]
    ) -> torch.Tensor:
        """Token ids (B, T), RGB (B, S, S, 3) and further vectors (B, F) of B posts to logits (B, K)."""
        vectors = dict(further)
        if ids is not None and self.text is not None:
            vectors["text"] = self.text(ids)
        if rgb is not None and self.image is not None:
            vectors["image"] = self.image(rgb)
        first = next(iter(vectors.values()))
        present = {name: first.new_full((len(first),), float(name in vectors)) for name in self._names}
        all_ = {name: vectors.get(name, first.new_zeros(len(first), self._widths[name])) for name in self._names}
        return self._network.emotions(self._network.fused(all_, present))  # (B, K)

    def probabilities(
        self, ids: torch.Tensor | None, rgb: torch.Tensor | None, further: Mapping[str, torch.Tensor]
    ) -> torch.Tensor:
        """The same to probabilities (B, K)."""
        logits = self.scores(ids, rgb, further) / self.temperature  # (B, K)
        given = {name for name, one in (("text", ids), ("image", rgb), *further.items()) if one is not None}
        known = self._served.calibration.of(name for name in self._labels.modalities if name in given)
        if known is not None:
            logits = logits / known.scaling.temperature + logits.new_tensor(known.scaling.biases or 0.0)
        return logits.softmax(dim=1)  # (B, K)


def _read_weights(path: Path) -> dict[str, torch.Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        state = load(read_bounded(path, _MOST_BYTES))
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}); {REPAIR}") from error
    except (SafetensorError, KeyError, ValueError, TypeError, MemoryError) as error:
        raise ModelError(f"{path}: damaged ({one_line(error)[:200]}); {REPAIR}") from error
    for name, value in state.items():
        if value.is_floating_point() and not value.isfinite().all():
            raise ModelError(f"{path}: {shown(name)} has weights that are no numbers; {REPAIR}")
    return state


def _under(state: Mapping[str, torch.Tensor], start: str) -> dict[str, torch.Tensor]:
    return {name.removeprefix(start): value for name, value in state.items() if name.startswith(start)}


def _emoji_table(state: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """The vectors (E, D) of emoji, whose first row is that of none."""
    table = state.get("table")
    if table is None or table.ndim != 2 or min(table.shape) < 1:
        raise ModelError("it has no table of emoji")
    return table[1:]


def _temperature(metrics: Mapping[str, Any], folder: Path) -> float:
    value: Any = metrics.get("temperature")
    if type(value) not in (int, float) or not 1e-3 <= value <= 1e3:
        where = folder / METRICS
        raise ModelError(f"{where}: temperature: expected 0.001 to 1,000, found {shown(value)}; {REPAIR}")
    return float(value)


def _emotion_of(metrics: Mapping[str, Any], emotions: int) -> tuple[int, ...]:
    """Of each subclass, its emotion; empty where emotions have none."""
    pairs = metrics.get("subclasses") or []
    try:
        found = tuple(int(emotion) for emotion, _ in pairs)
    except (TypeError, ValueError) as error:
        raise ModelError(f"{METRICS}: subclasses are no pairs, found {shown(pairs)}; {REPAIR}") from error
    if len(found) > _MOST_SUBCLASSES or (found and {*found} != {*range(emotions)}):
        raise ModelError(f"{METRICS}: subclasses do not fit {emotions} emotions; {REPAIR}")
    return found
