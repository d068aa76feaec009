"""Train one writer of the experiment.

python experiments/writer/train.py DATA WORK --posts all|kept|half --seed 0 [--vectors FILE]

`all` are MSED's training posts, `kept` those without the part for choices, `half` the writer's half. No
posts are kept apart to choose an epoch: the last is kept.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import data
import torch

from feelscope.generate.writer.settings import WriterSettings
from feelscope.generate.writer.train import train_writer
from feelscope.post import Post


def chosen(folder: Path, which: str) -> list[Post]:
    """The posts to learn from."""
    posts = data.read(folder, "train")
    if which == "all":
        return posts
    if which == "kept":
        return data.tuning(posts)[0]
    return data.halves(posts)[0]


def main() -> None:
    """Train and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--posts", choices=("all", "kept", "half"), required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--vectors", type=Path)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--balance", type=float)
    parser.add_argument("--resume", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    settings = replace(WriterSettings(), validation=0.0, seed=given.seed)
    if given.epochs:
        settings = replace(settings, epochs=given.epochs)
    if given.balance is not None:
        settings = replace(settings, balance=given.balance)
    train_writer(
        chosen(given.data, given.posts),
        given.work / f"{given.posts}-{given.seed}",
        settings,
        vectors=given.vectors,
        cache=given.work / "features",
        resume=given.resume,
        progress=lambda stage, done, total, remark: done % 50 == 0 and print(stage, done, total, remark, flush=True),
    )


if __name__ == "__main__":
    main()
