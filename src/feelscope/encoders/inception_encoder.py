"""Pictures by Inception v1, whose upper rows learn together with the fusion.

    pixels --rows below `tune_from`, once a picture, kept on disk--> activations --the other rows, each step--> (B, 128)

When it is `new`, nothing is below: every row learns, and the pixels themselves are kept.

Source: thesis of Hu 2017, 6.1: weights of ImageNet, 128 features, the last block and the last layer learn.
"""

import copy
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from feelscope.encoders.encoder import ImageEncoder
from feelscope.encoders.feature_cache import FeatureCache, Refuse, weights_digest
from feelscope.encoders.fixed_vectors import FixedVectors
from feelscope.encoders.inception import ROWS, SIZE, WIDTH, InceptionV1, scale_pixels
from feelscope.encoders.inception_weights import ENDINGS, load_pretrained
from feelscope.encoders.onnx import export_network
from feelscope.encoders.picture_encoder import cached_rows, row_numbers
from feelscope.encoders.settings import ImageSettings
from feelscope.errors import ConfigError, ModelError
from feelscope.images import digest, read_rgb
from feelscope.post import Post
from feelscope.progress import Progress

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


class InceptionEncoder(ImageEncoder):
    """Pictures to their rows in a feature cache, and an embedder that learns.

    Args:
        weights: The file of published weights, or its folder; None where the network is new.
        cache: The folder of the feature cache, of pixels or activations.
        seed: Decides the weights that are new.

    Raises:
        ConfigError: The recipe asks for published weights and none are given, or the other way round.
        ModelError: The file has no such weights.
    """

    width, size = WIDTH, SIZE

    def __init__(self, weights: Path | None, settings: ImageSettings, cache: Path, seed: int):
        if settings.training == "tuned" and weights is None:
            raise ConfigError(
                "this recipe tunes Inception's published weights; give their file with --weights FILE, or write "
                "training = 'new' to train it from scratch"
            )
        if settings.training == "new" and weights is not None:
            raise ConfigError(f"--weights {weights}: this recipe trains Inception from scratch; leave it out")
        self._settings, self._published = settings, weights is not None
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self._network = InceptionV1() if weights is None else load_pretrained(find_weights(weights))
        self._first = "stem" if weights is None else settings.tune_from
        self._network.unfreeze(self._first)
        example = self._below([np.zeros((SIZE, SIZE, 3), np.uint8)])
        below = "pixels" if self._first == "stem" else f"below-{self._first}-{self._digest_below()}"
        self._cache: FeatureCache[Path | bytes, np.ndarray] = FeatureCache(
            cache,
            f"inception-v{_VERSION}-{below}",
            example.shape[1:],
            example.dtype.type,
            key=digest,
            read=lambda picture: read_rgb(picture, SIZE),
            compute=self._below,
            per_step=_PICTURES_AT_ONCE,
        )

    def encode(self, posts: Sequence[Post], progress: Progress, refuse: Refuse) -> tuple[torch.Tensor, torch.Tensor]:
        """Rows of the feature cache plus one, int32 (N, 1), 0 without a picture that can be read; presence (N,)."""
        return row_numbers(cached_rows(self._cache, posts, progress, refuse), len(posts))

    def embedder(self) -> "InceptionEmbedder":
        """A new embedder of rows (B, 1)."""
        after = FixedVectors(WIDTH, normalise=self._settings.normalise, dropout=self._settings.dropout)
        cache = self._cache
        # A function, which copying an embedder shares; a method would be copied with the whole encoder.
        return InceptionEmbedder(copy.deepcopy(self._network), self._first, lambda: cache.array(), after)

    def describe(self, embedder: nn.Module) -> str:
        """The network, and from which row on it learnt."""
        assert isinstance(embedder, InceptionEmbedder)
        learns = [name for name in ROWS if any(one.requires_grad for one in embedder.network.row(name).parameters())]
        how = f"tuned from row {learns[0]} on" if self._published else "learnt from scratch"
        return f"Inception v1 (width {self.width}), {how}"

    def write(self, folder: Path, embedder: nn.Module, posts: Sequence[Post]) -> nn.Module:
        """Write image.onnx, the whole network in floats; what follows its features is left for the fusion."""
        assert isinstance(embedder, InceptionEmbedder)
        rgb = torch.zeros(1, SIZE, SIZE, 3, dtype=torch.uint8)
        export_network(_Whole(embedder.network), rgb, "rgb", folder / "image.onnx")
        return embedder.after

    @torch.inference_mode()
    def _below(self, pictures: list[np.ndarray]) -> np.ndarray:
        """RGB bytes (S, S, 3) of P pictures, as they are or through the rows that do not learn, float16."""
        rgb = np.stack(pictures)
        if self._first == "stem":
            return rgb
        self._network.eval()
        activations = self._network.between(torch.from_numpy(scale_pixels(rgb)), "stem", self._first)
        return activations.numpy().astype(np.float16)

    def _digest_below(self) -> str:
        below = [self._network.row(name) for name in ROWS[: ROWS.index(self._first)]]
        return weights_digest(nn.Sequential(*below))[:12]


class InceptionEmbedder(nn.Module):
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
        pictured = rows[:, 0].nonzero()[:, 0]  # (P,)
        features = torch.zeros(len(rows), WIDTH, device=rows.device)
        if len(pictured):
            # In training, batch norm sees all pictures of the step together.
            chunks = rows[pictured, 0].split(len(pictured) if self.training else _ANSWERED_AT_ONCE)
            features = features.index_copy(0, pictured, torch.cat([self._features(chunk) for chunk in chunks]))
        return self.after(features)

    def _features(self, rows: torch.Tensor) -> torch.Tensor:
        cached = self._rows()[rows.cpu().numpy() - 1]
        inputs = scale_pixels(cached) if cached.dtype == np.uint8 else cached.astype(np.float32)
        return self.network.between(torch.from_numpy(inputs).to(rows.device), self._first)  # (P, 128)


class _Whole(nn.Module):
    """One picture's RGB bytes (1, 224, 224, 3) to its features (1, 128)."""

    def __init__(self, network: InceptionV1):
        super().__init__()
        self.network = network

    def forward(self, rgb: torch.Tensor) -> torch.Tensor:
        return self.network((rgb.float() / 127.5 - 1).permute(0, 3, 1, 2))
