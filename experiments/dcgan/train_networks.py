"""Train the networks of this experiment; each continues where it was stopped.

python train_networks.py cifar10 --data DIR --out DIR [--steps N] [--seed N]
"""

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

import torch
from pictures import captioned, shown
from safetensors.torch import save_file

from feelscope.generate.pictures.fit import fit_pictures
from feelscope.generate.pictures.settings import PictureSettings
from feelscope.train import checkpoint

CHEAP = PictureSettings(width=0.25, batch_size=64, precision="bfloat16", epochs=1000)
SETTINGS = {
    "cifar10": CHEAP,
    "fer2013": replace(CHEAP, by="emotion", mirror=True),
    "msed": replace(CHEAP, by="text", mirror=True),
}


def main() -> None:
    """Train one network."""
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=SETTINGS)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shuffled", action="store_true", help="Give each picture another's condition, the control.")
    given = parser.parse_args()
    settings = replace(SETTINGS[given.name], steps=given.steps, seed=given.seed)
    folder = given.data / given.name
    if settings.by == "text":
        data = captioned(folder / "train.csv", settings, given.out.parent / "features")
    else:
        data = shown(folder / "train.parquet", by_label=settings.by == "emotion")
    if given.shuffled:
        others = torch.randperm(len(data), generator=torch.Generator().manual_seed(given.seed))
        data = replace(data, conditions=data.conditions[others])
    given.out.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()

    def progress(stage: str, done: int, total: int, detail: str) -> None:
        if done % 50 == 0:
            print(f"{stage} {done}/{total} {detail} {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)

    torch.set_num_threads(1)
    generator, discriminator, history = fit_pictures(
        data, settings, given.out, resume=checkpoint.has_begun(given.out), progress=progress
    )
    seconds = time.monotonic() - began
    for name, network in (("generator", generator), ("discriminator", discriminator)):
        weights = {key: value.contiguous() for key, value in network.state_dict().items()}
        save_file(weights, given.out / f"{name}.safetensors")
    print(f"{given.name}: {given.steps} steps, {seconds:.0f} s, last epoch {history[-1]}")


if __name__ == "__main__":
    main()
