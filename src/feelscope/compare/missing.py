"""Which posts lose which modality: one fixed pattern for each seed, the same for all models, kept as a file.

Every complete post has a place between 0 and 1 and a modality that it would lose. At a rate of 0.3 the posts with a
place below 0.3 lose something: their words, their picture, or that modality (`either`). So a higher rate takes from
the same posts and from others.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from feelscope.encoders.encoded_posts import EncodedPosts
from feelscope.errors import ConfigError
from feelscope.post import Post
from feelscope.text.csv_cells import write_csv

LOSES = ("text", "image", "either")
TITLES = {
    "text": "posts losing their words",
    "image": "posts losing their picture",
    "either": "posts losing one of the two",
}


@dataclass(frozen=True, slots=True)
class Pattern:
    """What N posts lose: `place` (N,), 2 for posts that are not complete, and `modality` (N,), `text` or `image`."""

    place: np.ndarray
    modality: np.ndarray

    def apply(self, posts: EncodedPosts, loses: str, rate: float) -> EncodedPosts:
        """The posts with what is left of them, as far as they are encoded."""
        present = dict(posts.present)
        for name in ("text", "image"):
            if name in present:
                taken = (self.place < rate) & ((self.modality == name) if loses == "either" else loses == name)
                present[name] = present[name] * torch.from_numpy(~taken).float()
        return replace(posts, present=present)


def draw(posts: Sequence[Post], seed: int) -> Pattern:
    """The pattern of a seed: the places of the complete posts are evenly spread, their order is drawn."""
    complete = np.array([post.has_text and post.image is not None for post in posts], dtype=bool)
    random = np.random.default_rng((seed, 7))
    place = np.full(len(posts), 2.0)
    place[complete] = random.permutation(int(complete.sum())) / max(1, int(complete.sum()))
    return Pattern(place, np.where(random.random(len(posts)) < 0.5, "text", "image"))


def save(pattern: Pattern, posts: Sequence[Post], file: Path) -> None:
    """Write a pattern as CSV: id, place, loses, of the complete posts; nothing where there are none."""
    rows = [
        {"id": post.id, "place": float(place), "loses": str(modality)}
        for post, place, modality in zip(posts, pattern.place, pattern.modality, strict=True)
        if place < 1
    ]
    if rows:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_csv(file, rows)


def read_rates(value: str) -> tuple[float, ...]:
    """Read `0,0.1,0.5`: shares of the posts, in rising order.

    Raises:
        ConfigError: One of them is not a number from 0 to 1.
    """
    try:
        rates = sorted({float(part) for part in value.split(",") if part.strip()})
    except ValueError:
        raise ConfigError(f"--missing: expected shares as in 0,0.1,0.5, found {value!r}") from None
    if any(not 0 <= rate <= 1 for rate in rates):
        raise ConfigError(f"--missing: expected shares from 0 to 1, found {value!r}")
    return tuple(rates)
