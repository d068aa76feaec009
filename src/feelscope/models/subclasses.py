"""Subclasses of emotions: a head that tells more apart than it is asked for, and sums up.

Where posts have a second label (what they long for, say), "sad, of romance" and "sad, of being alone" look less alike
than one word for both suggests. The head learns the pairs; an emotion is as probable as its subclasses together. The
second label is only learnt, never read: a post without it is asked for its emotion alone.

    outputs (B, F) --softmax, sum over the subclasses of each emotion--> log probabilities (B, K)

Source: Müller et al. 2020, "Subclass Distillation", section 3, here with labels that people gave.
"""

from collections.abc import Sequence

import torch
from torch import nn


class Subclasses(nn.Module):
    """Outputs over F subclasses to log probabilities over K emotions.

    Args:
        emotion_of: Of each subclass, the index of its emotion; every emotion has one or more.
    """

    def __init__(self, emotion_of: Sequence[int]):
        super().__init__()
        self.own: torch.Tensor
        emotions = torch.arange(max(emotion_of) + 1).unsqueeze(1)  # (K, 1)
        self.register_buffer("own", emotions == torch.tensor(emotion_of), persistent=False)  # (K, F)

    def forward(self, outputs: torch.Tensor) -> torch.Tensor:
        """Outputs (B, F) to log probabilities (B, K)."""
        subclasses = outputs.log_softmax(dim=1).unsqueeze(1)  # (B, 1, F)
        return torch.where(self.own, subclasses, -1e4).logsumexp(dim=2)  # (B, K); the others' share is zero in floats
