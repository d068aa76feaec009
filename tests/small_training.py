"""A training that takes seconds: embedders of a few parameters, and posts whose emotion is plain to see."""

import copy
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from feelscope.encoders import minilm
from feelscope.encoders.encoded_posts import EncodedPosts, encoded_posts
from feelscope.encoders.encoder import Encoder
from feelscope.encoders.settings import ImageSettings, TextSettings
from feelscope.encoders.tokenizer import pad
from feelscope.encoders.tuned_lite0 import Lite0Embedder, draw_views
from feelscope.encoders.tuned_minilm import MiniLMEmbedder
from feelscope.models.settings import FusionSettings
from feelscope.objectives.settings import CombinationSettings
from feelscope.progress import silent
from feelscope.train import checkpoint, loop
from feelscope.train.encoding import EncodedCorpus
from feelscope.train.fit import fit_classifier
from feelscope.train.recipe import ChoiceSettings, Recipe, Source, StepSettings

EMOTIONS = ("happiness", "sadness", "anger")
VOCABULARY = 40
VIEWS = 4
TRUNK_SHAPE = (4, 6, 6)
IMAGE_WIDTH = 8
TEXT = TextSettings("minilm", "tuned", dropout=0.0, learning_rate=1e-3, layer_decay=0.85)
IMAGE = ImageSettings("lite0", "tuned", learning_rate=1e-2)
RECIPE = Recipe(
    "A test.",
    FusionSettings("gated", hidden_size=16, dropout=0.1),
    text=TEXT,
    image=IMAGE,
    steps=StepSettings(
        optimizer="adamw",
        learning_rate=1e-2,
        schedule="linear",
        warm_up=0.08,
        beta2=0.98,
        weight_decay=0.01,
        max_grad_norm=1.0,
        batch_size=8,
        epochs=3,
        label_smoothing=0.05,
        ema_decay=0.8,
    ),
    choices=ChoiceSettings(patience=9),
    combinations=CombinationSettings(),
)


class SmallText(Encoder):
    """MiniLM of one layer and forty words."""

    width = minilm.WIDTH

    def __init__(self, seed: int = 0):
        torch.manual_seed(seed)
        self._network = minilm.MiniLM(vocab_size=VOCABULARY, intermediate_size=64, num_hidden_layers=1)

    def encode(self, posts, progress, refuse):
        raise NotImplementedError

    def embedder(self) -> MiniLMEmbedder:
        return MiniLMEmbedder(copy.deepcopy(self._network), TEXT)

    def write(self, folder, embedder, posts):
        raise NotImplementedError


class SmallImage(Encoder):
    """A top of one convolution over trunk outputs that are there already, float16 (rows, VIEWS, C, H, W)."""

    width = IMAGE_WIDTH

    def __init__(self, trunks: np.ndarray, erase: float = 0.0, seed: int = 0):
        torch.manual_seed(seed)
        self._trunks, self._erase = trunks, erase
        self._top = nn.Sequential(nn.Conv2d(TRUNK_SHAPE[0], IMAGE_WIDTH, 1), nn.BatchNorm2d(IMAGE_WIDTH), nn.ReLU())

    def encode(self, posts, progress, refuse):
        raise NotImplementedError

    def embedder(self) -> Lite0Embedder:
        return Lite0Embedder(copy.deepcopy(self._top), IMAGE_WIDTH, lambda: self._trunks, nn.Identity())

    def augment(self, inputs, draws):
        return draw_views(inputs, VIEWS, self._trunks.shape[3:], self._erase, draws)

    def write(self, folder, embedder, posts):
        raise NotImplementedError


def encoded(
    ids: Sequence[list[int]], rows: Sequence[int], labels: Sequence[int], tables: Sequence[int] | None = None, **more
) -> EncodedPosts:
    """Posts of token ids and rows of trunk outputs, -1 for none."""
    pictures = torch.tensor(rows, dtype=torch.int32).unsqueeze(1) + 1
    return encoded_posts(
        {"text": pad(list(ids)), "image": pictures},
        {"text": torch.tensor([float(bool(some)) for some in ids]), "image": (pictures[:, 0] > 0).float()},
        torch.tensor(labels),
        tables=None if tables is None else torch.tensor(tables),
        **more,
    )


def corpus(posts: int = 60, seed: int = 0, held: bool = True, emotion_of: Sequence[int] = ()) -> EncodedCorpus:
    """Posts of three emotions: token 10 + label says which, and so does the bright channel of the picture."""
    draw = np.random.default_rng(seed)
    trunks = draw.normal(0, 0.2, size=(posts, VIEWS, *TRUNK_SHAPE)).astype(np.float16)
    ids, rows, labels = [], [], []
    for number in range(posts):
        label = number % len(EMOTIONS)
        trunks[number, :, label] += 2
        words = [1, *draw.integers(20, VOCABULARY, size=draw.integers(1, 9)).tolist(), 10 + label, 2]
        fourth = number // 3 % 4  # of four: two with both modalities, one with each alone
        ids.append([] if fourth == 3 else words)
        rows.append(-1 if fourth == 2 else number)
        labels.append(label)
    half, quarter = posts // 2, posts // 4
    training = encoded(ids[quarter:], rows[quarter:], labels[quarter:], [0] * (half - quarter) + [1] * (posts - half))
    count = quarter if held else 0
    validation = encoded(ids[:count], rows[:count], labels[:count])
    sources = (
        Source("a.csv", "A", "ours"),
        Source("b.csv", "B", "ours", posts_per_epoch=quarter, borrow_picture=0.5),
    )
    encoders: dict[str, Encoder] = {"text": SmallText(), "image": SmallImage(trunks)}
    return EncodedCorpus(encoders, training, validation, len(EMOTIONS), tuple(emotion_of), sources)


def main(out: Path) -> None:
    """Train, or continue where it was killed: for a process of its own, in tests that kill it."""
    torch.set_num_threads(1)
    loop._SECONDS_PER_CHECKPOINT = 0.0
    fitted = fit_classifier(RECIPE, corpus(), out, resume=(out / checkpoint.FILE).exists(), progress=silent)
    weights = {name: value.double().sum().item() for name, value in fitted.network.state_dict().items()}
    (out / "done.json").write_text(json.dumps([fitted.history, fitted.temperature, weights]))
