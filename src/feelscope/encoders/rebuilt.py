"""A trained modality in one piece, rebuilt from a run's weights: token ids or pixels in, vectors out.

    token ids (B, T) --lookup--> token vectors (B, T, D) --the rest of the encoder, what follows it--> (B, F)
    RGB (B, S, S, 3), floats of 0 to 255 --scaling, the encoder, what follows it--> (B, F)

In a training what does not learn is computed once and kept; here nothing is cut in two, so that gradients reach the
token vectors and the pixels through frozen rows too.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from torch import nn

from feelscope.encoders import efficientnet_lite0 as lite0
from feelscope.encoders import minilm
from feelscope.encoders.fixed_vectors import FixedVectors
from feelscope.encoders.hub import HubImage, HubText
from feelscope.encoders.inception import WIDTH as INCEPTION_WIDTH
from feelscope.encoders.inception import InceptionV1
from feelscope.encoders.settings import ImageSettings, TextSettings
from feelscope.encoders.tuned_minilm import MiniLMEmbedder
from feelscope.encoders.wide_resnet import PIXEL_MIDDLE, WideResNet
from feelscope.encoders.wide_resnet import SIZE as WIDE_RESNET_SIZE
from feelscope.encoders.word_average import WordAverage
from feelscope.encoders.word_recurrence import RECURRENCES, WordRecurrence
from feelscope.errors import ConfigError, ModelError
from feelscope.web.hub import PREFIX

State = Mapping[str, torch.Tensor]  # weights of an embedder by name
Colour = tuple[float, float, float]  # red, green and blue
_IN_INTEGERS = "the built-in model's networks are in integers, through which no gradients go"
_WIDEST_KERNEL = "network.blocks.3a.five.1.0.weight"  # of Inception: 5 x 5 as in the paper, 3 x 3 if published
_FIRST_NORM = "network.stem.first.1.weight"

M = TypeVar("M", bound=nn.Module)


class RebuiltText(nn.Module):
    """Token ids (B, T) to vectors (B, F).

    Args:
        encoder: The same.
        lookup: The part of it that makes token vectors (B, T, D) of ids, and nothing else.
        width: F.
        pad_to: The length that texts are filled up to, and the id of the padding; None for networks with a mask.
        knows_all: Whether id 0 is read too; of a model of whole words it is every unknown word, and left out.
    """

    def __init__(
        self,
        encoder: nn.Module,
        lookup: nn.Module,
        width: int,
        *,
        pad_to: tuple[int, int] | None = None,
        knows_all: bool = True,
    ):
        super().__init__()
        self.encoder, self.lookup, self.width, self._pad_to, self._knows_all = encoder, lookup, width, pad_to, knows_all

    def prepared(self, ids: list[int]) -> tuple[list[int], list[int]]:
        """The ids that `forward` takes of a text's, and where each of them is among those, -1 for padding."""
        kept = [place for place, id in enumerate(ids) if id > 0 or self._knows_all]
        padding = 0
        if self._pad_to is not None:
            kept, padding = kept[: self._pad_to[0]], max(0, self._pad_to[0] - len(kept))
        filled = [self._pad_to[1]] * padding if self._pad_to else []
        return [ids[place] for place in kept] + filled, kept + [-1] * padding

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.encoder(ids)  # (B, F)


class RebuiltImage(nn.Module):
    """RGB (B, S, S, 3), floats of 0 to 255, to vectors (B, F).

    Args:
        encoder: The same.
        width: F.
        size: S.
        zero, unit: The RGB that the network sees as zero, and how far one is from there, by colour.
    """

    def __init__(self, encoder: nn.Module, width: int, size: int, zero: Colour, unit: Colour):
        super().__init__()
        self.encoder, self.width, self.size, self.zero, self.unit = encoder, width, size, zero, unit

    def forward(self, rgb: torch.Tensor) -> torch.Tensor:
        return self.encoder(rgb)  # (B, F)


class _Scaled(nn.Module):
    """RGB (B, S, S, 3) to a network of channels first, its numbers moved and scaled."""

    def __init__(self, network: nn.Module, mean: float, scale: float):
        super().__init__()
        self.network, self.mean, self.scale = network, mean, scale

    def forward(self, rgb: torch.Tensor) -> torch.Tensor:
        return self.network(((rgb - self.mean) / self.scale).permute(0, 3, 1, 2))  # (B, F)


class _HubText(nn.Module):
    """Token ids (B, T), all of them read, to a hub encoder's vectors (B, F)."""

    def __init__(self, hub: HubText, masked: bool):
        super().__init__()
        self.network, self._masked = hub.network, masked

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        if not self._masked:
            return self.network(input_ids=ids)
        return self.network(input_ids=ids, attention_mask=torch.ones_like(ids))  # (B, F)


def rebuild_text(settings: TextSettings, state: State, weights: Path | None) -> RebuiltText:
    """The words' encoder of a run.

    Args:
        state: The embedder's weights.
        weights: A folder with published weights, for what did not learn; None looks in installed packages.

    Raises:
        ModelError, ConfigError, MissingExtra: The weights do not fit, or published ones cannot be had.
    """
    if settings.encoder == "words":
        return _words(settings, state)
    if settings.encoder == "tfidf":
        raise ConfigError("a model of n-grams has no vector for a word alone, so gradients say nothing of its words")
    if settings.encoder == "builtin":
        raise ConfigError(_IN_INTEGERS)
    if settings.encoder.startswith(PREFIX):
        return _hub_text(settings)
    embedder: MiniLMEmbedder
    if settings.training == "tuned":
        embedder = _filled(lambda: MiniLMEmbedder(minilm.MiniLM(), settings), state)
    else:
        embedder = MiniLMEmbedder(minilm.MiniLM.pretrained(weights), settings)
    return RebuiltText(embedder, embedder.network.bert.embeddings.word_embeddings, minilm.WIDTH)


