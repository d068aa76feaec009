"""A training that takes seconds: towers of a few parameters, and posts whose emotion is plain to see.

Also a script, for tests that kill it: `python small_training.py OUT` trains, or goes on where it was killed.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from feelscope.encoders import minilm
from feelscope.models.gated import GatedFusion
from feelscope.models.subclasses import Parts
from feelscope.models.towers import Towers
from feelscope.progress import silent
from feelscope.train import checkpoint, fit
from feelscope.train.batches import Encoded, Pool
from feelscope.train.corpus import Corpus
from feelscope.train.recipe import Recipe

EMOTIONS = ("happiness", "sadness", "anger")
VOCABULARY = 40
TRUNK_SHAPE = (4, 6, 6)
IMAGE_WIDTH = 8
RECIPE = Recipe(
    "A test.",
    epochs=3,
    batch=8,
    width=16,
    text_rate=1e-3,
    image_rate=1e-2,
    fusion_rate=1e-2,
    average=0.8,
    half_precision=False,
    patience=9,
)


def towers(seed: int = 0, emotion_of: Sequence[int] = ()) -> Towers:
    torch.manual_seed(seed)
    text = minilm.MiniLM(vocab_size=VOCABULARY, intermediate_size=64, num_hidden_layers=1)
    top = nn.Sequential(nn.Conv2d(TRUNK_SHAPE[0], IMAGE_WIDTH, 1), nn.BatchNorm2d(IMAGE_WIDTH), nn.ReLU())
    fusion = GatedFusion(minilm.WIDTH, IMAGE_WIDTH, len(emotion_of) or len(EMOTIONS), 16, 0.1)
    return Towers(text, top, fusion, IMAGE_WIDTH, Parts(emotion_of) if emotion_of else None)


def corpus(posts: int = 60, seed: int = 0) -> Corpus:
    """Posts of three emotions: token 10 + label says which, and so does the bright channel of the picture."""
    draw = np.random.default_rng(seed)
    trunk = draw.normal(0, 0.2, size=(posts, 4, *TRUNK_SHAPE)).astype(np.float16)
    found = []
    for number in range(posts):
        label = number % len(EMOTIONS)
        trunk[number, :, label] += 2
        words = [1, *draw.integers(20, VOCABULARY, size=draw.integers(1, 9)).tolist(), 10 + label, 2]
        way = number // 3 % 4  # of four: two with both halves, one with each alone
        found.append(Encoded([] if way == 3 else words, -1 if way == 2 else number, label))
    held = posts // 4
    pools = [Pool(found[held : posts // 2]), Pool(found[posts // 2 :], per_epoch=posts // 4, borrow_picture=0.5)]
    return Corpus(EMOTIONS, pools, [found[:held]], trunk, [], [])


def main(out: Path) -> None:
    torch.set_num_threads(1)
    fit._STEPS_PER_CHECKPOINT = 1
    fitted = fit.fit(towers(), corpus(), RECIPE, out, resume=(out / checkpoint.FILE).exists(), progress=silent)
    weights = {name: value.double().sum().item() for name, value in fitted.towers.state_dict().items()}
    (out / "done.json").write_text(json.dumps([fitted.history, fitted.temperature, weights]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
