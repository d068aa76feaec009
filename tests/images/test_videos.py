"""Videos: a few frames of every scene, the same every time, and strangers' bytes in one line."""

import os
import random
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image
from small_photos import photo
from small_videos import SIZE, sound, video

from feelscope.errors import PictureError
from feelscope.images import PictureLimits, digest, ending, is_video, read_rgb, small_jpeg
from feelscope.images import video as videos
from feelscope.images.read import read_frames
from feelscope.memory import MemoryBudget

A, B, C = (photo(SIZE, seed) for seed in (1, 2, 3))
SCENES = [A] * 20 + [B] * 20
ENCODED = [
    ("mp4", "libx264", ".mp4"),
    ("mov", "libx264", ".mp4"),
    ("webm", "libvpx-vp9", ".webm"),
    ("matroska", "libx264", ".webm"),
    ("avi", "mpeg4", ".avi"),
    ("mpegts", "libx264", ".mts"),
]


def refused(content: bytes | Path, limits: PictureLimits | None = None) -> str:
    with pytest.raises(PictureError) as caught:
        read_frames(content, 64, limits or PictureLimits())
    assert "\n" not in str(caught.value)
    return str(caught.value)


def apart(pixels: np.ndarray, image: Image.Image) -> float:
    """How much pixels differ from a picture's, of 255, on average."""
    wanted = np.asarray(image.resize(pixels.shape[1::-1]))
    return float(np.abs(pixels.astype(int) - wanted).mean())


@pytest.mark.parametrize(("format", "codec", "suffix"), ENCODED)
def test_a_frame_of_every_scene(format: str, codec: str, suffix: str, tmp_path: Path) -> None:
    data = video(SCENES, format=format, codec=codec)
    frames = read_frames(data, 64)
    assert frames.said == "2 frames of a video of 4 s were read"
    assert [apart(pixels, image) < 20 for pixels in frames.made for image in (A, B)] == [True, False, False, True]
    path = tmp_path / "named.jpg"  # by content, not by name
    path.write_bytes(data)
    again = read_frames(path, 64)
    assert all(map(np.array_equal, frames.made, again.made)) and frames.names == again.names
    assert is_video(data) and ending(path) == suffix and digest(path) == digest(data)


def test_where_there_is_room_for_one_it_is_one_of_them() -> None:
    data, told = video(SCENES), list[str]()
    frames = read_frames(data, 64)
    np.testing.assert_array_equal(read_rgb(data, 64, tell=told.append), frames.made[frames.shown])
    assert told == [f"of a video of 4 s, {frames.names[frames.shown]} was read"]
    assert small_jpeg(data, 32, 80).startswith(b"\xff\xd8\xff") and read_rgb(data).shape == (SIZE[1], SIZE[0], 3)


@pytest.mark.parametrize("gop", [1, 7, 1000])
def test_scenes_are_found_with_many_key_frames_and_with_one(gop: int) -> None:
    data = video([*[A] * 25, *[B] * 25, *[C] * 25], gop=gop, **{"x264-params": "scenecut=0"})
    frames = read_frames(data, 64)
    assert [apart(pixels, image) < 12 for pixels, image in zip(frames.made, (A, B, C), strict=True)] == [True] * 3


def test_an_hour_at_a_low_rate_is_read_by_its_key_frames() -> None:
    frames = read_frames(video([A] * 1800 + [B] * 1800, rate=1, gop=250, preset="ultrafast"), 64)
    assert frames.said == "8 frames of a video of 3,600 s were read"
    halves = [apart(pixels, A) < 20 for pixels in frames.made]
    assert halves == sorted(halves, reverse=True) and 3 <= sum(halves) <= 5


@pytest.mark.parametrize(("matrix", "turned"), [((0, 1, -1, 0), -90), ((-1, 0, 0, -1), 180), ((0, -1, 1, 0), 90)])
def test_a_phone_that_was_held_upright(matrix: tuple[int, int, int, int], turned: int) -> None:
    """The matrix of a track, ISO/IEC 14496-12, 6.2.2: right is where the first two numbers point."""
    data = video([A] * 3)
    at = data.index(b"tkhd") + 4 + 40
    a, b, c, d = (number << 16 for number in matrix)
    rows = (a, b, 0, c, d, 0, 0, 0, 1 << 30)
    held = data[:at] + b"".join(number.to_bytes(4, signed=True) for number in rows) + data[at + 36 :]
    assert apart(read_rgb(held), A.rotate(turned, expand=True)) < 12


def test_what_has_no_picture_in_it() -> None:
    assert "there is no picture in it, as of sound alone" in refused(sound())


