"""The settings of a recipe's `[fusion]`: how the vectors of a post's modalities become one answer.

Settings of Duong, Lebret and Aberer 2017 have their section beside them, those of the thesis of Hu 2017 are named so.
"""

from dataclasses import dataclass

from feelscope.config import check_choices, check_ranges

MODELS = ("text_only", "image_only", "late", "early", "joint", "common_space", "gated", "deep_sentiment")
FAMILY = MODELS[:6]  # of Duong, Lebret and Aberer
DUONG = 'Duong, Lebret and Aberer 2017, "Multimodal Classification for Analysing Social Media"'
TWO = ("gated", "deep_sentiment")  # which take words and a picture, and nothing else


@dataclass(frozen=True, slots=True)
class FusionSettings:
    """`[fusion]`: how the vectors of a post's modalities become one answer."""

    model: str  # one of MODELS; each is a file in models/
    hidden_size: int = 100  # width of the space before the last layer; table 3
    # In that space, or `relu`, `gelu`; 5.4 has two linear layers. With `none`, text_only and image_only have no space.
    activation: str = "none"
    pooling: str = "max"  # over modalities, of joint and common_space, or `mean`; table 3
    dropout: float = 0.0  # of gated, before and after the projections
    text_features: int = 2048  # of deep_sentiment, before fusing; thesis 6.1
    image_features: int = 128  # of deep_sentiment, before fusing; thesis 6.1
    learning_rate: float = 0.0  # of what learns here; 0 is that of [steps]

    def __post_init__(self) -> None:
        """Refuse what would fail much later."""
        check_choices(self, model=MODELS, activation=("none", "relu", "gelu"), pooling=("max", "mean"))
        check_ranges(
            self,
            ("hidden_size text_features image_features", lambda value: 1 <= value <= 8192, "1 to 8,192"),
            ("dropout", lambda value: 0 <= value < 1, "0 or more and less than 1"),
            ("learning_rate", lambda value: value >= 0, "0 or more"),
        )
