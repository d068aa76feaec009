"""Frozen picture networks by name: RGB bytes to vectors, and their way into a model folder."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import torch

from feelscope.encoders import efficientnet_lite0 as lite0
from feelscope.encoders.feature_cache import weights_digest
from feelscope.encoders.hub import HubImage
from feelscope.encoders.onnx import export_image, export_network, open_image
from feelscope.images import read_rgb

if TYPE_CHECKING:
    import onnxruntime


class PictureNetwork(Protocol):
    """What reads a picture; D is `width`."""

    width: int
    size: int  # pixels a side of the square that a picture is brought to
    identity: str  # equal for equal weights
    title: str  # for people

    def read(self, picture: Path | bytes) -> np.ndarray:
        """What `run` takes of a picture; raises `PictureError`."""

    def run(self, pictures: list[np.ndarray]) -> np.ndarray:
        """P pictures to vectors, float32 (P, D)."""

    def write(self, folder: Path, pictures: Sequence[np.ndarray]) -> None:
        """Write its `image.onnx`; RGB bytes (S, S, 3) of some pictures are there to scale integers by."""


class Lite0Pictures:
    """EfficientNet-Lite0 as it was published.

    Args:
        weights: A folder with the published weights; None looks in installed packages.
    """

    width = lite0.WIDTH
    size = lite0.SIZE
    title = f"EfficientNet-Lite0 (width {lite0.WIDTH}), in 8-bit integers"

    def __init__(self, weights: Path | None):
        self._encoder = lite0.EfficientNetLite0.pretrained(weights).eval()
        self.identity = f"lite0-{weights_digest(self._encoder)[:12]}"

    @cached_property
    def _session(self) -> "onnxruntime.InferenceSession":
        """Opened at the first picture that is not in the feature cache."""
        return open_image(self._encoder.trunk, self._encoder.top)

    def read(self, picture: Path | bytes) -> np.ndarray:
        """RGB bytes (224, 224, 3)."""
        return read_rgb(picture, self.size)

    def run(self, pictures: list[np.ndarray]) -> np.ndarray:
        """RGB bytes of P pictures to vectors (P, 1280)."""
        return np.concatenate([self._session.run(None, {"rgb": rgb[np.newaxis]})[0] for rgb in pictures])

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
        self.title = f"{name} (width {self.width})"

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
