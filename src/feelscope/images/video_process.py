"""The process that reads a video: FFmpeg's readers of strangers' bytes, by `av`, apart from everything else.

    file --seek--> key frames, evenly spread, small and grey --too few? some frames behind each--> `scenes.choose`
         --seek--> the chosen ones in colour --> a line of JSON, then their pixels

What a video claims of itself (its length, its size, where its key frames are) is believed only as far as it costs no
more than the limits that it is read with. They count frames and pixels, never seconds, so that a slow machine reads
the same frames as a quick one. What takes too long all the same is ended by the system.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain, dropwhile, islice
from typing import Any, BinaryIO, NoReturn

import numpy as np

from feelscope.errors import one_line
from feelscope.images.scenes import GREY, choose

LOOKED_AT = 32  # frames evenly over the video
_UNUSED = 60_000_000  # bytes that a process asks for and never uses, of stacks say; measured
_WHOLE = 0.95  # of the seconds that a video says it has; with fewer it was cut short
_FEW = 8  # key frames; with fewer, frames between them are looked at too
_DECODED = 300_000_000  # pixels of these: 325 frames of 720p
_MOST_DECODED = 1500  # frames of these, however small
_PACKETS = 100_000  # that are passed over for key frames: an hour at 28 frames a second
_BEFORE = 10.0  # seconds before the beginning, where nothing is, so that seeking there goes to the very first packet
_LONG = 5.0  # seconds of a scene that one frame is enough for; ours
_CODECS = ("h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "mpeg1video", "mpeg2video", "h263", "mjpeg", "prores")
_LONGEST = 6 * 3600.0  # seconds


@dataclass(frozen=True, slots=True)
class Candidate:
    """A frame that was looked at.

    Args:
        key: The time stamp of the key frame that it is reached from, and the place where that is found.
        stamp: Its own.
        grey: uint8 (S, S).
    """

    key: int
    place: int
    stamp: int
    grey: np.ndarray


class Refused(Exception):
    """What is wrong with a video, in one line."""


class Video:
    """An opened video.

    Args:
        most_pixels: Of a frame.
    """

    def __init__(self, file: BinaryIO, format: str, most_pixels: int) -> None:
        import av
        from av.stream import Discard, Disposition

        self._error: type[Exception] = av.error.FFmpegError
        self._container: Any = av.open(file, "r", format=format, metadata_errors="ignore", io_open=_nothing_else)
        still = Disposition.attached_pic  # the cover of a song
        moving = [one for one in self._container.streams.video if not one.disposition & still]
        if not moving:
            raise Refused("there is no picture in it, as of sound alone")
        stream: Any = moving[0]
        self._stream = stream
        for other in self._container.streams:
            if other is not stream:
                other.discard = Discard.all
        codec = stream.codec_context
        if (name := "unknown" if codec is None else codec.codec.canonical_name) not in _CODECS:
            raise Refused(f"its codec is {name}, which is not read; save it as H.264")
        self._pixels = codec.width * codec.height
        if not self._pixels:
            raise Refused("damaged or cut short: it does not say how large its frames are")
        if self._pixels > most_pixels:
            size = f"{codec.width} x {codec.height} pixels"
            raise Refused(f"{size}, over {most_pixels / 1e6:g} million in a video; save it smaller")
        codec.thread_count, codec.thread_type = 1, "NONE"
        codec.options = {"max_pixels": str(most_pixels)}  # of a frame that is larger than the file says
        self._codec, self._base, self._start = codec, float(stream.time_base), stream.start_time or 0
        self.seconds = float(stream.duration or 0) * self._base or (self._container.duration or 0) / 1e6
        if self.seconds > _LONGEST:
            raise Refused(f"{self.seconds / 3600:,.0f} hours, over {_LONGEST / 3600:g}; cut out what is to be read")
        self.damaged = False

    def time(self, stamp: int) -> float:
        """Seconds from the beginning."""
        return (stamp - self._start) * self._base

    def candidates(self) -> list[Candidate]:
        """The frames that are chosen from, in order."""
        found: dict[int, Candidate] = {}
        if self.seconds > 0:
            for number in range(LOOKED_AT):
                self._look(self._start + int((number + 0.5) / LOOKED_AT * self.seconds / self._base), found)
            if found:
                self.damaged |= self._seconds_from(max(one.place for one in found.values())) < _WHOLE * self.seconds
        if len(found) < _FEW:  # it has few, or its length is not what it says
            keys = self._scanned()
            for place in np.linspace(0, len(keys) - 1, min(len(keys), LOOKED_AT)).round().astype(int):
                self._look(keys[place], found)
        if not found:
            raise Refused("damaged or cut short: no frame of it can be decoded")
        if len(found) < _FEW:
            most = self._most(len(found))
            for key in sorted(found):
                self._look_behind(found[key], most, found)
        return [found[stamp] for stamp in sorted(found)]

    def pictures(self, chosen: Sequence[Candidate], least: int) -> Iterator[np.ndarray]:
        """Chosen frames, uint8 (H, W, 3), upright; their shorter side is made `least` pixels, unless it has fewer."""
        for one in chosen:
            yield _upright(self._again(one), least)

    def _again(self, one: Candidate) -> Any:
        """A frame that was looked at before."""
        if one.key == one.stamp:
            frames = (self._alone(packet) for packet in islice(self._from(one.key, one.place), 1))
        else:
            frames = (frame for frame in self._frames(one.key, one.place, self._most(1)) if _stamp(frame) == one.stamp)
        if (found := next(frames, None)) is None:
            raise Refused("a frame of it can be decoded only once")
        return found

    def _most(self, keys: int) -> int:
        """How many frames are decoded from each of so many key frames on."""
        return max(1, min(_DECODED // self._pixels, _MOST_DECODED) // keys)

    def _look(self, stamp: int, found: dict[int, Candidate]) -> None:
        """Look at the key frame at a time stamp, or before it."""
        packet = next(self._packets(stamp), None)
        if packet is not None and _stamp(packet) in found:
            return
        frame = None if packet is None else self._alone(packet)
        if packet is None:
            return
        if frame is None:
            self.damaged = True
            return
        found[_stamp(packet)] = Candidate(_stamp(packet), _place(packet), _stamp(packet), _grey(frame))

    def _look_behind(self, key: Candidate, most: int, found: dict[int, Candidate]) -> None:
        """Look at some frames from a key frame to the next, as far apart as others are over the whole video."""
        step = self.seconds / LOOKED_AT
        following = self.time(key.key) + step
        for frame in self._frames(key.key, key.place, most):
            stamp = _stamp(frame)
            if stamp in found and stamp != key.key:
                break
            if stamp != key.key and self.time(stamp) >= following:
                found[stamp] = Candidate(key.key, key.place, stamp, _grey(frame))
                following = self.time(stamp) + step

    def _seconds_from(self, place: int) -> float:
        """How long the video is by its packets from a place on."""
        return self.time(max(map(_end, self._packets(place)), default=self._start))

    def _scanned(self) -> list[int]:
        """The places of key frames, read from beginning to end without decoding; `seconds` is what there is."""
        packets = [(_place(packet) if packet.is_keyframe else None, _end(packet)) for packet in self._packets(None)]
        if len(packets) < _PACKETS or not self.seconds:
            self.seconds = self.time(max((end for _, end in packets), default=self._start))
        return [place for place, _ in packets if place is not None]

    def _packets(self, place: int | None) -> Iterator[Any]:
        """Packets from the key frame at or before a place on; None begins at the beginning, with any."""
        begun = place is None
        first = self._start - round(_BEFORE / self._base)
        for before in (first, self._start) if begun else (place,):
            with suppress(self._error):  # a format that cannot go there is read from where it is
                self._container.seek(before, stream=self._stream, backward=True)
                break
        with self._noted():
            for packet in islice(self._container.demux(self._stream), _PACKETS):
                if packet.size and _has_stamp(packet):
                    begun = begun or packet.is_keyframe
                    if begun:
                        yield packet

    def _from(self, key: int, place: int) -> Iterator[Any]:
        """Packets from a key frame on, which some formats find only by way of an earlier one."""
        return dropwhile(lambda packet: _stamp(packet) != key, self._packets(place))

    def _frames(self, key: int, place: int, most: int) -> Iterator[Any]:
        """Frames from a key frame on."""
        left = most
        try:
            for packet in chain(self._from(key, place), (None,)):
                for frame in self._decoded(packet):
                    if left and _has_stamp(frame) and _stamp(frame) >= key:
                        yield frame
                        left -= 1
                if not left:
                    return
        finally:
            self._codec.flush_buffers()

    def _alone(self, packet: Any) -> Any:
        """The frame of a key frame's packet; None if it cannot be decoded."""
        try:
            return next(iter(self._decoded(packet) + self._decoded(None)), None)
        finally:
            self._codec.flush_buffers()

    def _decoded(self, packet: Any) -> list[Any]:
        """The frames that come out where a packet goes in, None at the end; none of one that is broken."""
        frames: list[Any] = []
        with self._noted():
            frames = self._codec.decode(packet)
        return frames

    @contextmanager
    def _noted(self) -> Iterator[None]:
        """What FFmpeg refuses is noted as damage, and what is behind it is read."""
        try:
            yield
        except self._error as error:
            if isinstance(error, MemoryError):
                raise
            self.damaged = True


