"""What a picture is that shows nothing to a model of photos: blank, noise, or flat as a chart is.

    rgb (H, W, 3) --every other pixel, green--> differences of neighbours, deviation --> flat? blank?
                  --where hardly any are the same--> correlation of neighbours --> noise?
                  --where many are the same: 16 levels a colour--> most frequent colours --> flat?

A photo has neighbours that are alike and yet differ, and many colours. Thresholds are ours: none of 500 pictures of
MSED's training part is beyond one, and 2 of 1,000 others. Drawn pictures, things on one colour and screenshots of text
are flat too; a textured drawing, a meme over a photo, or a photo of nothing in particular, is not found.
"""

import numpy as np

KINDS = ("blank", "noise", "flat")
_LEVEL = 2  # of 255: neighbours that differ by less are the same
_FLAT = 0.87  # of neighbours that are the same; at most 0.83 in those photos
_BLANK_FLAT, _BLANK_DEVIATION = 0.985, 10.0  # the same of a sheet; of 255, of paper's grain; at least 17
_FADE = 8  # of 255: the most that neighbours differ by in a sheet that fades
_COLOURS, _FEW, _MAY_BE_FEW = 6, 0.93, 0.6  # so many colours make up so much of the picture, 0.89; asked of such flat
_NOISE, _MAY_BE_NOISE = 0.25, 0.1  # correlation of neighbours, at least 0.44; asked of what is no flatter


def unlike_photos(rgb: np.ndarray) -> str:
    """One of `KINDS`, or empty for a picture that may be a photo.

    Args:
        rgb: uint8 (H, W, 3), as a network reads it.
    """
    half = rgb[::2, ::2]
    green = half[..., 1].astype(np.int16)  # (h, w)
    if min(green.shape) < 2:
        return "blank"
    across, down = np.abs(np.diff(green, axis=1)), np.abs(np.diff(green, axis=0))
    flat = (np.count_nonzero(across < _LEVEL) + np.count_nonzero(down < _LEVEL)) / (across.size + down.size)
    fades = max(across.max(), down.max()) <= _FADE
    if flat >= _BLANK_FLAT or fades or green.std() < _BLANK_DEVIATION:
        return "blank"
    if flat >= _FLAT:
        return "flat"
    if flat < _MAY_BE_NOISE and _correlation(green) < _NOISE:
        return "noise"
    return "flat" if flat >= _MAY_BE_FEW and _in_few_colours(half) >= _FEW else ""


def contrast(rgb: np.ndarray) -> int:
    """The most that two pixels of a picture, uint8 (H, W, 3), differ by in red, green or blue."""
    return int(np.ptp(rgb.reshape(-1, 3).astype(np.int16), axis=0).max())


def _correlation(green: np.ndarray) -> float:
    """That of neighbours, across or down, whichever is higher."""
    rest = green - green.mean(dtype=np.float32)
    products = (rest[:, 1:] * rest[:, :-1]).mean(), (rest[1:] * rest[:-1]).mean()
    return float(max(products) / (rest * rest).mean())


def _in_few_colours(rgb: np.ndarray) -> float:
    """The share of pixels that have one of the most frequent colours."""
    red, green, blue = np.moveaxis((rgb >> 4).astype(np.intp), -1, 0)
    counts = np.bincount((red << 8 | green << 4 | blue).ravel(), minlength=16**3)
    return float(np.partition(counts, -_COLOURS)[-_COLOURS:].sum() / counts.sum())
