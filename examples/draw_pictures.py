"""Draw the pictures of posts.csv into images/: `python examples/draw_pictures.py`. The same every time."""

import math
import random
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

SIDE = 360  # pixels of a finished picture
SCALE = 3  # drawn this much larger, then shrunk, for smooth edges
FOLDER = Path(__file__).parent / "images"

Canvas = ImageDraw.ImageDraw


def at(*numbers: float) -> list[float]:
    """Coordinates from 0 to 100 to pixels of the large picture."""
    return [number * SIDE * SCALE / 100 for number in numbers]


def thick(width: float) -> int:
    """A line's width from 0 to 100 to pixels."""
    return round(width * SIDE * SCALE / 100)


def sky(top: tuple[int, int, int], bottom: tuple[int, int, int]) -> Image.Image:
    """A picture that fades from one colour at the top to another at the bottom."""
    fade = Image.linear_gradient("L").resize((SIDE * SCALE, SIDE * SCALE))
    return Image.composite(Image.new("RGB", fade.size, bottom), Image.new("RGB", fade.size, top), fade)


def disc(draw: Canvas, x: float, y: float, radius: float, colour: str) -> None:
    """A filled circle."""
    draw.ellipse(at(x - radius, y - radius, x + radius, y + radius), fill=colour)


def head(background: str, skin: str) -> tuple[Image.Image, Canvas]:
    """A face with eyes but no expression yet."""
    image = Image.new("RGB", (SIDE * SCALE, SIDE * SCALE), background)
    draw = ImageDraw.Draw(image)
    disc(draw, 50, 50, 38, skin)
    for x in (36, 64):
        draw.ellipse(at(x - 7, 36, x + 7, 52), fill="white")
        disc(draw, x, 45, 4, "#332a22")
    return image, draw


def smile() -> Image.Image:
    image, draw = head("#8fd3ff", "#ffd34e")
    draw.pieslice(at(28, 42, 72, 80), 0, 180, fill="#7a2230")
    draw.pieslice(at(36, 62, 64, 84), 180, 360, fill="#ff7f8e")
    for x in (24, 76):
        disc(draw, x, 60, 5, "#ffab5e")
    return image


def angry() -> Image.Image:
    image, draw = head("#4a1512", "#e4572e")
    for inner, outer in ((45, 24), (55, 76)):
        draw.line(at(outer, 27, inner, 38), fill="#331010", width=thick(4.5))
    draw.rounded_rectangle(at(33, 64, 67, 76), thick(4), fill="#331010")
    for x in range(36, 66, 6):
        draw.rectangle(at(x, 66, x + 4.4, 74), fill="white")
    return image


def cake() -> Image.Image:
    image = sky((255, 236, 210), (252, 182, 159))
    draw = ImageDraw.Draw(image)
    draw.ellipse(at(12, 78, 88, 92), fill="#ffffff")
    draw.rounded_rectangle(at(20, 56, 80, 86), thick(3), fill="#a65a3a")
    draw.rounded_rectangle(at(20, 54, 80, 66), thick(5), fill="#fff5f7")
    for x in range(24, 80, 8):
        draw.ellipse(at(x, 61, x + 6, 73), fill="#fff5f7")
    draw.rectangle(at(20, 76, 80, 79), fill="#f06a8a")
    colours = ("#3fa7d6", "#59cd90", "#fac05e", "#ee6352", "#b084cc", "#3fa7d6")
    for x, colour in zip(range(28, 76, 9), colours, strict=True):
        draw.rectangle(at(x - 1.3, 36, x + 1.3, 54), fill=colour)
        draw.ellipse(at(x - 2.2, 26, x + 2.2, 36), fill="#ffb300")
        draw.ellipse(at(x - 1, 30, x + 1, 36), fill="#fff3c4")
    return image


