"""A bottleneck that trains in seconds: coloured pictures, what is said of them, and a tiny network that reads them."""

from pathlib import Path

import numpy as np
import small_hub
import torch
from PIL import Image

from feelscope.bottleneck.fit import Training, fit_bottleneck
from feelscope.bottleneck.folder import BottleneckParts
from feelscope.bottleneck.pictures import Pictures
from feelscope.bottleneck.train import train_bottleneck
from feelscope.config import build
from feelscope.encoders.encoder import Resources
from feelscope.models.bottleneck_settings import BottleneckSettings
from feelscope.progress import silent
from feelscope.train.recipe import Recipe, StepSettings

EMOTIONS = ("anger", "sadness", "happiness")
SAID = ("an angry man shouts at red {}", "a sad woman weeps by a blue {}", "a happy child smiles in green {}")
PLACES = ("rooms", "parks", "streets", "houses")
COLOURS = ((220, 30, 30), (30, 30, 220), (30, 220, 30))
SETTINGS = BottleneckSettings(
    questions=6,
    least_captions=3,
    answer_epochs=8,
    decide_epochs=8,
    dropout=0.0,
    text_dropout=0.0,
    caption_words=8,
    caption_least=2,
    caption_size=24,
    caption_epochs=40,
    caption_rate=1e-2,
)
STEPS = StepSettings(optimizer="adamw", learning_rate=1e-2, batch_size=16, epochs=8)


def pictures(count: int, seed: int = 0, width: int = 12) -> Pictures:
    """Vectors whose first three numbers tell the emotion, and captions that say it."""
    draws = np.random.default_rng(seed)
    labels = torch.from_numpy(draws.integers(0, 3, count))
    vectors = torch.from_numpy(draws.normal(0, 0.5, (count, width))).float()
    vectors[torch.arange(count), labels] += 4.0
    captions = [SAID[label].format(PLACES[row % len(PLACES)]).split() for row, label in enumerate(labels.tolist())]
    return Pictures(vectors, [[one] for one in captions], [set(one) for one in captions], labels)


def fitted_parts() -> BottleneckParts:
    """A bottleneck of vectors, without an encoder."""
    how = Training(STEPS, 0, 50, None, False, silent)
    fitted = fit_bottleneck(pictures(90), pictures(30, 1), SETTINGS, how)
    return BottleneckParts(
        "small", EMOTIONS, "lite0", "none", 12, fitted.temperature, SETTINGS, fitted.vocabulary, fitted.words,
        fitted.asked, fitted.captioner, fitted.network,
    )  # fmt: skip


def write_posts(folder: Path, count: int = 60) -> Path:
    """A table of posts with pictures of one colour, a little noisy."""
    draws = np.random.default_rng(0)
    lines = ["id,text,image,emotion"]
    for row in range(count):
        label = row % 3
        pixels = np.clip(np.array(COLOURS[label]) + draws.normal(0, 20, (20, 20, 3)), 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{row}.png")
        said = SAID[label].format(f"{PLACES[row // 3 % 4]} number{row}")  # told apart, so that none is a near-duplicate
        lines.append(f"{row},{said} w{row}a w{row}b w{row}c w{row}d w{row}e,{row}.png,{EMOTIONS[label]}")
    table = folder / "posts.csv"
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return table


def recipe(folder: Path) -> Recipe:
    """A recipe whose pictures are read by a tiny network that is saved into the folder."""
    if not (folder / "vit").exists():
        small_hub.save_vit(folder / "vit")
    values = {
        "purpose": "A test.",
        "image": {"encoder": f"hub:{folder / 'vit'}", "training": "frozen"},
        "fusion": {"model": "image_only"},
        "bottleneck": {name: getattr(SETTINGS, name) for name in SETTINGS.__dataclass_fields__},
        "steps": {name: getattr(STEPS, name) for name in STEPS.__dataclass_fields__},
        "choices": {"validation": 0.2, "patience": 50},
    }
    return build(values, Recipe, "a test")


def train_run(folder: Path, **options) -> Path:
    """A saved bottleneck of coloured pictures."""
    table = write_posts(folder)
    return train_bottleneck(
        recipe(folder), folder / "run", table=table, resources=Resources(folder / "features"), **options
    )
