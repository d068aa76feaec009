"""EnAET: posts without labels teach too, by guesses of their emotion and by transformations of their pictures.

    loss = MixMatch of posts with and without labels                                          (`mixmatch`)
         + sum over families k (weight_k * rising * |decoder_k(picture, transformed picture) - targets|^2)
         + gamma * mean over transformed views (KL divergence of what is said of the view from the guess)

A family is one kind of transformation (`images/transformations`), with a decoder of its own that reads what the encoder
makes of both pictures. To tell the transformation the encoder must see what is in a picture and where, of any picture.
What is kept is the moving average of the weights, the paper's teacher (`ema_decay` of the steps).

Source: "EnAET", arXiv 1911.09265, algorithm 1, and the code it publishes: guesses are sharpened before the divergence,
whose mean over the views is taken; only posts without labels are transformed.

Ours: nothing drops out where a guess is made (the published network has no dropout); fewer families in a step, with
their weights raised; mixing of vectors instead of pictures; what happens to posts of several modalities: guesses are
made of the whole post, text has no transformation, and each loss over emotions is asked of every combination of
modalities where the recipe has [combinations]. All weights move by the recipe's one optimiser; the code moves decoders
by one of their own.

Relations: `distillation` learns from another model, this from its own guesses. With `families = []` and `gamma = 0` it
is MixMatch alone, for any encoder.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from feelscope.encoders.encoded_posts import EncodedPosts, encoded_posts
from feelscope.encoders.transforming import Transforming, Views
from feelscope.images.transformations import TARGETS
from feelscope.models.network import Network
from feelscope.models.transformation_decoder import decoders
from feelscope.objectives.mixmatch import Divergence, Mixing, SoftLabels, SquaredError, rising, sharpened
from feelscope.objectives.objective import Batch, Objective, Outputs
from feelscope.objectives.settings import EnAETSettings

Wrap = Callable[[Objective], Objective]
Vectors = dict[str, torch.Tensor]  # by modality, (B, D)


@dataclass(frozen=True, slots=True)
class Said:
    """Posts as the network reads them, and what should be said of them.

    Args:
        vectors, present: By modality, (B, D) and (B,).
        targets: Probabilities, (B, K).
        borrowed: (B,), 1 where the picture is another post's.
    """

    vectors: Vectors
    present: Vectors
    targets: torch.Tensor
    borrowed: torch.Tensor

    def rows(self, index: torch.Tensor | slice) -> "Said":
        """Some of the posts."""
        return Said(
            {name: value[index] for name, value in self.vectors.items()},
            {name: value[index] for name, value in self.present.items()},
            self.targets[index],
            self.borrowed[index],
        )


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures that a step shows of U posts without labels.

    Args:
        rows: int64 (P,), which of the posts have them.
        views: P pictures in each view.
    """

    rows: torch.Tensor
    views: Views

    @property
    def plain(self) -> list[torch.Tensor]:
        """The views that guesses are made of and posts are mixed in, (P, C, H, W) each."""
        return [*self.views.augmented, *([] if self.views.mosaic is None else [self.views.mosaic])]


