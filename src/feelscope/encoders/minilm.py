"""MiniLM: words become a vector.

all-MiniLM-L6-v2, a BERT of six layers of width 384 that was distilled, then trained to tell which sentences belong
together. The vector is the mean of the last layer over the tokens, as in that training.

    token ids (B, T), mask (B, T) --> last layer (B, T, 384) --mean over tokens--> (B, 384)

Source: Wang et al. 2020, "MiniLM"; Reimers and Gurevych 2019, "Sentence-BERT", section 3.
"""

from pathlib import Path
from typing import Any

import torch
from torch import nn

from feelscope.encoders.weights import find

WIDTH = 384
LAYERS = 6
# all-MiniLM-L6-v2's config.json
CONFIG: dict[str, Any] = {
    "vocab_size": 30522,
    "hidden_size": WIDTH,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": 12,
    "intermediate_size": 1536,
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0.1,
    "attention_probs_dropout_prob": 0.1,
    "max_position_embeddings": 512,
    "type_vocab_size": 2,
    "layer_norm_eps": 1e-12,
    "pad_token_id": 0,
}


class MiniLM(nn.Module):
    """Token ids to vectors of width 384."""

    def __init__(self, **changes: Any):
        from transformers import BertConfig, BertModel

        super().__init__()
        self.bert = BertModel(BertConfig(**{**CONFIG, **changes}), add_pooling_layer=False)

    @classmethod
    def pretrained(cls, folder: Path | None = None) -> "MiniLM":
        """The published weights, from `folder`, an installed package or the hub."""
        from safetensors.torch import load_file

        encoder = cls()
        state = {
            name: value
            for name, value in load_file(find("minilm", folder)).items()
            if not name.startswith("pooler.") and name != "embeddings.position_ids"
        }
        encoder.bert.load_state_dict(state)
        return encoder

    def describe(self) -> str:
        """What it is, for people."""
        settings = self.bert.config
        return f"MiniLM ({settings.num_hidden_layers} layers, width {settings.hidden_size})"

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Ids (B, T) and mask (B, T), 1 for a token and 0 for padding, to vectors (B, 384)."""
        last = self.bert(input_ids=ids, attention_mask=mask).last_hidden_state  # (B, T, 384)
        weights = mask.unsqueeze(-1).to(last.dtype)  # (B, T, 1)
        return (last * weights).sum(dim=1) / weights.sum(dim=1)  # (B, 384)