def _has_stamp(thing: Any) -> bool:
    return thing.pts is not None or thing.dts is not None


def _stamp(thing: Any) -> int:
    """The time stamp of a packet or a frame; those of an AVI say only when they are decoded."""
    return int(thing.pts if thing.pts is not None else thing.dts)


def _place(packet: Any) -> int:
    """Where a packet is found: formats order them by when they are decoded, which may be before they are shown."""
    return int(packet.dts if packet.dts is not None else packet.pts)


def _end(packet: Any) -> int:
    return _stamp(packet) + int(packet.duration or 0)


def _grey(frame: Any) -> np.ndarray:
    """A frame small and grey, uint8 (S, S)."""
    small: np.ndarray = frame.reformat(width=GREY, height=GREY, format="gray", interpolation="AREA").to_ndarray()
    return small


def _upright(frame: Any, least: int) -> np.ndarray:
    """See `Video.pictures`."""
    scale = min(1.0, least / min(frame.width, frame.height)) if least else 1.0
    size = {"width": max(1, round(scale * frame.width)), "height": max(1, round(scale * frame.height))}
    rgb = frame.reformat(**size, format="rgb24", interpolation="AREA").to_ndarray()
    return np.ascontiguousarray(np.rot90(rgb, round((frame.rotation or 0) / 90)))


