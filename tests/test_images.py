import importlib.util
import io
import os
import re
import struct
import subprocess
import sys
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from feelscope.errors import PictureError
from feelscope.images import PictureLimits, ending, read_centre, read_rgb, read_squares
from feelscope.images.header import READERS, format_of
from feelscope.memory import BUDGET, MemoryBudget, Share

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def encoded(image: Image.Image, format: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def smooth(width: int = 64, height: int = 48) -> Image.Image:
    """A picture with a corner of its own each, which JPEG keeps well."""
    corners = Image.new("RGB", (2, 2))
    for place, colour in zip([(0, 0), (1, 0), (0, 1), (1, 1)], [RED, GREEN, BLUE, WHITE], strict=True):
        corners.putpixel(place, colour)
    return corners.resize((width, height), Image.Resampling.BILINEAR)


def png(width: int, height: int, depth: int, colour: int, rows: bytes, extra: bytes = b"") -> bytes:
    """A PNG by hand: `rows` are zlib-compressed."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + extra + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def refused(source: Path | bytes, **options: object) -> str:
    """The one line a picture is refused with."""
    with pytest.raises(PictureError) as caught:
        read_rgb(source, **options)  # type: ignore[arg-type]
    message = str(caught.value)
    assert "\n" not in message
    return message


def size_of(data: bytes) -> tuple[int, int]:
    """The size in a picture's header."""
    header = READERS[format_of(data)](data)
    return header.width, header.height


# What is read


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "BMP"])
def test_every_format_by_file_and_by_bytes(tmp_path: Path, format: str) -> None:
    path = tmp_path / "picture.dat"  # the name says nothing
    data = encoded(smooth(), format)
    path.write_bytes(data)
    pixels = read_rgb(path)
    assert pixels.shape == (48, 64, 3) and pixels.dtype == np.uint8
    assert pixels.flags.c_contiguous and pixels.flags.writeable
    assert np.array_equal(pixels, read_rgb(data))
    assert np.abs(pixels.astype(int) - np.asarray(smooth())).mean() < 8


def test_lossless_is_exact() -> None:
    assert np.array_equal(read_rgb(encoded(smooth(), "PNG")), np.asarray(smooth()))


@pytest.mark.parametrize("shape", [(640, 480), (100, 900), (10, 7), (1, 1)])
@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_size_squeezes_the_whole_picture(shape: tuple[int, int], format: str) -> None:
    data = encoded(smooth(*shape), format)
    pixels = read_rgb(data, 32)
    assert pixels.shape == (32, 32, 3)
    want = np.asarray(Image.fromarray(read_rgb(data)).resize((32, 32), Image.Resampling.BICUBIC)).astype(int)
    assert np.abs(pixels - want).mean() < 4


