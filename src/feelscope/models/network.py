"""The trained whole: an embedder for each modality, a fusion of their vectors, and perhaps subclasses summed up.

inputs by modality (B, ...) --embedders--> vectors (B, D) --fusion--> outputs (B, F) --subclasses--> logits (B, K)

Of emoji a post has several: an attention joins their vectors before the fusion.
"""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import nn

from feelscope.encoders.emoji_encoder import EmojiRows
from feelscope.models.common_space import CommonSpaceFusion
from feelscope.models.deep_sentiment import DeepSentiment
from feelscope.models.early import EarlyFusion
from feelscope.models.emoji_attention import EmojiAttention
from feelscope.models.gated import GatedFusion
from feelscope.models.image_only import image_only
from feelscope.models.joint import JointFusion
from feelscope.models.label_space import LabelSpace
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
        attention: Joins the vectors of a post's emoji; None where emoji are no modality.
        label_space: Answers beside the fusion, once the training is over; None where the labels' words are not used.
    """

    def __init__(
        self,
        embedders: Mapping[str, nn.Module],
        fusion: nn.Module,
        subclasses: Subclasses | None = None,
        attention: EmojiAttention | None = None,
        label_space: LabelSpace | None = None,
    ):
        super().__init__()
        self.embedders = nn.ModuleDict(embedders)
        self.fusion, self.subclasses, self.attention = fusion, subclasses, attention
        self.label_space = label_space

    def vectors(self, inputs: ByModality) -> dict[str, torch.Tensor]:
        """The vectors (B, D) of each modality; of emoji those of all a post has, side by side."""
        return {name: embedder(inputs[name]) for name, embedder in self.embedders.items()}

    def joined(self, vectors: ByModality, present: ByModality) -> ByModality:
        """The vectors (B, D) that the fusion takes."""
        return vectors if self.attention is None else {**vectors, "emoji": self.attention(vectors, present)}

    def fused(self, vectors: ByModality, present: ByModality) -> torch.Tensor:
        """Vectors and presence (B,) by modality to the fusion's outputs (B, F)."""
        outputs = self.fusion(self.joined(vectors, present), present)
        if self.label_space is None or self.training:
            return outputs
        return self.label_space(outputs, self.features(vectors, present))

    def features(self, vectors: ByModality, present: ByModality) -> torch.Tensor:
        """What the fusion's last layer takes, (B, H); late fusion has no such layer."""
        return self.fusion.features(self.joined(vectors, present), present)  # type: ignore[operator]

    def emotions(self, outputs: torch.Tensor) -> torch.Tensor:
        """The fusion's outputs (B, F) to logits (B, K)."""
        return outputs if self.subclasses is None else self.subclasses(outputs)

    def describe(self) -> str:
        """The fusion, for people, by what was built, and its source."""
        return f"{self.fusion.describe()} (after {self.fusion.source})"  # type: ignore[operator]

    def forward(self, inputs: ByModality, present: ByModality) -> torch.Tensor:
        """Logits (B, K)."""
        return self.emotions(self.fused(self.vectors(inputs), present))


def build_fusion(settings: FusionSettings, widths: Widths, outputs: int) -> nn.Module:
    """A recipe's fusion with new weights.

    Args:
        widths: Of the vectors, by modality; `joint` and `common_space` take the first one's space for all.
        outputs: F, the number of emotions or of their subclasses.
    """
    return FUSIONS[settings.model](settings, widths, outputs)


def build_network(
    settings: FusionSettings,
    embedders: Mapping[str, nn.Module],
    widths: Widths,
    emotions: int,
    emotion_of: Sequence[int] = (),
    label_vectors: torch.Tensor | None = None,
) -> Network:
    """A network with a new fusion.

    Args:
        embedders: By modality; of emoji an `EmojiRows`.
        widths: Of the embedders' vectors, by modality.
        emotions: K.
        emotion_of: Of each subclass, the emotion's index; empty where emotions have none.
        label_vectors: (K, D), of the emotions' words; None has no label space.
    """
    rows, attention = embedders.get("emoji"), None
    if isinstance(rows, EmojiRows):
        apart = settings.model == "late"  # each modality is trained without the others
        attention = EmojiAttention(rows.width, 0 if apart else widths.get("text", 0))
        widths = {**widths, "emoji": attention.width}
    fusion = build_fusion(settings, widths, len(emotion_of) or emotions)
    subclasses = Subclasses(tuple(emotion_of)) if emotion_of else None
    space = None if label_vectors is None else LabelSpace(last_layer(fusion).in_features, label_vectors)
    return Network(embedders, fusion, subclasses, attention, space)


def last_layer(fusion: nn.Module) -> nn.Linear:
    """The layer that makes outputs (B, F) of features (B, H); late fusion has none of its own."""
    head = fusion.joint.head if isinstance(fusion, CommonSpaceFusion) else fusion.head
    last = head[-1] if isinstance(head, nn.Sequential) else head
    assert isinstance(last, nn.Linear)
    return last


def _text_only(settings: FusionSettings, widths: Widths, outputs: int) -> nn.Module:
    return text_only(widths["text"], outputs, settings.hidden_size, settings.activation)


def _image_only(settings: FusionSettings, widths: Widths, outputs: int) -> nn.Module:
    return image_only(widths["image"], outputs, settings.hidden_size, settings.activation)


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
    "text_only": _text_only,
    "image_only": _image_only,
    "late": _late,
    "early": _early,
    "joint": _joint,
    "common_space": _common_space,
    "gated": _gated,
    "deep_sentiment": _deep_sentiment,
}
