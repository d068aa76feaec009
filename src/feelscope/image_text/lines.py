"""Pictures to lines of words, by RapidOCR's two networks: where lines are, and what each says.

    rgb (H, W, 3) --cut where it is tall--> pieces --detector, at 320 pixels: any line at all?-->
                  --detector, at 640--> boxes --recogniser, on each box--> lines with a confidence

Everything is in the package `rapidocr`, and nothing is downloaded: the networks are opened by their paths, so one that
is missing is an error here.

Source: RapidOCR 3.10, Apache-2.0, with the networks of PP-OCRv6 (small). Sizes are ours, chosen on drawn pictures:
experiments/words_in_pictures.
"""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from feelscope.errors import MissingExtra, PictureError, needs_extra, one_line

_DETECTED_AT, _TESTED_AT = 640, 320  # pixels of the longer side, at most
_NETWORKS = {"Det": "PP-OCRv6_det_small.onnx", "Rec": "PP-OCRv6_rec_small.onnx"}
_TALL, _PIECE, _MOST_PIECES = 2.0, 1.5, 6  # heights in widths: what is cut, and into what
_OVERLAP = 0.1  # of a piece's height, so that a line on a cut is whole in one of two
_BYTES_PER_PIXEL, _BYTES_BESIDE = 400, 10_000_000  # of what a detector takes of a picture; measured


@dataclass(frozen=True, slots=True)
class Line:
    """A line of words in a picture; pixels from the left and from the top."""

    text: str
    confidence: float  # 0 to 1, of the recogniser
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """In pixels; about 1.5 times the height of capitals."""
        return self.bottom - self.top


class LineReader:
    """Finds and reads lines. Safe to call from many threads, each of which computes alone.

    Raises:
        MissingExtra: `rapidocr` is missing, or has not the networks that are read here.
    """

    MOST_BYTES = _BYTES_PER_PIXEL * _DETECTED_AT**2 + _BYTES_BESIDE  # that a picture takes while it is read

    def __init__(self) -> None:
        self._tests, self._reads = _open(_TESTED_AT, reads=False), _open(_DETECTED_AT, reads=True)
        white = np.full((64, 64, 3), 255, np.uint8)  # opens the detectors now, not in the first post
        self._ask(self._tests, white)
        self._ask(self._reads, white)

    def lines(self, rgb: np.ndarray) -> list[Line]:
        """The lines of a picture, in no order.

        Args:
            rgb: uint8 (H, W, 3).

        Raises:
            PictureError: The networks fail on it.
        """
        lines = []
        for start, end in _pieces(*rgb.shape[:2]):
            overlap = round(_OVERLAP * (end - start)) if end - start < len(rgb) else 0
            above = max(0, start - overlap)
            for line in self._of_piece(rgb[above : end + overlap], above):
                if start <= (line.top + line.bottom) / 2 < end:  # of a line in two pieces, that which has most of it
                    lines.append(line)
        return lines

    def _of_piece(self, rgb: np.ndarray, above: int) -> Iterator[Line]:
        """The lines of a piece, with so many pixels of the picture above it."""
        if self._ask(self._tests, rgb).boxes is None:
            return
        found = self._ask(self._reads, rgb)
        if found.boxes is None or found.txts is None:
            return
        for text, confidence, corners in zip(found.txts, found.scores, found.boxes, strict=True):
            (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)  # of (4, 2)
            yield Line(text, float(confidence), float(left), float(top) + above, float(right), float(bottom) + above)

    def _ask(self, engine: Any, rgb: np.ndarray) -> Any:
        try:
            return engine(np.ascontiguousarray(rgb[..., ::-1]))  # OpenCV's order of colours
        except Exception as error:
            raise PictureError(f"its words cannot be read ({one_line(error)[:200]})") from error


def _open(side: int, *, reads: bool) -> Any:
    """RapidOCR with its detector at so many pixels, on one thread, quiet, and with nothing to download.

    Args:
        reads: Whether lines are read, or found alone.
    """
    with needs_extra("reading words in pictures", "ocr"):
        import rapidocr
        from rapidocr import RapidOCR
    folder = Path(rapidocr.__file__).parent / "models"
    if missing := [name for name in _NETWORKS.values() if not (folder / name).is_file()]:
        advice = 'pip install --force-reinstall "rapidocr>=3.10"'
        raise MissingExtra(f"reading words in pictures: {folder} has no {missing[0]}; {advice}")
    settings: dict[str, Any] = {
        **{f"{part}.model_path": str(folder / name) for part, name in _NETWORKS.items()},
        **{f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")},
        "Global.log_level": "critical",
        "Global.text_score": 0.0,  # what is sure enough is decided by whoever asks
        "Global.use_cls": False,  # whether lines are upside down
        "Global.use_rec": reads,
        "Det.limit_side_len": side,
        "Det.limit_type": "max",
        "Rec.rec_batch_num": 1,  # several lines side by side are padded to the longest, and take its memory each
    }
    return RapidOCR(params=settings)


def _pieces(height: int, width: int) -> Iterator[tuple[int, int]]:
    """Where pieces of a picture begin and end, from its top; one piece, unless it is tall."""
    count = min(_MOST_PIECES, math.ceil(height / width / _PIECE)) if height > _TALL * width else 1
    edges = [round(height * number / count) for number in range(count + 1)]
    yield from itertools.pairwise(edges)
