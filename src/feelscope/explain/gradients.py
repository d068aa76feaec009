"""Why this emotion, by the gradients of a run's torch network: integrated over words' vectors and over pixels.

    token vectors (T, D)  from zeros     a token's weight is the sum over D, a word's that over its tokens
    pixels (S, S, 3)      from the picture's mean colour     a region's weight is the sum over its pixels
    further vectors (F,)  from zeros
    marks like [CLS] stay as they are

All inputs go the way together, so that all weights sum to the probability of the emotion less that of the blank post.

Source: Sundararajan, Taly, Yan 2017, as in `integral`; the baselines, and that words and pixels go together, are ours.

Relations: `post` leaves out words and regions, which takes no torch and any saved model. Gradients see the network in
floats, as it was before it was saved in 8-bit integers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from feelscope.errors import FeelscopeError
from feelscope.explain import regions, words
from feelscope.explain.explanation import Explanation, Region, Word
from feelscope.explain.integral import Integral, integrate
from feelscope.explain.post import known_emotion
from feelscope.images.within_frame import Box
from feelscope.post import Post, Prediction
from feelscope.text.place import Place

if TYPE_CHECKING:
    import torch
    from torch import nn

MOST_APART = 0.02  # of probability, that the network in floats and the saved model may differ in silence; ours


@dataclass(slots=True)
class Inputs:
    """What a network takes of one post.

    Args:
        ids: Token ids (1, T); None without words.
        places: Where each token stands; None for marks like [CLS].
        rgb: The picture, uint8 (S, S, 3); None without one.
        further: Vectors (F,) of further modalities, by name.
        part: Of the picture, what `rgb` is; None for all of it.
    """

    ids: "torch.Tensor | None" = None
    places: Sequence[Place | None] = ()
    rgb: np.ndarray | None = None
    further: dict[str, np.ndarray] = field(default_factory=dict)
    part: Box | None = None


class Differentiable(Protocol):
    """A network in torch, from token ids and pixels to probabilities; `train.rebuilding.RebuiltRun` is one."""

    emotions: tuple[str, ...]

    @property
    def lookup(self) -> "nn.Module | None":
        """The part that makes token vectors (B, T, D) of token ids (B, T), and nothing else."""

    def read(self, post: Post) -> tuple[Inputs, Prediction]:
        """What the network takes of a post, and what the saved model answers to it."""

    def probabilities(
        self, ids: "torch.Tensor | None", rgb: "torch.Tensor | None", further: Mapping[str, "torch.Tensor"]
    ) -> "torch.Tensor":
        """Token ids (B, T), RGB (B, S, S, 3), floats of 0 to 255, and vectors (B, F) to probabilities (B, K)."""


def explain(network: Differentiable, post: Post, emotion: str | None = None) -> Explanation:
    """Why a network answers an emotion to a post.

    Args:
        emotion: By whichever of its names; None is the one that is answered.

    Returns:
        With the probability of the blank post as `baseline`; the sums over words, pixels and further vectors are the
        weights of the modalities.

    Raises:
        FeelscopeError: There is nothing to read in the post.
        ConfigError: The model knows no such emotion.
        MissingExtra: torch or captum is not installed.
    """
    inputs, prediction = network.read(post)
    if prediction.emotion is None:
        raise FeelscopeError("; ".join(prediction.warnings))
    named = prediction.emotion if emotion is None else known_emotion(emotion, network.emotions)
    path = _Path(network, inputs, network.emotions.index(named))
    integral = integrate(path.probability, path.ends, path.starts)
    weights = {name: one.numpy() for name, one in zip(path.names, integral.weights, strict=True)}
    found = Explanation(
        prediction,
        named,
        integral.value,
        integral.baseline,
        {name: float(one.astype(float).sum()) for name, one in weights.items()},
        _words(post, inputs.places, weights["text"].astype(float).sum(axis=1)) if "text" in weights else (),
        _regions(weights["image"]) if "image" in weights else (),
        integral.passes,
        (*prediction.warnings, *_warnings(integral, prediction.probabilities[named])),
    )
    return found.of_part(inputs.part)


class _Path:
    """The way from the blank post to the post, in everything that is read of it.

    Attributes:
        names: Of the modalities.
        starts, ends: The blank post and the post, (1, ...) each, in the order of the names.
    """

    def __init__(self, network: Differentiable, inputs: Inputs, emotion: int):
        import torch

        self._network, self._emotion, self._ids = network, emotion, inputs.ids
        self._has_rgb = inputs.rgb is not None
        made: dict[str, tuple[Any, Any]] = {}
        if inputs.ids is not None:
            assert network.lookup is not None
            with torch.no_grad():
                vectors = network.lookup(inputs.ids).detach()  # (1, T, D)
            stays = torch.tensor([place is None for place in inputs.places])  # (T,)
            made["text"] = torch.where(stays[:, None], vectors, 0.0), vectors
        if inputs.rgb is not None:
            picture = torch.from_numpy(inputs.rgb.astype(np.float32))[None]  # (1, S, S, 3)
            colour = torch.from_numpy(regions.neutral(inputs.rgb).astype(np.float32))  # (3,)
            made["image"] = colour.expand_as(picture).contiguous(), picture
        for name, vector in inputs.further.items():
            end = torch.from_numpy(vector)[None]  # (1, F)
            made[name] = torch.zeros_like(end), end
        self.names = tuple(made)
        self.starts, self.ends = ([pair[place] for pair in made.values()] for place in (0, 1))

    def probability(self, *points: "torch.Tensor") -> "torch.Tensor":
        """The emotion's probability (B,) at B points of the way, (B, ...) for each modality."""
        at = dict(zip(self.names, points, strict=True))
        vectors, rgb = at.pop("text", None), at.pop("image", None)
        if vectors is None:
            return self._network.probabilities(None, rgb, at)[:, self._emotion]
        assert self._network.lookup is not None and self._ids is not None
        ids = self._ids.expand(len(vectors), -1)  # (B, T)
        hook = self._network.lookup.register_forward_hook(lambda *_: vectors)  # in place of the ids' own vectors
        try:
            return self._network.probabilities(ids, rgb, at)[:, self._emotion]
        finally:
            hook.remove()