def _nothing_else(*asked: object) -> NoReturn:
    """Whatever file or address a video names, it is not opened."""
    raise PermissionError("a video may name no other file")


def serve(format: str, least: str, alone: str, most_pixels: str, memory: str, seconds: str) -> None:
    """The process: a video in, some of its frames out, or one line that says what is wrong.

    Args:
        least: See `Video.pictures`; 0 for all.
        alone: Whether only the frame to be shown is wanted.
    """
    import av.subtitles.codeccontext  # these two before no file may be opened any more
    import av.subtitles.stream
    import av.video.reformatter  # noqa: F401

    _limit(int(memory), int(seconds))
    with open(1, "wb", closefd=False) as out:
        try:
            with open(0, "rb", closefd=False) as file:
                video = Video(file, format, int(most_pixels))
                found = video.candidates()
                times = np.array([video.time(one.stamp) for one in found])
                places, shown = choose(np.stack([one.grey for one in found]), times, video.seconds, _LONG)
                read = len(places)
                places, shown = ([places[shown]], 0) if alone == "1" else (places, shown)
                pictures = [*video.pictures([found[place] for place in places], int(least))]
        except Refused as error:
            said: dict[str, object] = {"error": str(error)}
        except MemoryError:
            said = {"memory": True}
        except Exception as error:  # noqa: BLE001 - of foreign bytes anything may come, and nobody sees this process
            reason = getattr(error, "strerror", None) or one_line(error)  # FFmpeg's own, without its number
            said = {"error": f"damaged or cut short ({reason[:200]})"}
        else:
            about = {
                "sizes": [picture.shape[1::-1] for picture in pictures],
                "times": times[places].tolist(),
                "shown": shown,
                "read": read,
                "seconds": max(video.seconds, 0.0),
                "damaged": video.damaged,
            }
            out.write(json.dumps(about).encode() + b"\n")
            for picture in pictures:
                out.write(picture.tobytes())
            return
        out.write(json.dumps(said).encode() + b"\n")


def _limit(memory: int, seconds: int) -> None:
    """Let this process take no more memory or time, write no file and open none; only POSIX has such limits."""
    try:
        import resource
    except ImportError:
        return
    for kind, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_DATA, memory + _UNUSED),
        (resource.RLIMIT_CPU, seconds),
    ):
        hard = resource.getrlimit(kind)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))