class EnAET(Objective):
    """The whole of it; it wraps nothing, and reads the posts by itself.

    Args:
        network: New; decoders are of its embedder of pictures.
        wrap: What each loss over emotions is asked of, every combination of modalities say.
        smoothing: Of labels, from 0 to 1.
    """

    unlabelled = True

    def __init__(
        self, settings: EnAETSettings, network: Network, wrap: Wrap = lambda loss: loss, smoothing: float = 0.0
    ):
        super().__init__()
        self.settings = settings
        self.labelled, self.guessed = wrap(SoftLabels(smoothing)), wrap(SquaredError())
        self.divergence = wrap(Divergence())
        self.decoders = nn.ModuleDict()
        if settings.families:
            embedder = _embedder(network)
            targets = {family: TARGETS[family] for family in settings.families}
            self.decoders = decoders(targets, embedder.reader, embedder.reader_width)

    def loss_of_step(self, network: Network, batch: Batch) -> torch.Tensor:
        """A scalar."""
        assert batch.unlabelled is not None
        posts, others = self._shown(batch.posts), self._shown(batch.unlabelled)
        pictures = self._pictures(network, others, batch.draws)
        mixes_vectors = pictures is None or self.settings.mix == "vectors"
        with torch.set_grad_enabled(mixes_vectors):  # else pictures are read again once they are mixed
            read, maps = _read(network, others, pictures)
        guess = self._guess(network, others, pictures, maps)  # (U, K)
        labels = F.one_hot(posts.labels, guess.shape[1]).float()  # (B, K)
        present = {name: _stacked(one, others.present[name], len(read)) for name, one in posts.present.items()}
        mixing = Mixing.draw(present, self.settings.alpha, batch.draws)
        if mixes_vectors:
            own = network.vectors(posts.inputs)
            vectors = {name: mixing.inputs(name, torch.cat([own[name], *(v[name] for v in read)])) for name in own}
        else:
            assert pictures is not None
            vectors = _mixed_pictures(network, posts, others, pictures, mixing)
        mixed = Said(
            vectors,
            present,
            mixing.targets(_stacked(labels, guess, len(read))),
            _stacked(posts.borrowed, others.borrowed, len(read)),
        )
        loss = self._asked(self.labelled, network, mixed.rows(slice(None, len(posts))), batch)
        beta = self.settings.beta * rising(batch.progress, self.settings.warm_up)
        loss = loss + beta * self._asked(self.guessed, network, mixed.rows(slice(len(posts), None)), batch)
        if pictures is None:
            return loss
        whole = Said(read[0], {**others.present}, guess, others.borrowed)
        first = maps[: len(pictures.rows)] if maps is not None and mixes_vectors else None
        return loss + self._of_transformed(network, pictures, whole, read[-1], first, batch)

    def _shown(self, posts: EncodedPosts) -> EncodedPosts:
        """The posts, of which at most as many as the settings say show their pictures."""
        most = self.settings.pictures
        if not most or "image" not in posts.present:
            return posts
        shown = posts.present["image"] * (posts.present["image"].cumsum(dim=0) <= most)  # (U,)
        images = posts.inputs["image"]
        seen = shown.reshape(-1, *[1] * (images.ndim - 1)).to(images.dtype)  # (U, 1, ...)
        posts = replace(
            posts,
            present={**posts.present, "image": shown},
            inputs={**posts.inputs, "image": images * seen},  # so that a picture is not read in vain
        )
        return posts.rows(posts.counts().nonzero()[:, 0])  # without those of which nothing is left

    def _pictures(self, network: Network, posts: EncodedPosts, draws: np.random.Generator) -> Pictures | None:
        """Views of the pictures; None where there are no pictures, or none of an encoder that makes views."""
        if "image" not in posts.present or not isinstance(network.embedders["image"], Transforming):
            return None
        rows = posts.present["image"].nonzero()[:, 0]
        if not len(rows):
            return None
        families = self.settings.families
        if count := self.settings.families_a_step:
            families = tuple(families[number] for number in sorted(draws.choice(len(families), count, replace=False)))
        inputs = posts.inputs["image"][rows]
        return Pictures(rows, _embedder(network).views(inputs, families, draws, mosaic=self.settings.mosaic))

    @torch.no_grad()
    def _guess(
        self, network: Network, posts: EncodedPosts, pictures: Pictures | None, maps: torch.Tensor | None
    ) -> torch.Tensor:
        """Sharpened probabilities (U, K) of posts without labels, the mean over views.

        Args:
            maps: Of all plain views of the pictures, (V * P, C, H, W).
        """
        with _nothing_dropped(network):
            if pictures is None or maps is None:
                read = [network.vectors(posts.inputs)]
            else:
                read = _vectors(network, posts, pictures, maps)
            said = [network.emotions(network.fused(vectors, posts.present)).softmax(dim=1) for vectors in read]
        return sharpened(torch.stack(said).mean(dim=0), self.settings.temperature)

    def _of_transformed(
        self,
        network: Network,
        pictures: Pictures,
        whole: Said,
        last: Vectors,
        plain: torch.Tensor | None,
        batch: Batch,
    ) -> torch.Tensor:
        """What is asked of transformed pictures: to tell the transformation, and to answer as before it.

        Args:
            whole: The posts, with their guesses.
            last: Vectors of the last plain view, the mosaic where there is one.
            plain: Maps of the first plain view (P, C, H, W); None has it and the mosaic read here.
        """
        settings, embedder, views = self.settings, _embedder(network), pictures.views
        asked = [*([views.augmented[0]] if plain is None else []), *(one for one, _ in views.transformed.values())]
        if plain is None and views.mosaic is not None and settings.gamma:
            asked.append(views.mosaic)
        if not settings.families and not settings.gamma:
            return whole.targets.new_zeros(())
        maps = list(embedder.maps(torch.cat(asked)).chunk(len(asked))) if asked else []
        first = maps.pop(0) if plain is None else plain
        loss = whole.targets.new_zeros(())
        rise = rising(batch.progress, settings.rise)
        for moved, (family, (_, targets)) in zip(maps, views.transformed.items(), strict=False):
            weight = settings.weight(family) * len(settings.families) / len(views.transformed)
            loss = loss + weight * rise * F.mse_loss(self.decoders[family](first, moved), targets)
        if not settings.gamma:
            return loss
        seen = [_placed(embedder.pooled(moved), pictures.rows, len(whole.targets)) for moved in maps]  # of (U, D)
        if plain is not None and views.mosaic is not None:
            seen.append(last["image"])
        each = [replace(whole, vectors={**whole.vectors, "image": one}).rows(pictures.rows) for one in seen]
        divergences = [self._asked(self.divergence, network, one, batch) for one in each]
        return loss + settings.gamma * torch.stack(divergences).mean()

    @staticmethod
    def _asked(objective: Objective, network: Network, said: Said, batch: Batch) -> torch.Tensor:
        """An objective's loss, a scalar."""
        posts = encoded_posts({}, said.present, said.targets.argmax(dim=1), taught=said.targets)
        posts = replace(posts, borrowed=said.borrowed)
        return objective.loss(Outputs(network, said.vectors, said.present), replace(batch, posts=posts))


