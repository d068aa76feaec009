"""Videos that tests make themselves, of small photos: no file of a video is kept."""

import io
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import av
import numpy as np
from PIL import Image

SIZE = (160, 96)


def video(
    frames: Iterable[Image.Image],
    *,
    format: str = "mp4",
    codec: str = "libx264",
    rate: Fraction | int = 10,
    gop: int = 10,
    rotation: int = 0,
    **options: str,
) -> bytes:
    """Frames of one size as a video, `rate` of them a second, with a key frame every `gop`."""
    file = io.BytesIO()
    with av.open(file, "w", format=format) as container:
        stream: Any = container.add_stream(codec, rate=rate)
        stream.codec_context.gop_size = gop
        stream.options = {"crf": "12", **options} if codec in ("libx264", "libvpx-vp9") else options
        if rotation:
            stream.set_display_rotation(rotation)
        for number, image in enumerate(frames):
            if not number:
                stream.width, stream.height = image.size
                stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
            frame = av.VideoFrame.from_ndarray(np.asarray(image.convert("RGB")), "rgb24")
            frame.pts, frame.time_base = number, 1 / Fraction(rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file.getvalue()


def sound(format: str = "mp4") -> bytes:
    """A second of sound, without any picture."""
    file = io.BytesIO()
    with av.open(file, "w", format=format) as container:
        stream: Any = container.add_stream("aac", rate=16_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 16_000), np.float32), "fltp", "mono")
        frame.sample_rate, frame.pts = 16_000, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file.getvalue()
