"""Pictures decoded. Whatever a decoder does with foreign bytes, it does within `_fenced`."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Generic, TypeVar

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)

from feelscope.errors import PictureError, one_line
from feelscope.images.frames import seek_fullest, seek_scenes
from feelscope.images.header import READERS, Header, format_of, other_format
from feelscope.images.opaque import STRIP, opaque
from feelscope.images.picture_file import TOO_BIG, PictureLimits, content, name_of, take
from feelscope.images.video import is_video, read_video, seconds_of
from feelscope.memory import BUDGET, give_back_freed


def _open_heic(file: io.BytesIO) -> ImageFile.ImageFile:
    import pillow_heif

    opened: ImageFile.ImageFile = pillow_heif.HeifImageFile(file)
    return opened


# The plug-ins are called directly, not through `Image.open`: it tries every installed format, and warns about
# "decompression bombs" by its own limit, in a way that cannot be silenced per thread.
OPENERS: Mapping[str, Callable[[io.BytesIO], ImageFile.ImageFile]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "AVIF": AvifImagePlugin.AvifImageFile,
    "HEIC": _open_heic,
}
TO_UPRIGHT: Mapping[int, Image.Transpose] = {  # EXIF orientation: what makes the stored picture upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SPARE = 2  # times as many pixels of a video's frames as are enough, which are made smaller as a picture's are
_LARGE = 16_000_000  # bytes: what a picture took that is worth a millisecond to give back

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Frames(Generic[T]):
    """What was made of the frames of a picture, of which all but videos and animations have one.

    Args:
        made: In their order; at least one.
        shown: The place among them of the one to be shown where there is room for one alone.
        said: What was read of a video or an animation, a sentence; empty for a picture that does not move.
        names: Of each frame, as in a sentence.
    """

    made: tuple[T, ...]
    shown: int = 0
    said: str = ""
    names: tuple[str, ...] = ("",)

    def map(self, make: Callable[[T], R]) -> "Frames[R]":
        """The same with what is made of each."""
        return Frames(tuple(map(make, self.made)), self.shown, self.said, self.names)


def decoded(
    source: Path | bytes,
    least: int | None,
    limits: PictureLimits,
    further_bytes: int,
    use: Callable[[Image.Image, Image.Transpose | None], T],
    form: Callable[[Image.Image], Image.Image] | None = None,
    tell: Callable[[str], None] | None = None,
) -> T:
    """What `use` makes of a picture, decoded to 8-bit grey or RGB, and of what turns it upright.

    Args:
        least: Pixels per side that are enough; None takes all.
        further_bytes: What `use` takes, of each pixel that is decoded.
        form: Brings what was decoded to another mode, in place of grey or RGB.
        tell: See `read_rgb`.
    """
    if is_video(source):
        video = read_video(source, least and _SPARE * least, limits, alone=True)
        if tell is not None:
            tell(video.said_of_one())
        image = video.images[0]
        with take(BUDGET.decoding, image.width * image.height * (3 + further_bytes), name_of(source)):
            return use(form(image) if form else image, None)

    def of_one(opened: ImageFile.ImageFile, header: Header) -> T:
        shown = seek_fullest(opened, header.frames)
        if header.is_animated and tell is not None:
            tell(f"the picture is an animation, of which frame {shown + 1} was read")
        return use((form or opaque)(opened), TO_UPRIGHT.get(header.orientation))

    return _opened(source, least, limits, further_bytes, of_one)


def decoded_frames(
    source: Path | bytes,
    least: int,
    limits: PictureLimits,
    further_bytes: int,
    use: Callable[[Image.Image, Image.Transpose | None], T],
) -> Frames[T]:
    """What `use` makes of a few frames of every scene; see `decoded`, which is for the one of them that is shown."""
    if is_video(source):
        video = read_video(source, _SPARE * least, limits)
        names = tuple(f"the frame at {seconds_of(time)}" for time in video.times)
        most = max(image.width * image.height for image in video.images)
        with take(BUDGET.decoding, most * (3 * len(video.images) + further_bytes), name_of(source)):
            return Frames(tuple(use(image, None) for image in video.images), video.shown, video.said(), names)

    def of_scenes(opened: ImageFile.ImageFile, header: Header) -> Frames[T]:
        made, turn = [], TO_UPRIGHT.get(header.orientation)
        numbers, shown = seek_scenes(opened, header.frames, lambda: made.append(use(opaque(opened), turn)))
        said = ""
        if header.is_animated:
            said = f"the picture is an animation, of which frame {numbers[shown] + 1} was read"
        if len(numbers) > 1:
            some = ", ".join(str(number + 1) for number in numbers[:-1])
            said = f"the picture is an animation, of which frames {some} and {numbers[-1] + 1} were read"
        return Frames(tuple(made), shown, said, tuple(f"frame {number + 1}" for number in numbers))

    return _opened(source, least, limits, further_bytes, of_scenes)


def _opened(
    source: Path | bytes,
    least: int | None,
    limits: PictureLimits,
    further_bytes: int,
    work: Callable[[ImageFile.ImageFile, Header], T],
) -> T:
    """What is made of a picture whose first frame is loaded, and of its header."""
    name = name_of(source)
    with content(source, limits) as data:
        header = _fenced(name, data, lambda: _checked(data, limits))
        cost = _cost(header, least, further_bytes)

        def pixels() -> T:
            opened = OPENERS[header.format](io.BytesIO(b"".join(header.parts)))
            size = (header.width, header.height)
            if opened.size not in ((size, size[::-1]) if header.format == "HEIC" else (size,)):
                raise ValueError(f"{opened.size} pixels where its header has {header.width, header.height}")
            if least is not None:
                # A big JPEG is decoded at 1/2, 1/4 or 1/8, never below `least`; other formats have no draft mode.
                opened.draft(None, (least, least))
            opened.load()
            return work(opened, header)

        with take(BUDGET.decoding, cost, name):
            try:
                return _fenced(name, data, pixels)
            finally:
                if cost > _LARGE:
                    give_back_freed()


def _fenced(name: str, data: bytes, work: Callable[[], T]) -> T:
    """What a parser of foreign bytes makes of them; whatever it raises is a `PictureError` of one line."""
    try:
        return work()
    except PictureError as error:
        raise PictureError(f"{name}: {error}", error.kind) from None
    except Exception as error:  # noqa: BLE001 - parsers raise what they like: a fence that names some has holes
        said = f"damaged or cut short {format_of(data)} picture ({one_line(error)})"
        # Without the traceback, whose frames would hold the pixels for as long as the error is held.
        raise PictureError(f"{name}: {said}") from error.with_traceback(None)


def _checked(data: bytes, limits: PictureLimits) -> Header:
    """The header of a picture that costs no more than it may."""
    if not data:
        raise PictureError("the file is empty")
    if (format := format_of(data)) not in limits.formats:
        known = ", ".join(limits.formats)
        other = other_format(data)
        hint = f", as {other} does; save it as JPEG or PNG" if other else ""
        raise PictureError(f"expected a picture ({known}) or a video, its content begins with {data[:8]!r}{hint}")
    if format == "HEIC" and find_spec("pillow_heif") is None:
        raise PictureError('HEIC needs pillow_heif: pip install "feelscope[heic]", or save it as JPEG')
    header = READERS[format](data)
    size = f"{header.width} x {header.height} pixels"
    if header.width < 1 or header.height < 1:
        raise PictureError(f"the picture is {size}")
    if min(header.width, header.height) < limits.least_side:
        raise PictureError(f"{size}, which shows nothing; give one of {limits.least_side} pixels a side or more")
    if header.width * header.height > limits.max_pixels:
        raise PictureError(f"{size}, over {limits.max_pixels / 1e6:g} million; save it smaller", TOO_BIG)
    if header.seconds > limits.max_seconds:
        raise PictureError(f"{size} that would take over {limits.max_seconds:g} s to decode; save it again", TOO_BIG)
    return header


def _cost(header: Header, least: int | None, further_bytes: int) -> int:
    """The bytes that decoding a picture takes, at the scale that it is decoded at."""
    scale = 1
    if header.format == "JPEG" and least is not None:
        most = min(header.width, header.height) // least
        scale = next(scale for scale in (8, 4, 2, 1) if most >= scale or scale == 1)  # as Pillow's `draft` chooses
    pixels = -(-header.width // scale) * -(-header.height // scale)
    further = header.fixed_bytes + sum(map(len, header.parts)) + 16 * max(STRIP, header.width)
    return pixels * (header.pixel_bytes + further_bytes) + further
