"""Memes and screenshots of chats: pictures that say what they say in words."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from things import thing

SIDE = 360


def meme(words: str) -> Image.Image:
    """White capitals, edged in black, over a drawn thing; lines are parted by " / "."""
    top, bottom = words.split(" / ")
    things = ("mug", "tree", "house", "car", "chair", "lamp", "clock", "boat", "book", "bicycle")
    picture = thing(things[sum(map(ord, words)) % len(things)]).resize((SIDE, SIDE))
    canvas = ImageDraw.Draw(picture)
    for y, line in ((36, top), (SIDE - 36, bottom)):
        font = _fitting(line, 44, SIDE - 20)
        canvas.text((SIDE / 2, y), line, "white", font, "mm", stroke_width=3, stroke_fill="black")
    return picture


def chat(words: str) -> Image.Image:
    """Two messages in bubbles, the second from the phone's owner."""
    draws = np.random.default_rng(sum(map(ord, words)))
    dark = draws.random() < 0.5
    paper, ink = ("#101418", "#f1f3f5") if dark else ("#f3efe9", "#1c1c1c")
    picture = Image.new("RGB", (360, 640), paper)
    canvas, font = ImageDraw.Draw(picture), ImageFont.load_default(18)
    canvas.rectangle((0, 0, 360, 56), "#2b3a42" if dark else "#0b7285")
    canvas.text((58, 18), str(draws.choice(("Kim", "Alex", "Robin", "Sam"))), "white", ImageFont.load_default(20))
    canvas.ellipse((12, 10, 48, 46), "#adb5bd")
    y = int(draws.integers(90, 300))
    for message, own in zip(words.split(" / "), (False, True), strict=True):
        lines = _lines(message, font, 230)
        width = max(font.getlength(line) for line in lines) + 24
        left = 360 - width - 14 if own else 14
        colour = ("#1864ab" if dark else "#d3f9d8") if own else ("#343a40" if dark else "white")
        canvas.rounded_rectangle((left, y, left + width, y + 24 * len(lines) + 16), 14, colour)
        for number, line in enumerate(lines):
            canvas.text((left + 12, y + 7 + 24 * number), line, ink, font)
        y += 24 * len(lines) + 34
    canvas.rounded_rectangle((12, 590, 300, 628), 18, "#343a40" if dark else "white")
    return picture


def _fitting(line: str, size: int, width: int) -> ImageFont.FreeTypeFont:
    while size > 8 and ImageFont.load_default(size).getlength(line) > width:
        size -= 1
    return ImageFont.load_default(size)


def _lines(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) > width and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