def _words(post: Post, places: Sequence[Place | None], weights: np.ndarray) -> tuple[Word, ...]:
    """Tokens and their weights (T,) as words; what stands between words, such as "!!!", counts like one."""
    spans = {
        (word.field, place): (word.start, word.end)
        for word in words.places(post)
        for place in range(word.start, word.end)
    }
    made: list[Word] = []
    for place, weight in zip(places, map(float, weights), strict=True):
        if place is None:
            continue
        inside = (spans.get((place.field, at)) for at in range(place.start, place.end))
        word = next((span for span in inside if span), None)
        start, end = word or (place.start, place.end)
        if made and made[-1].field == place.field:
            before = made[-1]
            are_signs = word is None and (before.field, before.start) not in spans
            if start < before.end or (start == before.end and are_signs):
                made.pop()
                start, end, weight = before.start, max(end, before.end), weight + before.weight
        made.append(Word(place.field, start, end, weight))
    return tuple(made)


def _regions(weights: np.ndarray) -> tuple[Region, ...]:
    """Weights of pixels (S, S, 3) summed to the cells that leaving out uses too."""
    side = len(weights)
    lines = np.arange(side) * regions.SIDE // side  # (S,)
    cells = (lines[:, np.newaxis] * regions.SIDE + lines).ravel()  # (S * S,)
    sums = np.bincount(cells, weights.astype(float).sum(axis=2).ravel(), regions.COUNT)
    return tuple(Region(*regions.box(cell), float(sums[cell])) for cell in range(regions.COUNT))


def _warnings(integral: Integral, served: float) -> list[str]:
    found = []
    if not integral.is_exact:
        change = integral.value - integral.baseline
        found.append(
            f"the weights sum to {integral.error:.3f} more or less than the change of {change:+.3f} that they explain: "
            "read them with care"
        )
    if abs(served - integral.value) > MOST_APART:
        found.append(
            f"the weights explain the network in floats, which answers {integral.value:.3f}; the saved model answers "
            f"{served:.3f}"
        )
    return found
