"""Late fusion: a classifier for each modality, trained apart from each other; their distributions are multiplied.

    text (B, D)  -> its model -> log P(y | text)  (B, K) --\\
    image (B, E) -> its model -> log P(y | image) (B, K) ---+--> sum over what is there -> logits (B, K)
    ...                                                    /
    softmax of the sum = the product of the distributions, normalised

Source: Duong, Lebret, Aberer 2017, section 3.2, equation 2.
Relations: unlike in `early` and `joint`, no weight sees two modalities, so that it cannot learn that one qualifies the
other; in return each model may have posts of its own, and a missing modality is merely a factor less. The product takes
the modalities as independent given the emotion, which makes it too sure of itself; the temperature mends some of that.
"""

from collections.abc import Mapping

import torch
from torch import nn

from feelscope.models.settings import DUONG


class LateFusion(nn.Module):
    """Vectors of any modalities to logits over K emotions.

    Args:
        models: By modality; each is called as this one is and looks at its own modality.
    """

    source = DUONG

    def __init__(self, models: Mapping[str, nn.Module]):
        super().__init__()
        self.models = nn.ModuleDict(models)

    def forward(self, vectors: Mapping[str, torch.Tensor], present: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Vectors (B, D) and presence (B,), 1 or 0, by modality, to logits (B, K); all equal where nothing is there."""
        return sum_of_logarithms({name: model(vectors, present) for name, model in self.models.items()}, present)

    def describe(self) -> str:
        """What it is, for people, by its models."""
        each = {model.describe() for model in self.models.values()}  # type: ignore[operator]
        return f"late fusion: {' or '.join(sorted(each))} for each modality, and the product of their distributions"


def sum_of_logarithms(logits: Mapping[str, torch.Tensor], present: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """Logits (B, K) by modality, and presence (B,), to the logarithm of the product (B, K), up to a constant a post."""
    return torch.stack(
        [own.log_softmax(dim=1) * present[name].unsqueeze(1) for name, own in logits.items()]  # (B, K)
    ).sum(dim=0)  # (B, K)
