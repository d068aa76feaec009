"""From a trained network to a model folder: labels.json, and the ONNX files that `runtime` opens.

The encoders write their own networks; the fusion, with what is left of the embedders, stays in floats.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn

from feelscope.emotions import LONGEST
from feelscope.encoders import further
from feelscope.encoders.encoder import Encoder, ImageEncoder, TextEncoder
from feelscope.encoders.further_encoder import FurtherEncoder
from feelscope.encoders.onnx import write_onnx
from feelscope.encoders.tokenizer import READINGS
from feelscope.models.network import Network
from feelscope.post import Post
from feelscope.saved_model import folder as model_folder
from feelscope.saved_model.calibration import Calibrations


class _Fusion(nn.Module):
    """The vectors (B, D) of each modality, then the presence (B,) of each, to probabilities (B, K)."""

    def __init__(self, network: Network, left: Mapping[str, nn.Module], temperature: float):
        super().__init__()
        self.network, self.left, self.temperature = network, nn.ModuleDict(left), temperature

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        vectors = {name: module(vector) for (name, module), vector in zip(self.left.items(), inputs, strict=False)}
        present = dict(zip(self.left, inputs[len(self.left) :], strict=True))
        emotions = self.network.emotions(self.network.fused(vectors, present))  # (B, K)
        return (emotions / self.temperature).softmax(dim=1)  # (B, K)


def export(
    folder: Path,
    network: Network,
    encoders: Mapping[str, Encoder],
    emotions: tuple[str, ...],
    modalities: tuple[str, ...],
    temperature: float,
    posts: Sequence[Post],
    calibration: Calibrations | None = None,
    in_use: Mapping[str, Any] | None = None,
) -> None:
    """Write labels.json, tokenizer.json, the networks and calibration.json.

    Args:
        network: Trained with the encoders.
        modalities: Of the encoders' those that posts were trained on.
        posts: Of the training, to scale integers by.
        calibration: Of combinations of modalities; None, or none of any, writes no calibration.json.
        in_use: `languages`, `warns_of`, `skip_pictures` and `unframe` of labels.json, where they are not what is
            usual.
    """
    text, image = cast("TextEncoder | None", encoders.get("text")), cast("ImageEncoder | None", encoders.get("image"))
    others = [encoder.modality for encoder in encoders.values() if isinstance(encoder, FurtherEncoder)]
    labels = model_folder.Labels(
        "".join(filter(str.isprintable, folder.resolve().name))[:LONGEST] or "model",
        emotions,
        tokens=0 if text is None else text.tokens,
        size=0 if image is None else image.size,
        modalities=modalities,
        further=tuple(json.loads(further.to_json(modality)) for modality in others),
        pairs=True if text is None else text.pairs,
        reading=READINGS[0] if text is None else text.reading,
        **(in_use or {}),
    )

    def write_networks(folder: Path) -> None:
        left = {name: encoder.write(folder, network.embedders[name], posts) for name, encoder in encoders.items()}
        # A tensor each: given the same one twice, the exporter would make one input of both.
        vectors, present = (
            [torch.zeros(1, encoder.served_width) for encoder in encoders.values()],
            [torch.ones(1) for _ in left],
        )
        names = [*left, *(f"has_{name}" for name in left)]
        write_onnx(_Fusion(network, left, temperature), (*vectors, *present), folder / "fusion.onnx", names, None)

    fitted = calibration.to_json(emotions) if calibration is not None and calibration.by_combination else None
    model_folder.write(folder, labels, write_networks, fitted)