def test_a_big_jpeg_is_decoded_small_but_not_below_the_size(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    resize = Image.Image.resize

    def watch(self: Image.Image, *arguments: object, **options: object) -> Image.Image:
        seen.append(self.size)
        return resize(self, *arguments, **options)  # type: ignore[arg-type]

    data = encoded(smooth(1000, 600), "JPEG")
    monkeypatch.setattr(Image.Image, "resize", watch)
    read_rgb(data, 150)
    assert seen[0] == (250, 150)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("size", [None, 40])
def test_exif_rotation(orientation: int, format: str, size: int | None) -> None:
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = smooth().transpose(undo[orientation]) if orientation in undo else smooth()
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels = read_rgb(encoded(stored, format, exif=exif, quality=95), size)
    upright = smooth() if size is None else smooth().resize((size, size), Image.Resampling.BICUBIC)
    assert pixels.shape == (*upright.size[::-1], 3)
    assert np.abs(pixels.astype(int) - np.asarray(upright)).mean() < 8


def test_rotation_that_only_xmp_tells() -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    assert read_rgb(encoded(smooth(), "JPEG", xmp=xmp)).shape == (64, 48, 3)


@pytest.mark.filterwarnings("error")
def test_broken_exif_does_not_cost_the_picture() -> None:
    data = encoded(smooth(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert read_rgb(data).shape == (48, 64, 3)


def test_cmyk_as_adobe_writes_it() -> None:
    data = encoded(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG")  # Pillow writes it inverted, marked by Adobe
    assert b"Adobe" in data
    assert np.abs(read_rgb(data).astype(int) - RED).max() < 10


def test_palette_with_and_without_transparency() -> None:
    image = Image.new("P", (4, 2), 1)
    image.putpalette([*RED, *GREEN])
    image.putpixel((0, 0), 0)
    plain = read_rgb(encoded(image, "PNG"))
    assert tuple(plain[0, 0]) == RED and tuple(plain[1, 3]) == GREEN
    for format in ("PNG", "GIF"):
        clear = read_rgb(encoded(image, format, transparency=0))
        assert tuple(clear[0, 0]) == WHITE and tuple(clear[1, 3]) == GREEN
    half = read_rgb(encoded(image, "PNG", transparency=bytes([128, 255])))
    assert np.abs(half[0, 0].astype(int) - (255, 127, 127)).max() <= 1


def test_colours_of_a_palette_are_blended_where_it_is_squeezed() -> None:
    image = Image.new("P", (64, 64), 1)
    image.putpalette([0, 0, 0, *WHITE])
    for place in range(0, 64, 2):
        image.paste(0, (place, 0, place + 1, 64))
    assert np.abs(read_rgb(encoded(image, "PNG"), 4).astype(int) - 127).max() <= 10


def test_sixteen_bit_grey_is_scaled_not_clipped() -> None:
    values = np.array([[0, 256, 32768, 65535]], dtype=np.uint16)
    grey = read_rgb(encoded(Image.fromarray(values), "PNG"))
    assert grey.tolist() == [[[0] * 3, [1] * 3, [128] * 3, [255] * 3]]


def test_sixteen_bit_grey_with_a_see_through_value() -> None:
    clear = struct.pack(">I", 2) + b"tRNS" + struct.pack(">H", 500)
    data = png(2, 1, 16, 0, zlib.compress(b"\0" + struct.pack(">HH", 500, 25700)), clear + _crc(clear))
    assert read_rgb(data).tolist() == [[[255] * 3, [100] * 3]]


def test_sixteen_bit_colour() -> None:
    rows = zlib.compress(b"\0" + struct.pack(">6H", 65535, 0, 25700, 1, 2, 3))
    assert read_rgb(png(2, 1, 16, 2, rows)).tolist() == [[[255, 0, 100], [0, 0, 0]]]
    clear = struct.pack(">I", 6) + b"tRNS" + struct.pack(">HHH", 1, 2, 3)
    assert read_rgb(png(2, 1, 16, 2, rows, clear + _crc(clear))).shape == (1, 2, 3)


def _crc(chunk: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(chunk[4:]))


def test_one_bit_grey_and_grey_with_alpha() -> None:
    bits = Image.new("1", (2, 1))
    bits.putpixel((1, 0), 1)
    assert read_rgb(encoded(bits, "PNG")).tolist() == [[[0] * 3, [255] * 3]]
    assert read_rgb(encoded(Image.new("L", (1, 1), 77), "PNG")).tolist() == [[[77] * 3]]
    assert read_rgb(encoded(Image.new("LA", (1, 1), (77, 0)), "PNG")).tolist() == [[[255] * 3]]
    assert read_rgb(encoded(Image.new("L", (3, 3), 77), "PNG"), 2).tolist() == [[[77] * 3] * 2] * 2


def test_alpha_lies_over_white() -> None:
    image = Image.new("RGBA", (3, 1), (0, 0, 255, 255))
    image.putpixel((0, 0), (255, 0, 0, 0))
    image.putpixel((1, 0), (0, 0, 0, 51))
    for format, options in (("PNG", {}), ("WEBP", {"lossless": True, "exact": True})):
        assert read_rgb(encoded(image, format, **options)).tolist() == [[list(WHITE), [204] * 3, list(BLUE)]]


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG"])
def test_animated_gives_the_first_frame(format: str) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in (RED, GREEN, BLUE)]
    data = encoded(frames[0], format, save_all=True, append_images=frames[1:], lossless=True)
    assert np.array_equal(read_rgb(data), np.full((8, 8, 3), RED, np.uint8))


# What is refused


def test_a_giant_png_is_refused_before_it_takes_memory(tmp_path: Path) -> None:
    packer = zlib.compressobj(9)
    row = bytes(1 + 50_000 * 3)
    rows = b"".join(packer.compress(row * 50) for _ in range(20)) + packer.flush()  # a bomb as far as anyone reads
    path = tmp_path / "giant.png"
    path.write_bytes(png(50_000, 50_000, 8, 2, rows))
    assert path.stat().st_size < 1_000_000
    program = (
        "import resource, sys\nfrom pathlib import Path\nfrom feelscope.images import read_rgb\n"
        "from feelscope.errors import PictureError\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: read_rgb(Path(sys.argv[1]), 224)\nexcept PictureError as error: print(error)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", program, path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    message, kilobytes = done.stdout.splitlines()
    assert message == f"{path}: 50000 x 50000 pixels, over 50 million; save it smaller"
    assert int(kilobytes) < 20_000


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "BMP"])
def test_pixel_limit_holds_for_every_format(format: str) -> None:
    data = encoded(smooth(64, 48), format)
    assert "64 x 48 pixels" in refused(data, limits=PictureLimits(max_pixels=64 * 48 - 1))
    assert read_rgb(data, limits=PictureLimits(max_pixels=64 * 48)).shape == (48, 64, 3)


@pytest.mark.parametrize(
    "data",
    [
        png(10_000, 10_000, 8, 2, b""),
        b"GIF89a" + struct.pack("<HHBBB", 10_000, 10_000, 0, 0, 0) + b"," + struct.pack("<HHHHB", 0, 0, 9, 9, 0),
        # A small canvas whose first frame is large
        b"GIF89a"
        + struct.pack("<HHBBB", 9, 9, 0, 0, 0)
        + b"!\xfe\x02hi\0,"
        + struct.pack("<HHHHB", 0, 0, 10_000, 10_000, 0),
        b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + (9_999).to_bytes(3, "little") * 2,
        b"RIFF\x16\0\0\0WEBPVP8L\x0a\0\0\0\x2f" + (9_999 | 9_999 << 14).to_bytes(4, "little") + bytes(5),
        b"RIFF\x16\0\0\0WEBPVP8 \x0a\0\0\0" + b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 10_000, 10_000),
        b"BM" + struct.pack("<IIIIiiHHIIIIII", 54, 0, 54, 40, 10_000, 10_000, 1, 24, 0, 0, 0, 0, 0, 0),
    ],
    ids=["png", "gif", "gif frame", "webp", "webp lossless", "webp simple", "bmp"],
)
def test_large_ones_are_refused_by_the_header_without_pillows_warning(data: bytes) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # Pillow would warn at 100 megapixels
        assert "10000 x 10000 pixels, over 50 million" in refused(data)


@pytest.mark.parametrize(
    ("chunk", "head", "size"),
    [
        (b"VP8X", bytes(4) + b"\x2b\x01\x00\x01\x02\x01", (0x12B + 1, 0x10201 + 1)),
        (b"VP8L", b"\x2f" + (299 | 4499 << 14 | 15 << 28).to_bytes(4, "little"), (300, 4500)),
        (b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 301 | 1 << 14, 4501 | 3 << 14), (301, 4501)),
    ],
)
def test_the_size_in_a_webp_header(chunk: bytes, head: bytes, size: tuple[int, int]) -> None:
    assert size_of(b"RIFF\x16\0\0\0WEBP" + chunk + b"\x0a\0\0\0" + head) == size


