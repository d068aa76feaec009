"""Pictures by EfficientNet-Lite0, whose upper half learns together with the fusion.

    picture --V views, trunk, once a picture, kept on disk--> (V, 112, 14, 14)
            --one view, a rectangle blanked, each step--> (P, 112, 14, 14) --top--> (B, 1280) --normalise, dropout-->

With `views = "shared"`, V is eleven, and half of the steps see a picture as it gets about: grey, in bars and so on.
Where transformations teach it, V is eight: other views are kept, five of them transformed (`trunk_views`).

Relations: `picture_encoder` reads each picture once by the published weights. The trunk stays as it was published, as
what it knows of edges and textures fits every picture.

Source: the blanked rectangle is Zhong et al. 2020, "Random Erasing Data Augmentation", here of trunk outputs (ours).
"""

import copy
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from feelscope.encoders import efficientnet_lite0 as lite0
from feelscope.encoders.encoder import ImageEncoder
from feelscope.encoders.feature_cache import Refuse
from feelscope.encoders.fixed_vectors import FixedVectors
from feelscope.encoders.onnx import export_image
from feelscope.encoders.picture_encoder import cached_rows, example_pictures, row_numbers
from feelscope.encoders.settings import ImageSettings
from feelscope.encoders.transforming import Views
from feelscope.encoders.trunk_cache import TRUNK_SHAPE, TrunkCache
from feelscope.encoders.trunk_views import PLAIN, SHARED, SQUARES, TRANSFORMED, targets_of
from feelscope.images.transformations import FAMILIES
from feelscope.post import Post
from feelscope.progress import Progress

_READ_CHANNELS, _READ_SIDES = 32, 7  # of a decoder's reader; the top's maps have 7 cells a side
_LEAST_SIDE = 3  # cells of a blanked rectangle; ours


class TunedLite0(ImageEncoder):
    """Pictures to rows of the trunk cache, and an embedder whose upper half learns.

    Args:
        weights: A folder with the published weights; None looks in installed packages.
        cache: The folder of the trunk cache.
        transformed: Whether transformed views are kept too, for an objective that learns from them.
    """

    width, size = lite0.WIDTH, lite0.SIZE

    def __init__(self, settings: ImageSettings, weights: Path | None, cache: Path, *, transformed: bool = False):
        self._settings, self._views = settings, SHARED if settings.views == "shared" else SQUARES
        if transformed:
            self._views = TRANSFORMED
        self._network = lite0.EfficientNetLite0.pretrained(weights)
        self._trunks = TrunkCache(cache, self._network, self._views)

    def encode(self, posts: Sequence[Post], progress: Progress, refuse: Refuse) -> tuple[torch.Tensor, torch.Tensor]:
        """Rows of the trunk cache plus one, int32 (N, 1), 0 without a picture that can be read; and presence (N,)."""
        return row_numbers(cached_rows(self._trunks, posts, progress, refuse), len(posts))

    def embedder(self) -> "Lite0Embedder":
        """A new embedder of rows (B, 1) or, in training, (B, 6)."""
        after = FixedVectors(lite0.WIDTH, normalise=self._settings.normalise, dropout=self._settings.dropout)
        cache = self._trunks
        # A function, which copying an embedder shares; a method would be copied with the whole encoder.
        top = copy.deepcopy(self._network.top)
        if self._views is not TRANSFORMED:
            return Lite0Embedder(top, lite0.WIDTH, lambda: cache.array(), after)
        return TransformedLite0Embedder(top, lite0.WIDTH, lambda: cache.array(), after, lambda: cache.targets())

    def augment(self, inputs: torch.Tensor, draws: np.random.Generator) -> torch.Tensor:
        """Rows (B, 1) to rows, views, and rectangles to blank, int32 (B, 6)."""
        views = self._views
        return draw_views(inputs, views.ordinary, TRUNK_SHAPE[1:], self._settings.erase, draws, views.chances)

    def describe(self, embedder: nn.Module) -> str:
        """The network, and what of it learnt."""
        assert isinstance(embedder, Lite0Embedder)
        return f"EfficientNet-Lite0 (width {self.width}), tuned, its upper half, in 8-bit integers"

    def write(self, folder: Path, embedder: nn.Module, posts: Sequence[Post]) -> nn.Module:
        """Write image.onnx, in integers; what follows the pooled features is left for the fusion."""
        assert isinstance(embedder, Lite0Embedder)
        export_image(self._network.trunk, embedder.top, example_pictures(posts, self.size), folder)
        return embedder.after


