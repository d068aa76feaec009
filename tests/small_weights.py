"""The networks that are published, in small: of the same widths and files, so that trainings and exports take seconds.

For tests of what a training does with its networks, and not of what these know.
"""

import contextlib
import functools
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import torch
from torch import nn

from feelscope.encoders import efficientnet_lite0 as lite0
from feelscope.encoders import minilm, sentence_networks
from feelscope.encoders.weights import find

VOCABULARY = 4096  # of the published tokenizer's first words, which are its most frequent ones and all characters
_SEED = 0


class SmallLite0(nn.Module):
    """EfficientNet-Lite0 of two convolutions."""

    def __init__(self) -> None:
        super().__init__()
        channels, side, _ = lite0.TRUNK_SHAPE
        stride = lite0.SIZE // side
        first = lite0.SameConv2d(3, channels, 3, stride, bias=False)
        self.trunk = nn.Sequential(nn.Sequential(first, nn.BatchNorm2d(channels), nn.ReLU6()))
        second = nn.Conv2d(channels, lite0.WIDTH, 1, bias=False)
        self.top = nn.Sequential(nn.Sequential(second, nn.BatchNorm2d(lite0.WIDTH), nn.ReLU6()))


def _minilm(folder: Path | None = None) -> minilm.MiniLM:
    with torch.random.fork_rng():
        torch.manual_seed(_SEED)
        return minilm.MiniLM(vocab_size=VOCABULARY, num_hidden_layers=1, intermediate_size=64)


def _lite0(folder: Path | None = None) -> SmallLite0:
    with torch.random.fork_rng():
        torch.manual_seed(_SEED)
        return SmallLite0()


@functools.cache
def _tokenizer() -> str:
    whole = json.loads(find("minilm-tokenizer").read_text(encoding="utf-8"))
    words = whole["model"]["vocab"]
    whole["model"]["vocab"] = {word: number for word, number in words.items() if number < VOCABULARY}
    return json.dumps(whole)


@contextlib.contextmanager
def small_weights() -> Iterator[None]:
    """Have MiniLM and EfficientNet-Lite0 opened in small, with weights at random that are the same each time."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as changed:
        path = Path(folder) / "tokenizer.json"
        path.write_text(_tokenizer(), encoding="utf-8")
        changed.enter_context(mock.patch.object(minilm.MiniLM, "pretrained", _minilm))
        changed.enter_context(mock.patch.object(lite0.EfficientNetLite0, "pretrained", _lite0))
        changed.enter_context(mock.patch.object(sentence_networks, "find", lambda name, folder: path))
        yield
