"""Distillation: part of the loss comes from a teacher's answer instead of the label.

    loss = (1 - share) * loss of the label + share * cross entropy with the teacher's probabilities

A teacher is heard where the network sees words alone or a picture alone: the label often cannot be told from them, and
a teacher of words knows less of a post than words and picture do. Where a training shows posts only as they are, it is
heard of these.

Source: Hinton et al. 2015, "Distilling the Knowledge in a Neural Network", section 2, at temperature 1; hearing it for
one modality alone is ours.
"""

import torch
from torch.nn import functional as F

from feelscope.encoders.encoded_posts import are_complete
from feelscope.objectives.labels import LabelObjective
from feelscope.objectives.objective import Batch, Objective, Outputs


class Distillation(Objective):
    """The label and a teacher's answer.

    Args:
        labels: What is asked of the label.
        share: Of the teacher, from 0 to 1, for a post that was taught.
        complete: Whether it is heard of posts with both words and picture too.
    """

    def __init__(self, labels: LabelObjective, share: float, *, complete: bool = False):
        super().__init__()
        self.labels, self.share, self.complete = labels, share, complete

    def per_post(self, outputs: Outputs, batch: Batch) -> torch.Tensor:
        """(B,)."""
        logits = outputs.logits()  # (B, F)
        emotions = outputs.emotions(logits)  # (B, K)
        taught = batch.posts.taught  # (B, K); rows of zeros where no teacher was asked
        share = self.share * taught.sum(dim=1)  # (B,)
        if not self.complete:
            share = share * (1 - are_complete(outputs.present))
        labelled = self.labels.of(logits, emotions, batch)  # (B,)
        return (1 - share) * labelled + share * F.cross_entropy(emotions, taught, reduction="none")
