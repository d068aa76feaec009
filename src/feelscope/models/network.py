"""The trained whole: an embedder for each modality, a fusion of their vectors, and perhaps subclasses summed up.

inputs by modality (B, ...) --embedders--> vectors (B, D) --fusion--> outputs (B, F) --subclasses--> logits (B, K)
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
from feelscope.models.settings import FusionSettings
from feelscope.models.single import SingleModality
from feelscope.models.subclasses import Subclasses
from feelscope.models.text_only import text_only

ByModality = Mapping[str, torch.Tensor]
Widths = Mapping[str, int]


class Network(nn.Module):
    """Inputs and presence by modality to logits over K emotions.

    Args:
        embedders: By modality.
        subclasses: From the fusion's F outputs to emotions; None where the outputs are the K emotions.
    """

    def __init__(self, embedders: Mapping[str, nn.Module], fusion: nn.Module, subclasses: Subclasses | None = None):
        super().__init__()
        self.embedders = nn.ModuleDict(embedders)
        self.fusion, self.subclasses = fusion, subclasses

    def vectors(self, inputs: ByModality) -> dict[str, torch.Tensor]:
        """The vectors (B, D) that the fusion takes."""
        return {name: embedder(inputs[name]) for name, embedder in self.embedders.items()}

    def emotions(self, outputs: torch.Tensor) -> torch.Tensor:
        """The fusion's outputs (B, F) to logits (B, K)."""
        return outputs if self.subclasses is None else self.subclasses(outputs)

    def forward(self, inputs: ByModality, present: ByModality) -> torch.Tensor:
        """Logits (B, K)."""
        return self.emotions(self.fusion(self.vectors(inputs), present))


def build_fusion(settings: FusionSettings, widths: Widths, outputs: int) -> nn.Module:
    """A recipe's fusion with new weights.

    Args:
        widths: Of the vectors, by modality; `joint` and `common_space` take the first one's space for all.
        outputs: F, the number of emotions or of their subclasses.
    """
    return FUSIONS[settings.model](settings, widths, outputs)


def _late(settings: FusionSettings, widths: Widths, outputs: int) -> nn.Module:
    return LateFusion({name: SingleModality(name, width, outputs) for name, width in widths.items()})


def _early(settings: FusionSettings, widths: Widths, outputs: int) -> nn.Module:
    return EarlyFusion(widths, outputs, settings.hidden_size, settings.activation)


def _joint(settings: FusionSettings, widths: Widths, outputs: int) -> nn.Module:
    return JointFusion(widths, outputs, settings.hidden_size, settings.pooling, settings.activation)


def _common_space(settings: FusionSettings, widths: Widths, outputs: int) -> nn.Module:
    return CommonSpaceFusion(widths, outputs, settings.hidden_size, settings.pooling, settings.activation)


def _gated(settings: FusionSettings, widths: Widths, outputs: int) -> nn.Module:
    return GatedFusion(widths["text"], widths["image"], outputs, settings.hidden_size, settings.dropout)


def _deep_sentiment(settings: FusionSettings, widths: Widths, outputs: int) -> nn.Module:
    features = (settings.text_features, settings.image_features)
    return DeepSentiment(widths["text"], widths["image"], outputs, *features, settings.hidden_size)


FUSIONS: dict[str, Callable[[FusionSettings, Widths, int], nn.Module]] = {
    "text_only": lambda settings, widths, outputs: text_only(widths["text"], outputs),
    "image_only": lambda settings, widths, outputs: image_only(widths["image"], outputs),
    "late": _late,
    "early": _early,
    "joint": _joint,
    "common_space": _common_space,
    "gated": _gated,
    "deep_sentiment": _deep_sentiment,
}
