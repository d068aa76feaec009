"""Small pictures by a wide residual network that learns from scratch, together with the fusion.

    picture --squeezed to 32 x 32, once a picture, kept on disk--> (32, 32, 3)
            --mirrored or not, shifted by up to 4 pixels, each step--> (P, 32, 32, 3) --network--> (B, D)

Source: the views are those of Zagoruyko and Komodakis 2016, section 3, with the reflection at the edges that EnAET's
code has.
Relations: `inception_encoder` and `tuned_lite0` start from published weights and see 224 pixels.
"""

import copy
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn

from feelscope.encoders.encoder import ImageEncoder
from feelscope.encoders.feature_cache import FeatureCache, Refuse
from feelscope.encoders.fixed_vectors import FixedVectors
from feelscope.encoders.onnx import export_network
from feelscope.encoders.picture_encoder import cached_rows, row_numbers
from feelscope.encoders.settings import ImageSettings
from feelscope.encoders.transforming import Views
from feelscope.encoders.wide_resnet import SIZE, WideResNet, scale_pixels
from feelscope.images import digest, read_rgb
from feelscope.images.transformations import mosaic as mosaic_of
from feelscope.images.transformations import transform
from feelscope.post import Post
from feelscope.progress import Progress

PAD = 4  # pixels that a view may be shifted by
_PICTURES_AT_ONCE = 8
_ANSWERED_AT_ONCE = 128
_VERSION = 1  # raise it when the scaling of pictures changes


class WideResNetEncoder(ImageEncoder):
    """Pictures to their rows in a feature cache of pixels, and an embedder that learns.

    Args:
        cache: The folder of the feature cache.
        seed: Decides the first weights.
    """

    size = SIZE

    def __init__(self, settings: ImageSettings, cache: Path, seed: int):
        self._settings, self.width = settings, settings.channels[-1]
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self._network = WideResNet(settings.channels, settings.blocks)
        self._cache: FeatureCache[Path | bytes, np.ndarray] = FeatureCache(
            cache,
            f"pixels-v{_VERSION}-{SIZE}",
            (SIZE, SIZE, 3),
            np.uint8,
            key=digest,
            read=lambda picture: read_rgb(picture, SIZE),
            compute=np.stack,
            per_step=_PICTURES_AT_ONCE,
        )

    def encode(self, posts: Sequence[Post], progress: Progress, refuse: Refuse) -> tuple[torch.Tensor, torch.Tensor]:
        """Rows of the feature cache plus one, int32 (N, 1), 0 without a picture that can be read; presence (N,)."""
        return row_numbers(cached_rows(self._cache, posts, progress, refuse), len(posts))

    def embedder(self) -> "WideResNetEmbedder":
        """A new embedder of rows (B, 1) or, in training, (B, 4)."""
        after = FixedVectors(self.width, normalise=self._settings.normalise, dropout=self._settings.dropout)
        cache = self._cache
        # A function, which copying an embedder shares; a method would be copied with the whole encoder.
        return WideResNetEmbedder(copy.deepcopy(self._network), self.width, lambda: cache.array(), after)

    def augment(self, inputs: torch.Tensor, draws: np.random.Generator) -> torch.Tensor:
        """Rows (B, 1) to rows and places, int32 (B, 4), as `draw_places` gives them."""
        return draw_places(inputs, draws)

    def describe(self, embedder: nn.Module) -> str:
        """The network, which learnt from scratch."""
        assert isinstance(embedder, WideResNetEmbedder)
        return f"a wide residual network (width {self.width}) over {SIZE} x {SIZE} pixels, learnt from scratch"

    def write(self, folder: Path, embedder: nn.Module, posts: Sequence[Post]) -> nn.Module:
        """Write image.onnx, in floats; what follows its vectors is left for the fusion."""
        assert isinstance(embedder, WideResNetEmbedder)
        rgb = torch.zeros(1, SIZE, SIZE, 3, dtype=torch.uint8)
        export_network(_Whole(embedder.network), rgb, "rgb", folder / "image.onnx")
        return embedder.after


def draw_places(rows: torch.Tensor, draws: np.random.Generator) -> torch.Tensor:
    """Rows (B, 1) to rows and places, int32 (B, 4): whether mirrored, and the first row and column that is seen."""
    mirrored = draws.integers(2, size=(len(rows), 1))
    corner = draws.integers(2 * PAD + 1, size=(len(rows), 2))
    return torch.from_numpy(np.hstack([rows[:, :1].cpu().numpy(), mirrored, corner]).astype(np.int32))


