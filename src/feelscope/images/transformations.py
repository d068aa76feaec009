"""Pictures transformed by drawn parameters, and those parameters as targets that a network can learn to tell.

    family        what is drawn                                              targets
    projective    where the four corners go                                  8, the coefficients of the map
    affine        angle, shift right and down, scale, shear                  6: cosine, sine, right, down, scale, shear
    similarity    the same without shear                                     5, the first
    euclidean     the same without shear and scale                           4, the first
    colour        factors of colour, contrast, brightness and sharpness      4, the factors

Lengths are drawn in pixels of a picture of 32 a side, and grow with the picture; targets tell the lengths of 32, so
that they are the same for any size (ours: the published network sees 32 pixels alone).

Source: "EnAET", arXiv 1911.09265, section 3.2 and figure 2; ranges, normalisation and the centre, half a pixel from the
middle, are those of the released code. It leaves what comes from outside the picture black under a recent Pillow; here
that is the grey it asks for.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageEnhance

from feelscope.errors import PictureError

TARGETS = {"projective": 8, "affine": 6, "similarity": 5, "euclidean": 4, "colour": 4}
FAMILIES = tuple(TARGETS)
LEAST_SIDE = 8  # pixels; in a smaller picture a shift is less than one of them; ours

SIDE = 32  # pixels a side of the published pictures
CENTRE = SIDE / 2 + 0.5
MOST_CORNER_SHIFT = 4  # pixels
MOST_SHIFT = 0.2 * SIDE
LEAST_SCALE, MOST_SCALE = 0.8, 1.2
MOST_SHEAR = 30.0  # degrees
LEAST_FACTOR, MOST_FACTOR = 0.2, 1.8
FILL = (128, 128, 128)
PROJECTIVE_MEAN = np.array([0, 0, 16, 0, 0, 16, 0, 0])
PROJECTIVE_DEVIATION = np.array([1, 1, 20, 1, 1, 20, 0.015, 0.015])


@dataclass(frozen=True, slots=True)
class Motion:
    """An affine map of a picture of 32 pixels, about its centre.

    Args:
        angle: Degrees, -180 to 180, clockwise as a picture's rows go down.
        right, down: Whole pixels, -6 to 6.
        scale: 0.8 to 1.2.
        shear: Degrees, -30 to 30.
    """

    angle: float
    right: float
    down: float
    scale: float = 1.0
    shear: float = 0.0

    def matrix(self) -> np.ndarray:
        """(3, 3), from a point (x, y, 1) of the picture to where it goes."""
        turn, lean = np.radians(self.angle), np.radians(self.angle + self.shear)
        linear = self.scale * np.array([[np.cos(turn), -np.sin(lean)], [np.sin(turn), np.cos(lean)]])  # (2, 2)
        shift = CENTRE + np.array([self.right, self.down]) - linear @ [CENTRE, CENTRE]  # (2,)
        return np.vstack([np.column_stack([linear, shift]), [0, 0, 1]])

    def targets(self) -> np.ndarray:
        """(6,), each from -1 to 1; of similarity and Euclidean maps the first five and four."""
        turn = np.radians(self.angle)
        middle, half = (MOST_SCALE + LEAST_SCALE) / 2, (MOST_SCALE - LEAST_SCALE) / 2
        return np.array(
            [
                *(np.cos(turn), np.sin(turn)),
                *(self.right / MOST_SHIFT, self.down / MOST_SHIFT),
                *((self.scale - middle) / half, self.shear / MOST_SHEAR),
            ]
        )


def transform(picture: Image.Image, family: str, draws: np.random.Generator) -> tuple[Image.Image, np.ndarray]:
    """A picture transformed, and what was drawn for it, float32 (targets,).

    The three families of motions draw the same numbers from equal generators, as in the released code.

    Args:
        picture: RGB, square.
        family: One of `FAMILIES`.

    Raises:
        PictureError: It is not square, or smaller than 8 pixels a side.
    """
    _check(picture)
    transformed, targets = _FAMILIES[family](picture, draws)
    return transformed, targets.astype(np.float32)


def mosaic(picture: Image.Image, draws: np.random.Generator) -> Image.Image:
    """A picture in which a square is its own mean colour.

    The square's side is a quarter of the picture's, 8 pixels of 32, and its centre is anywhere, so that it may be cut
    off by the picture's edges.

    Raises:
        PictureError: As from `transform`.
    """
    _check(picture)
    side = picture.width
    down, right = draws.integers(side, size=2)
    rows, columns = (slice(max(0, centre - side // 8), centre + side // 8) for centre in (down, right))
    pixels = np.array(picture)  # (S, S, 3)
    pixels[rows, columns] = pixels[rows, columns].mean(axis=(0, 1)).round()
    return Image.fromarray(pixels)


def drawn_motion(draws: np.random.Generator) -> Motion:
    """Angle, shifts, scale and shear, each equally likely over its range."""
    angle = draws.uniform(-180, 180)
    right, down = draws.uniform(-MOST_SHIFT, MOST_SHIFT, size=2).round()
    return Motion(angle, right, down, draws.uniform(LEAST_SCALE, MOST_SCALE), draws.uniform(-MOST_SHEAR, MOST_SHEAR))


def drawn_corners(draws: np.random.Generator) -> np.ndarray:
    """Where the corners of a picture of 32 pixels go, (4, 2): scaled, turned by quarters, and each shifted."""
    scale, quarters = draws.uniform(LEAST_SCALE, MOST_SCALE), draws.integers(4)
    shifts = draws.integers(-MOST_CORNER_SHIFT, MOST_CORNER_SHIFT, size=(4, 2), endpoint=True)
    return np.roll((corners() - CENTRE) * scale + CENTRE, -quarters, axis=0) + shifts


def corners() -> np.ndarray:
    """The corners of a picture of 32 pixels, (4, 2), clockwise from the upper left one."""
    return SIDE * np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])


def projection(moved: np.ndarray) -> np.ndarray:
    """The eight coefficients of the projective map that takes moved corners (4, 2) back to where they were.

        x' = (a x + b y + c) / (g x + h y + 1)
        y' = (d x + e y + f) / (g x + h y + 1)

    Pillow asks for a map in this direction: where each pixel of the new picture comes from.
    """
    equations, sides = [], []
    for (x, y), (to_x, to_y) in zip(moved, corners(), strict=True):
        equations.append([x, y, 1, 0, 0, 0, -to_x * x, -to_x * y])
        equations.append([0, 0, 0, x, y, 1, -to_y * x, -to_y * y])
        sides += [to_x, to_y]
    return np.linalg.solve(np.array(equations), np.array(sides))  # (8,)


def _projective(picture: Image.Image, draws: np.random.Generator) -> tuple[Image.Image, np.ndarray]:
    coefficients = projection(drawn_corners(draws))
    grown = picture.width / SIDE
    scaled = coefficients * [1, 1, grown, 1, 1, grown, 1 / grown, 1 / grown]
    moved = _moved(picture, Image.Transform.PERSPECTIVE, scaled)
    return moved, (coefficients - PROJECTIVE_MEAN) / PROJECTIVE_DEVIATION


def _affine(picture: Image.Image, draws: np.random.Generator) -> tuple[Image.Image, np.ndarray]:
    motion = drawn_motion(draws)
    return _by_motion(picture, motion), motion.targets()


def _similarity(picture: Image.Image, draws: np.random.Generator) -> tuple[Image.Image, np.ndarray]:
    drawn = drawn_motion(draws)
    motion = Motion(drawn.angle, drawn.right, drawn.down, drawn.scale)
    return _by_motion(picture, motion), motion.targets()[:5]


def _euclidean(picture: Image.Image, draws: np.random.Generator) -> tuple[Image.Image, np.ndarray]:
    drawn = drawn_motion(draws)
    motion = Motion(drawn.angle, drawn.right, drawn.down)
    return _by_motion(picture, motion), motion.targets()[:4]


def _colour(picture: Image.Image, draws: np.random.Generator) -> tuple[Image.Image, np.ndarray]:
    factors = draws.uniform(LEAST_FACTOR, MOST_FACTOR, size=4)
    enhancers = (ImageEnhance.Color, ImageEnhance.Contrast, ImageEnhance.Brightness, ImageEnhance.Sharpness)
    for enhancer, factor in zip(enhancers, factors, strict=True):
        picture = enhancer(picture).enhance(float(factor))
    return picture, factors


_FAMILIES: dict[str, Callable[[Image.Image, np.random.Generator], tuple[Image.Image, np.ndarray]]] = {
    "projective": _projective,
    "affine": _affine,
    "similarity": _similarity,
    "euclidean": _euclidean,
    "colour": _colour,
}


def _by_motion(picture: Image.Image, motion: Motion) -> Image.Image:
    """A picture moved; Pillow asks for where each pixel comes from, the way back."""
    back = np.linalg.inv(motion.matrix())[:2] * [1, 1, picture.width / SIDE]  # (2, 3)
    return _moved(picture, Image.Transform.AFFINE, back.ravel())


def _moved(picture: Image.Image, kind: Image.Transform, coefficients: np.ndarray) -> Image.Image:
    given = [float(number) for number in coefficients]
    return picture.transform(picture.size, kind, given, Image.Resampling.BILINEAR, fillcolor=FILL)


def _check(picture: Image.Image) -> None:
    if picture.width != picture.height or picture.width < LEAST_SIDE:
        raise PictureError(
            f"{picture.width} x {picture.height} pixels, expected a square of {LEAST_SIDE} x {LEAST_SIDE} or more"
        )
