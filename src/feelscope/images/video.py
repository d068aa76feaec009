"""Videos to a few of their frames, each video in a process of its own: see `video_process.py`.

this process                                          the other, for one video
file, limits --stdin, arguments-->                    FFmpeg by `av`, limits on memory and time
             <--a line of JSON, pixels--
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from PIL import Image

from feelscope.errors import PictureError
from feelscope.images.header import VIDEOS, format_of
from feelscope.images.picture_file import START, TOO_BIG, PictureLimits, name_of, opened, take
from feelscope.images.scenes import READ
from feelscope.memory import BUDGET
from feelscope.text.counts import counted

MEMORY = 200_000_000  # bytes that the other process may take, or half of what all pictures may, if that is more
_SECONDS = 10  # of a processor, for one video
_PATIENCE = 12  # times as many seconds of the clock: other programs may have the processors
_LINE = 100_000  # bytes of what is said before the pixels
_START = """
import sys
sys.path[:0] = sys.argv[1:2]
from feelscope.images.video_process import serve
serve(*sys.argv[2:])
"""


@dataclass(frozen=True, slots=True)
class VideoFrames:
    """Frames of a video, upright.

    Args:
        images: RGB, in their order; all that are read, or the one to be shown.
        times: Seconds from the beginning.
        shown: The place among them of the one to be shown where there is room for one alone.
        read: How many are read of this video.
        seconds: How long it is.
        damaged: Whether a part of it could not be read.
    """

    images: tuple[Image.Image, ...]
    times: tuple[float, ...]
    shown: int
    read: int
    seconds: float
    damaged: bool

    def said(self) -> str:
        """What was read, a sentence."""
        was = "was" if len(self.images) == 1 else "were"
        part = "; a part of it could not be" if self.damaged else ""
        return f"{counted(len(self.images), 'frame')} of a video of {seconds_of(self.seconds)} {was} read{part}"

    def said_of_one(self) -> str:
        """The same where one frame alone is looked at."""
        return f"of a video of {seconds_of(self.seconds)}, the frame at {seconds_of(self.times[self.shown])} was read"


def seconds_of(seconds: float) -> str:
    """Seconds as people read them."""
    return f"{seconds:,.1f} s" if seconds < 10 and seconds % 1 >= 0.05 else f"{seconds:,.0f} s"


def is_video(source: Path | bytes) -> bool:
    """Whether a content is of a video, by its first bytes.

    Raises:
        PictureError: It is no regular file, or cannot be read.
    """
    if isinstance(source, bytes):
        return format_of(source[:START]) in VIDEOS
    with opened(source) as (file, _):
        return format_of(file.read(START)) in VIDEOS


def read_video(source: Path | bytes, least: int | None, limits: PictureLimits, *, alone: bool = False) -> VideoFrames:
    """Some frames of a video, a few of every scene.

    Args:
        least: Pixels of the shorter side that are enough; None takes all.
        alone: Whether only the one to be shown is wanted.

    Raises:
        PictureError: One line that names the file and says what is wrong with it.
    """
    name = name_of(source)
    if find_spec("av") is None:
        raise PictureError(f'{name}: a video needs av: pip install "feelscope[video]", or give a picture of it')
    memory = max(MEMORY, BUDGET.decoding.size // 2)
    if memory > BUDGET.decoding.size:
        enough = BUDGET.enough(memory, BUDGET.decoding)
        raise PictureError(f"{name}: a video needs {memory / 1e6:.0f} MB to be read: --memory {enough}", TOO_BIG)
    with _content(source, limits) as (file, format), take(BUDGET.decoding, memory, name):
        left = memory - (len(source) if isinstance(source, bytes) else 0)
        asked = (format, str(least or 0), str(int(alone)), str(limits.max_video_pixels), str(left), str(_SECONDS))
        process = subprocess.Popen(
            # Not from the current folder, where a foreign av.py may lie; Ctrl+C is for this process alone.
            [sys.executable, "-P", "-c", _START, str(Path(__file__).parents[2]), *asked],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            process_group=0 if os.name == "posix" else None,
        )
        clock = threading.Timer(_PATIENCE * _SECONDS, process.kill)
        clock.start()
        assert process.stdout is not None
        try:
            return _answer(process.stdout, name, limits, memory)
        except _Ended:
            with suppress(subprocess.TimeoutExpired):
                process.wait(1)
            code = process.returncode
        finally:
            clock.cancel()
            process.kill()
            process.wait()
            process.stdout.close()
    ended = f"it took too long, or broke its reader (exit code {code})"  # None: it was still at it
    raise PictureError(f"{name}: {ended}; save it again, or cut out what is to be read") from None


class _Ended(Exception):
    """The other process gave no whole answer."""


def _answer(pipe: IO[bytes], name: str, limits: PictureLimits, memory: int) -> VideoFrames:
    """What the other process says; strangers' bytes may have taken it over, so it is believed nothing."""
    line = pipe.readline(_LINE)
    if not line.endswith(b"\n"):
        raise _Ended
    try:
        said: dict[str, Any] = json.loads(line)
        if "memory" in said:
            enough = f"save it smaller, or allow more with --memory {BUDGET.enough(4 * memory, BUDGET.decoding)}"
            raise PictureError(f"{name}: needs over {memory / 1e6:.0f} MB of memory to be read; {enough}", TOO_BIG)
        if "error" in said:
            raise PictureError(f"{name}: video: {' '.join(str(said['error']).split())[:300]}")
        sizes = [(int(width), int(height)) for width, height in said["sizes"]]
        times = tuple(float(time) for time in said["times"])
        shown, read, seconds = int(said["shown"]), int(said["read"]), float(said["seconds"])
    except (ValueError, TypeError, KeyError) as error:
        raise _Ended from error
    fits = all(width > 0 < height and width * height <= limits.max_video_pixels for width, height in sizes)
    if not (fits and 0 <= shown < len(sizes) == len(times) <= read <= READ):
        raise _Ended
    images = []
    for width, height in sizes:
        pixels = pipe.read(3 * width * height)
        if len(pixels) < 3 * width * height:
            raise _Ended
        images.append(Image.frombytes("RGB", (width, height), pixels))
    least = min(map(min, sizes))
    if least < limits.least_side:
        raise PictureError(f"{name}: its frames have {least} pixels a side, which show nothing")
    return VideoFrames(tuple(images), times, shown, read, seconds, bool(said.get("damaged")))


