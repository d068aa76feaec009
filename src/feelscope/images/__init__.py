"""Pictures to RGB arrays: the only place that opens them.

`picture_file.py` has the file's content, `header.py` what it says of itself, `decoding.py` its pixels, and `read.py`
what is asked of these; `video.py` has a few frames of a video.
"""

from feelscope.images.picture_file import PictureLimits, content, digest, ending
from feelscope.images.read import (
    read_centre,
    read_rgb,
    read_rgba,
    read_squares,
    read_within,
    small_jpeg,
    squared,
    squeezed,
)
from feelscope.images.video import is_video

__all__ = [
    "PictureLimits",
    "content",
    "digest",
    "ending",
    "is_video",
    "read_centre",
    "read_rgb",
    "read_rgba",
    "read_squares",
    "read_within",
    "small_jpeg",
    "squared",
    "squeezed",
]
