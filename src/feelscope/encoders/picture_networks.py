"""Frozen picture networks by name: RGB bytes to vectors, and their way into a model folder."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import torch

from feelscope.encoders import efficientnet_lite0 as lite0
from feelscope.encoders.feature_cache import weights_digest
from feelscope.encoders.hub import HubImage
from feelscope.encoders.onnx import export_image, export_network
from feelscope.encoders.trunk_cache import TrunkCache
from feelscope.images import read_rgb


class PictureNetwork(Protocol):
    """What reads a picture; D is `width`."""

    width: int
    size: int  # pixels a side of the square that a picture is brought to
    identity: str  # equal for equal weights

    def read(self, picture: Path | bytes) -> np.ndarray:
        """What `run` takes of a picture; raises `PictureError`."""

    def run(self, pictures: list[np.ndarray]) -> np.ndarray:
        """P pictures to vectors, float32 (P, D)."""

    def write(self, folder: Path, pictures: Sequence[np.ndarray]) -> None:
        """Write its `image.onnx`; RGB bytes (S, S, 3) of some pictures are there to scale integers by."""


class Lite0Pictures:
    """EfficientNet-Lite0 as it was published.

    A picture whose trunk output is in the cache, from a training that tunes the upper half, is read from that.

    Args:
        weights: A folder with the published weights; None looks in installed packages.
        cache: Where trunk outputs are looked for.
    """

    width = lite0.WIDTH
    size = lite0.SIZE

    def __init__(self, weights: Path | None, cache: Path):
        self._encoder = lite0.EfficientNetLite0.pretrained(weights).eval()
        self._trunks = TrunkCache(cache, self._encoder)
        self.identity = f"lite0-{weights_digest(self._encoder)[:12]}"

    @torch.inference_mode()
    def read(self, picture: Path | bytes) -> np.ndarray:
        """The trunk output (112, 14, 14) of a picture, float16, as it would be on disk."""
        known = self._trunks.known(picture)
        if known is not None:
            return np.array(known)
        pixels = lite0.scale_pixels(read_rgb(picture, lite0.SIZE)[np.newaxis])  # (1, 3, 224, 224)
        return self._encoder.trunk(torch.from_numpy(pixels))[0].numpy().astype(np.float16)

    @torch.inference_mode()
    def run(self, pictures: list[np.ndarray]) -> np.ndarray:
        """Trunk outputs of P pictures to vectors (P, 1280)."""
        return self._encoder.pool(torch.from_numpy(np.stack(pictures).astype(np.float32))).numpy()

    def write(self, folder: Path, pictures: Sequence[np.ndarray]) -> None:
        """Write image.onnx, in integers."""
        export_image(self._encoder.trunk, self._encoder.top, pictures, folder)


class HubPictures:
    """An image encoder of the hub, its pictures squeezed to a square as every saved model's are, and not cropped.

    Raises:
        ConfigError, ModelError, MissingExtra: It cannot be had, or reads no pictures.
    """

    def __init__(self, name: str):
        hub = HubImage(name)
        self._network = hub.rgb_pictures().eval()
        self.width, self.size = hub.width, hub.size
        self.identity = f"hub-squares-{hub.identity[:12]}"

    def read(self, picture: Path | bytes) -> np.ndarray:
        """RGB bytes (S, S, 3)."""
        return read_rgb(picture, self.size)

    @torch.inference_mode()
    def run(self, pictures: list[np.ndarray]) -> np.ndarray:
        """RGB bytes of P pictures to vectors (P, D)."""
        return self._network(torch.from_numpy(np.stack(pictures))).numpy()

    def write(self, folder: Path, pictures: Sequence[np.ndarray]) -> None:
        """Write image.onnx, in floats."""
        rgb = torch.zeros(1, self.size, self.size, 3, dtype=torch.uint8)
        export_network(self._network, rgb, "rgb", folder / "image.onnx")