def draw_views(
    rows: torch.Tensor,
    views: int,
    sides: tuple[int, ...],
    erase: float,
    draws: np.random.Generator,
    chances: Sequence[float] = (),
) -> torch.Tensor:
    """For each picture one of its views and, for a share of them, a rectangle to blank.

    Args:
        rows: int32 (B, 1), 0 for a post without a picture.
        sides: Cells of a trunk output, (H, W); under 4 there is no room for a rectangle.
        erase: The share.
        chances: Of each view; none where they are equal.

    Returns:
        int32 (B, 6): row, view, top, left, height and width; a rectangle's sides are 3 cells to over half.
    """
    drawn = torch.zeros(len(rows), 6, dtype=torch.int32)
    drawn[:, :1] = rows
    chosen = draws.choice(views, len(rows), p=chances) if chances else draws.integers(views, size=len(rows))
    drawn[:, 1] = torch.from_numpy(chosen)
    if min(sides) <= _LEAST_SIDE:
        return drawn
    for post in drawn[:, 0].nonzero()[:, 0].tolist():
        if draws.random() < erase:
            height, width = draws.integers(_LEAST_SIDE, [side // 2 + 2 for side in sides])
            top, left = draws.integers(0, [sides[0] - height + 1, sides[1] - width + 1])
            drawn[post, 2:] = torch.tensor([int(number) for number in (top, left, height, width)])
    return drawn


class Lite0Embedder(nn.Module):
    """Rows of the trunk cache to vectors.

    Args:
        top: Trunk outputs (P, C, H, W) to features (P, D, H', W'); it learns.
        width: D.
        trunks: Gives the cache, float16 (rows, V, C, H, W).
        after: What is done to the vectors.
    """

    def __init__(self, top: nn.Module, width: int, trunks: Callable[[], np.ndarray], after: nn.Module):
        super().__init__()
        self.top, self._width, self._trunks, self.after = top, width, trunks, after

    def train(self, mode: bool = True) -> "Lite0Embedder":
        """As in any module, but the pretrained running means of batch norm stay as they are."""
        super().train(mode)
        for module in self.top.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Rows plus one (B, 1) or (B, 6), as `draw_views` gives them, to vectors (B, D); zeros without a picture."""
        pictured = rows[:, 0].nonzero()[:, 0]  # (P,)
        vectors = torch.zeros(len(rows), self._width, device=rows.device)
        if len(pictured):
            pooled = self.top(self.opened(rows[pictured])).mean(dim=(2, 3))  # (P, D)
            vectors = vectors.index_copy(0, pictured, pooled)  # (B, D)
        return self.after(vectors)

    def opened(self, inputs: torch.Tensor) -> torch.Tensor:
        """Trunk outputs (P, C, H, W) of rows that have a picture, a rectangle of some of them set to zero."""
        drawn = inputs.cpu()
        if inputs.shape[1] == 1:  # the first view, nothing blanked
            drawn = nn.functional.pad(drawn, (0, 5))
        cache = self._trunks()
        trunks = np.stack([cache[row - 1, view] for row, view in drawn[:, :2].tolist()]).astype(np.float32)
        for trunk, (top, left, height, width) in zip(trunks, drawn[:, 2:].tolist(), strict=True):
            trunk[:, top : top + height, left : left + width] = 0
        return torch.from_numpy(trunks).to(inputs.device).contiguous(memory_format=torch.channels_last)


class TransformedLite0Embedder(Lite0Embedder):
    """The same over views some of which are transformed; `transforming.Transforming` is one.

    Args:
        targets: Gives the targets of all families, float16 (rows, 27).
    """

    reader_width = 128  # ours, and so are the readers

    def __init__(
        self,
        top: nn.Module,
        width: int,
        trunks: Callable[[], np.ndarray],
        after: nn.Module,
        targets: Callable[[], np.ndarray],
    ):
        super().__init__(top, width, trunks, after)
        self._targets = targets

    def views(
        self, inputs: torch.Tensor, families: Sequence[str], draws: np.random.Generator, *, mosaic: bool
    ) -> Views:
        """Views (P, C, H, W) of rows plus one (P, 1): the picture and its mirror are the ordinary ones."""
        rows = inputs[:, 0].cpu().numpy() - 1
        targets = self._targets()[rows].astype(np.float32)  # (P, 27)
        transformed = {
            family: (
                self._view(inputs, PLAIN + FAMILIES.index(family)),
                torch.from_numpy(targets_of(targets, family)).to(inputs.device),
            )
            for family in families
        }
        plain = tuple(self._view(inputs, view) for view in range(PLAIN))
        return Views(plain, transformed, self._view(inputs, PLAIN + len(FAMILIES)) if mosaic else None)

    def maps(self, opened: torch.Tensor) -> torch.Tensor:
        """What the top makes of trunk outputs, (P, D, H', W')."""
        return self.top(opened)

    def pooled(self, maps: torch.Tensor) -> torch.Tensor:
        """(P, D)."""
        return self.after(maps.mean(dim=(2, 3)))

    def reader(self) -> nn.Module:
        """A new reader of maps (P, D, H', W'): few channels, but all places, as a transformation moves things."""
        return nn.Sequential(
            nn.Conv2d(self._width, _READ_CHANNELS, 1),  # (P, 32, H', W')
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(_READ_SIDES),
            nn.Flatten(),
            nn.Linear(_READ_CHANNELS * _READ_SIDES**2, self.reader_width),
            nn.ReLU(),
        )

    def _view(self, inputs: torch.Tensor, view: int) -> torch.Tensor:
        drawn = nn.functional.pad(inputs[:, :1], (0, 5))  # (P, 6), nothing blanked
        drawn[:, 1] = view
        return self.opened(drawn)
