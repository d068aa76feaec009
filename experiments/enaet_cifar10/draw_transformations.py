"""Example pictures transformed: a row for each, with itself, the five families and the mosaic.

    python experiments/enaet_cifar10/draw_transformations.py

It writes transformations.png beside this file.
"""

from pathlib import Path

import numpy as np
from PIL import Image

from feelscope.images import read_rgb
from feelscope.images.sheet import opaque, write_sheet
from feelscope.images.transformations import FAMILIES, mosaic, transform

HERE = Path(__file__).parent
EXAMPLES = ("cake.png", "fireworks.jpg", "sandwich.png")
SIDE = 64  # pixels


def main() -> None:
    pictures = []
    for number, name in enumerate(EXAMPLES):
        draws = np.random.default_rng(number)
        plain = Image.fromarray(read_rgb(HERE.parents[1] / "examples" / "images" / name, SIDE))
        row = [plain, *(transform(plain, family, draws)[0] for family in FAMILIES), mosaic(plain, draws)]
        pictures += [np.moveaxis(np.asarray(one), -1, 0) for one in row]
    write_sheet(HERE / "transformations.png", opaque(np.stack(pictures)), columns=2 + len(FAMILIES), scale=2)


if __name__ == "__main__":
    main()
