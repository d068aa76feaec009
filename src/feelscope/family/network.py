"""The trained whole: a reader for each modality, and a fusion of their vectors.

inputs by modality, (B, T) ids or (B, D) vectors --readers--> vectors (B, D) --fusion--> logits (B, K)
"""

from collections.abc import Callable, Mapping

import torch
from torch import nn

from feelscope.models.common_space import CommonSpaceFusion
from feelscope.models.deep_sentiment import DeepSentiment
from feelscope.models.early import EarlyFusion
from feelscope.models.gated import GatedFusion
from feelscope.models.image_only import image_only
from feelscope.models.joint import JointFusion
from feelscope.models.late import LateFusion
from feelscope.models.single import SingleModality
from feelscope.models.text_only import text_only
from feelscope.train.fusion_recipe import FusionRecipe

Vectors = Mapping[str, torch.Tensor]


class Network(nn.Module):
    """Inputs and presence by modality to logits over K emotions."""

    def __init__(self, readers: Mapping[str, nn.Module], fusion: nn.Module):
        super().__init__()
        self.readers = nn.ModuleDict(readers)
        self.fusion = fusion

    def vectors(self, inputs: Vectors) -> dict[str, torch.Tensor]:
        """The vectors (B, D) that the fusion takes."""
        return {name: reader(inputs[name]) for name, reader in self.readers.items()}

    def forward(self, inputs: Vectors, present: Vectors) -> torch.Tensor:
        """Logits (B, K)."""
        return self.fusion(self.vectors(inputs), present)


def build_fusion(recipe: FusionRecipe, widths: Mapping[str, int], emotions: int) -> nn.Module:
    """The recipe's model with new weights.

    Args:
        widths: Of the vectors, by modality; `joint` and `common_space` take the first one's space for all.
    """
    return FUSIONS[recipe.model](recipe, widths, emotions)


def _late(recipe: FusionRecipe, widths: Mapping[str, int], emotions: int) -> nn.Module:
    return LateFusion({name: SingleModality(name, width, emotions) for name, width in widths.items()})


def _early(recipe: FusionRecipe, widths: Mapping[str, int], emotions: int) -> nn.Module:
    return EarlyFusion(widths, emotions, recipe.hidden, recipe.activation)


def _joint(recipe: FusionRecipe, widths: Mapping[str, int], emotions: int) -> nn.Module:
    return JointFusion(widths, emotions, recipe.hidden, recipe.pooling, recipe.activation)


def _common_space(recipe: FusionRecipe, widths: Mapping[str, int], emotions: int) -> nn.Module:
    return CommonSpaceFusion(widths, emotions, recipe.hidden, recipe.pooling, recipe.activation)


def _gated(recipe: FusionRecipe, widths: Mapping[str, int], emotions: int) -> nn.Module:
    return GatedFusion(widths["text"], widths["image"], emotions, recipe.hidden, recipe.text_dropout)


def _deep_sentiment(recipe: FusionRecipe, widths: Mapping[str, int], emotions: int) -> nn.Module:
    features = (recipe.text_features, recipe.image_features)
    return DeepSentiment(widths["text"], widths["image"], emotions, *features, recipe.hidden)


FUSIONS: dict[str, Callable[[FusionRecipe, Mapping[str, int], int], nn.Module]] = {
    "text_only": lambda recipe, widths, emotions: text_only(widths["text"], emotions),
    "image_only": lambda recipe, widths, emotions: image_only(widths["image"], emotions),
    "late": _late,
    "early": _early,
    "joint": _joint,
    "common_space": _common_space,
    "gated": _gated,
    "deep_sentiment": _deep_sentiment,
}
