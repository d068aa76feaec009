"""Damaged and lying pictures, by 4 workers: no traceback, under 600 MB, no decode over 5 s of processor time.

    nice python benchmarks/robustness/pictures.py [--count 50000] [--made 2000] [--seed 1] [--state FILE.jsonl]

Mutations know chunks, segments and headers: they drop, repeat, move, cut and lengthen parts, lie in lengths and
sizes, and mend checksums. What is made by hand has every mode, depth, interlacing and size, honest or not, up to 50
megapixels. Each thousand is read by a process of its own with the built-in model open, through `read_rgb`; every
tenth goes through `feelscope predict` as well, in a CSV by its path or in a Parquet as bytes. A second run with the
same --state continues.
"""

import argparse
import csv
import io
import json
import os
import random
import socket
import struct
import subprocess
import sys
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, cycle, islice
from pathlib import Path

import numpy as np
from PIL import Image

MOST_MB, MOST_SECONDS = 600, 5.0
A_BATCH = 1000
EDGES = (0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 127, 128, 255, 256, 1000, 4095, 7000, 16383, 32767, 65535)
Parts = list[bytes]

# What reads a batch: the process whose memory counts
READER = """
import json, resource, sys, time, traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from feelscope.errors import PictureError
from feelscope.images import read_rgb
from feelscope.post import Post
from feelscope.saved_model.classifier import EmotionClassifier
import pyarrow.parquet
classifier = EmotionClassifier.load(workers=4)
classifier.predict([Post(str(n), "We won the cup!", image=Path(sys.argv[2])) for n in range(20)])

def read(path):
    start, said = time.thread_time(), "read"
    try:
        read_rgb(path, 224)
    except PictureError as error:
        said = "refused" if "\\n" not in str(error) and len(str(error)) < 900 else f"not one line: {error}"
    except BaseException:
        said = traceback.format_exc()
    return path.name, said, time.thread_time() - start

with ThreadPoolExecutor(4) as pool:
    found = list(pool.map(read, sorted(Path(sys.argv[1]).iterdir())))
status = Path("/proc/self/status").read_text()  # `ru_maxrss` would count the process that started this one
peak = int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6
print(json.dumps({"found": found, "peak": peak}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=50_000, help="mutations")
    parser.add_argument("--made", type=int, default=2000, help="pictures made by hand")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--state", type=Path, metavar="FILE.jsonl", help="keeps what is done")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where to copy pictures that fail")
    options = parser.parse_args()
    done = {}
    if options.state is not None and options.state.exists():
        done = {entry["batch"]: entry for entry in map(json.loads, options.state.read_text("utf-8").splitlines())}
    jobs = [("made by hand", n, min(A_BATCH, options.made - n)) for n in range(0, options.made, A_BATCH)]
    jobs += [("mutations", n, min(A_BATCH, options.count - n)) for n in range(0, options.count, A_BATCH)]
    seeds = list(originals())
    for kind, start, count in jobs:
        batch = f"{kind} {start} {count} {options.seed}"
        if batch not in done:
            mutated = kind == "mutations"
            made = (
                mutations(seeds, options.seed, start, count) if mutated else islice(hand_made(), start, start + count)
            )
            done[batch] = {"batch": batch, **tried(kind, made, options.keep)}
            if options.state is not None:
                with options.state.open("a", encoding="utf-8") as state:
                    state.write(json.dumps(done[batch]) + "\n")
            print(batch, {**done[batch], "batch": ""}, file=sys.stderr)
    chosen = [done[f"{kind} {start} {count} {options.seed}"] for kind, start, count in jobs]
    print(
        "| pictures | tried | read | refused | failed | also by `predict` "
        "| peak MB | of `predict`, CSV | Parquet | longest decode, s |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for kind in dict.fromkeys(kind for kind, _, _ in jobs):
        rows = [entry for entry in chosen if entry["kind"] == kind]
        sums = [sum(entry[name] for entry in rows) for name in ("tried", "read", "refused", "failed", "predicted")]
        peaks = [f"{max(several):.0f}" for several in zip(*(entry["peaks"] for entry in rows), strict=True)]
        seconds = max(entry["seconds"] for entry in rows)
        print(f"| {kind} | {' | '.join(f'{value:,}' for value in sums)} | {' | '.join(peaks)} | {seconds:.2f} |")
    failed = sum(entry["failed"] for entry in chosen)
    heavy = max(max(entry["peaks"]) for entry in chosen) >= MOST_MB
    slow = max(entry["seconds"] for entry in chosen) >= MOST_SECONDS
    sys.exit(1 if failed or heavy or slow else 0)


def tried(kind: str, pictures: Iterable[Callable[[Path], object]], keep: Path | None) -> dict[str, object]:
    """Read pictures in a process of its own, and every tenth by the command."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "images"
        folder.mkdir()
        for number, write in enumerate(pictures):
            write(folder / f"{number:06}")
        example = Path(__file__).parents[2] / "examples" / "images" / "cake.png"
        command = [sys.executable, "-W", "always", "-c", READER, str(folder), str(example)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode or done.stderr:
            found, peak = [("", f"rc {done.returncode}: {done.stderr}", 0.0)], 0.0
        else:
            answer = json.loads(done.stdout)
            found, peak = answer["found"], answer["peak"]
        outcomes = Counter(said if said in ("read", "refused") else "failed" for _, said, _ in found)
        for name, said, seconds in found:
            if said not in ("read", "refused") or seconds >= MOST_SECONDS:
                print(name, f"{seconds:.1f} s", said, file=sys.stderr)
                if keep is not None and name:
                    keep.mkdir(parents=True, exist_ok=True)
                    (keep / f"{kind[:4]}-{name}").write_bytes((folder / name).read_bytes())
        names = sorted(path.name for path in folder.iterdir())[::10]
        said_csv, peak_csv = predicted(Path(temporary), names[::2], as_bytes=False)
        said_parquet, peak_parquet = predicted(Path(temporary), names[1::2], as_bytes=True)
        for said in filter(None, (said_csv, said_parquet)):
            print(said, file=sys.stderr)
            outcomes["failed"] += 1
        return {
            "kind": kind,
            "tried": len(found),
            **{name: outcomes[name] for name in ("read", "refused", "failed")},
            "predicted": len(names),
            "peaks": (peak, peak_csv, peak_parquet),
            "seconds": max(seconds for _, _, seconds in found),
        }


def predicted(folder: Path, names: list[str], *, as_bytes: bool) -> tuple[str, float]:
    """What went wrong in `feelscope predict` on a table of pictures with words, and its peak in megabytes."""
    names = [name for name in names if not as_bytes or (folder / "images" / name).is_file()]
    if as_bytes:
        import pyarrow as pa
        import pyarrow.parquet as pq

        contents = [(folder / "images" / name).read_bytes() for name in names]
        kept = [(name, content) for name, content in zip(names, contents, strict=True) if len(content) < 8_000_000]
        names = [name for name, _ in kept]
        table = folder / "posts.parquet"
        words = ["What a day!"] * len(names)
        columns = {"id": names, "text": words, "image": pa.array([content for _, content in kept], pa.binary())}
        pq.write_table(pa.table(columns), table)
    else:
        table = folder / "posts.csv"
        with table.open("w", newline="") as file:
            csv.writer(file).writerows([("id", "text", "image"), *((n, "What a day!", f"images/{n}") for n in names)])
            csv.writer(file).writerow(("long", "What a day!", "x" * 300 + ".png"))
            names = [*names, "long"]
    # Four workers, whatever processors there are
    program = "import os, sys\nos.sched_getaffinity = lambda pid: range(4)\nos.cpu_count = lambda: 4\n"
    program += "from pathlib import Path\nfrom feelscope.cli import main\nsys.argv[0] = 'feelscope'\n"
    program += "try:\n    main()\nfinally:\n    Path('status').write_text(Path('/proc/self/status').read_text())\n"
    command = [sys.executable, "-W", "always", "-c", program, "predict", str(table), "--out", str(folder / "out.jsonl")]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    said, status = done.stderr, done.returncode
    peak = int((folder / "status").read_text().partition("VmHWM:")[2].split()[0]) * 1024 / 1e6
    if status or "Traceback" in said or "Warning" in said:
        return f"predict, {table.name}: status {status}: {said}", peak
    ids = [json.loads(line)["id"] for line in (folder / "out.jsonl").read_text("utf-8").split("\n") if line]
    (folder / "out.jsonl").unlink()
    return ("" if ids == names else f"predict, {table.name}: {len(ids)} answers to {len(names)} posts"), peak


# Originals


def originals() -> Iterator[tuple[str, bytes]]:
    """Sound pictures of every format with what they may have in them."""
    draws = np.random.default_rng(0)
    noise = Image.fromarray(draws.integers(0, 255, (30, 40, 3), dtype=np.uint8))
    for image in (noise, noise.resize((230, 170), Image.Resampling.BICUBIC)):
        exif = Image.Exif()
        exif[0x0112], exif[0x010F] = 6, "maker" * 5
        extra = {"exif": exif, "icc_profile": bytes(range(256)) * 2}
        clear = image.convert("RGBA")
        clear.putalpha(image.convert("L"))
        frames = {"save_all": True, "append_images": [image.rotate(90), image.rotate(180)]}
        for mode in ("1", "L", "P", "RGB", "LA"):
            yield "PNG", saved(image.convert(mode), "PNG", **extra)
        yield "PNG", saved(clear, "PNG")
        yield "PNG", saved(image.convert("P"), "PNG", transparency=bytes(range(200)))
        yield "PNG", saved(image, "PNG", **frames)
        yield "PNG", saved(Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257), "PNG")
        yield "PNG", png(40, 30, 8, 2, interlaced=1, chunks=[("tEXt", b"a\0b"), ("tRNS", bytes(6))])
        yield "PNG", png(40, 30, 16, 6, interlaced=1)
        for mode in ("L", "RGB", "CMYK"):
            for progressive in (False, True):
                for sampling in (0, 2):
                    options = {"progressive": progressive, "subsampling": sampling, "comment": b"hello", **extra}
                    yield "JPEG", saved(image.convert(mode), "JPEG", **options)
        yield "JPEG", saved(image, "JPEG", restart_marker_blocks=3, xmp=b'<a tiff:Orientation="6"/>')
        yield "GIF", saved(image.convert("P"), "GIF", transparency=3, comment=b"hello" * 70)
        yield "GIF", saved(image.convert("L"), "GIF", interlace=0)
        yield "GIF", saved(image, "GIF", **frames)
        for picture in (image, clear):
            for lossless in (False, True):
                yield "WEBP", saved(picture, "WEBP", lossless=lossless, xmp=b'<a tiff:Orientation="6"/>', **extra)
                yield "WEBP", saved(picture, "WEBP", lossless=lossless, **frames)
        yield "WEBP", saved(image, "WEBP")
        for mode in ("1", "L", "P", "RGB", "RGBA"):
            yield "BMP", saved((clear if mode == "RGBA" else image).convert(mode), "BMP")
        for depth, compression in ((8, 1), (4, 2), (16, 0), (16, 3), (32, 3), (24, 0)):
            yield "BMP", bmp(40, 30, depth, compression)


