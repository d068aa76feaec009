"""Pictures by Inception v1, whose upper rows learn together with the fusion.

    pixels --rows below `unfreeze`, once a picture, kept on disk--> activations --the other rows, each step--> (B, 128)

Without published weights nothing is below: every row learns, and the pixels themselves are kept.

Source: thesis of Hu 2017, 6.1: weights of ImageNet, 128 features, the last block and the last layer learn.
"""

import copy
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from feelscope.encoders.feature_cache import KeptRows, weights_digest
from feelscope.encoders.fixed_vectors import FixedVectors
from feelscope.encoders.inception import ROWS, SIZE, WIDTH, InceptionV1, scale_pixels
from feelscope.encoders.inception_weights import ENDINGS, load_pretrained
from feelscope.encoders.trunk_cache import digest
from feelscope.errors import ModelError, PictureError
from feelscope.family.picture_input import read_pictures
from feelscope.images import read_rgb
from feelscope.post import Post
from feelscope.progress import Progress
from feelscope.saved_model.export import export_network
from feelscope.train.fusion_recipe import FusionRecipe

_PICTURES_AT_ONCE = 8
_ANSWERED_AT_ONCE = 32
_VERSION = 1  # raise it when the scaling of pictures changes
_NAMES = ("googlenet", "inception")  # that files of its weights begin with


def find_weights(given: Path) -> Path:
    """The file of published weights: the one that is given, or the one in the folder that is given.

    Raises:
        ModelError: The folder has none.
    """
    if not given.is_dir():
        return given
    for path in sorted(given.iterdir()):
        if path.name.lower().startswith(_NAMES) and path.suffix.lower() in ENDINGS:
            return path
    raise ModelError(f"{given}: holds no weights of Inception v1 (googlenet*.pth, say); name their file with --weights")


class InceptionInput:
    """Pictures to their rows in a file on disk, and a reader that learns.

    Args:
        weights: The file of published weights; None starts from scratch.
        cache: Where pixels or activations are kept.

    Raises:
        ModelError: The file has no such weights.
    """

    width, size = WIDTH, SIZE

    def __init__(self, weights: Path | None, recipe: FusionRecipe, cache: Path):
        self._recipe = recipe
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed)
            self._network = InceptionV1() if weights is None else load_pretrained(weights)
        self._first = "stem" if weights is None else recipe.unfreeze
        self._network.unfreeze(self._first)
        made = self._below([np.zeros((SIZE, SIZE, 3), np.uint8)])
        below = "pixels" if self._first == "stem" else f"below-{self._first}-{self._digest_below()}"
        self._kept: KeptRows[Path | bytes, np.ndarray] = KeptRows(
            cache,
            f"inception-v{_VERSION}-{below}",
            made.shape[1:],
            made.dtype.type,
            key=digest,
            read=lambda picture: read_rgb(picture, SIZE),
            compute=self._below,
            per_step=_PICTURES_AT_ONCE,
        )

    def encode(
        self,
        posts: Sequence[Post],
        progress: Progress,
        refuse: Callable[[int, PictureError], None],
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Rows in the file plus one, int64 (N, 1), 0 without a picture that can be read; and presence (N,)."""
        rows = torch.zeros(len(posts), 1, dtype=torch.long)
        for position, row in read_pictures(self._kept, posts, progress, refuse).items():
            rows[position] = row + 1
        return rows, (rows[:, 0] > 0).float()

    def reader(self) -> "LearningInception":
        """A new reader of rows (B, 1)."""
        after = FixedVectors(WIDTH, normalise=self._recipe.normalise, dropout=self._recipe.image_dropout)
        return LearningInception(copy.deepcopy(self._network), self._first, self._kept.array, after)

    def write(self, folder: Path, reader: nn.Module, posts: Sequence[Post]) -> nn.Module:
        """Write image.onnx, the whole network in floats; what follows its features is left for the fusion."""
        assert isinstance(reader, LearningInception)
        rgb = torch.zeros(1, SIZE, SIZE, 3, dtype=torch.uint8)
        export_network(_Whole(reader.network), rgb, "rgb", folder / "image.onnx")
        return reader.after

    @torch.inference_mode()
    def _below(self, pictures: list[np.ndarray]) -> np.ndarray:
        """RGB bytes (S, S, 3) of P pictures, as they are or through the rows that do not learn, float16."""
        rgb = np.stack(pictures)
        if self._first == "stem":
            return rgb
        self._network.eval()
        return (
            self._network.between(torch.from_numpy(scale_pixels(rgb)), "stem", self._first).numpy().astype(np.float16)
        )

    def _digest_below(self) -> str:
        below = [self._network.row(name) for name in ROWS[: ROWS.index(self._first)]]
        return weights_digest(nn.Sequential(*below))[:12]


class LearningInception(nn.Module):
    """Rows of a file to features.

    Args:
        network: Whole; its rows from `first` on learn.
        first: The first row that is computed here.
        rows: Gives what comes into it, uint8 (rows, S, S, 3) or float16 (rows, C, H, W).
        after: What is done to the features.
    """

    def __init__(self, network: InceptionV1, first: str, rows: Callable[[], np.ndarray], after: nn.Module):
        super().__init__()
        self.network, self._first, self._rows, self.after = network, first, rows, after

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Rows plus one (B, 1), 0 for no picture, to features (B, 128); zeros there."""
        there = rows[:, 0].nonzero()[:, 0]  # (P,)
        features = torch.zeros(len(rows), WIDTH)
        if len(there):
            # In training, batch norm sees all pictures of the step together.
            parts = rows[there, 0].split(len(there) if self.training else _ANSWERED_AT_ONCE)
            features = features.index_copy(0, there, torch.cat([self._read(part) for part in parts]))
        return self.after(features)

    def _read(self, rows: torch.Tensor) -> torch.Tensor:
        found = self._rows()[rows.numpy() - 1]
        given = scale_pixels(found) if found.dtype == np.uint8 else found.astype(np.float32)
        return self.network.between(torch.from_numpy(given), self._first)  # (P, 128)


class _Whole(nn.Module):
    """One picture's RGB bytes (1, 224, 224, 3) to its features (1, 128)."""

    def __init__(self, network: InceptionV1):
        super().__init__()
        self.network = network

    def forward(self, rgb: torch.Tensor) -> torch.Tensor:
        return self.network((rgb.float() / 127.5 - 1).permute(0, 3, 1, 2))
