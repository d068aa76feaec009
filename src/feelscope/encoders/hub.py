"""Any text or image encoder of the Hugging Face hub, by name, frozen.

    HubText("hub:ORG/NAME")   token ids (P, T) --network--> (P, T, D) --mean over tokens--> (P, D)
    HubImage("hub:ORG/NAME")  RGB bytes (P, S, S, 3) --scaled, network--> pooled, or their mean --> (P, D)

A model with two towers, such as CLIP, gives the one that is asked for, in the space that both share.

Relations: `minilm` and `efficientnet_lite0` are trained further and shipped; these are only run.
"""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import torch

from feelscope.encoders.feature_cache import weights_digest
from feelscope.encoders.hub_model import load_image_processor, load_model, load_tokenizer
from feelscope.encoders.hub_network import ImageNetwork, OneText, RgbPictures, TextNetwork
from feelscope.errors import ModelError
from feelscope.files import digest

_MOST_TOKENS = 512  # of a post, where the model names no limit
_TOKENIZER_FILES = ("tokenizer*", "vocab*", "merges*", "special_tokens_map.json", "*.model")


class HubText:
    """Token ids to vectors (P, D); D is `width`.

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
        self.width = self.compute([self._tokenizer("a")["input_ids"]]).shape[1]

    def compute(self, texts: list[list[int]]) -> np.ndarray:
        """Token ids of P texts to vectors, float32 (P, D)."""
        padding = {"padding": "max_length", "max_length": self.length} if self._full else {"padding": True}
        batch = self._tokenizer.pad({"input_ids": texts}, return_tensors="pt", **padding)  # ids and mask (P, T)
        with torch.inference_mode():
            return self.network(**batch).numpy()  # (P, D)

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


class HubImage:
    """Pictures, `size` pixels a side, to vectors (P, D); D is `width`.

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
        black = np.zeros((32, 32, 3), np.uint8)
        pixels = self._processor(black, input_data_format="channels_last", return_tensors="np")["pixel_values"][0]
        self.size = pixels.shape[1]
        if pixels.shape[2] != self.size:
            shown = f"{pixels.shape[2]} x {self.size}"
            raise ModelError(f"{name}: it takes pictures of {shown}, and only squares can be used; choose another")
        with torch.inference_mode():
            self.width = self.network(torch.from_numpy(pixels[np.newaxis])).shape[1]

    def rgb_pictures(self) -> RgbPictures:
        """The network from RGB bytes (P, S, S, 3) of the side `size`, for a saved model."""
        settings = self._processor
        scale = settings.rescale_factor if settings.do_rescale else 1.0
        mean, deviation = ([0.0] * 3, [1.0] * 3)
        if settings.do_normalize:
            mean, deviation = settings.image_mean, settings.image_std
        return RgbPictures(self.network, scale, list(mean), list(deviation))


def _most_tokens(config: Any, tokenizer: Any) -> int:
    """As many as tokenizer and network both take; RoBERTa's kin count two positions more than they have."""
    inner = getattr(config, "text_config", config)
    positions = getattr(inner, "max_position_embeddings", None) or _MOST_TOKENS
    spare = 2 if positions % 8 == 2 else 0
    return min(tokenizer.model_max_length, positions - spare, _MOST_TOKENS)


def _identity(network: TextNetwork | ImageNetwork, settings: str) -> str:
    name = type(network.model).__name__
    return hashlib.sha256(f"{weights_digest(network)} {name} {settings}".encode()).hexdigest()
