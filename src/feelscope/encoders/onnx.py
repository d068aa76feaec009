"""Encoders as ONNX files, as a saved model runs them.

Both encoders' weights and activations become 8-bit integers, a third of the size and the time; word vectors have a
scale for each word. Of the weights' 8 bits 7 are used, since processors without integer dot products would saturate.
`experiments/builtin/check.py` measures what that costs on real posts.
"""

import copy
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from feelscope.encoders import efficientnet_lite0, minilm
from feelscope.errors import ModelError, one_line
from feelscope.progress import errors_only

if TYPE_CHECKING:
    import onnxruntime

_PICTURE = torch.zeros(1, efficientnet_lite0.SIZE, efficientnet_lite0.SIZE, 3, dtype=torch.uint8)  # for the exporter


class _Words(nn.Module):
    """Word vectors kept as 8-bit integers with one scale a word: (1, T) ids to (1, T, 384)."""

    def __init__(self, weight: torch.Tensor):
        super().__init__()
        self.whole: torch.Tensor
        self.scale: torch.Tensor
        scale = weight.abs().amax(dim=1, keepdim=True).clamp(min=1e-8) / 127  # (V, 1)
        self.register_buffer("whole", (weight / scale).round().to(torch.int8))  # (V, 384)
        self.register_buffer("scale", scale)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return nn.functional.embedding(ids, self.whole).float() * nn.functional.embedding(ids, self.scale)


class _Text(nn.Module):
    """One post's token ids (1, T), without padding, to its vector (1, 384)."""

    def __init__(self, encoder: minilm.MiniLM):
        super().__init__()
        self.bert = copy.deepcopy(encoder.bert)
        self.bert.set_attn_implementation("eager")
        self.bert.embeddings.word_embeddings = _Words(self.bert.embeddings.word_embeddings.weight.data)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.bert(input_ids=ids).last_hidden_state.mean(dim=1)  # (1, 384)


class _Image(nn.Module):
    """One picture's RGB bytes (1, 224, 224, 3) to its vector (1, 1280)."""

    def __init__(self, trunk: nn.Module, top: nn.Module):
        super().__init__()
        self.network = nn.Sequential(copy.deepcopy(trunk), copy.deepcopy(top))
        fold_norms(self.network)

    def forward(self, rgb: torch.Tensor) -> torch.Tensor:
        pixels = (rgb.float() - efficientnet_lite0.PIXEL_MEAN) / efficientnet_lite0.PIXEL_SCALE
        return self.network(pixels.permute(0, 3, 1, 2)).mean(dim=(2, 3))  # (1, 1280)


def export_text(encoder: minilm.MiniLM, folder: Path) -> None:
    """Write MiniLM as text.onnx, in integers."""
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / "plain.onnx"
        ids = torch.arange(1000, 1024).unsqueeze(0)  # (1, 24)
        tokens = torch.export.Dim("tokens", min=2, max=minilm.CONFIG["max_position_embeddings"])
        write_onnx(_Text(encoder), (ids,), plain, ["ids"], {"ids": {1: tokens}})
        _text_to_integers(plain, folder / "text.onnx")


def export_network(module: nn.Module, example: torch.Tensor, name: str, path: Path, longest: int | None = None) -> None:
    """Write any network of one input, in floats.

    Args:
        example: An input (1, ...).
        name: Of the input.
        longest: The most that its second dimension may be, where that is open; None where it is as in the example.

    Raises:
        ModelError: The network cannot be written as ONNX, or only for inputs of the example's length.
    """
    shapes = {name: {1: torch.export.Dim("tokens", min=2, max=longest)}} if longest else None
    try:
        write_onnx(module, (example,), path, [name], shapes)
    except torch.onnx.errors.OnnxExporterError as error:
        reason = one_line(error)[:200]
        raise ModelError(f"{path.name}: this network cannot be written as ONNX ({reason}); choose another") from error
    if longest and not _has_open_length(path):  # the exporter fixes it without a word where it unrolls a loop
        path.unlink()
        raise ModelError(f"{path.name}: as ONNX this network would read texts of one length only; choose another")


def _has_open_length(path: Path) -> bool:
    import onnx

    shape = onnx.load(path, load_external_data=False).graph.input[0].type.tensor_type.shape
    return bool(shape.dim[1].dim_param)


def export_image(trunk: nn.Module, top: nn.Module, pictures: Sequence[np.ndarray], folder: Path) -> None:
    """Write EfficientNet-Lite0 as image.onnx, in integers.

    Args:
        pictures: About a hundred of the training pictures, uint8 (224, 224, 3), by which the integers are scaled; none
            where no picture was trained on.
    """
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / "plain.onnx"
        write_onnx(_Image(trunk, top), (_PICTURE,), plain, ["rgb"], None)
        _image_to_integers(plain, folder / "image.onnx", pictures or [_PICTURE[0].numpy()])


def open_image(trunk: nn.Module, top: nn.Module) -> "onnxruntime.InferenceSession":
    """EfficientNet-Lite0 in floats, in ONNX Runtime, which takes a third of torch's time: `rgb` (1, 224, 224, 3) in."""
    import onnxruntime

    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / "plain.onnx"
        write_onnx(_Image(trunk, top), (_PICTURE,), plain, ["rgb"], None)
        return onnxruntime.InferenceSession(plain)


def write_onnx(
    module: nn.Module, example: tuple[torch.Tensor, ...], path: Path, inputs: list[str], shapes: dict | None
) -> None:
    """Write a network; its inputs are named in the order of the examples."""
    # The logger warns about every torchvision operator that is not installed.
    with errors_only("torch.onnx"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(),
            example,
            path,
            input_names=inputs,
            dynamo=True,
            dynamic_shapes=shapes,
            external_data=False,
            verbose=False,
        )


def _text_to_integers(plain: Path, path: Path) -> None:
    """Weights of matrix products in 8 bits, a scale a column; activations are scaled on the fly, post by post."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    kinds = ["MatMul"]
    with errors_only(None):  # it advises a preprocessing that changes nothing here
        quantize_dynamic(
            plain, path, weight_type=QuantType.QInt8, op_types_to_quantize=kinds, per_channel=True, reduce_range=True
        )


def _image_to_integers(plain: Path, path: Path, pictures: Sequence[np.ndarray]) -> None:
    """Weights and activations of convolutions in 8 bits; the activations' scales are those that `pictures` need."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Pictures(CalibrationDataReader):
        left = iter(pictures)

        def get_next(self) -> dict[str, np.ndarray] | None:
            rgb = next(self.left, None)
            return None if rgb is None else {"rgb": rgb[np.newaxis]}

    with errors_only(None):
        quant_pre_process(plain, plain, skip_symbolic_shape=True)
        quantize_static(
            plain,
            path,
            Pictures(),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "Add", "Clip", "Pad"],
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )


def fold_norms(module: nn.Module) -> None:
    """Multiply every batch norm into the convolution before it."""
    for child in module.children():
        fold_norms(child)
        if isinstance(child, nn.Sequential):
            for index, (first, second) in enumerate(zip(child, list(child)[1:], strict=False)):
                if isinstance(first, nn.Conv2d) and isinstance(second, nn.BatchNorm2d):
                    assert second.running_mean is not None and second.running_var is not None
                    weight, bias = nn.utils.fusion.fuse_conv_bn_weights(
                        first.weight,
                        first.bias,
                        second.running_mean,
                        second.running_var,
                        second.eps,
                        second.weight,
                        second.bias,
                    )
                    first.weight, first.bias = weight, bias
                    child[index + 1] = nn.Identity()
