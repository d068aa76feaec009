"""A stand-in for the published weights of Inception v1."""

import numpy as np
import torch
from torch import nn

from feelscope.encoders.inception import InceptionV1
from feelscope.encoders.inception_weights import torch_names


def as_torch(network: InceptionV1) -> dict[str, np.ndarray]:
    """The network's weights by torchvision's names."""
    state = {name: value.numpy() for name, value in network.state_dict().items()}
    arrays = {"fc.weight": np.zeros((1000, 1024), np.float32), "aux1.fc1.weight": np.zeros((1024, 2048), np.float32)}
    for ours, theirs in torch_names().items():
        arrays[f"{theirs}.conv.weight"] = state[f"{ours}.0.weight"]
        for leaf in ("weight", "bias", "running_mean", "running_var"):
            arrays[f"{theirs}.bn.{leaf}"] = state[f"{ours}.1.{leaf}"]
    return arrays


def published(start: int) -> InceptionV1:
    """A stand-in for published weights: the 3x3 network with running means of its own."""
    torch.manual_seed(1)
    network = InceptionV1(features=4, kernel=3, start=start).eval()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_mean, -0.1, 0.1)
            nn.init.uniform_(module.bias, -0.1, 0.1)
    return network
