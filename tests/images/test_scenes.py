"""Which frames are read: one of every scene, more of long ones, and never one that shows nothing."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feelscope.images.scenes import GREY, READ, choose

SHOWS = [np.random.default_rng(seed).integers(0, 256, (GREY, GREY)).astype(np.uint8) for seed in range(12)]
BLANK = np.zeros((GREY, GREY), np.uint8)


def chosen(scenes: list[int], *, span: float = 1.0, long: float = 5.0) -> list[int]:
    """The numbers of frames that are read, of frames `span` apart; -1 is a blank one."""
    greys = np.stack([SHOWS[scene % 12] if scene >= 0 else BLANK for scene in scenes])
    numbers, shown = choose(greys, np.arange(len(scenes)) * span, len(scenes) * span, long)
    assert 0 <= shown < len(numbers)
    return numbers


@pytest.mark.parametrize(
    ("scenes", "numbers"),
    [
        ([0], [0]),
        ([0, 0, 0], [1]),
        ([0, 0, 0, 1, 1, 1], [1, 4]),
        ([-1, -1, 0, 0, 0, -1], [3]),  # begins and ends in black
        ([-1, -1, -1], [0]),  # nothing is seen in any
        ([0] * 12, [1, 5, 9]),  # a long scene is cut until no part is over 5 seconds
        ([0] * 12 + [1] * 2, [1, 5, 9, 12]),
        ([0, 1, 0, 1], [0, 1, 2, 3]),  # a scene that comes again is another
        (list(range(12)) * 4, [3, 9, 15, 21, 27, 33, 39, 45]),  # more scenes than are read: at even distances
    ],
)
def test_frames_by_scene(scenes: list[int], numbers: list[int]) -> None:
    assert chosen(scenes) == numbers


def test_of_what_fades_in_the_whole_is_read() -> None:
    shares = (0.02, 0.1, 0.3, 0.6, 1.0, 1.0, 1.0)
    grey = np.tile(np.linspace(64, 192, GREY), (GREY, 1))
    greys = np.stack([(128 + share * (grey - 128)).astype(np.uint8) for share in shares])
    assert choose(greys, np.arange(7.0), 7.0, 100.0) == ([4], 0)
    assert choose(greys, np.arange(7.0), 7.0, 100.0, 6) == ([6], 0)  # the one that is shown elsewhere


@given(st.lists(st.integers(-1, 3), min_size=1, max_size=60), st.floats(0.05, 600), st.floats(0.5, 60))
def test_every_choice_keeps_to_its_limits(scenes: list[int], span: float, long: float) -> None:
    numbers = chosen(scenes, span=span, long=long)
    assert 1 <= len(numbers) <= READ and numbers == sorted({*numbers}) and numbers[-1] < len(scenes)
    if any(scene >= 0 for scene in scenes):
        assert all(scenes[number] >= 0 for number in numbers)
    seen = [scene for scene in scenes if scene >= 0]
    changes = 1 + sum(before != after for before, after in itertools.pairwise(seen))
    if seen and changes <= READ:
        assert {scenes[number] for number in numbers} == {*seen}


@given(st.integers(9, 40), st.integers(0, 39))
def test_the_frame_that_is_shown_elsewhere_is_among_them(count: int, shown: int) -> None:
    greys = np.stack([SHOWS[number % 12] for number in range(count)])
    numbers, place = choose(greys, np.arange(float(count)), count, 100.0, min(shown, count - 1))
    assert numbers[place] == min(shown, count - 1) and numbers == sorted({*numbers}) and len(numbers) == READ