@pytest.mark.parametrize(
    ("flags", "palette"),
    [(0, b""), (0x07, b""), (0x80, b",;!,;!"), (0x81, b",;!" * 4), (0xF1, b"!,;" * 4), (0x87, b";" * 768)],
)
def test_the_size_of_a_gif_holds_its_first_frame(flags: int, palette: bytes) -> None:
    start = b"GIF89a" + struct.pack("<HHBBB", 300, 8, flags, 0, 0) + palette
    more = b"!\xf9\x04,;!,\0" + b"!\xfe\x02,,\x01;\0"  # extensions, one of two blocks
    assert size_of(start + more + b";") == (300, 8)
    assert size_of(start + more + b"," + struct.pack("<HHHHB", 5, 6, 295, 2, 0)) == (300, 8)
    assert size_of(start + more + b"," + struct.pack("<HHHHB", 5, 6, 296, 3, 0)) == (301, 9)
    assert size_of(start + b"," + struct.pack("<HHHHB", 5, 6, 1, 300, 0)) == (300, 306)


def test_a_file_ending_fits_the_content() -> None:
    names = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "GIF": ".gif", "BMP": ".bmp", "TIFF": ""}
    assert {format: ending(encoded(smooth(), format)) for format in names} == names
    assert ending(b"GIF87a") == ".gif"
    assert {ending(data) for data in (b"GIF88a", b"RIFF1234WAVE", b"1234RIFFWEBP", b"")} == {""}


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_picture_is_read_squeezed_and_in_its_shape(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(smooth(), "PNG", exif=exif)
    whole, *ends = read_squares(data, 20)
    assert np.array_equal(whole, read_rgb(data, 20))
    upright = smooth() if orientation == 1 else smooth().transpose(Image.Transpose.ROTATE_270)
    for end, box in zip(ends, ((0, 0, 48, 48), (upright.width - 48, upright.height - 48, *upright.size)), strict=True):
        want = upright.crop(box).resize((20, 20), Image.Resampling.BICUBIC, reducing_gap=2.0)
        assert np.array_equal(end, np.asarray(want))


def test_byte_limit(tmp_path: Path) -> None:
    data = encoded(smooth(), "BMP")
    path = tmp_path / "big.bmp"
    path.write_bytes(data)
    limits = PictureLimits(max_bytes=len(data) - 1)
    assert "big.bmp" in refused(path, limits=limits) and "MB" in refused(data, limits=limits)
    assert read_rgb(path, limits=PictureLimits(max_bytes=len(data))).shape == (48, 64, 3)


def test_a_file_over_50_megabytes_is_refused_by_its_length(tmp_path: Path) -> None:
    path = tmp_path / "big.png"
    with path.open("wb") as file:
        file.truncate(60_000_000)
    assert refused(path) == f"{path}: 60.0 MB, over 50 MB; save it smaller"
    assert refused(bytes(50_000_001)) == "a picture given as 50000001 bytes: over 50 MB; save it smaller"
    assert "expected a picture" in refused(bytes(50_000_000))


@pytest.mark.parametrize(("width", "height"), [(0, 5), (5, 0), (0, 0)])
def test_a_picture_without_pixels_is_refused(width: int, height: int) -> None:
    data = b"GIF89a" + struct.pack("<HHBBB", width, height, 0, 0, 0) + b";"
    assert refused(data) == f"a picture given as 14 bytes: the picture is {width} x {height} pixels"


def test_formats_are_an_allow_list() -> None:
    tiff = encoded(smooth(), "TIFF")
    assert "expected a picture (JPEG, PNG, WEBP, GIF, BMP, AVIF, HEIC)" in refused(tiff)
    assert "expected a picture (PNG)" in refused(encoded(smooth(), "GIF"), limits=PictureLimits(formats=("PNG",)))


def test_a_scan_of_a_progressive_jpeg_is_a_pass_over_all_its_pixels() -> None:
    data = encoded(smooth(), "JPEG", progressive=True)
    last = data[data.rindex(b"\xff\xda") : -2]
    assert read_rgb(data[:-2] + last * 500 + data[-2:]).shape == (48, 64, 3)
    assert np.array_equal(read_rgb(data + last * 50_000), read_rgb(data))  # after the picture's end
    big = encoded(smooth(3000, 2000), "JPEG", progressive=True)
    last = big[big.rindex(b"\xff\xda") : -2]
    said = "3000 x 2000 pixels that would take over 4 s to decode; save it again"
    assert refused(big[:-2] + last * 500 + b"\xff\xd9", size=8).endswith(said)
    hidden = b"\xff\xfe\0\x06ab\xff\xd9"  # an end of the picture that is only a comment
    assert refused(big[:-2] + (hidden + last) * 500 + b"\xff\xd9", size=8).endswith(said)
    assert "over 20,000 parts" in refused(data[:-2] + data[data.rindex(b"\xff\xda") : -2] * 20_000 + b"\xff\xd9")


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "BMP"])
def test_truncated_is_refused(tmp_path: Path, format: str) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (50, 60, 3), dtype=np.uint8))
    data = encoded(noise, format)
    path = tmp_path / "half"
    for kept in (0.02, 0.5, 0.9, 0.99):
        path.write_bytes(data[: int(len(data) * kept)])
        for size in (None, 8):
            message = refused(path, size=size)
            assert str(path) in message


