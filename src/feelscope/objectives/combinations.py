"""Every combination of modalities: each post is scored as it is, with its words alone, and with its picture alone.

Dropping a modality at random (`modality_dropout`) asks the same of the fusion, noisily and once a post. The vectors are
there already and the fusion is small, so three combinations cost hardly more than one, and the picture learns from
every post.

    loss = sum over combinations (weight * loss of the combination) / sum over combinations (weight)

Further modalities stay in each combination. Source: ours; the random form is modality dropout (Neverova et al. 2016,
"ModDrop").
"""

import torch

from feelscope.encoders.encoded_posts import are_complete, without
from feelscope.objectives.objective import Batch, Objective, Outputs
from feelscope.objectives.settings import CombinationSettings


class AllCombinations(Objective):
    """The loss of every combination of modalities that a post has.

    Args:
        objective: What is asked of each.
        settings: The weights.
    """

    def __init__(self, objective: Objective, settings: CombinationSettings):
        super().__init__()
        self.objective, self.settings = objective, settings

    def per_post(self, outputs: Outputs, batch: Batch) -> torch.Tensor:
        """(B,)."""
        present = outputs.present
        total = self.objective.per_post(outputs, batch)  # (B,)
        if not {"text", "image"} <= present.keys():
            return total
        complete = are_complete(present)  # (B,)
        text_weight = self.settings.text_weight * complete  # (B,)
        # A borrowed picture says nothing about the label, and is not asked for it alone.
        image_weight = self.settings.image_weight * complete * (1 - batch.posts.borrowed)  # (B,)
        for weight, missing in ((text_weight, "image"), (image_weight, "text")):
            total = total + weight * self.objective.per_post(outputs.seeing(without(present, missing)), batch)
        return total / (1 + text_weight + image_weight)
