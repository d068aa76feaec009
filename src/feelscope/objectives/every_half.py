"""Modality dropout without the draw: each post is scored with both halves, with its words alone, and its picture alone.

Dropping a half at random asks the same of the fusion, noisily and once a post. The vectors are there already and the
fusion is small, so all three ways cost hardly more than one, and the picture learns from every post.

    loss = sum over ways (weight of the way * cross entropy of its logits) / sum over ways (weight of the way)

Source: ours; the random form is modality dropout (Neverova et al. 2016, "ModDrop").
"""

import torch
from torch.nn import functional as F


def every_half_loss(
    logits: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
    labels: torch.Tensor,
    *,
    complete: torch.Tensor,
    borrowed: torch.Tensor,
    text_weight: float,
    image_weight: float,
    label_smoothing: float,
) -> torch.Tensor:
    """The mean loss of a batch, a scalar.

    Args:
        logits: (B, K) of the posts as they are, of their words alone, and of their pictures alone.
        labels: (B,), the emotion's index.
        complete: (B,), 1 for posts with both halves; the others have only one way, of weight 1.
        borrowed: (B,), 1 where the picture says nothing about the label; it is not asked for it alone.
        text_weight: Of the words alone, beside 1 for the post as it is.
        image_weight: Of the picture alone.
    """
    whole, text, image = (
        F.cross_entropy(way, labels, label_smoothing=label_smoothing, reduction="none")  # (B,)
        for way in logits
    )
    text_share, image_share = text_weight * complete, image_weight * complete * (1 - borrowed)  # (B,)
    total = whole + text_share * text + image_share * image  # (B,)
    return (total / (1 + text_share + image_share)).mean()
