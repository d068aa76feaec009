"""The regions of a picture: a grid of cells, as the model reads it, and the picture with some of them hidden.

Models read the whole picture squeezed to a square, so shares of that square are shares of the upright picture. A hidden
cell has the mean colour of the picture: black or grey would be something to see (Zeiler, Fergus 2014, "Visualizing and
Understanding Convolutional Networks", section 4.2, hide by grey squares).
"""

import numpy as np

SIDE = 8  # cells a side
COUNT = SIDE * SIDE


def box(cell: int) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a cell in shares of the picture's width and height."""
    row, column = divmod(cell, SIDE)
    return column / SIDE, row / SIDE, (column + 1) / SIDE, (row + 1) / SIDE


def squares(side: int = 2) -> list[list[int]]:
    """The cells as blocks of `side` x `side`."""
    cells = np.arange(COUNT).reshape(SIDE, SIDE)
    return [
        cells[top : top + side, left : left + side].ravel().tolist()
        for top in range(0, SIDE, side)
        for left in range(0, SIDE, side)
    ]


def neutral(rgb: np.ndarray) -> np.ndarray:
    """The colour (3,) that hides a cell of a picture (H, W, 3), uint8."""
    return rgb.mean(axis=(0, 1)).round().astype(np.uint8)


def hidden(rgb: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """The picture, uint8 (H, W, 3), with only those cells to be seen that are kept, bool (N,)."""
    height, width = rgb.shape[:2]
    rows, columns = (np.arange(side) * SIDE // side for side in (height, width))
    seen = kept.reshape(SIDE, SIDE)[rows][:, columns, np.newaxis]  # (H, W, 1)
    return np.where(seen, rgb, neutral(rgb))
