"""Trunk outputs of the pictures that the runs show, once: `python trunks.py DATA CACHE`; goes on where it stopped."""

import sys
import time
from pathlib import Path

import torch
from protocol import MIRRORED, Posts, trunks

from feelscope.encoders.trunk_views import TRANSFORMED

LABELLED = 1200  # pictures of posts with labels; of others the second part of a training shows the words alone


def main(data: Path, cache: Path) -> None:
    torch.set_num_threads(1)
    posts = Posts.read(data)
    shown = [posts.train[number] for number in posts.to_be_shown()]
    others = [*posts.dev, *(posts.train[number] for number in posts.to_be_labelled()[:LABELLED])]
    for views, some in ((TRANSFORMED, shown), (MIRRORED, others)):
        pictures = [post.image for post in some if post.image is not None]
        kept = trunks(cache / "trunks", views)
        kept.rows(pictures, lambda done, total, what: _tell(done, total), lambda number, error: print(number, error))
        print(views.name, len(pictures), f"{time.process_time():.0f} s", flush=True)


def _tell(done: int, total: int) -> None:
    if done % 200 == 0:
        print(done, total, f"{time.process_time():.0f} s", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
