"""Deep Sentiment: many features of the words and a few of the picture, side by side, through one dense layer.

    text  (B, D) -> linear, ReLU -> (B, 2048) --\\
                                                 (B, 2176) -> linear, ReLU -> (B, 1024) -> linear -> logits (B, K)
    image (B, E) -> linear ------> (B, 128) ----/        Inception's 128 are its own last layer's, and stay as they are

Source: thesis of Hu 2017, section 6.1 and figure 6.2: an LSTM's text with 2048 output units, 128 features in the last
layer of Inception, a dense layer of 1024. The ReLU after the text's features is that of the code in A.4, the one
after the dense layer that of the later released code; figure 6.2 names none.
Relations: `early` concatenates the vectors as they are; here each modality first gets a number of features of its own,
sixteen times as many for words as for the picture. A missing modality's features are zeros.
"""

from collections.abc import Mapping

import torch
from torch import nn

from feelscope.models.hidden import describe_layers
from feelscope.models.presence import zeros_where_absent


class DeepSentiment(nn.Module):
    """Text and image vectors to logits over K emotions.

    Args:
        text_width: D.
        image_width: E.
        text_features: Width of the text's own layer.
        image_features: Width of the picture's own layer; a picture's vector that is as wide has been through it.
        hidden: Width of the dense layer.
    """

    source = 'Hu 2017, "Deep Sentiment Analysis on Tumblr"'

    def __init__(
        self,
        text_width: int,
        image_width: int,
        emotions: int,
        text_features: int,
        image_features: int,
        hidden: int,
    ):
        super().__init__()
        self.text = nn.Sequential(nn.Linear(text_width, text_features), nn.ReLU())
        has_been = image_width == image_features
        self.image: nn.Module = nn.Identity() if has_been else nn.Linear(image_width, image_features)
        self.head = nn.Sequential(
            nn.Linear(text_features + image_features, hidden), nn.ReLU(), nn.Linear(hidden, emotions)
        )

    def features(self, vectors: Mapping[str, torch.Tensor], present: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """What the last layer takes, (B, H), of the same."""
        text = zeros_where_absent(self.text(vectors["text"]), present["text"])  # (B, 2048)
        image = zeros_where_absent(self.image(vectors["image"]), present["image"])  # (B, 128)
        return self.head[:-1](torch.cat([text, image], dim=1))  # (B, 2176) -> (B, 1024)

    def forward(self, vectors: Mapping[str, torch.Tensor], present: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Vectors (B, D) and presence (B,), 1 or 0, by modality, to logits (B, K)."""
        return self.head[-1](self.features(vectors, present))  # (B, K)

    def describe(self) -> str:
        """What it is, for people, by its layers."""
        words, dense = self.text[0], self.head[0]
        assert isinstance(words, nn.Linear) and isinstance(dense, nn.Linear)
        picture = dense.in_features - words.out_features
        return (
            f"Deep Sentiment's fusion: {words.out_features:,} features of the words and {picture:,} of the picture "
            f"side by side, then {describe_layers(self.head)}, a missing modality as zeros"
        )