def fireworks() -> Image.Image:
    draws = random.Random(7)
    image = sky((8, 10, 40), (50, 24, 80))
    draw = ImageDraw.Draw(image)
    bursts = ((30, 30, 24, "#ffd166"), (70, 26, 20, "#ef476f"), (52, 52, 18, "#06d6a0"), (82, 56, 14, "#9ad1ff"))
    for middle, height, size, colour in bursts:
        for ray in range(26):
            angle = 2 * math.pi * ray / 26
            reach = size * draws.uniform(0.75, 1)
            for share in (step / 10 for step in range(3, 11)):
                across, down = math.cos(angle) * reach * share, math.sin(angle) * reach * share + 4 * share * share
                disc(draw, middle + across, height + down, 0.4 + share * 0.5, colour)
    for person in range(14):
        x, high = 4 + person * 7.2, draws.uniform(82, 88)
        disc(draw, x, high, 3, "#05050f")
        draw.rounded_rectangle(at(x - 4, high + 2, x + 4, 104), thick(3), fill="#05050f")
        draw.line(at(x + 2, high + 6, x + 5, high - 8), fill="#05050f", width=thick(1.6))
    return image


def rain() -> Image.Image:
    draws = random.Random(3)
    image = sky((92, 106, 122), (52, 62, 76)).filter(ImageFilter.GaussianBlur(6))
    draw = ImageDraw.Draw(image)
    for _ in range(150):
        x, y, long = draws.uniform(0, 100), draws.uniform(0, 100), draws.uniform(3, 8)
        draw.line(at(x, y, x - 1, y + long), fill="#a9b8c8", width=thick(0.35))
    draw.rectangle(at(18, 72, 82, 75), fill="#2b2521")  # an empty bench
    draw.rectangle(at(18, 58, 82, 61), fill="#2b2521")
    for x in (24, 76):
        draw.rectangle(at(x - 1.5, 56, x + 1.5, 88), fill="#1f1a17")
    draw.ellipse(at(20, 86, 80, 93), fill="#3c4654")
    return image


def eyes() -> Image.Image:
    draws = random.Random(11)
    image = sky((6, 8, 12), (16, 22, 20))
    draw = ImageDraw.Draw(image)
    for _ in range(16):
        x, width = draws.uniform(-2, 102), draws.uniform(2, 6)
        draw.polygon(at(x, -2, x + width, -2, x + width * 1.6, 102, x - width * 0.6, 102), fill="#020304")
        for branch in range(3):
            y = draws.uniform(8, 60)
            draw.line(at(x, y, x + draws.choice((-14, 14)), y - 12), fill="#020304", width=thick(1.2 - branch * 0.2))
    for x, y, size in ((36, 54, 4.2), (49, 54, 4.2), (74, 36, 2.2), (81, 36, 2.2), (16, 70, 2.6), (24, 70, 2.6)):
        draw.ellipse(at(x - size, y - size * 0.6, x + size, y + size * 0.6), fill="#f4d35e")
        draw.ellipse(at(x - size * 0.2, y - size * 0.6, x + size * 0.2, y + size * 0.6), fill="#111111")
    return image


def storm() -> Image.Image:
    draws = random.Random(5)
    image = sky((22, 24, 38), (70, 78, 96))
    draw = ImageDraw.Draw(image)
    for _ in range(46):
        x, y, size = draws.uniform(-5, 105), draws.uniform(-6, 26), draws.uniform(7, 15)
        disc(draw, x, y, size, draws.choice(("#1b1d2c", "#262a3d", "#32374d")))
    draw.polygon(at(58, 22, 44, 50, 54, 49, 40, 76, 68, 43, 57, 44, 68, 22), fill="#fff7b0")
    for row, colour in enumerate(("#2c4a5e", "#1f3a4d", "#142b3b")):
        top = 74 + row * 8
        wave = [(x, top + 3.5 * math.sin(x / 6 + row * 2) - abs(math.sin(x / 9 + row)) * 4) for x in range(-2, 104, 2)]
        draw.polygon(at(*[number for point in [*wave, (104, 104), (-2, 104)] for number in point]), fill=colour)
    draw.polygon(at(18, 68, 38, 72, 34, 79, 22, 77), fill="#0b0d12")  # a boat that leans
    draw.line(at(28, 70, 33, 50), fill="#0b0d12", width=thick(1))
    return image


