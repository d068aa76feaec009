"""Which frames of a video or an animation are read: of every scene one, and more of long ones.

    greys (C, S, S) --those that show nothing left out--> differences of neighbours --> scenes
    scenes --one frame each, then one more for the scene that has most seconds a frame--> frames, in order

A scene changes where most of the picture does. Of a scene, or each part of a long one, it is the frame nearest its
middle that shows nearly as much as any, so that what fades in or out is passed over.
"""

from collections.abc import Sequence

import numpy as np

READ = 8  # frames of a video or an animation that are read
GREY = 32  # pixels a side of the frames that are compared
_CUT = 24.0  # of 255: neighbours that differ by more, on average, are of two scenes; ours
_BLANK = 2.0  # of 255: deviation of a frame in which nothing is seen
_NEARLY = 0.9  # of the most that a frame shows, so that the same again is not preferred; ours


def fullest(content: np.ndarray) -> int:
    """The first frame that shows nearly as much as any; `content` (C,) says how much each does."""
    return int(np.argmax(content >= _NEARLY * content.max()))


def choose(
    greys: np.ndarray, times: np.ndarray, end: float, long: float, shown: int | None = None
) -> tuple[list[int], int]:
    """The frames to be read, and which of them is the one to be shown where there is room for one alone.

    Args:
        greys: uint8 (C, S, S), in the order of their times.
        times: When each begins, (C,).
        end: When the last one ends.
        long: A part of a scene that is longer than this may be cut in two; in the unit of the times.
        shown: The one to be shown, where that is known; else it is the first of those read that shows nearly as much as
            any of them.

    Returns:
        Their numbers, ascending, `READ` at most, and the place of one among them.
    """
    content = greys.reshape(len(greys), -1).std(axis=1)
    kept = np.flatnonzero(content >= _BLANK)
    kept = kept if len(kept) else np.array([fullest(content)])
    spans = np.diff(times[kept], append=max(end, times[-1]))
    small = greys[kept].astype(np.int16)
    changes = np.abs(np.diff(small, axis=0)).mean(axis=(1, 2)) > _CUT
    scenes = np.split(np.arange(len(kept)), np.flatnonzero(changes) + 1)  # places in `kept`
    lengths = np.array([spans[scene].sum() for scene in scenes])
    seats = _seats(lengths, [len(scene) for scene in scenes], long)
    parts = [
        kept[part] for scene, count in zip(scenes, seats, strict=True) if count for part in np.array_split(scene, count)
    ]
    chosen = [_of_part(part, content, shown) for part in parts]
    if shown is None:
        return chosen, fullest(content[chosen])
    if shown not in chosen:  # its scene is one of many
        chosen[int(np.abs(np.array(chosen) - shown).argmin())] = shown
    return chosen, chosen.index(shown)


def _seats(lengths: np.ndarray, frames: Sequence[int], long: float) -> list[int]:
    """How many frames are read of each scene; of more scenes than are read, those at even distances."""
    if len(lengths) > READ:
        at = (np.arange(READ) + 0.5) / READ * lengths.sum()
        under = np.minimum(np.searchsorted(np.cumsum(lengths), at, side="right"), len(lengths) - 1)
        return np.bincount(under, minlength=len(lengths)).clip(max=frames).tolist()
    seats = [1] * len(lengths)
    while sum(seats) < READ:
        waiting = [number for number, count in enumerate(seats) if count < frames[number]]
        longest = max(waiting, key=lambda number: lengths[number] / seats[number], default=None)
        if longest is None or lengths[longest] / seats[longest] <= long:
            break
        seats[longest] += 1
    return seats


def _of_part(part: np.ndarray, content: np.ndarray, shown: int | None) -> int:
    """The frame of a part of a scene that is read; it is the one to be shown, where that is among them."""
    if shown is not None and shown in part:
        return shown
    full = np.flatnonzero(content[part] >= _NEARLY * content[part].max())
    return int(part[full[np.abs(full - (len(part) - 1) / 2).argmin()]])
