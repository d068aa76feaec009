"""Distances of drawn pictures to real ones, and what the discriminator's features are worth.

python measure_cifar10.py distances --data DIR --run DIR --steps N --scores scores.csv --sheets DIR
python measure_cifar10.py features --data DIR --run DIR --steps N --scores scores.csv
"""

import argparse
import time
from pathlib import Path

import linear_svm
import numpy as np
import torch
from pictures import read
from scores import add, share
from sheets import write_jpeg
from trained import WIDTH, draw, load

from feelscope.encoders.efficientnet_lite0 import EfficientNetLite0
from feelscope.generate.pictures.copies import nearest
from feelscope.generate.pictures.drawing import drawn_by
from feelscope.generate.pictures.lite0_features import NAME, lite0_features
from feelscope.generate.pictures.task import scaled
from feelscope.metrics.distributions import frechet_distance, kernel_distance
from feelscope.models.dcgan import Discriminator, Generator

COUNT = 10_000  # pictures in each set
SIDE = 64  # pixels that pictures are enlarged to for the distances
COMPONENTS = 100
CHOICES = (1e-5, 1e-4)  # C of the SVM, on features of deviation 1
LEARNT, CHOOSING = 5_000, 2_000  # rows that the SVM learns from, and by which C is chosen


def main() -> None:
    """Measure one of the two."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("distances", "features"))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scores", type=Path, required=True)
    parser.add_argument("--sheets", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    (distances if given.what == "distances" else features)(given)


def sets(training: torch.Tensor, given: argparse.Namespace) -> dict[str, torch.Tensor]:
    """What is compared with 10,000 real pictures: as many of each kind, uint8."""
    draws = torch.Generator().manual_seed(given.seed)
    torch.manual_seed(given.seed)
    untrained = Generator(32, 0, WIDTH)
    noise = torch.rand(COUNT, untrained.noise, generator=draws) * 2 - 1
    untrained.train()  # by the statistics of the batch: those of training were never measured
    return {
        f"PCA-{COMPONENTS} Gaussian": gaussian(training, draws),
        "DCGAN untrained": torch.from_numpy(drawn_by(untrained, noise, None)),
        "DCGAN": draw(load(given.run, 0)[0], None, COUNT, given.seed),
    }


def gaussian(training: torch.Tensor, draws: torch.Generator) -> torch.Tensor:
    """Pictures drawn from a normal distribution over the first principal components of the training pictures."""
    rows = training.flatten(1).float()
    mean = rows.mean(dim=0)
    values, directions = torch.linalg.eigh((rows - mean).T @ (rows - mean) / (len(rows) - 1))
    values, directions = values[-COMPONENTS:], directions[:, -COMPONENTS:]
    codes = torch.randn(COUNT, COMPONENTS, generator=draws) * values.sqrt()
    return (codes @ directions.T + mean).round().clamp(0, 255).to(torch.uint8).view(COUNT, *training.shape[1:])


def distances(given: argparse.Namespace) -> None:
    """Frechet and kernel distances, sheets, and the nearest training pictures."""
    training, _ = read(given.data / "cifar10" / "train.parquet")
    dev, _ = read(given.data / "cifar10" / "dev.parquet")
    order = torch.randperm(len(training), generator=torch.Generator().manual_seed(1))
    reference = training[order[:COUNT]]
    network = EfficientNetLite0.pretrained().to(memory_format=torch.channels_last)
    kept = given.run.parent / "lite0"
    kept.mkdir(exist_ok=True)

    def features_of(name: str, pixels: torch.Tensor) -> np.ndarray:
        path = kept / f"{name}.npy"
        if not path.exists():
            began = time.monotonic()
            np.save(path, lite0_features(pixels, network, SIDE))
            print(f"{name}: {len(pixels)} pictures, {time.monotonic() - began:.0f} s", flush=True)
        return np.load(path)

    real, held = features_of("reference", reference), features_of("dev", dev)
    add(given.scores, "cifar10", "real: dev pictures", 0, "", f"{NAME}, n = 3,000", frechet_distance(held, real))
    add(given.scores, "cifar10", "real: dev pictures", 0, "", "kernel distance, n = 3,000", kernel_distance(held, real))
    for name, pixels in sets(training, given).items():
        trained = name == "DCGAN"
        steps, seed = (given.steps, given.seed) if trained else (0, given.seed)
        found = features_of(f"{name}-{steps}-{seed}", pixels)
        for other, against in (("10,000 training pictures", real), ("3,000 dev pictures", held)):
            what = "cifar10", name, steps, seed
            add(given.scores, *what, f"{NAME}, n = {COUNT:,}, to {other}", frechet_distance(found, against))
            add(given.scores, *what, f"kernel distance, n = {COUNT:,}, to {other}", kernel_distance(found, against))
        if given.sheets:
            write_jpeg(given.sheets / f"{name.lower().replace(' ', '_')}.jpg", pixels[:80], 16)
        if trained:
            some = pixels[:500]
            near = nearest(some, training)
            rows = order[:500]
            real_near = nearest(training[rows], training, themselves=rows)
            dev_near = nearest(dev[:500], training)
            for kind, one in (("drawn", near), ("training", real_near), ("dev", dev_near)):
                middle = float(one.distances.median())
                add(given.scores, "cifar10", name, steps, seed, f"median distance to nearest: {kind}", middle)
            if given.sheets:
                shown = torch.cat([some[:16], training[near.rows[:16]]])
                write_jpeg(given.sheets / "nearest.jpg", shown, 16)


def features(given: argparse.Namespace) -> None:
    """A linear SVM on pixels, on an untrained discriminator's features and on a trained one's."""
    training, labels = read(given.data / "cifar10" / "train.parquet")
    dev, truth = read(given.data / "cifar10" / "dev.parquet")
    order = torch.randperm(len(training), generator=torch.Generator().manual_seed(2))
    rows = {"fit": order[:LEARNT], "choose": order[LEARNT : LEARNT + CHOOSING]}
    torch.manual_seed(given.seed)
    untrained = Discriminator(32, 0, WIDTH)
    with torch.no_grad():  # its batch statistics, as the trained one has
        for batch in training[order[:6400]].split(64):
            untrained(scaled(batch))
    trained = load(given.run, 0)[1]
    names = sorted(set(labels))
    numbers = torch.tensor([names.index(one) for one in labels])
    named = {part: numbers[at] for part, at in rows.items()}
    named["dev"] = torch.tensor([names.index(one) for one in truth])
    kinds = {"discriminator": trained, "discriminator untrained": untrained.eval(), "pixels": None}
    for name, network in kinds.items():
        parts = {part: vectors(network, training[at]) for part, at in rows.items()} | {"dev": vectors(network, dev)}
        mean, deviation = parts["fit"].mean(dim=0), parts["fit"].std(dim=0) + 1e-6
        parts = {part: (values - mean) / deviation for part, values in parts.items()}
        best = None
        for c in CHOICES:
            fitted = linear_svm.fit(parts["fit"], named["fit"], c)
            score = float(np.mean(linear_svm.right(fitted, parts["choose"], named["choose"])))
            print(f"{name}: C {c:g}, {score:.4f} on {CHOOSING} rows", flush=True)
            if best is None or score > best[0]:
                best = score, fitted
        assert best is not None
        steps = given.steps if name == "discriminator" else 0
        measure = f"SVM on {parts['fit'].shape[1]:,} numbers"
        found = share(linear_svm.right(best[1], parts["dev"], named["dev"]))
        add(given.scores, "cifar10", name, steps, given.seed, measure, *found)


@torch.no_grad()
def vectors(network: Discriminator | None, pixels: torch.Tensor) -> torch.Tensor:
    """Features of pictures (N, D), or their pixels."""
    if network is None:
        return scaled(pixels).flatten(1)
    return torch.cat([network.features(scaled(some)) for some in pixels.split(128)])


if __name__ == "__main__":
    main()
