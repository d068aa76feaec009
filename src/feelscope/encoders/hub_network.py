"""The networks of the hub's encoders as modules of one shape: tokens or pixels in, vectors (P, D) out.

`TextNetwork` and `ImageNetwork` take batches, for reading posts; `OneText` and `RgbPictures` are the same as a saved
model needs them, from bare token ids and from bytes, so that nothing of transformers is asked in use.
"""

from typing import Any

import torch
from torch import nn


class TextNetwork(nn.Module):
    """Tokens of P texts to vectors (P, D): of a model with two towers the shared one, else the mean over the tokens."""

    def __init__(self, model: Any, shared: bool):
        super().__init__()
        self.model, self.shared = model, shared

    def forward(self, **batch: torch.Tensor) -> torch.Tensor:
        """`input_ids` and `attention_mask` (P, T), and what else a tokenizer makes."""
        if self.shared:
            return _pooled(self.model.get_text_features(**batch))  # (P, D)
        last = self.model(**batch).last_hidden_state  # (P, T, D)
        mask = batch["attention_mask"] if "attention_mask" in batch else torch.ones(last.shape[:2])
        weights = mask.unsqueeze(-1).to(last.dtype)  # (P, T, 1)
        return (last * weights).sum(dim=1) / weights.sum(dim=1)  # (P, D)


class ImageNetwork(nn.Module):
    """Pixels of P pictures to vectors (P, D): the shared or pooled one, or the mean over the last layer."""

    def __init__(self, model: Any, shared: bool):
        super().__init__()
        self.model, self.shared = model, shared

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Pixels (P, 3, H, W), scaled."""
        if self.shared:
            return _pooled(self.model.get_image_features(pixel_values=pixels))  # (P, D)
        made = self.model(pixel_values=pixels)
        if getattr(made, "pooler_output", None) is not None:
            return made.pooler_output.flatten(1)  # (P, D); convolutions leave (P, D, 1, 1)
        last = made.last_hidden_state  # (P, T, D), or (P, D, H, W)
        return last.mean(dim=1) if last.ndim == 3 else last.mean(dim=(2, 3))  # (P, D)


class OneText(nn.Module):
    """Token ids (1, T) of one text, without padding, to its vector (1, D).

    Args:
        pad_to: The length that a network without a mask was trained on, and the id of its padding; None for others.
    """

    def __init__(self, network: TextNetwork, pad_to: tuple[int, int] | None):
        super().__init__()
        self.network, self.pad_to = network, pad_to

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        if self.pad_to is not None:
            length, padding = self.pad_to
            filled = torch.full((1, length), padding, dtype=torch.long)
            ids = torch.cat([ids, filled], dim=1)[:, :length]  # (1, length)
            return self.network(input_ids=ids)
        return self.network(input_ids=ids, attention_mask=torch.ones_like(ids))  # (1, D)


class RgbPictures(nn.Module):
    """RGB bytes (P, S, S, 3) to vectors (P, D).

    Args:
        scale: What a byte is multiplied with.
        mean, deviation: Of each colour, after that.
    """

    def __init__(self, network: ImageNetwork, scale: float, mean: list[float], deviation: list[float]):
        super().__init__()
        self.network, self.scale = network, scale
        self.mean: torch.Tensor
        self.deviation: torch.Tensor
        self.register_buffer("mean", torch.tensor(mean))
        self.register_buffer("deviation", torch.tensor(deviation))

    def forward(self, rgb: torch.Tensor) -> torch.Tensor:
        pixels = (rgb.float() * self.scale - self.mean) / self.deviation  # (P, S, S, 3)
        return self.network(pixels.permute(0, 3, 1, 2))  # (P, D)


def _pooled(made: Any) -> torch.Tensor:
    """The shared vector (P, D); some versions of transformers wrap it."""
    return made if isinstance(made, torch.Tensor) else made.pooler_output
