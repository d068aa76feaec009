"""SECRET: beside the labels, the features learn to find the label's word vector.

    loss = labels' loss + weight * |place of the features - vector of the label's words|^2

Source: SECRET, arXiv 1905.12356 (regressors into the space of the labels' words); the loss and its weight are ours.
Relations: `models/label_space.py` joins both answers. Where vectors of unlike emotions are alike, as those of "joy" and
"anger" often are, there is little to learn from them: compare with permuted labels (`permute`).
"""

import torch

from feelscope.objectives.objective import Batch, Objective, Outputs
from feelscope.objectives.settings import SecretSettings


class Secret(Objective):
    """The labels, and the place of each post among the labels' word vectors.

    Args:
        objective: The classification.
    """

    def __init__(self, objective: Objective, settings: SecretSettings):
        super().__init__()
        self.objective, self.settings = objective, settings

    def per_post(self, outputs: Outputs, batch: Batch) -> torch.Tensor:
        """(B,)."""
        space = outputs.network.label_space
        assert space is not None, "the recipe has [secret]"
        distances = space.distances(outputs.features())  # (B, K)
        own = distances.gather(1, batch.posts.labels.unsqueeze(1))[:, 0]  # (B,)
        return self.objective.per_post(outputs, batch) + self.settings.weight * own
