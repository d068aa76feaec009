"""The labels: cross entropy with the emotion, or with its subclass where that is known.

    loss of a post = cross entropy(outputs over subclasses, the post's subclass)   where it is known
                   = cross entropy(outputs over emotions, the post's emotion)      elsewhere

Source: Duong, Lebret and Aberer 2017, equation 12; subclasses: `models/subclasses.py`; label smoothing: Szegedy et al.
2016, "Rethinking the Inception Architecture", section 7.
"""

import torch
from torch.nn import functional as F

from feelscope.objectives.objective import Batch, Objective, Outputs


class LabelObjective(Objective):
    """Cross entropy with a post's label.

    Args:
        smoothing: Of the label, from 0 to 1.
    """

    def __init__(self, smoothing: float = 0.0):
        super().__init__()
        self.smoothing = smoothing

    def per_post(self, outputs: Outputs, batch: Batch) -> torch.Tensor:
        """(B,)."""
        logits = outputs.logits()  # (B, F)
        return self.of(logits, outputs.emotions(logits), batch)

    def of(self, logits: torch.Tensor, emotions: torch.Tensor, batch: Batch) -> torch.Tensor:
        """The loss (B,) of outputs (B, F) that are known, and of the same over emotions (B, K)."""
        posts = batch.posts
        loss = F.cross_entropy(emotions, posts.labels, label_smoothing=self.smoothing, reduction="none")  # (B,)
        if emotions is logits:
            return loss
        known = posts.subclasses.clamp(min=0)  # (B,)
        finer = F.cross_entropy(logits, known, label_smoothing=self.smoothing, reduction="none")  # (B,)
        return torch.where(posts.subclasses < 0, loss, finer)
