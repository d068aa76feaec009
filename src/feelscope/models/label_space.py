"""Label space: an emotion read where the words of emotions have their vectors, beside the network's own answer.

    features (B, H) -> linear -> place (B, D) -> squared distances to the labels' word vectors (B, K)
        -> softmax(-distance / softness) (B, K) --(share)------\\
    logits (B, K) -> softmax (B, K) ----------(1 - share)------+--> logarithm of the sum, logits (B, K)

The share is 0 while the network learns: both parts learn by losses of their own (`objectives/secret.py`), and share and
softness are chosen on the validation split.

Source: SECRET, arXiv 1905.12356: a classifier in the space of features and another in the space of the labels' words,
whose confidences are weighed. How they are joined is not given there; this is ours.
Relations: `semantic_bottleneck` answers by words about the picture; here words are those of the labels.
"""

import torch
from torch import nn


class LabelSpace(nn.Module):
    """Features (B, H) and logits (B, K) to logits (B, K).

    Args:
        width: H.
        labels: (K, D), vectors of the emotions' words, each of length one.
    """

    def __init__(self, width: int, labels: torch.Tensor):
        super().__init__()
        self.place = nn.Linear(width, labels.shape[1])
        self.labels: torch.Tensor
        self.share: torch.Tensor
        self.softness: torch.Tensor
        self.register_buffer("labels", labels.float())
        self.register_buffer("share", torch.tensor(0.0))
        self.register_buffer("softness", torch.tensor(1.0))

    def distances(self, features: torch.Tensor) -> torch.Tensor:
        """Squared distances (B, K) to the labels."""
        place = self.place(features)  # (B, D)
        return (place.unsqueeze(1) - self.labels).square().sum(dim=2)  # (B, K)

    def forward(self, logits: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
        """Logits (B, K) of both spaces together."""
        return mixture(logits, -self.distances(features) / self.softness, self.share)


def mixture(logits: torch.Tensor, others: torch.Tensor, share: torch.Tensor | float) -> torch.Tensor:
    """Logits (B, K) of two answers' mean probabilities, of which the second has this share."""
    both = (1 - share) * logits.softmax(dim=1) + share * others.softmax(dim=1)  # (B, K)
    return both.clamp(min=1e-30).log()