def gift() -> Image.Image:
    draws = random.Random(9)
    image = sky((255, 250, 205), (255, 214, 165))
    draw = ImageDraw.Draw(image)
    for _ in range(80):
        angle, reach = draws.uniform(-math.pi, 0), draws.uniform(12, 52)
        x, y = 50 + math.cos(angle) * reach, 56 + math.sin(angle) * reach
        disc(draw, x, y, draws.uniform(0.8, 1.7), draws.choice(("#ff595e", "#ffca3a", "#8ac926", "#1982c4", "#6a4c93")))
    draw.rectangle(at(28, 58, 72, 90), fill="#1982c4")
    draw.rectangle(at(46, 58, 54, 90), fill="#ffca3a")
    draw.polygon(at(20, 40, 62, 26, 65, 34, 23, 48), fill="#1a6fa6")  # the lid flies off
    draw.polygon(at(37, 34.5, 45, 32, 48, 40, 40, 42.5), fill="#ffca3a")
    for x, y in ((16, 20), (84, 24), (86, 52)):
        for ray in range(5):
            angle = 2 * math.pi * ray / 5
            draw.line(at(x, y, x + 5 * math.cos(angle), y + 5 * math.sin(angle)), fill="#ff595e", width=thick(0.9))
    return image


def sandwich() -> Image.Image:
    draws = random.Random(2)
    image = sky((214, 217, 190), (160, 164, 130))
    draw = ImageDraw.Draw(image)
    draw.ellipse(at(8, 66, 92, 90), fill="#e8e6da")
    for top, colour in ((64, "#a97c50"), (56, "#6b7d3a"), (50, "#8a4b3c"), (42, "#b98c5a")):
        draw.rounded_rectangle(at(20, top, 80, top + 12), thick(5), fill=colour)
    for _ in range(60):  # mould
        x, y = draws.gauss(52, 13), draws.gauss(52, 8)
        disc(draw, x, y, draws.uniform(1, 3.4), draws.choice(("#5c7a5a", "#7f9a86", "#3f5744", "#c8d5c4")))
    for x, y in ((24, 26), (62, 18), (82, 36), (40, 34), (70, 44)):  # flies
        for side in (-1, 1):
            draw.ellipse(at(x + side * 2 - 2.2, y - 2.6, x + side * 2 + 2.2, y), fill="#dfe7ea")
        disc(draw, x, y, 1.7, "#16181a")
    draw.line(at(58, 66, 62, 72, 66, 68, 70, 73), fill="#d9c79a", width=thick(2), joint="curve")  # a maggot
    return image


def bus() -> Image.Image:
    image = sky((233, 238, 242), (205, 212, 218))
    draw = ImageDraw.Draw(image)
    draw.rectangle(at(0, 78, 100, 100), fill="#8b9096")
    draw.rounded_rectangle(at(12, 30, 88, 76), thick(4), fill="#d8dcdf")
    draw.rectangle(at(12, 60, 88, 66), fill="#7d8a96")
    for x in range(17, 80, 14):
        draw.rectangle(at(x, 36, x + 11, 54), fill="#5d6b78")
    for x in (28, 72):
        disc(draw, x, 77, 7, "#2c3034")
        disc(draw, x, 77, 3, "#a7adb3")
    draw.rectangle(at(94, 20, 95.5, 84), fill="#60666c")
    draw.rectangle(at(90, 14, 99, 26), fill="#4a6f8f")
    return image


PICTURES: dict[str, Callable[[], Image.Image]] = {
    "fireworks.jpg": fireworks,
    "cake.png": cake,
    "smile.png": smile,
    "rain.jpg": rain,
    "angry.png": angry,
    "eyes.jpg": eyes,
    "storm.jpg": storm,
    "gift.png": gift,
    "sandwich.png": sandwich,
    "bus.png": bus,
}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, draw in PICTURES.items():
        small = draw().resize((SIDE, SIDE), Image.Resampling.LANCZOS)
        if name.endswith(".png"):
            small.quantize(128).save(FOLDER / name, optimize=True)
        else:
            small.save(FOLDER / name, quality=85)
        print(FOLDER / name)


if __name__ == "__main__":
    main()
