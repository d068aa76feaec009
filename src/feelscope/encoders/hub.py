"""Any text or image encoder of the Hugging Face hub, by name: posts to vectors (N, D), frozen.

    HubText("hub:ORG/NAME")   title and text --tokenizer--> ids (P, T) --network--> (P, T, D) --mean of tokens--> (P, D)
    HubImage("hub:ORG/NAME")  picture --processor--> pixels (P, 3, H, W) --network--> pooled, or their mean --> (P, D)

A model with two towers, such as CLIP, gives the one that is asked for, in the space that both share.

Relations: `minilm` and `efficientnet_lite0` are trained further and shipped; these are only run.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np

from feelscope.encoders.feature_cache import weights_digest
from feelscope.encoders.hub_model import load_image_processor, load_model, load_tokenizer
from feelscope.encoders.hub_network import ImageNetwork, OneText, RgbPictures, TextNetwork
from feelscope.encoders.tokenizer import CHARACTERS_PER_TOKEN, readable_texts
from feelscope.errors import ModelError, TableError
from feelscope.files import digest
from feelscope.images import read_rgb
from feelscope.post import Post
from feelscope.progress import Count

_MOST_TOKENS = 512  # of a post, where the model names no limit
_PER_STEP = 16
_TOKENIZER_FILES = ("tokenizer*", "vocab*", "merges*", "special_tokens_map.json", "*.model")

T = TypeVar("T", contravariant=True)


class HubEncoder(Protocol[T]):
    """What both encoders do; D is `width`."""

    width: int

    def read(self, content: T) -> Any: ...
    def compute(self, contents: list[Any]) -> np.ndarray: ...


class HubText:
    """Title and text of posts to vectors.

    Args:
        name: `hub:ORG/NAME` or `hub:/a/folder`.
        length: The most tokens of a post; the rest is not read. None is as many as the model takes, up to 512.

    Raises:
        ConfigError, ModelError, MissingExtra: As `load_model`; or the model reads no text.
    """

    def __init__(self, name: str, length: int | None = None):
        self.name = name
        model, folder = load_model(name)
        shared = hasattr(model, "get_text_features")
        if not shared and model.main_input_name != "input_ids":
            raise ModelError(f"{name}: this model ({model.config.model_type}) has no text tower; choose a text encoder")
        self.network = TextNetwork(model.get_encoder() if model.config.is_encoder_decoder else model, shared)
        self._tokenizer = load_tokenizer(name, folder)
        if self._tokenizer.pad_token is None:
            self._tokenizer.pad_token = self._tokenizer.eos_token or self._tokenizer.unk_token
        most = _most_tokens(model.config, self._tokenizer)
        self.length = most if length is None else min(length, most)
        # A network without a mask (SigLIP) was trained on texts of full length, padding included.
        self._full = "attention_mask" not in self._tokenizer.model_input_names
        files = [f"{file.name} {digest(file)}" for pattern in _TOKENIZER_FILES for file in sorted(folder.glob(pattern))]
        self.identity = _identity(self.network, f"text {self.length} {files}")
        self.width = self.compute([self.read(Post("", "a"))]).shape[1]

    def read(self, post: Post) -> Any:
        """Token ids and what else the network takes.

        Raises:
            TableError: The post has no words.
        """
        texts = self._texts(post)
        if not self.pairs:
            texts = ["\n".join(texts)]
        return self._tokenizer(*texts, truncation=True, max_length=self.length)

    def compute(self, posts: list[Any]) -> np.ndarray:
        """Read posts (P) to vectors, float32 (P, D)."""
        import torch

        padding = {"padding": "max_length", "max_length": self.length} if self._full else {"padding": True}
        batch = self._tokenizer.pad(posts, return_tensors="pt", **padding)  # ids and mask (P, T)
        with torch.inference_mode():
            return self.network(**batch).numpy()  # (P, D)

    def vectors(self, posts: Sequence[Post], progress: Count) -> np.ndarray:
        """Posts (N) to vectors, float32 (N, D); raises `TableError` for one without words."""
        return _vectors(self, posts, progress)

    @property
    def pairs(self) -> bool:
        """Whether the tokenizer takes title and text as two sequences; else they are one, a line break between."""
        return self._tokenizer.sep_token is not None

    def one_text(self) -> OneText:
        """The network from bare token ids (1, T), for a saved model."""
        return OneText(self.network, (self.length, self._tokenizer.pad_token_id) if self._full else None)

    def write_tokenizer(self, path: Path) -> None:
        """Write the tokenizer as a `tokenizer.json`.

        Raises:
            ModelError: It is of a kind that has none.
        """
        if not self._tokenizer.is_fast:
            raise ModelError(f"{self.name}: its tokenizer cannot be saved as a tokenizer.json; choose another encoder")
        self._tokenizer.backend_tokenizer.save(str(path))

    def _texts(self, post: Post) -> list[str]:
        texts, _ = readable_texts(post, self.length * CHARACTERS_PER_TOKEN)
        if texts == [""]:
            raise TableError(f"post {post.id!r} has no words for a text encoder; leave its text out as absent")
        return texts


class HubImage:
    """Pictures to vectors.

    Args:
        name: `hub:ORG/NAME` or `hub:/a/folder`.

    Raises:
        ConfigError, ModelError, MissingExtra: As `load_model`; or the model reads no pictures.
    """

    def __init__(self, name: str):
        model, folder = load_model(name)
        shared = hasattr(model, "get_image_features")
        if not shared and model.main_input_name != "pixel_values":
            kind = model.config.model_type
            raise ModelError(f"{name}: this model ({kind}) has no image tower; choose an image encoder")
        self._processor = load_image_processor(name, folder)
        self.network = ImageNetwork(model, shared)
        self.identity = _identity(self.network, f"image {self._processor.to_json_string()}")
        pixels = self._pixels(np.zeros((32, 32, 3), np.uint8))  # (3, S, S)
        self.size = pixels.shape[1]
        if pixels.shape[2] != self.size:
            shown = f"{pixels.shape[2]} x {self.size}"
            raise ModelError(f"{name}: it takes pictures of {shown}, and only squares can be used; choose another")
        self.width = self.compute([pixels]).shape[1]

    def read(self, picture: Path | bytes) -> np.ndarray:
        """Pixels (3, H, W) as the network takes them; raises `PictureError`."""
        return self._pixels(read_rgb(picture))

    def compute(self, pictures: list[np.ndarray]) -> np.ndarray:
        """Pixels of P pictures to vectors, float32 (P, D)."""
        import torch

        pixels = torch.from_numpy(np.stack(pictures))  # (P, 3, H, W)
        with torch.inference_mode():
            return self.network(pixels).numpy()  # (P, D)

    def vectors(self, pictures: Sequence[Path | bytes], progress: Count) -> np.ndarray:
        """Pictures (N) to vectors, float32 (N, D); raises `PictureError` for one that cannot be read."""
        return _vectors(self, pictures, progress)

    def rgb_pictures(self) -> RgbPictures:
        """The network from RGB bytes (P, S, S, 3) of the side `size`, for a saved model."""
        made = self._processor
        scale = made.rescale_factor if made.do_rescale else 1.0
        mean, deviation = (made.image_mean, made.image_std) if made.do_normalize else ([0.0] * 3, [1.0] * 3)
        return RgbPictures(self.network, scale, list(mean), list(deviation))

    def _pixels(self, rgb: np.ndarray) -> np.ndarray:
        return self._processor(rgb, input_data_format="channels_last", return_tensors="np")["pixel_values"][0]


def _vectors(encoder: HubEncoder[T], contents: Sequence[T], progress: Count) -> np.ndarray:
    """Contents (N) to vectors, float32 (N, D), a step at a time."""
    made = [np.zeros((0, encoder.width), np.float32)]
    for start in range(0, len(contents), _PER_STEP):
        step = contents[start : start + _PER_STEP]
        made.append(encoder.compute([encoder.read(content) for content in step]))  # (P, D)
        progress(start + len(step), len(contents))
    return np.concatenate(made)


def _most_tokens(config: Any, tokenizer: Any) -> int:
    """As many as tokenizer and network both take; RoBERTa's kin count two positions more than they have."""
    inner = getattr(config, "text_config", config)
    positions = getattr(inner, "max_position_embeddings", None) or _MOST_TOKENS
    spare = 2 if positions % 8 == 2 else 0
    return min(tokenizer.model_max_length, positions - spare, _MOST_TOKENS)


def _identity(network: TextNetwork | ImageNetwork, settings: str) -> str:
    name = type(network.model).__name__
    return hashlib.sha256(f"{weights_digest(network)} {name} {settings}".encode()).hexdigest()