@contextmanager
def _content(source: Path | bytes, limits: PictureLimits) -> Iterator[tuple[IO[bytes], str]]:
    """A video as a file of the system, and FFmpeg's name of its format; on Linux no content is put on a disk."""
    with ExitStack() as held:
        if isinstance(source, bytes):
            if len(source) > limits.max_bytes:
                said = f"over {limits.max_bytes / 1e6:g} MB; save it smaller"
                raise PictureError(f"{name_of(source)}: {said}", TOO_BIG)
            try:
                file: IO[bytes] = held.enter_context(_nameless())
                file.write(source)
                file.flush()
            except OSError as error:
                said = f"cannot be put into a temporary file to be read ({error.strerror})"
                raise PictureError(f"{name_of(source)}: {said}; make room for it") from error
        else:
            file = held.enter_context(opened(source, limits.max_video_bytes))[0]
        start = source[:START] if isinstance(source, bytes) else file.read(START)
        format = VIDEOS.get(format_of(start), "")
        if not format:
            raise PictureError(f"{name_of(source)}: is no video any more; it was changed meanwhile")
        os.lseek(file.fileno(), 0, os.SEEK_SET)  # where the other process begins; this one reads no more of it
        yield file, format


def _nameless() -> IO[bytes]:
    """A new file that nobody else can open, in memory where the system has such."""
    if sys.platform == "linux":
        return os.fdopen(os.memfd_create("video"), "w+b")
    return tempfile.TemporaryFile()
