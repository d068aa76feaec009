"""Modality dropout without the draw: each post is scored with both halves, with its words alone, and its picture alone.

Dropping a half at random asks the same of the fusion, noisily and once a post. The vectors are there already and the
fusion is small, so all three ways cost hardly more than one, and the picture learns from every post.

    loss = sum over ways (weight of the way * loss of the way) / sum over ways (weight of the way)
    loss of a way = (1 - teacher's share) * cross entropy with the label + teacher's share * with its probabilities

The label is the part of the emotion where that is known (models/parts.py), else the emotion. A teacher is heard for one
half alone: the label often cannot be told from it, and a teacher of words knows less of the post than both halves do.

Source: ours; the random form is modality dropout (Neverova et al. 2016, "ModDrop"). The teacher's share is Hinton et
al. 2015, "Distilling the Knowledge in a Neural Network", section 2, at temperature 1.
"""

from collections.abc import Callable

import torch
from torch.nn import functional as F


def every_half_loss(
    outputs: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
    labels: torch.Tensor,
    *,
    parts: torch.Tensor,
    sums: Callable[[torch.Tensor], torch.Tensor] | None,
    taught: torch.Tensor,
    complete: torch.Tensor,
    borrowed: torch.Tensor,
    text_weight: float,
    image_weight: float,
    label_smoothing: float,
    teacher_share: float,
) -> torch.Tensor:
    """The mean loss of a batch, a scalar.

    Args:
        outputs: (B, F) for the posts as they are, for their words alone, and for their pictures alone.
        labels: (B,), the emotion's index.
        parts: (B,), the index of the emotion's part, -1 where only the emotion is known; read only with `sums`.
        sums: From outputs to emotions; None where the outputs are the emotions.
        taught: (B, K), a teacher's probabilities; a row of zeros, or no columns, leaves the label alone to count.
        complete: (B,), 1 for posts with both halves; the others have only one way, of weight 1.
        borrowed: (B,), 1 where the picture says nothing about the label; it is not asked for it alone.
        text_weight: Of the words alone, beside 1 for the post as it is.
        image_weight: Of the picture alone.
        label_smoothing: Of the label's part, from 0 to 1.
        teacher_share: From 0 to 1; of a post that was taught.
    """
    share = teacher_share * taught.sum(dim=1)  # (B,)

    def way_loss(way: torch.Tensor, share: torch.Tensor) -> torch.Tensor:
        emotions = way if sums is None else sums(way)  # (B, K)
        labelled = F.cross_entropy(emotions, labels, label_smoothing=label_smoothing, reduction="none")  # (B,)
        if sums is not None:
            finer = F.cross_entropy(way, parts.clamp(min=0), label_smoothing=label_smoothing, reduction="none")  # (B,)
            labelled = torch.where(parts < 0, labelled, finer)  # (B,)
        if not taught.shape[1]:
            return labelled
        return (1 - share) * labelled + share * F.cross_entropy(emotions, taught, reduction="none")  # (B,)

    shares = share * (1 - complete), share, share
    whole, text, image = (way_loss(way, share) for way, share in zip(outputs, shares, strict=True))
    text_share, image_share = text_weight * complete, image_weight * complete * (1 - borrowed)  # (B,)
    total = whole + text_share * text + image_share * image  # (B,)
    return (total / (1 + text_share + image_share)).mean()
