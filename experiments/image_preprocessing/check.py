"""Which preprocessing is right for the published EfficientNet-Lite0 weights: pictures whose content is known.

    python experiments/image_preprocessing/check.py --captions captions.csv --images images/

The captions say which pictures show a dog (in at least four of their five captions) and which do not (in none); the
network's ImageNet classifier has 118 breeds of dog. The right preprocessing finds most dogs and invents few.
"""

import argparse
import csv
from collections import defaultdict
from itertools import product
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn

from feelscope.encoders import efficientnet_lite0
from feelscope.encoders.weights import find
from feelscope.images import read_rgb

DOGS = range(151, 269)
SIZE = efficientnet_lite0.SIZE
IMAGENET_MEAN, IMAGENET_DEVIATION = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--captions", type=Path, required=True)
    arguments.add_argument("--images", type=Path, required=True)
    options = arguments.parse_args()
    dogs, others = known_pictures(options.captions)
    encoder = efficientnet_lite0.EfficientNetLite0.pretrained().eval()
    state = torch.load(find("efficientnet-lite0"), weights_only=True)
    classifier = nn.Linear(efficientnet_lite0.WIDTH, 1000)
    classifier.load_state_dict(efficientnet_lite0.rename_published(state)[1])
    print(f"{len(dogs)} pictures with a dog, {len(others)} without\n")
    print("| padding | scaling | framing | dogs found | dogs invented | mean top probability |")
    print("|---|---|---|---|---|---|")
    for padding, scaling, framing in product(
        ("same", "symmetric"), ("(x-127)/128", "ImageNet"), ("squeezed", "centre")
    ):
        set_padding(encoder, padding)
        tops = []
        for names in (dogs, others):
            batches = [names[start : start + 32] for start in range(0, len(names), 32)]
            with torch.inference_mode():
                pixels = [torch.stack([load(options.images / n, scaling, framing) for n in part]) for part in batches]
                tops.append(torch.cat([classifier(encoder(part)).softmax(dim=1) for part in pixels]))
        found, invented = ((top.argmax(1) >= DOGS.start) & (top.argmax(1) < DOGS.stop) for top in tops)
        top = torch.cat(tops).max(dim=1).values.mean()
        row = [
            padding,
            scaling,
            framing,
            *(f"{value:.3f}" for value in (found.float().mean(), invented.float().mean(), top)),
        ]
        print(f"| {' | '.join(row)} |")


def known_pictures(captions: Path) -> tuple[list[str], list[str]]:
    """Names of pictures with and (the first 300) without a dog."""
    by_picture: dict[str, list[str]] = defaultdict(list)
    with captions.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            by_picture[row["image"]].append(row["caption"].lower())
    dogs = [name for name, lines in by_picture.items() if sum("dog" in line.split() for line in lines) >= 4]
    others = [name for name, lines in by_picture.items() if not any("dog" in line for line in lines)]
    return dogs, others[:300]


def load(path: Path, scaling: str, framing: str) -> torch.Tensor:
    """One picture, (3, 224, 224)."""
    if framing == "squeezed":
        rgb = read_rgb(path, SIZE)
    else:
        image = Image.fromarray(read_rgb(path))
        factor = 256 / min(image.size)
        width, height = (round(side * factor) for side in image.size)
        left, top = (width - SIZE) // 2, (height - SIZE) // 2
        resized = image.resize((width, height), Image.Resampling.BICUBIC)
        rgb = np.asarray(resized.crop((left, top, left + SIZE, top + SIZE)))
    if scaling == "ImageNet":
        pixels = np.moveaxis((rgb / 255 - IMAGENET_MEAN) / IMAGENET_DEVIATION, -1, 0).astype(np.float32)
        return torch.from_numpy(np.ascontiguousarray(pixels))
    return torch.from_numpy(efficientnet_lite0.scale_pixels(rgb))


def set_padding(encoder: nn.Module, padding: str) -> None:
    """Pad strided convolutions as TensorFlow does, or as PyTorch would."""
    for module in encoder.modules():
        if isinstance(module, efficientnet_lite0.SameConv2d):
            symmetric = padding == "symmetric"
            half = module.kernel_size[0] // 2
            module.padding = (half, half) if symmetric else (0, 0)
            module.forward = nn.Conv2d.forward.__get__(module) if symmetric else type(module).forward.__get__(module)


if __name__ == "__main__":
    main()