def _read(
    network: Network, posts: EncodedPosts, pictures: Pictures | None
) -> tuple[list[Vectors], torch.Tensor | None]:
    """Vectors (U, D) by modality, in each plain view, and the maps of all these views, (V * P, C, H, W)."""
    if pictures is None:
        return [network.vectors(posts.inputs)], None
    maps = _embedder(network).maps(torch.cat(pictures.plain))
    return _vectors(network, posts, pictures, maps), maps


def _vectors(network: Network, posts: EncodedPosts, pictures: Pictures, maps: torch.Tensor) -> list[Vectors]:
    """Vectors (U, D) by modality, in each plain view, of pictures whose maps are known."""
    pooled = _embedder(network).pooled(maps).chunk(len(pictures.plain))  # V of (P, D)
    others = _without_pictures(network, posts)
    return [{**others, "image": _placed(one, pictures.rows, len(posts))} for one in pooled]


@contextmanager
def _nothing_dropped(network: Network) -> Iterator[None]:
    """All is as in answering, but for batch norms, which go on as they were."""
    training = [module for module in network.modules() if module.training and not isinstance(module, nn.BatchNorm2d)]
    for module in training:
        module.training = False
    try:
        yield
    finally:
        for module in training:
            module.training = True


def _mixed_pictures(
    network: Network, posts: EncodedPosts, others: EncodedPosts, pictures: Pictures, mixing: Mixing
) -> Vectors:
    """Vectors (M, D) by modality of posts whose pictures, and of other modalities whose vectors, are mixed."""
    embedder, plain = _embedder(network), pictures.plain
    known, unknown = _without_pictures(network, posts), _without_pictures(network, others)
    vectors = {name: mixing.inputs(name, _stacked(one, unknown[name], len(plain))) for name, one in known.items()}
    rows = posts.present["image"].nonzero()[:, 0]
    opened = [plain[0].new_zeros(len(posts), *plain[0].shape[1:])]
    if len(rows):
        opened[0][rows] = embedder.opened(posts.inputs["image"][rows])
    opened += [_placed(view, pictures.rows, len(others)) for view in plain]
    pictured = mixing.present["image"].nonzero()[:, 0]
    mixed = mixing.inputs("image", torch.cat(opened))[pictured]  # (P, C, H, W)
    return {**vectors, "image": _placed(embedder.pooled(embedder.maps(mixed)), pictured, len(mixing.partner))}


def _without_pictures(network: Network, posts: EncodedPosts) -> Vectors:
    return {name: embed(posts.inputs[name]) for name, embed in network.embedders.items() if name != "image"}


def _stacked(posts: torch.Tensor, others: torch.Tensor, views: int) -> torch.Tensor:
    """Of posts with labels (B, ...) and each view of those without (U, ...), one after another: (M, ...)."""
    return torch.cat([posts, *[others] * views])


def _placed(values: torch.Tensor, rows: torch.Tensor, count: int) -> torch.Tensor:
    """Values (P, ...) at their rows of (count, ...), zeros elsewhere."""
    return values.new_zeros(count, *values.shape[1:]).index_copy(0, rows, values)


def _embedder(network: Network) -> Transforming:
    embedder = network.embedders["image"]
    assert isinstance(embedder, Transforming), "the recipe's encoder of pictures makes no views"
    return embedder
