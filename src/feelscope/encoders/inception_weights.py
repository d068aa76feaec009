"""Published ImageNet weights of Inception v1, by torchvision's names or by those of TensorFlow's slim library.

    torchvision                        slim                                              ours
    conv1.conv.weight                  InceptionV1/Conv2d_1a_7x7/weights                 stem.first.0.weight
    inception3a.branch1.conv.weight    .../Mixed_3b/Branch_0/Conv2d_0a_1x1/weights       blocks.3a.one.0.weight
    inception3a.branch2.1.bn.bias      .../Mixed_3b/Branch_1/Conv2d_0b_3x3/BatchNorm/beta  blocks.3a.three.1.1.bias
    fc.weight (1000, 1024)             .../Logits/Conv2d_0c_1x1/weights (1, 1, 1024, 1001) the replaced last layer

slim lays kernels out as height, width, in, out; has no scale in its batch norms (1 stands for it); and its first
class is "background". Its blocks are named one letter further, since its pooling layers are named "a". torchvision's
two extra heads, which helped in training, are left out.

Source: torchvision `models/googlenet.py`; tensorflow/models `research/slim/nets/inception_v1.py`.
"""

from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError  # what torch raises; nothing is unpickled
from typing import Any

import numpy as np
import torch

from feelscope.encoders.hub_folder import find_folder
from feelscope.encoders.inception import BLOCKS, WIDTH, InceptionV1
from feelscope.errors import MissingExtra, ModelError, one_line
from feelscope.files import read_arrays
from feelscope.web.hub import PREFIX

_TORCH_BRANCHES = {
    "one": "branch1",
    "three.0": "branch2.0",
    "three.1": "branch2.1",
    "five.0": "branch3.0",
    "five.1": "branch3.1",
    "pool.1": "branch4.1",
}
_SLIM_BRANCHES = {
    "one": "Branch_0/Conv2d_0a_1x1",
    "three.0": "Branch_1/Conv2d_0a_1x1",
    "three.1": "Branch_1/Conv2d_0b_3x3",
    "five.0": "Branch_2/Conv2d_0a_1x1",
    "five.1": "Branch_2/Conv2d_0b_3x3",
    "pool.1": "Branch_3/Conv2d_0b_1x1",
}
_SLIM_SCOPE = "InceptionV1/"
ENDINGS = (".pth", ".pt", ".safetensors", ".npz")


def torch_names() -> dict[str, str]:
    """Our convolutions' names to torchvision's, without what follows them."""
    names = {"stem.first": "conv1", "stem.reduce": "conv2", "stem.second": "conv3"}
    for block in BLOCKS:
        names |= {f"blocks.{block}.{ours}": f"inception{block}.{theirs}" for ours, theirs in _TORCH_BRANCHES.items()}
    return names


def slim_names() -> dict[str, str]:
    """Our convolutions' names to slim's scopes."""
    names = {"stem.first": "Conv2d_1a_7x7", "stem.reduce": "Conv2d_2b_1x1", "stem.second": "Conv2d_2c_3x3"}
    for block in BLOCKS:
        scope = f"Mixed_{block[0]}{chr(ord(block[1]) + 1)}"
        names |= {f"blocks.{block}.{ours}": f"{scope}/{theirs}" for ours, theirs in _SLIM_BRANCHES.items()}
    names["blocks.5a.five.1"] = "Mixed_5b/Branch_2/Conv2d_0a_3x3"  # slim's one exception
    return {ours: _SLIM_SCOPE + theirs for ours, theirs in names.items()}


def load_pretrained(source: Path | str, features: int = WIDTH) -> InceptionV1:
    """The network with published weights and a new last layer.

    Args:
        source: `.pth` of torchvision, or either library's arrays by name as `.safetensors` or `.npz`; or a model of the
            hub that has them as safetensors, `hub:ORG/NAME`.
        features: Width of the new last layer.

    Raises:
        ModelError: The file is none of these, or an array is missing or has another shape.
        ConfigError: No model of the hub can have the name.
    """
    in_hub = str(source).startswith(PREFIX)
    path = min(find_folder(str(source)).glob("*.safetensors")) if in_hub else Path(source)
    return from_arrays(_read(path), features, str(path))


