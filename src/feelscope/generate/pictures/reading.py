"""Posts to pictures that a generator learns to draw, and what each would be asked for by."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from feelscope.errors import PictureError, TableError
from feelscope.generate.pictures.settings import PictureSettings
from feelscope.generate.pictures.shown import ShownPictures
from feelscope.images import read_centre
from feelscope.post import Post
from feelscope.progress import Progress
from feelscope.saved_model.builtin_sentences import BuiltinSentences
from feelscope.saved_model.sentence_vectors import sentence_vectors
from feelscope.table import Quarantine
from feelscope.table.unused_pictures import count_fault
from feelscope.text.counts import counted

LEAST = 100  # pictures; ours
_SMALLEST = 8  # pixels of a picture's shorter side; ours
_AT_ONCE = 100  # pictures between two reports of progress


def read_pictures(
    posts: Iterable[Post],
    settings: PictureSettings,
    source: str,
    *,
    cache: Path,
    quarantine: Quarantine,
    progress: Progress,
) -> ShownPictures:
    """Read the pictures of posts that have what is asked for; those that cannot be used go to the quarantine.

    Args:
        source: Where the posts are from, for people.
        cache: The folder of the feature cache, for texts.

    Raises:
        TableError: There are fewer than `LEAST`, or a single emotion.
    """
    kept: list[Post] = []
    pictures: list[np.ndarray] = []
    for number, post in enumerate(posts):
        if number % _AT_ONCE == 0:
            progress("reading pictures", number, 0, "")
        if post.image is None or not _has(post, settings.by):
            continue
        try:
            pictures.append(read_centre(post.image, settings.size, _SMALLEST))
        except PictureError as error:
            quarantine.add(post.id, post.row, "picture not used in training", detail=str(error))
            count_fault(quarantine, str(error))
            continue
        kept.append(post)
    if len(kept) < LEAST:
        needed = {"nothing": "", "emotion": " and an emotion", "text": " and words"}[settings.by]
        raise TableError(
            f"{source}: {counted(len(kept), 'post')} with a picture that can be read{needed}, and a generator needs "
            f"{LEAST} or more: with fewer, its discriminator remembers each and teaches it nothing; add posts"
        )
    pixels = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).contiguous()  # (N, 3, S, S)
    if settings.by == "emotion":
        names = tuple(sorted({str(post.emotion) for post in kept}))
        if len(names) < 2:
            raise TableError(f"{source}: all pictures have the emotion {names[0]}; give two, or leave --by out")
        return ShownPictures(pixels, one_hot([str(post.emotion) for post in kept], names), source, names)
    if settings.by == "text":
        encoder = BuiltinSentences()
        vectors = sentence_vectors([" ".join(post.texts) for post in kept], encoder, cache, progress)
        return ShownPictures(pixels, unit(vectors), source, reader=encoder.identity)
    return ShownPictures(pixels, torch.zeros(len(pixels), 0), source)


def one_hot(emotions: list[str], names: tuple[str, ...]) -> torch.Tensor:
    """Emotions as conditions, float (N, K)."""
    return F.one_hot(torch.tensor([names.index(one) for one in emotions]), len(names)).float()


def unit(vectors: torch.Tensor) -> torch.Tensor:
    """Vectors of texts as conditions of length 1, float (N, S); a vector of zeros stays one."""
    return F.normalize(vectors, dim=1)


def _has(post: Post, by: str) -> bool:
    return {"nothing": True, "emotion": bool(post.emotion), "text": post.has_text}[by]
