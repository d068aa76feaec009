"""DSReg: negatives that look like positives are told from easy ones, by a second softmax on the same features.

    features (B, H) --the network's last layer--> emotion                                   the labels' loss
                    --a layer of its own--------> of each emotion, positive or hard against easy negative

    loss = labels' loss + weight * mean over emotions (cross entropy of the second softmax)

What the features must know to tell hard from easy negatives also tells what hard negatives have in common with
positives. With one emotion against the rest there is one such softmax; with K emotions there are K.

Source: DSReg, arXiv 1905.11658, section 3 (two objectives on one representation). The weight, one softmax an emotion
and how many negatives are hard are ours.

Relations: `hard_negatives` finds them; `distillation` learns from another model what labels do not say.
"""

import torch
from torch import nn
from torch.nn import functional as F

from feelscope.encoders.encoded_posts import EncodedPosts
from feelscope.models.network import Network, last_layer
from feelscope.objectives.objective import Batch, Objective, Outputs
from feelscope.objectives.settings import DSRegSettings


class DSReg(Objective):
    """The labels, and for each emotion whether a post is at least a hard negative of it.

    Args:
        objective: The classification.
        training: Of which some are hard negatives; an emotion without any has no softmax.
    """

    def __init__(self, objective: Objective, settings: DSRegSettings, training: EncodedPosts, network: Network):
        super().__init__()
        self.objective, self.settings = objective, settings
        self.emotions: torch.Tensor
        self.register_buffer("emotions", training.hard.any(dim=0).nonzero()[:, 0])  # (E,)
        self.layer = nn.Linear(last_layer(network.fusion).in_features, 2 * len(self.emotions))

    def per_post(self, outputs: Outputs, batch: Batch) -> torch.Tensor:
        """(B,)."""
        posts = batch.posts
        positive = posts.labels.unsqueeze(1) == self.emotions  # (B, E)
        near = (positive | (posts.hard[:, self.emotions] > 0)).long()  # (B, E), 1 for positives and hard negatives
        logits = self.layer(outputs.features()).unflatten(1, (2, -1))  # (B, 2, E)
        second = F.cross_entropy(logits, near, reduction="none").mean(dim=1)  # (B,)
        return self.objective.per_post(outputs, batch) + self.settings.weight * second