def saved(image: Image.Image, format: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(
    width: int,
    height: int,
    depth: int,
    colour: int,
    *,
    interlaced: int = 0,
    fill: int = 7,
    rows: bytes | None = None,
    chunks: list[tuple[str, bytes]] = [],  # noqa: B006 - never changed
) -> bytes:
    """A PNG by hand; its pixels are all one byte, packed without holding them."""
    if rows is None:
        channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(colour, 1)
        passes = [(0, 0, 1, 1)]
        if interlaced:
            passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
        packer = zlib.compressobj(1)
        packed = []
        for left, top, across, down in passes:
            wide, high = -(-(width - left) // across), -(-(height - top) // down)
            if wide > 0 and high > 0:
                row = bytes([fill % 5]) + bytes([fill]) * ((wide * channels * depth + 7) // 8)
                some = max(1, min(high, 2**20 // len(row)))
                packed += [packer.compress(row * some) for _ in range(high // some)]
                packed.append(packer.compress(row * (high % some)))
        rows = b"".join(packed) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    between = b"".join(png_chunk(kind.encode(), data) for kind, data in chunks)
    return (
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + between + png_chunk(b"IDAT", rows) + png_chunk(b"IEND", b"")
    )


def bmp(width: int, height: int, depth: int, compression: int, *, rows: bytes | None = None, size: int = 40) -> bytes:
    palette = bytes(range(256)) * 4 if depth == 8 else bytes(4 << depth) if depth < 8 else b""
    if rows is None:
        if compression in (1, 2):
            one = b"\xff\x07" * (width // 255) + bytes([width % 255 or 1, 9]) + b"\0\0"
            rows = one * height + b"\0\1"
        else:
            rows = bytes((width * depth + 31) // 32 * 4) * height
    masks = struct.pack("<III", 0xF800, 0x7E0, 0x1F) if depth == 16 else struct.pack("<III", 0xFF0000, 0xFF00, 0xFF)
    colours = masks if compression == 3 and size == 40 else palette
    if size == 12:
        head = struct.pack("<IHHHH", 12, width & 0xFFFF, height & 0xFFFF, 1, depth)
    else:
        used = len(palette) // 4
        head = struct.pack("<IiiHHIIiiII", size, width, height, 1, depth, compression, len(rows), 0, 0, used, 0)
        head = (head + masks).ljust(size, b"\0")[:size]
    start = 14 + len(head) + len(colours)
    return b"BM" + struct.pack("<IHHI", start + len(rows), 0, 0, start) + head + colours + rows


def gif(canvas: tuple[int, int], frame: tuple[int, int, int, int], *, flags: int = 0, code: int = 2) -> bytes:
    data = saved(Image.new("P", (max(1, min(frame[2], 3000)), max(1, min(frame[3], 3000)))), "GIF")
    picture = data[data.index(b",") + 10 :]
    head = b"GIF89a" + struct.pack("<HHBBB", *canvas, 0x91, 0, 0) + bytes(12)
    return head + b"," + struct.pack("<HHHHB", *frame, flags) + bytes([code]) + picture[1:]


def webp(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2) for kind, data in chunks)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


# Made by hand


def hand_made() -> Iterator[Callable[[Path], object]]:
    """Pictures of every mode, size and lie, without end; the costly ones stand side by side."""
    yield from files()
    draws = random.Random(0)
    small = list(plain(draws))
    draws.shuffle(small)
    for make in chain(costly(), cycle(small)):
        yield partial(write_made, make)


def write_made(make: Callable[[], bytes], path: Path) -> None:
    path.write_bytes(make())


def files() -> Iterator[Callable[[Path], object]]:
    """What has the name of a picture and is none."""

    def socket_file(path: Path) -> None:
        short = os.path.relpath(path)
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(short if len(short) < 100 else str(path))

    yield from (os.mkfifo, Path.mkdir, socket_file, lambda path: path.symlink_to(path))
    yield from (lambda path: path.symlink_to("/dev/zero"), lambda path: path.symlink_to("/proc/self/mem"))
    yield lambda path: path.symlink_to("/" + "x" * 300)


def costly() -> Iterator[Callable[[], bytes]]:
    """Honest pictures of 12 to 50 megapixels, and small files that unfold."""
    for width, height in ((4000, 3000), (7000, 7000), (50_000, 1000), (1000, 50_000), (5000, 5000)):
        for depth, colour in ((8, 2), (8, 6), (16, 6), (8, 0), (16, 0), (8, 4), (1, 0), (8, 3)):
            palette = [("PLTE", bytes(range(256)) * 3), ("tRNS", bytes(range(256)))] if colour == 3 else []
            for interlaced in (0, 1):
                yield lambda a=(width, height, depth, colour), p=palette, i=interlaced: png(
                    *a, interlaced=i, fill=4, chunks=p
                )
        if max(width, height) < 20_000:
            for mode in ("RGB", "L", "CMYK"):
                for progressive in (False, True):
                    for sampling in (0, 2):
                        options = {"progressive": progressive, "subsampling": sampling}
                        yield lambda m=mode, s=(width, height), o=options: saved(Image.new(m, s), "JPEG", **o)
        if max(width, height) < 16_384:
            for mode in ("RGB", "RGBA"):
                yield lambda m=mode, s=(width, height): saved(Image.new(m, s), "WEBP", lossless=True, method=0)
        yield lambda s=(width, height): saved(Image.new("P", s), "GIF")
        for depth, compression in ((1, 0), (8, 1), (4, 2), (8, 0)):
            yield lambda a=(width, height, depth, compression): bmp(*a)
    for depth in (24, 32, 16):
        yield lambda d=depth: bmp(3500, 3500, d, 0)
    yield lambda: bmp(16_000, 1000, 8, 1, rows=b"\1\7" * 8_000_000)
    yield lambda: bmp(16_000, 1000, 4, 2, rows=b"\1\7" * 8_000_000)
    yield lambda: bmp(50_000_000, 1, 8, 1, rows=b"\0\2\0\xff" * 9)
    yield lambda: bmp(1, 50_000_000, 8, 1, rows=b"\0\0" * 9_000_000)
    bomb = zlib.compress(bytes(50_000_000))
    for kind, before in (
        ("zTXt", b"a\0\0"),
        ("iCCP", b"a\0\0"),
        ("iTXt", b"XML:com.adobe.xmp\0\1\0\0\0"),
        ("eXIf", b"II*\0"),
    ):
        yield lambda k=kind, b=before: png(40, 30, 8, 2, chunks=[(k, b + bomb)] * 20)
    yield lambda: png(40, 30, 8, 2, chunks=[("tEXt", b"")] * 2_000_000)
    yield lambda: png(40, 30, 8, 2, rows=b"")[:-12] + png_chunk(b"IDAT", b"") * 2_000_000
    for size in ((64, 64), (1000, 800), (4000, 3000)):
        progressive = saved(Image.effect_noise(size, 80).convert("RGB"), "JPEG", progressive=True, quality=60)
        for start in (b"\xff\xda", b"\xff\xc4"):
            last = progressive[progressive.rindex(start) : -2]
            for times in (10, 300, 3000, 15_000):
                if len(last) * times < 49_000_000:
                    yield lambda p=progressive, n=last, t=times: p[:-2] + n * t + b"\xff\xd9"
    plain_jpeg = saved(Image.new("RGB", (40, 30)), "JPEG")
    for segment in (
        b"\xff\xe1\xff\xff" + b"Exif\0\0" + bytes(65527),
        b"\xff\xfe\0\2",
        b"\xff\xed\0\6abcd",
        b"\xff" * 40,
    ):
        yield lambda s=segment: plain_jpeg[:2] + s * (45_000_000 // len(s)) + plain_jpeg[2:]
    yield lambda: plain_jpeg[:2] + b"\xff" * 45_000_000 + b"\0" + plain_jpeg[2:]
    yield lambda: plain_jpeg[:-2] + b"\xff\0" * 20_000_000
    yield lambda: plain_jpeg[:-2] + b"\xff\xd0" * 20_000_000
    small_gif = saved(Image.new("P", (40, 30)), "GIF")
    place = small_gif.index(b",")
    for more in (b"!\xfe\1a\0", b"!\xfe" + b"\1a" * 200 + b"\0", b"!\xf9\4\0\0\0\0\0", b"\0"):
        yield lambda m=more: small_gif[:place] + m * (45_000_000 // len(m)) + small_gif[place:]
    yield lambda: small_gif[: place + 11] + b"\1\0" * 20_000_000
    simple = saved(Image.new("RGB", (40, 30)), "WEBP")[12:]
    extended = (b"VP8X", bytes(4) + (39).to_bytes(3, "little") + (29).to_bytes(3, "little"))
    for more in ((b"JUNK", b""), (b"ICCP", b"a"), (b"XMP ", b"")):
        yield lambda m=more: webp(extended, *[m] * 3_000_000, (b"VP8 ", simple[8:]))
    frame = (b"ANMF", bytes(6) + (39).to_bytes(3, "little") + (29).to_bytes(3, "little") + bytes(4) + simple)
    yield lambda: webp((b"VP8X", b"\2" + extended[1][1:]), (b"ANIM", bytes(6)), *[frame] * 200_000)


def plain(draws: random.Random) -> Iterator[Callable[[], bytes]]:
    """Small pictures, most of whose headers say something else."""
    sizes = [
        (1, 1),
        (3, 2),
        (40, 30),
        (333, 7),
        (0, 5),
        (65_535, 1),
        (1, 65_535),
        (6999, 7001),
        (2**31 - 1, 1),
        (2**31, 3),
    ]
    palettes: list[list[tuple[str, bytes]]] = [[], [("PLTE", bytes(768))], [("PLTE", bytes(5))], [("PLTE", b"")]]
    for size in sizes:
        for depth in (1, 2, 4, 8, 16, 3):
            for colour in (0, 2, 3, 4, 6, 5):
                for interlaced in (0, 1):
                    rows = zlib.compress(bytes(draws.choice((0, 10, 5000))))
                    clear = [("tRNS", bytes(draws.choice((0, 1, 2, 6, 256, 300))))] * draws.randrange(2)
                    extra = [*draws.choice(palettes), *clear]
                    honest = rows if size[0] * size[1] > 20_000 or draws.randrange(3) == 0 else None
                    yield lambda a=(*size, depth, colour), i=interlaced, r=honest, c=extra: png(
                        *a, interlaced=i, rows=r, chunks=c
                    )
        for depth in (1, 4, 8, 16, 24, 32, 7):
            for compression in (0, 1, 2, 3, 4, 9):
                for header in (12, 40, 64, 108, 124, 41):
                    width, height = size[0] % 2**31, size[1] % 2**31 * draws.choice((1, -1))
                    rows = draws.randbytes(draws.choice((0, 10, 5000)))
                    yield lambda a=(width, height, depth, compression), r=rows, h=header: bmp(*a, rows=r, size=h)
        across, down = size[0] & 0xFFFF, size[1] & 0xFFFF
        for left in (0, 9, 65_535):
            for flags in (0, 0x40, 0x80, 0xC7):
                for code in (0, 1, 8, 12, 255):
                    a = ((40, 30), (left, 3, across, down)) if code % 2 else ((across, down), (left, 0, 20, 10))
                    yield lambda a=a, f=flags, c=code: gif(*a, flags=f, code=c)
        bits = (((across - 1) & 0x3FFF) | ((down - 1) & 0x3FFF) << 14).to_bytes(4, "little")
        canvas = ((size[0] - 1) & 0xFFFFFF).to_bytes(3, "little") + ((size[1] - 1) & 0xFFFFFF).to_bytes(3, "little")
        lossy = b"\x30\1\0\x9d\1\x2a" + struct.pack("<HH", across & 0x3FFF, down & 0x3FFF) + bytes(40)
        for flags in (0, 2, 16, 18, 60):
            head = (b"VP8X", bytes([flags, 0, 0, 0]) + canvas)
            for inner in ((b"VP8L", b"\x2f" + bits + bytes(20)), (b"VP8 ", lossy)):
                alpha = (b"ALPH", bytes(8))
                moving = (b"ANMF", bytes(6) + canvas + bytes(4) + webp(inner)[12:])
                yield lambda h=head, i=inner: webp(h, i)
                yield lambda i=inner: webp(i)
                yield lambda h=head, a=alpha, i=inner: webp(h, a, i)
                yield lambda h=head, m=moving: webp(h, (b"ANIM", bytes(6)), m, m)
        for channels in (1, 2, 3, 4):
            for sampling in (0x11, 0x22, 0x44, 0x41, 0x00, 0xFF):
                for kind in (0xC0, 0xC1, 0xC2, 0xC3, 0xC9, 0xCA):
                    yield lambda a=(across, down, channels, sampling, kind): jpeg(*a)


def jpeg(width: int, height: int, channels: int, sampling: int, kind: int) -> bytes:
    """A JPEG whose frame is made by hand and whose tables and scan are another's."""
    mode = {1: "L", 3: "RGB"}.get(channels, "CMYK")
    data = saved(Image.new(mode, (40, 30), 90 if mode == "L" else (90,) * len(mode)), "JPEG", progressive=kind == 0xC2)
    parts = jpeg_parts(data)
    frame = struct.pack(">BHHB", 8, height, width, channels)
    frame += b"".join(bytes([number + 1, 0x11 if number else sampling, 0]) for number in range(channels))
    parts = [
        b"\xff" + bytes([kind]) + struct.pack(">H", len(frame) + 2) + frame if is_frame(part) else part
        for part in parts
    ]
    return b"".join(parts)


def is_frame(part: bytes) -> bool:
    return part[:2] in (b"\xff\xc0", b"\xff\xc1", b"\xff\xc2")


# Mutations


def mutations(seeds: list[tuple[str, bytes]], seed: int, start: int, count: int) -> Iterator[Callable[[Path], object]]:
    """Pictures that know their format, each with one to four changes."""
    by_format: dict[str, list[Parts]] = {}
    for format, data in seeds:
        by_format.setdefault(format, []).append(SPLIT[format](data))
    for number in range(start, start + count):
        draws = random.Random(f"{seed} {number}")
        format = draws.choice(sorted(by_format))
        parts = list(draws.choice(by_format[format]))
        for _ in range(draws.choice((1, 1, 2, 2, 3, 4))):
            mutate(parts, draws, draws.choice(by_format[format]), format)
        data = JOIN.get(format, b"".join)(parts) if draws.random() < 0.9 else b"".join(parts)
        if draws.random() < 0.05:
            data = data[: draws.randrange(len(data) + 1)]
        yield lambda path, data=data: path.write_bytes(data)


def mutate(parts: Parts, draws: random.Random, others: Parts, format: str) -> None:
    """Change a list of parts; the first holds the format's signature."""
    place = draws.randrange(len(parts)) if draws.random() < 0.8 else min(1, len(parts) - 1)
    part, kind = parts[place], draws.randrange(11)
    if kind == 0 and len(parts) > 2:
        del parts[place]
    elif kind == 1:
        parts.insert(place, part)
    elif kind == 2:
        other = draws.randrange(len(parts))
        parts[place], parts[other] = parts[other], parts[place]
    elif kind == 3:
        parts.insert(place, draws.choice(others))
    elif kind == 4:
        parts[place] = part[: draws.randrange(len(part) + 1)]
    elif kind == 5:
        parts[place] = part + draws.randbytes(draws.choice((1, 4, 300)))
    elif kind == 6:
        parts[place : place + 1] = [part] * draws.choice((2, 10, 200))
    elif kind == 7:  # a number anywhere, most often in a length or a size
        width = draws.choice((1, 2, 4))
        if len(part) >= width:
            at = draws.randrange(min(len(part), draws.choice((12, 26, 10_000))) - width + 1) if len(part) > width else 0
            value = draws.choice(
                (draws.choice(EDGES), 2 ** (8 * width) - 1, 2 ** (8 * width - 1), draws.getrandbits(8 * width))
            )
            number = (value % 2 ** (8 * width)).to_bytes(width, draws.choice(("big", "little")))
            parts[place] = part[:at] + number + part[at + width :]
    elif kind == 8:
        changed = bytearray(part)
        for _ in range(draws.choice((1, 3, 20))):
            if changed:
                changed[draws.randrange(len(changed))] = draws.choice((0, 255, draws.randrange(256)))
        parts[place] = bytes(changed)
    elif kind == 9 and len(part) > 2:
        at, end = sorted((draws.randrange(len(part)), draws.randrange(len(part))))
        parts[place] = part[:at] + part[end:]
    else:
        head(parts, draws, format)


def head(parts: Parts, draws: random.Random, format: str) -> None:
    """Lie in the header: sizes, depths, modes, orientation."""
    edge = draws.choice(EDGES)
    if format == "PNG" and len(parts) > 1 and len(parts[1]) >= 25:
        where = draws.choice(((8, ">I"), (12, ">I"), (16, "B"), (17, "B"), (20, "B")))
        value = (
            draws.choice((1, 2, 4, 8, 16))
            if where[0] == 16
            else draws.choice((0, 2, 3, 4, 6))
            if where[0] == 17
            else edge
        )
        value = value % 2 if where[0] == 20 else value
        parts[1] = (
            parts[1][: where[0]] + struct.pack(where[1], value) + parts[1][where[0] + struct.calcsize(where[1]) :]
        )
    elif format == "JPEG":
        for place, part in enumerate(parts):
            if is_frame(part) and len(part) > 11:
                at = draws.choice((5, 7))
                parts[place] = part[:at] + struct.pack(">H", edge) + part[at + 2 :]
                if draws.random() < 0.4:
                    parts[place] = (
                        parts[place][:11] + bytes([draws.choice((0x11, 0x22, 0x44, 0x14, 0))]) + parts[place][12:]
                    )
    elif format == "GIF":
        place = draws.choice([0, *(n for n, part in enumerate(parts) if part[:1] == b",")])
        at = draws.choice((6, 8)) if place == 0 else draws.choice((1, 3, 5, 7))
        parts[place] = parts[place][:at] + struct.pack("<H", edge) + parts[place][at + 2 :]
    elif format == "WEBP" and len(parts) > 1:
        at = draws.choice((8, 9, 12, 15, 14, 16))
        parts[1] = parts[1][:at] + struct.pack("<H", edge) + parts[1][at + 2 :]
    elif format == "BMP":
        at, code = draws.choice(((4, "<i"), (8, "<i"), (14, "<H"), (16, "<I"), (32, "<I")))
        value = draws.choice((edge, -edge)) if code == "<i" else draws.choice((0, 1, 2, 3, 4, 8, 16, 24, 32))
        parts[1] = parts[1][:at] + struct.pack(code, value) + parts[1][at + struct.calcsize(code) :]


def png_parts(data: bytes) -> Parts:
    parts, place = [data[:8]], 8
    while place + 8 <= len(data):
        end = place + 12 + int.from_bytes(data[place : place + 4])
        parts.append(data[place:end])
        place = end
    return parts


def png_joined(parts: Parts) -> bytes:
    """With lengths and checksums that are right again."""
    return parts[0] + b"".join(png_chunk(part[4:8], part[8:-4]) if len(part) >= 12 else part for part in parts[1:])


def jpeg_parts(data: bytes) -> Parts:
    parts, place = [data[:2]], 2
    while place + 4 <= len(data):
        end = place + 2 + int.from_bytes(data[place + 2 : place + 4])
        if data[place + 1] == 0xDA:
            while end + 1 < len(data) and (data[end] != 0xFF or data[end + 1] in (0, *range(0xD0, 0xD8))):
                end += 1
        parts.append(data[place:end])
        place = end
    return [*parts, data[place:]]


def gif_parts(data: bytes) -> Parts:
    place = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    parts = [data[:13], data[13:place]]
    while place < len(data) and data[place] in b"!,":
        begin = place
        if data[place] == ord("!"):
            place += 2
        else:
            place += 10 + (3 << (data[place + 9] & 7) + 1 if data[place + 9] & 0x80 else 0) + 1
        while data[place]:
            place += data[place] + 1
        place += 1
        parts.append(data[begin:place])
    return [*parts, data[place:]]


def webp_parts(data: bytes) -> Parts:
    parts, place = [data[:12]], 12
    while place + 8 <= len(data):
        length = int.from_bytes(data[place + 4 : place + 8], "little")
        end = place + 8 + length + length % 2
        parts.append(data[place:end])
        place = end
    return parts


def webp_joined(parts: Parts) -> bytes:
    """With lengths that are right again."""
    body = b"".join(
        part[:4] + struct.pack("<I", len(part) - 8) + part[8:] if len(part) >= 8 else part for part in parts[1:]
    )
    return parts[0][:4] + struct.pack("<I", 4 + len(body)) + parts[0][8:12] + body


def bmp_parts(data: bytes) -> Parts:
    start, header = int.from_bytes(data[10:14], "little"), int.from_bytes(data[14:18], "little")
    return [data[:14], data[14 : 14 + header], data[14 + header : start], data[start:]]


SPLIT = {"PNG": png_parts, "JPEG": jpeg_parts, "GIF": gif_parts, "WEBP": webp_parts, "BMP": bmp_parts}
JOIN = {"PNG": png_joined, "WEBP": webp_joined}


if __name__ == "__main__":
    main()