def rebuild_image(settings: ImageSettings, state: State, weights: Path | None) -> RebuiltImage:
    """The pictures' encoder of a run; as `rebuild_text`."""

    def after(width: int) -> FixedVectors:
        return FixedVectors(width, normalise=settings.normalise, dropout=settings.dropout)

    if settings.encoder == "builtin":
        raise ConfigError(_IN_INTEGERS)
    if settings.encoder.startswith(PREFIX):
        hub = HubImage(settings.encoder)
        pictures = hub.rgb_pictures()
        zero, unit = (_colour(one / pictures.scale) for one in (pictures.mean, pictures.deviation))
        return RebuiltImage(nn.Sequential(pictures, after(hub.width)), hub.width, hub.size, zero, unit)
    if settings.encoder == "inception":
        network = _filled(lambda: _inception(state), _part(state, "network"))
        whole = nn.Sequential(_Scaled(network, 127.5, 127.5), after(INCEPTION_WIDTH))
        return RebuiltImage(whole, INCEPTION_WIDTH, lite0.SIZE, (127.5,) * 3, (127.5,) * 3)
    if settings.encoder == "wide-resnet":
        wide = _filled(lambda: WideResNet(settings.channels, settings.blocks), _part(state, "network"))
        width, middle = settings.channels[-1], (PIXEL_MIDDLE,) * 3
        scaled = _Scaled(wide, PIXEL_MIDDLE, PIXEL_MIDDLE)
        return RebuiltImage(nn.Sequential(scaled, after(width)), width, WIDE_RESNET_SIZE, middle, middle)
    encoder = lite0.EfficientNetLite0.pretrained(weights)
    if settings.training == "tuned":
        _filled(lambda: encoder.top, _part(state, "top"))
    scaled = _Scaled(encoder, lite0.PIXEL_MEAN, lite0.PIXEL_SCALE)
    whole = nn.Sequential(scaled, after(lite0.WIDTH))
    return RebuiltImage(whole, lite0.WIDTH, lite0.SIZE, (lite0.PIXEL_MEAN,) * 3, (lite0.PIXEL_SCALE,) * 3)


def _colour(values: torch.Tensor) -> Colour:
    red, green, blue = values.tolist()
    return red, green, blue


def _words(settings: TextSettings, state: State) -> RebuiltText:
    learnt, rest = (_matrix(state, f"lookup.{name}") for name in ("vectors", "rest"))
    if learnt.shape[1:] != rest.shape[1:]:
        raise ModelError("its word vectors are of two widths")
    table = np.concatenate([learnt.numpy(), rest.numpy()]).astype(np.float32)  # (V + 1, D)
    recurs = settings.pooling in RECURRENCES
    width = settings.hidden_size if recurs else table.shape[1]

    def embedder() -> WordRecurrence | WordAverage:
        if recurs:
            return WordRecurrence(
                table,
                len(learnt),
                train=False,
                dropout=0.0,
                kind=settings.pooling,
                hidden_size=settings.hidden_size,
                normalise=settings.normalise,
            )
        return WordAverage(
            table, len(learnt), train=False, dropout=0.0, pooling=settings.pooling, normalise=settings.normalise
        )

    made = _filled(embedder, state)
    return RebuiltText(made, made.lookup, width, knows_all=False)


def _hub_text(settings: TextSettings) -> RebuiltText:
    hub = HubText(settings.encoder, settings.tokens)
    pad_to = hub.one_text().pad_to
    after = FixedVectors(hub.width, normalise=settings.normalise, dropout=settings.dropout)
    model = hub.network.model
    try:
        lookup = getattr(model, "text_model", model).get_input_embeddings()  # of two towers, as CLIP has, the one
    except (NotImplementedError, AttributeError):
        lookup = None
    if lookup is None:
        raise ModelError(f"{settings.encoder}: it has no token vectors, so that no gradients reach its words")
    return RebuiltText(nn.Sequential(_HubText(hub, pad_to is None), after), lookup, hub.width, pad_to=pad_to)


def _inception(state: State) -> InceptionV1:
    """An empty network of the kind that the weights are of; slim's, which pads otherwise, has ones in its norms."""
    if _WIDEST_KERNEL not in state or state[_WIDEST_KERNEL].shape[-1] != 3:
        return InceptionV1()
    is_slim = _FIRST_NORM in state and bool((state[_FIRST_NORM] == 1).all())
    return InceptionV1(kernel=3, start=2 if is_slim else 3)


def _matrix(state: State, name: str) -> torch.Tensor:
    if name not in state or state[name].ndim != 2 or not len(state[name]):
        raise ModelError(f"it has no matrix {name}")
    return state[name]


def _part(state: State, name: str) -> dict[str, torch.Tensor]:
    return {key.removeprefix(f"{name}."): value for key, value in state.items() if key.startswith(f"{name}.")}


def _filled(make: Callable[[], M], state: State) -> M:
    """A module with these weights, all of them and no others.

    Raises:
        ModelError: They do not fit.
    """
    module = make()
    try:
        module.load_state_dict(dict(state))
    except RuntimeError as error:
        raise ModelError(str(error).split("\n")[-1].strip()[:200]) from error
    return module