class WideResNetEmbedder(nn.Module):
    """Rows of a file to vectors; transformations can teach it, as it is `transforming.Transforming`.

    Args:
        network: It learns.
        width: D.
        pixels: Gives the file, uint8 (rows, S, S, 3).
        after: What is done to the vectors.
    """

    def __init__(self, network: WideResNet, width: int, pixels: Callable[[], np.ndarray], after: nn.Module):
        super().__init__()
        # The order of numbers in memory that is faster on processors.
        self.network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.reader_width, self._pixels, self.after = width, pixels, after

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Rows plus one (B, 1) or (B, 4), 0 for no picture, to vectors (B, D); zeros there."""
        pictured = rows[:, 0].nonzero()[:, 0]  # (P,)
        vectors = torch.zeros(len(rows), self.reader_width, device=rows.device)
        if len(pictured):
            # In training, batch norm sees all pictures of the step together.
            chunks = rows[pictured].split(len(pictured) if self.training else _ANSWERED_AT_ONCE)
            found = torch.cat([self.network.upper(self.maps(self.opened(chunk))) for chunk in chunks])  # (P, D)
            vectors = vectors.index_copy(0, pictured, found)
        return self.after(vectors)

    def opened(self, inputs: torch.Tensor) -> torch.Tensor:
        """Rows plus one (P, 1), or places too (P, 4), to the pictures or their views, (P, 3, S, S), -1 to 1."""
        return self._scaled(self.seen(inputs), inputs)

    def views(
        self, inputs: torch.Tensor, families: Sequence[str], draws: np.random.Generator, *, mosaic: bool
    ) -> Views:
        """Two views of rows plus one (P, 1); the first one transformed, and with a mosaic."""
        first, second = (self.seen(draw_places(inputs, draws)) for _ in range(2))  # (P, S, S, 3)
        pictures = [Image.fromarray(pixels) for pixels in first]
        transformed = {}
        for family in families:
            moved, targets = zip(*(transform(picture, family, draws) for picture in pictures), strict=True)
            told = torch.from_numpy(np.stack(targets)).to(inputs.device)  # (P, T)
            transformed[family] = (self._scaled(np.stack([np.asarray(one) for one in moved]), inputs), told)
        patched = np.stack([np.asarray(mosaic_of(picture, draws)) for picture in pictures]) if mosaic else None
        plain = (self._scaled(first, inputs), self._scaled(second, inputs))
        return Views(plain, transformed, None if patched is None else self._scaled(patched, inputs))

    def maps(self, opened: torch.Tensor) -> torch.Tensor:
        """What the first two groups make of pixels (P, 3, S, S): (P, C, S / 2, S / 2)."""
        return self.network.lower(opened)

    def pooled(self, maps: torch.Tensor) -> torch.Tensor:
        """The last group's vectors (P, D) of those."""
        return self.after(self.network.upper(maps))

    def reader(self) -> nn.Module:
        """A new last group, for a decoder that reads `maps` (P, C, H, W): vectors (P, `reader_width`)."""
        return self.network.new_upper()

    def seen(self, rows: torch.Tensor) -> np.ndarray:
        """The pixels of rows plus one (P, 1), or their views (P, 4), uint8 (P, S, S, 3); each has a picture."""
        numbers = rows.cpu().numpy()
        pictures = self._pixels()[numbers[:, 0] - 1]
        return pictures if numbers.shape[1] == 1 else view(pictures, numbers[:, 1:], PAD)

    def _scaled(self, pixels: np.ndarray, inputs: torch.Tensor) -> torch.Tensor:
        """Pixels (P, S, S, 3) as the network takes them, where the inputs are."""
        return scale_pixels(torch.from_numpy(pixels).to(inputs.device))


def view(pictures: np.ndarray, places: np.ndarray, pad: int) -> np.ndarray:
    """Pictures mirrored or not and shifted; what comes in at an edge is the picture's own reflection.

    Args:
        pictures: uint8 (P, S, S, 3).
        places: (P, 3): whether mirrored, and the first row and column that is seen of the padded picture, 0 to twice
            `pad`; with `pad` for both nothing is shifted.
        pad: Pixels.

    Returns:
        uint8 (P, S, S, 3).
    """
    side = pictures.shape[1]
    padded = np.pad(pictures, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode="reflect")
    views = np.empty_like(pictures)
    for place, (mirrored, top, left) in enumerate(places):
        seen = padded[place, top : top + side, left : left + side]  # (S, S, 3)
        views[place] = seen[:, ::-1] if mirrored else seen
    return views


class _Whole(nn.Module):
    """One picture's RGB bytes (1, 32, 32, 3) to its vector (1, D)."""

    def __init__(self, network: WideResNet):
        super().__init__()
        self.network = network

    def forward(self, rgb: torch.Tensor) -> torch.Tensor:
        return self.network(scale_pixels(rgb))
