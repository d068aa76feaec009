"""Pictures to RGB arrays: the only place that opens them."""

from feelscope.images.read import (
    PictureLimits,
    content,
    digest,
    ending,
    read_centre,
    read_rgb,
    read_rgba,
    read_squares,
    read_within,
    small_jpeg,
    squared,
    squeezed,
)

__all__ = [
    "PictureLimits",
    "content",
    "digest",
    "ending",
    "read_centre",
    "read_rgb",
    "read_rgba",
    "read_squares",
    "read_within",
    "small_jpeg",
    "squared",
    "squeezed",
]