def from_arrays(arrays: Mapping[str, np.ndarray], features: int = WIDTH, where: str = "these weights") -> InceptionV1:
    """As `load_pretrained`, from arrays by name.

    Raises:
        ModelError: An array is missing or has another shape, or the names are neither library's.
    """
    if "conv1.conv.weight" in arrays:
        network, state = InceptionV1(features, kernel=3), _from_torch(arrays, where)
    elif f"{_SLIM_SCOPE}Conv2d_1a_7x7/weights" in arrays:
        network, state = InceptionV1(features, kernel=3, start=2), _from_slim(arrays, where)
    else:
        shown = ", ".join(list(arrays)[:3]) or "nothing"
        raise ModelError(
            f"{where}: no Inception v1 by torchvision's or slim's names (found {shown}); give googlenet or inception_v1"
        )
    own = network.state_dict()
    for name, value in state.items():
        if value.shape != own[name].shape:
            found, wanted = tuple(value.shape), tuple(own[name].shape)
            raise ModelError(f"{where}: {name} has the shape {found}, expected {wanted}; download the file again")
    network.load_state_dict(own | state)
    return network


def _from_torch(arrays: Mapping[str, np.ndarray], where: str) -> dict[str, torch.Tensor]:
    state = {}
    for ours, theirs in torch_names().items():
        state[f"{ours}.0.weight"] = _take(arrays, f"{theirs}.conv.weight", where)
        for leaf in ("weight", "bias", "running_mean", "running_var"):
            state[f"{ours}.1.{leaf}"] = _take(arrays, f"{theirs}.bn.{leaf}", where)
    return state


def _from_slim(arrays: Mapping[str, np.ndarray], where: str) -> dict[str, torch.Tensor]:
    leaves = {"bias": "beta", "running_mean": "moving_mean", "running_var": "moving_variance"}
    state = {}
    for ours, theirs in slim_names().items():
        kernel = _take(arrays, f"{theirs}/weights", where)  # (H, W, in, out)
        if kernel.ndim != 4:
            raise ModelError(f"{where}: {theirs}/weights has {kernel.ndim} dimensions, expected 4; download it again")
        state[f"{ours}.0.weight"] = kernel.permute(3, 2, 0, 1).contiguous()  # (out, in, H, W)
        for leaf, name in leaves.items():
            state[f"{ours}.1.{leaf}"] = _take(arrays, f"{theirs}/BatchNorm/{name}", where)
        scale = f"{theirs}/BatchNorm/gamma"
        beta = state[f"{ours}.1.bias"]
        state[f"{ours}.1.weight"] = _take(arrays, scale, where) if scale in arrays else torch.ones_like(beta)
    return state


def _take(arrays: Mapping[str, np.ndarray], name: str, where: str) -> torch.Tensor:
    if name not in arrays:
        raise ModelError(f"{where}: the array {name} is missing; download the file again")
    return torch.from_numpy(np.array(arrays[name], dtype=np.float32))


def _read(path: Path) -> dict[str, np.ndarray]:
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise ModelError(f"{path}: expected a file that ends in {', '.join(ENDINGS)}")
    if not path.is_file():
        raise ModelError(f"{path}: no such file; give the published weights of Inception v1")
    try:
        return _arrays(path, ending)
    except (OSError, ValueError, EOFError, RuntimeError, KeyError, UnpicklingError) as error:
        why = one_line(error)[:120]
        raise ModelError(f"{path}: these weights cannot be read ({why}); download the file again") from error


def _arrays(path: Path, ending: str) -> dict[str, np.ndarray]:
    if ending == ".npz":
        return read_arrays(path, ModelError, "download the file again")
    if ending == ".safetensors":
        try:
            from safetensors import SafetensorError
            from safetensors.numpy import load_file
        except ModuleNotFoundError as error:
            raise MissingExtra('training needs more packages: pip install "feelscope[train]"') from error
        try:
            return load_file(path)
        except SafetensorError as error:
            raise ValueError(str(error)) from error
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return {name: value.numpy() for name, value in state.items()}
