"""The grid of a picture, and the picture with cells hidden, against a loop over pixels."""

import numpy as np
import pytest

from feelscope.explain.regions import COUNT, SIDE, box, hidden, neutral, squares


def test_boxes_cover_the_picture_once():
    boxes = [box(cell) for cell in range(COUNT)]
    assert sum((right - left) * (bottom - top) for left, top, right, bottom in boxes) == pytest.approx(1)
    assert boxes[0] == (0, 0, 1 / SIDE, 1 / SIDE)
    assert boxes[SIDE - 1][2] == 1 and boxes[-1][2:] == (1, 1)


def test_blocks_have_every_cell_once():
    assert sorted(cell for block in squares() for cell in block) == [*range(COUNT)]
    assert squares()[0] == [0, 1, SIDE, SIDE + 1]


@pytest.mark.parametrize("shape", [(8, 8, 3), (13, 30, 3), (3, 5, 3)])
def test_only_the_cells_that_are_kept_are_seen(shape):
    draw = np.random.default_rng(0)
    rgb, kept = draw.integers(0, 256, shape, np.uint8), draw.random(COUNT) < 0.5
    found, colour = hidden(rgb, kept), neutral(rgb)
    for row in range(shape[0]):
        for column in range(shape[1]):
            cell = row * SIDE // shape[0] * SIDE + column * SIDE // shape[1]
            assert (found[row, column] == (rgb[row, column] if kept[cell] else colour)).all()
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(hidden(rgb, np.ones(COUNT, bool)), rgb)
