"""A fitted network of the family as a model folder, which every command opens."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import nn

from feelscope.encoders import further as modalities
from feelscope.family.fit import Fitted
from feelscope.family.further_input import FurtherInput
from feelscope.family.inception_input import InceptionInput
from feelscope.family.inputs import Input
from feelscope.family.picture_input import PictureInput
from feelscope.family.sentence_input import SentenceInput
from feelscope.family.word_input import WordInput
from feelscope.post import Post
from feelscope.saved_model import folder as model_folder
from feelscope.saved_model.export import export_fusion


class _ReadAndFused(nn.Module):
    """What is left of the readers, and the fusion: vectors as the other networks give them to logits (B, K)."""

    def __init__(self, readers: Mapping[str, nn.Module], fusion: nn.Module):
        super().__init__()
        self.readers, self.fusion = nn.ModuleDict(readers), fusion

    def forward(self, vectors: Mapping[str, torch.Tensor], present: Mapping[str, torch.Tensor]) -> torch.Tensor:
        return self.fusion({name: reader(vectors[name]) for name, reader in self.readers.items()}, present)


def save(
    folder: Path,
    fitted: Fitted,
    inputs: Mapping[str, Input],
    emotions: tuple[str, ...],
    posts: Sequence[Post],
) -> None:
    """Write labels.json, tokenizer.json and the networks.

    Args:
        inputs: As the network was fitted with.
        posts: Of the training.
    """
    text, image = inputs.get("text"), inputs.get("image")
    further = {name: one.modality for name, one in inputs.items() if isinstance(one, FurtherInput)}
    labels = model_folder.Labels(
        folder.resolve().name,
        emotions,
        tokens=text.tokens if isinstance(text, WordInput | SentenceInput) else 0,
        size=image.size if isinstance(image, PictureInput | InceptionInput) else 0,
        modalities=tuple(inputs),
        further=tuple(json.loads(modalities.to_json(one)) for one in further.values()),
        pairs=text.pairs if isinstance(text, WordInput | SentenceInput) else True,
    )

    def networks(folder: Path) -> None:
        left = {name: one.write(folder, fitted.network.readers[name].eval(), posts) for name, one in inputs.items()}
        whole = _ReadAndFused(left, fitted.network.fusion)
        export_fusion(whole, {name: one.width for name, one in inputs.items()}, fitted.temperature, folder)

    model_folder.write(folder, labels, None, networks)