def test_without_av_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(videos, "find_spec", lambda name: None)
    assert 'a video needs av: pip install "feelscope[video]"' in refused(video([A]))


def test_limits_are_kept_to(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    data, path = video(SCENES), tmp_path / "a.mp4"
    path.write_bytes(data)
    assert "160 x 96 pixels, over 0.01 million in a video" in refused(data, PictureLimits(max_video_pixels=10_000))
    assert "96 pixels a side" in refused(data, PictureLimits(least_side=100))
    assert "save it smaller" in refused(path, PictureLimits(max_video_bytes=100))
    assert "over 0.0001 MB; save it smaller" in refused(data, PictureLimits(max_bytes=100))
    webm = video([A], format="webm", codec="libvpx-vp9")
    length = webm.index(b"\x44\x89\x88") + 3  # Duration, in milliseconds
    assert "278 hours, over 6" in refused(webm[:length] + struct.pack(">d", 1e9) + webm[length + 8 :])
    with monkeypatch.context() as patch:
        patch.setattr(videos, "_SECONDS", 0)
        assert "it took too long, or broke its reader" in refused(data)
    monkeypatch.setattr(videos, "BUDGET", MemoryBudget(300))
    assert "a video needs 200 MB to be read: --memory 5" in refused(data)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux alone")
def test_a_frame_that_takes_more_memory_than_there_is_costs_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    large = video([photo((3840, 2160), 1)] * 2, preset="ultrafast")
    budget = MemoryBudget(300)
    monkeypatch.setattr(videos, "BUDGET", budget)
    monkeypatch.setattr(videos, "MEMORY", 45_000_000)
    assert "MB of memory" in (said := refused(large)) or "damaged" in said


@pytest.mark.parametrize("content", [b"#EXTM3U\nfile:///etc/passwd\n", b"ffconcat version 1.0\nfile /etc/passwd\n"])
def test_a_list_of_other_files_is_no_video(content: bytes) -> None:
    assert "expected a picture (JPEG, PNG, WEBP, GIF, BMP, AVIF, HEIC) or a video" in refused(content)
    assert "video: " in refused(b"\0\0\0\x18ftypisom" + content)


@pytest.mark.parametrize(("format", "codec"), [(format, codec) for format, codec, _ in ENCODED[::2]])
def test_what_is_cut_short_is_read_as_far_as_it_goes(format: str, codec: str, tmp_path: Path) -> None:
    data = video([photo(SIZE, number // 10) for number in range(100)], format=format, codec=codec)
    said = (
        {share: read_frames(data[: int(len(data) * share)], 64).said for share in (0.9, 0.5)} if format != "mp4" else {}
    )
    for sentence in said.values():
        assert sentence.endswith("were read; a part of it could not be") or "of a video of 10 s" not in sentence
    if format == "mp4":  # whose table of frames comes last
        assert "damaged or cut short" in refused(data[: len(data) // 2])


def test_damage_is_one_line_or_a_frame() -> None:
    draw, made = random.Random(0), [video(SCENES, format=format, codec=codec) for format, codec, _ in ENCODED]
    outcomes = {"read": 0, "refused": 0}
    for _ in range(16):
        spoiled = bytearray(draw.choice(made))
        for _ in range(draw.choice((1, 20, 300))):
            spoiled[draw.randrange(len(spoiled))] = draw.randrange(256)
        del spoiled[draw.randrange(12, len(spoiled)) if draw.random() < 0.5 else len(spoiled) :]
        try:
            assert len(read_frames(bytes(spoiled), 64).made) <= 8
            outcomes["read"] += 1
        except PictureError as error:
            assert "\n" not in str(error)
            outcomes["refused"] += 1
    assert min(outcomes.values()) > 2


@pytest.mark.parametrize(
    "start", [b"\0\0\0\x18ftypmp42", b"\x1aE\xdf\xa3", b"RIFF\0\0\0\0AVI ", b"G" + bytes(187) + b"G"]
)
def test_random_bytes_behind_a_video_s_beginning(start: bytes) -> None:
    assert "video: " in refused(start + random.Random(0).randbytes(50_000))


@pytest.mark.skipif(os.name != "posix", reason="kills")
def test_nothing_is_left_where_the_reader_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(video([photo((640, 480), number // 20) for number in range(400)], gop=1000, preset="ultrafast"))
    code = f"from pathlib import Path\nfrom feelscope.images import read_rgb\nwhile True: read_rgb(Path({str(path)!r}))"
    process = psutil.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL)
    while not (children := process.children()):
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    _, alive = psutil.wait_procs(children, timeout=30)
    assert not alive and [*tmp_path.iterdir()] == [path]
