"""Modality dropout: a share of the posts that have several modalities lose one, drawn again each step.

Relations: `combinations` asks for all of them each step and is steadier; this is the random form that papers report.
Source: Neverova et al. 2016, "ModDrop".
"""

import torch

from feelscope.encoders.encoded_posts import Present
from feelscope.objectives.objective import Batch, Objective, Outputs


class ModalityDropout(Objective):
    """The loss of posts some of which have lost a modality.

    Args:
        objective: What is asked of them.
        share: Of the posts that have several modalities.
    """

    def __init__(self, objective: Objective, share: float):
        super().__init__()
        self.objective, self.share = objective, share

    def per_post(self, outputs: Outputs, batch: Batch) -> torch.Tensor:
        """(B,)."""
        draws = torch.Generator().manual_seed(int(batch.draws.integers(2**31)))
        dropped = drop_modalities(outputs.present, self.share, draws)
        # A borrowed picture says nothing about the label: such a post keeps its words.
        kept = {name: torch.where(batch.posts.borrowed > 0, outputs.present[name], dropped[name]) for name in dropped}
        return self.objective.per_post(outputs.seeing(kept), batch)


def drop_modalities(present: Present, share: float, draws: torch.Generator) -> dict[str, torch.Tensor]:
    """Take one modality, each as likely, from a share of the posts that have several; presence (B,) by modality."""
    stacked = torch.stack(list(present.values()), dim=1)  # (B, M)
    chosen = (torch.rand(stacked.shape, generator=draws).to(stacked.device) * stacked).argmax(dim=1)  # (B,)
    loses = (torch.rand(len(stacked), generator=draws).to(stacked.device) < share) & (stacked.sum(dim=1) > 1)  # (B,)
    taken = torch.zeros_like(stacked).scatter_(1, chosen.unsqueeze(1), loses.unsqueeze(1).to(stacked.dtype))  # (B, M)
    return dict(zip(present, (stacked - taken).unbind(dim=1), strict=True))