def test_empty_file_and_text_named_jpg(tmp_path: Path) -> None:
    path = tmp_path / "note.jpg"
    path.write_bytes(b"")
    assert refused(path) == f"{path}: the file is empty"
    path.write_text("Dear diary,")
    assert refused(path).startswith(f"{path}: expected a picture")
    assert "b'Dear dia'" in refused(path)
    assert "empty" in refused(b"")


def test_no_file_and_no_regular_file(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.png") == f"{tmp_path / 'none.png'}: no such file"
    assert "irectory" in refused(tmp_path)
    assert "cannot be read" in refused(tmp_path / ("long" * 200))
    assert len(refused(tmp_path / ("long" * 200))) < 450
    assert "cannot be read" in refused(tmp_path / "nul\0.png")
    assert "\\n" in refused(tmp_path / "two\nlines.png")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes as files here")
def test_pipe_and_device_are_refused_without_waiting(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.jpg"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(refused, pipe)
        try:
            assert waiting.result(timeout=60) == f"{pipe}: cannot be read (not a regular file)"
        finally:
            os.close(os.open(pipe, os.O_RDWR))  # frees a reader that does wait
    assert "not a regular file" in refused(Path("/dev/zero"))


@pytest.mark.skipif(not Path("/dev/fd").is_dir(), reason="counts open files through /dev/fd")
def test_no_file_stays_open(tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\nrest")
    before = len(list(Path("/dev/fd").iterdir()))
    for path in (tmp_path, tmp_path / "none", tmp_path / "bad.png"):
        refused(path)
    assert len(list(Path("/dev/fd").iterdir())) == before


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "BMP"])
def test_any_byte_of_a_picture_may_be_wrong(format: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    whole = encoded(smooth(20, 16), format, **({"exif": exif} if format in ("JPEG", "PNG", "WEBP") else {}))
    damaged = [whole[:length] for length in range(len(whole))]
    for place, byte in enumerate(whole):
        for wrong in {0, 0xFF, byte ^ 1, byte ^ 0x80} - {byte}:
            damaged.append(whole[:place] + bytes([wrong]) + whole[place + 1 :])
    outcomes = set()
    for data in damaged:
        try:
            assert read_rgb(data, 8).shape == (8, 8, 3)
            outcomes.add("read")
        except PictureError as error:
            assert "\n" not in str(error)
            outcomes.add("refused")
    assert outcomes == {"read", "refused"}


def test_a_palette_picture_without_its_palette() -> None:
    assert "damaged or cut short PNG picture" in refused(png(4, 4, 8, 3, zlib.compress(bytes(20))))
    assert "damaged or cut short PNG picture" in refused(png(4, 4, 8, 3, zlib.compress(bytes(20))), size=2)


@pytest.mark.parametrize("kind", [RuntimeError, RecursionError, MemoryError, AttributeError, UserWarning])
def test_whatever_a_decoder_raises_is_one_line(kind: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object, **options: object) -> None:
        raise kind("two\nlines")

    data = encoded(smooth(), "PNG")
    for place in (
        "PIL.PngImagePlugin.PngImageFile._open",
        "PIL.Image.Image.resize",
        "feelscope.images.decoding.opaque",
    ):
        with monkeypatch.context() as patch:
            patch.setattr(place, broken)
            message = "damaged or cut short PNG picture (two lines)"
            with pytest.raises(PictureError, match=re.escape(message)) as caught:
                read_rgb(data, 8)
            assert caught.value.__cause__ is not None
            assert caught.value.__cause__.__traceback__ is None  # its frames would hold the pixels


@pytest.mark.filterwarnings("error")
def test_what_stands_beside_the_pixels_is_never_unpacked() -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    bomb = zlib.compress(bytes(3_000_000))
    beside = chunk(b"iCCP", b"profile\0\0" + bomb) + chunk(b"zTXt", b"Comment\0\0" + bomb)
    beside += chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + bomb) + chunk(b"acTL", b"?") + chunk(b"eXIf", b"II*\0")
    rows = zlib.compress(b"\0" + bytes([9]) * 6)
    assert read_rgb(png(2, 1, 8, 2, rows, beside * 300)).tolist() == [[[9] * 3] * 2]
    whole = encoded(smooth(), "JPEG")
    segments = b"\xff\xe2\0\x20ICC_PROFILE\0" + bytes(18) + b"\xff\xed\0\x06abcd" + b"\xff\xe1\0\x08Exif\0\0"
    assert np.array_equal(read_rgb(whole[:2] + segments * 200 + whole[2:]), read_rgb(whole))


def test_a_second_size_in_one_file_is_refused() -> None:
    header = struct.pack(">IIBBBBB", 5000, 5000, 8, 2, 0, 0, 0)
    again = struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    assert "damaged" in refused(png(2, 2, 8, 2, zlib.compress(bytes(14)), again))
    data = encoded(smooth(), "JPEG")
    frame = data[data.index(b"\xff\xc0") : data.index(b"\xff\xc4")]
    assert "two frame headers" in refused(data.replace(frame, frame * 2, 1))


def test_the_orientation_of_both_byte_orders_and_kinds() -> None:
    for order, mark in (("<", b"II*\0"), (">", b"MM\0*")):
        for kind, letter in ((3, "H2x"), (4, "I")):
            entry = struct.pack(f"{order}HHI{letter}", 0x0112, kind, 1, 6)
            exif = mark + struct.pack(f"{order}IH", 8, 1) + entry + bytes(4)
            assert read_rgb(encoded(smooth(), "JPEG", exif=b"Exif\0\0" + exif)).shape == (64, 48, 3)
            assert read_rgb(encoded(smooth(), "WEBP", exif=exif)).shape == (64, 48, 3)


# What a picture costs


def test_a_picture_that_only_claims_to_be_large_is_refused_before_memory_is_taken() -> None:
    webp = b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f" + (5_999 | 5_999 << 14).to_bytes(4, "little") + bytes(9)
    assert len(webp) == 34
    message = refused(webp)
    assert re.search(
        r"needs 9\d\d MB of memory to be read; save it smaller, or allow more with --memory 1\d\d\d", message
    )
    inner = b"RIFF\x2e\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0" + bytes(6) + webp[12:]  # a canvas of one pixel
    assert "MB of memory" in refused(inner)


@pytest.mark.parametrize("size", [None, 64])
def test_a_picture_that_fits_in_a_larger_budget_is_read(size: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    data = encoded(Image.new("RGBA", (3000, 2000), (0, 0, 255, 255)), "PNG")
    whole = read_rgb(data, size)
    monkeypatch.setattr(BUDGET, "decoding", Share(40_000_000))
    said = re.search(r"allow more with --memory (\d+)$", refused(data, size=size))
    assert said
    monkeypatch.setattr(BUDGET, "decoding", MemoryBudget(int(said[1])).decoding)
    assert np.array_equal(read_rgb(data, size), whole)


def test_decoding_takes_no_more_memory_than_it_was_held_to(tmp_path: Path) -> None:
    """In a process of its own, of which Linux tells the peak."""
    if not Path("/proc/self/clear_refs").exists():
        pytest.skip("measures through Linux's /proc")
    kinds: list[dict[str, object]] = [
        *({"format": "PNG", "mode": mode} for mode in ("L", "P", "RGB", "RGBA", "LA", "I;16", "1")),
        *({"format": "JPEG", "mode": mode} for mode in ("L", "RGB", "CMYK")),
        *({"format": "JPEG", "mode": mode, "progressive": True} for mode in ("L", "RGB", "CMYK")),
        *({"format": "WEBP", "mode": mode, "lossless": lossless} for mode in ("RGB", "RGBA") for lossless in (0, 1)),
        *(
            {"format": format, "mode": mode}
            for format, mode in (("GIF", "P"), ("BMP", "L"), ("BMP", "P"), ("BMP", "RGB"))
        ),
    ]
    for kind in kinds:
        mode = str(kind["mode"])
        image = smooth(1600, 1200).convert("L" if mode == "I;16" else mode)
        if mode == "I;16":
            image = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
        options = {name: value for name, value in kind.items() if name != "mode"}
        image.save(tmp_path / " ".join(map(str, kind.values())).replace(";", ""), **options)
    program = """
import sys
from pathlib import Path
from feelscope.images import decoding, read
from feelscope.memory import give_back_freed
held = []
take = decoding.take
decoding.take = lambda share, size, name: held.append(size) or take(share, size, name)
def told(name):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(name)) * 1024
for path in sorted(Path(sys.argv[1]).iterdir()):
    for size in (224, None):
        read.read_rgb(path, size)
        give_back_freed()
        open("/proc/self/clear_refs", "w").write("5")
        before = told("VmRSS")
        held.clear()
        read.read_rgb(path, size)
        taken = told("VmHWM") - before
        print(path.name, size, "within" if taken <= sum(held) else f"{taken} of {held}")
"""
    done = subprocess.run([sys.executable, "-c", program, tmp_path], capture_output=True, text=True)
    assert not done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 2 * len(kinds) and [line for line in lines if not line.endswith("within")] == []


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\0\0\0\0WEBP", b"BM"]), st.binary()
)
def test_any_bytes_are_refused_politely(start: bytes, rest: bytes) -> None:
    refused(start + rest)


@pytest.mark.filterwarnings("error")
def test_pictures_whose_parts_are_moved_cut_and_lied_about(tmp_path: Path) -> None:
    """The campaign in benchmarks, as far as a second reaches."""
    path = Path(__file__).parents[1] / "benchmarks" / "robustness" / "pictures.py"
    spec = importlib.util.spec_from_file_location("pictures_campaign", path)
    assert spec is not None and spec.loader is not None
    campaign = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(campaign)
    outcomes = set()
    makers = [*campaign.mutations(list(campaign.originals()), 2, 0, 400), *islice(campaign.files(), 7)]
    for number, write in enumerate(makers):
        write(tmp_path / f"{number}")
        try:
            assert read_rgb(tmp_path / f"{number}", 8).shape == (8, 8, 3)
            outcomes.add("read")
        except PictureError as error:
            assert "\n" not in str(error)
            outcomes.add("refused")
    assert outcomes == {"read", "refused"}


def test_threads_read_the_same() -> None:
    pictures = [encoded(smooth(300 + place, 200), "JPEG") for place in range(8)]
    alone = [read_rgb(data, 64) for data in pictures]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda data: read_rgb(data, 64), pictures * 5))
    assert all(np.array_equal(alone[place % 8], pixels) for place, pixels in enumerate(together))


def test_the_square_in_the_middle_is_read_and_a_small_picture_is_refused(tmp_path: Path) -> None:
    bars = np.zeros((20, 60, 3), np.uint8)
    bars[:, :20], bars[:, 20:40], bars[:, 40:] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    for name, pixels in (("wide.png", bars), ("high.png", bars.transpose(1, 0, 2))):
        Image.fromarray(pixels).save(tmp_path / name)
        found = read_centre(tmp_path / name, 10, 20)
        assert (found == (0, 255, 0)).all()
        assert found.shape == (10, 10, 3)
    with pytest.raises(PictureError, match=r"wide.png: 60 x 20 pixels, expected 21 x 21 or more"):
        read_centre(tmp_path / "wide.png", 10, 21)
