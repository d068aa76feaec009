"""The trained whole: a text encoder, the tuned half of an image encoder, and a fusion of their vectors."""

from dataclasses import dataclass

import torch
from torch import nn

from feelscope.encoders.minilm import MiniLM
from feelscope.models.subclasses import Parts


@dataclass(slots=True)
class TensorBatch:
    """What a training step reads; B posts, T tokens.

    Args:
        ids: (B, T), padded with 0; mask: (B, T), 1 for a token.
        trunk: (P, 112, 14, 14), the pictures' trunk outputs, of the P posts that have one.
        has_text, has_image: (B,), 1 where the half may be used.
        pictured: (P,), the posts that `trunk` belongs to.
        borrowed: (B,), 1 where the picture is another post's and says nothing about the label.
        labels: (B,), the emotion's index.
        parts: (B,), the index of the emotion's part; -1 where only the emotion is known.
        taught: (B, K), a teacher's probabilities; rows of zeros, or no columns, where none was asked.
    """

    ids: torch.Tensor
    mask: torch.Tensor
    trunk: torch.Tensor
    pictured: torch.Tensor
    has_text: torch.Tensor
    has_image: torch.Tensor
    borrowed: torch.Tensor
    labels: torch.Tensor
    parts: torch.Tensor
    taught: torch.Tensor


class Towers(nn.Module):
    """Batches to logits over K emotions.

    Args:
        parts: Where the fusion's F outputs are parts of emotions; None where they are the K emotions.
    """

    def __init__(
        self, text: MiniLM, image_top: nn.Module, fusion: nn.Module, image_width: int, parts: Parts | None = None
    ):
        super().__init__()
        self.text = text
        self.image_top = image_top
        self.fusion = fusion
        self.image_width = image_width
        self.parts = parts

    def train(self, mode: bool = True) -> "Towers":
        """As in any module, but the pretrained running means of batch norm stay as they are."""
        super().train(mode)
        for module in self.image_top.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self

    def vectors(self, batch: TensorBatch, half_precision: bool) -> tuple[torch.Tensor, torch.Tensor]:
        """Text vectors (B, 384) and image vectors (B, 1280), zero for posts without a picture."""
        with torch.autocast("cpu", torch.bfloat16, enabled=half_precision):
            text = self.text(batch.ids, batch.mask)  # (B, 384)
        image = torch.zeros(len(batch.ids), self.image_width)
        if len(batch.trunk):
            pooled = self.image_top(batch.trunk).mean(dim=(2, 3))  # (P, 1280)
            image = image.index_copy(0, batch.pictured, pooled)  # (B, 1280)
        return text.float(), image

    def every_way(self, batch: TensorBatch, half_precision: bool) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Outputs (B, F) for the posts as they are, for their words alone, and for their pictures alone."""
        text, image = self.vectors(batch, half_precision)  # (B, 384), (B, 1280)
        nothing = torch.zeros_like(batch.has_text)  # (B,)
        vectors = {"text": text, "image": image}
        return (
            self.fusion(vectors, {"text": batch.has_text, "image": batch.has_image}),
            self.fusion(vectors, {"text": batch.has_text, "image": nothing}),
            self.fusion(vectors, {"text": nothing, "image": batch.has_image}),
        )

    def forward(self, batch: TensorBatch, half_precision: bool = False) -> torch.Tensor:
        """Logits (B, K)."""
        text, image = self.vectors(batch, half_precision)  # (B, 384), (B, 1280)
        present = {"text": batch.has_text, "image": batch.has_image}
        outputs = self.fusion({"text": text, "image": image}, present)  # (B, F)
        return outputs if self.parts is None else self.parts(outputs)
