"""Where the photo is in a picture that has more around it: bars, the page of an app, the screen of a phone.

    rgb (S, S, 3) --neighbours that are equal--> hardly any: a photo, nothing around it
                  --colours that much of it has exactly--> paper (S, S) --rows and columns with little of it--> a box

What is around a photo there is of a few exact colours, as hardly anything in a photo is. The box is taken where it is
filled, what is around it is paper, and its sides are straight: something photographed against white has no such sides.
Thresholds are ours, set on pictures of MSED's training part, as they are and framed by `views.py`.
"""

from typing import NamedTuple

import numpy as np

LEAST_SIDE = 112  # pixels a side, of a picture in which a photo is looked for
_EQUAL = 0.12  # of neighbours that are equal to the last bit; below, nothing is looked for
_PAPERS, _LEAST_PAPER = 4, 0.04  # so many colours, each at least of so many of the pixels
_NEAR = 3  # of 255: what a colour may differ by
_ROW, _GAP = 0.5, 0.03  # a row of the photo has less paper than this; rows with more may come between, of the height
_FILLED, _AROUND = 0.75, 0.8  # share of the box that is no paper, and of the rest that is
_SIDE, _EDGE = 0.5, 0.8  # the same of the outermost lines of the box, and of the lines next to it
_LEAST, _MOST = 0.1, 0.93  # of the picture that the box may be
_BAR, _UNEVEN, _SPECKS = 0.06, 0.02, 0.03  # least share of a bar, most that two differ by, most of one that is no paper


class Box(NamedTuple):
    """A part of a picture, in shares of its width and height."""

    left: float
    top: float
    right: float
    bottom: float

    def of_whole(self, inner: "Box") -> "Box":
        """What a box within this one is of the whole picture."""
        width, height = self.right - self.left, self.bottom - self.top
        return Box(
            self.left + width * inner.left,
            self.top + height * inner.top,
            self.left + width * inner.right,
            self.top + height * inner.bottom,
        )


def photo_within(rgb: np.ndarray) -> Box | None:
    """The part of a picture that is a photo; None where that is all of it, or cannot be told.

    Args:
        rgb: uint8 (H, W, 3), of at least `LEAST_SIDE` pixels a side; in smaller ones nothing may be found.
    """
    rgb = rgb[::2, ::2]
    green = rgb[..., 1]
    equal = np.count_nonzero(green[:, 1:] == green[:, :-1]) / max(1, green[:, 1:].size)
    if equal < _EQUAL or min(green.shape) < 16:
        return None
    photo = ~_paper(rgb)  # (H, W)
    if photo.all():
        return None
    if (box := _between_bars(photo)) is not None:
        return box
    rows = _longest(photo.mean(axis=1) >= _ROW * _widest(photo))
    if rows.start == rows.stop:
        return None
    columns = _longest(photo[rows].mean(axis=0) >= _ROW)
    if columns.start == columns.stop:
        return None
    rows = _longest(photo[:, columns].mean(axis=1) >= _ROW)
    return _checked(photo, rows, columns)


def _paper(rgb: np.ndarray) -> np.ndarray:
    """Which pixels (H, W) have one of the few colours that much of the picture has exactly."""
    red, green, blue = np.moveaxis((rgb >> 4).astype(np.intp), -1, 0)
    codes = red << 8 | green << 4 | blue
    counts = np.bincount(codes.ravel(), minlength=16**3)
    paper, wide = np.zeros(codes.shape, bool), rgb.astype(np.int16)
    for code in np.argpartition(counts, -_PAPERS)[-_PAPERS:]:
        if counts[code] < _LEAST_PAPER * codes.size:
            continue
        colour = np.rint(rgb[codes == code].mean(axis=0)).astype(np.int16)  # (3,)
        near = (np.abs(wide - colour) <= _NEAR).all(axis=2)
        if np.count_nonzero(near) >= _LEAST_PAPER * codes.size:
            paper |= near
    return paper


def _between_bars(photo: np.ndarray) -> Box | None:
    """What is between two bars of paper, about as wide, at top and bottom, at both sides, or all around."""
    rows = _bars(photo.mean(axis=1))
    first, last = rows or (0, len(photo))
    columns = _bars(photo[first:last].mean(axis=0))
    if rows is None and columns is None:
        return None
    left, right = columns or (0, photo.shape[1])
    return Box(left / photo.shape[1], first / len(photo), right / photo.shape[1], last / len(photo))


def _bars(lines: np.ndarray) -> tuple[int, int] | None:
    """Where the first bar ends and the last begins, by the share of each line that is no paper."""
    filled = np.flatnonzero(lines > _SPECKS)
    if not len(filled):
        return None
    first, last = int(filled[0]), int(filled[-1]) + 1
    before, after = first / len(lines), 1 - last / len(lines)
    even = min(before, after) >= _BAR and abs(before - after) <= _UNEVEN
    # The outermost line may be half of the frame.
    straight = min(lines[first : first + 2].max(), lines[last - 2 : last].max()) >= _SIDE
    return (first, last) if even and straight else None


def _widest(photo: np.ndarray) -> float:
    """The share of a row that the photo may have at most: that of the fullest tenth of the rows."""
    return float(np.quantile(photo.mean(axis=1), 0.9))


def _longest(lines: np.ndarray) -> slice:
    """The longest run of lines that are true, over small gaps."""
    gap = round(_GAP * len(lines))
    best = run = slice(0, 0)
    for place in map(int, np.flatnonzero(lines)):
        run = slice(run.start, place + 1) if run.stop and place - run.stop <= gap else slice(place, place + 1)
        if run.stop - run.start > best.stop - best.start:
            best = run
    return best


def _checked(photo: np.ndarray, rows: slice, columns: slice) -> Box | None:
    """The box of these rows and columns, if it is one of a photo."""
    height, width = photo.shape
    inside = photo[rows, columns]
    if not _LEAST <= inside.size / photo.size <= _MOST or inside.mean() < _FILLED:
        return None
    if np.count_nonzero(photo) - np.count_nonzero(inside) > (1 - _AROUND) * (photo.size - inside.size):
        return None
    sides = (
        (rows.start > 0, inside[0], photo[max(0, rows.start - 2), columns]),
        (rows.stop < height, inside[-1], photo[min(height - 1, rows.stop + 1), columns]),
        (columns.start > 0, inside[:, 0], photo[rows, max(0, columns.start - 2)]),
        (columns.stop < width, inside[:, -1], photo[rows, min(width - 1, columns.stop + 1)]),
    )
    if any(cut and (line.mean() < _SIDE or 1 - beyond.mean() < _EDGE) for cut, line, beyond in sides):
        return None
    edges = columns.start / width, rows.start / height, columns.stop / width, rows.stop / height
    return Box(*map(float, edges))
