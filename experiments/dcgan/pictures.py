"""The pictures of this experiment: Parquet files with JPEG bytes in a column `image`, and a posts table."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import torch

from feelscope.errors import PictureError
from feelscope.generate.pictures.reading import read_pictures
from feelscope.generate.pictures.settings import PictureSettings
from feelscope.generate.pictures.shown import ShownPictures
from feelscope.images import read_centre, read_rgb
from feelscope.progress import silent
from feelscope.table import PostsTable, Quarantine


def read(path: Path, size: int = 32) -> tuple[torch.Tensor, list[str]]:
    """Pictures, uint8 (N, 3, S, S), and their labels."""
    table = pq.read_table(path)
    pixels = np.stack([read_rgb(one, size) for one in table["image"].to_pylist()])  # (N, S, S, 3)
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous(), table["label"].to_pylist()


def captioned(path: Path, settings: PictureSettings, cache: Path) -> ShownPictures:
    """A posts table's pictures, to be asked for by their texts."""
    with Quarantine(None) as quarantine:
        posts = PostsTable(path, quarantine=quarantine)
        return read_pictures(posts, settings, path.stem, cache=cache, quarantine=quarantine, progress=silent)


def words_of(path: Path, settings: PictureSettings) -> list[str]:
    """The texts of the posts that `captioned` keeps."""
    kept = []
    with Quarantine(None) as quarantine:
        for post in PostsTable(path, quarantine=quarantine):
            if post.image is None or not post.has_text:
                continue
            try:
                read_centre(post.image, settings.size, 8)
            except PictureError:
                continue
            kept.append(" ".join(post.texts))
    return kept


def shown(path: Path, *, by_label: bool, size: int = 32) -> ShownPictures:
    """A file's pictures, to be asked for by nothing or by their labels."""
    pixels, labels = read(path, size)
    names = tuple(sorted(set(labels))) if by_label else ()
    conditions = torch.zeros(len(pixels), len(names))
    if by_label:
        conditions[torch.arange(len(pixels)), torch.tensor([names.index(label) for label in labels])] = 1.0
    return ShownPictures(pixels, conditions, path.stem, names)
