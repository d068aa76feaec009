"""Pictures in which there is nothing to read: blank sheets, charts, noise."""

import numpy as np
from PIL import Image, ImageDraw

SIDE = 224
_COLOURS = ("#1c7ed6", "#e8590c", "#2f9e44", "#9c36b5", "#868e96", "#f08c00")


def blank(name: str) -> Image.Image:
    """A sheet of one colour, of paper's grain, of two colours, or of one that fades."""
    if name == "paper":
        grain = np.random.default_rng(0).normal(240, 4, (SIDE, SIDE, 1)).repeat(3, axis=2)
        return Image.fromarray(grain.clip(0, 255).astype(np.uint8))
    if name == "gradient":
        fade = np.linspace(30, 220, SIDE)[:, None, None] * np.array([0.6, 0.8, 1.0])
        return Image.fromarray(np.broadcast_to(fade, (SIDE, SIDE, 3)).astype(np.uint8))
    if name == "two halves":
        picture = Image.new("RGB", (SIDE, SIDE), "#ced4da")
        picture.paste((52, 58, 64), (0, 0, SIDE // 2, SIDE))
        return picture
    return Image.new("RGB", (SIDE, SIDE), {"grey": "#888888", "beige": "#f5efe0"}.get(name, name))


def chart(name: str) -> Image.Image:
    """Bars, a line, a pie, dots or a table of numbers."""
    kind, number = name.split()
    draws = np.random.default_rng(int(number))
    picture = Image.new("RGB", (320, 240), "white")
    canvas = ImageDraw.Draw(picture)
    if kind not in ("pie", "table"):
        canvas.line([(36, 16), (36, 206), (304, 206)], "#495057", 2)
        for tick in range(5):
            canvas.text((12, 200 - 44 * tick), str(20 * tick), "#495057")
    if kind == "bars":
        for place, height in enumerate(draws.integers(20, 180, 6)):
            colour = _COLOURS[place if int(number) > 1 else 0]
            canvas.rectangle((48 + 42 * place, 205 - height, 76 + 42 * place, 205), colour)
    elif kind == "line":
        for colour in _COLOURS[: int(number)]:
            heights = np.cumsum(draws.normal(0, 14, 20)) + 110
            canvas.line([(40 + 13 * step, float(height)) for step, height in enumerate(heights)], colour, 3)
    elif kind == "pie":
        ends = np.concatenate([[0], np.cumsum(draws.dirichlet(np.full(5, 2.0)))]) * 360
        for colour, start, end in zip(_COLOURS, ends, ends[1:], strict=False):
            canvas.pieslice((80, 40, 240, 200), start, end, colour)
    elif kind == "dots":
        for x, y in draws.normal((170, 110), (60, 40), (60, 2)):
            canvas.ellipse((x - 3, y - 3, x + 3, y + 3), _COLOURS[int(number)])
    else:
        for row in range(8):
            canvas.line([(20, 30 + 24 * row), (300, 30 + 24 * row)], "#adb5bd")
            for column in range(4):
                canvas.text((30 + 70 * column, 36 + 24 * row), f"{draws.integers(1, 9999):,}", "#212529")
    return picture


def noise(name: str) -> Image.Image:
    """Random pixels, fine or coarse, stripes or checks."""
    kind, number = name.split()
    draws = np.random.default_rng(int(number))
    shape = {"grey": (SIDE, SIDE, 1), "coarse": (14, 14, 3), "stripes": (1, 28, 3), "checks": (8, 8, 1)}
    pixels = draws.integers(0, 256, shape.get(kind, (SIDE, SIDE, 3)))
    if kind == "checks":
        pixels = np.indices((8 * int(number), 8 * int(number))).sum(axis=0)[:, :, None] % 2 * 255
    pixels = np.broadcast_to(pixels, (*pixels.shape[:2], 3)).astype(np.uint8)
    return Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.NEAREST)
