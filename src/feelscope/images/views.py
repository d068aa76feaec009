"""Pictures as they get about: without colour, turned, cut, tiny, captioned, in bars, or as a screenshot of a phone.

    grey      no colour                           letterboxed  bars above and below, or at the sides
    turned    by 90, 180 or 270 degrees           captioned    words in capitals at top and bottom
    cropped   a part of it                        framed       inside the page of an app, on a phone's screen
    small     a few pixels a side, and back again

Each takes a picture and gives a new one, in RGB. What is drawn is drawn from `draws` alone. All of it is ours.
"""

from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

Picture = Image.Image
STORY = 9 / 16  # width by height of a phone's screen, and of what is posted for it
PHONE = 9 / 19.5  # of today's longer screens
_WORDS = "when you me nobody the my just one more time again that this is how it not what wait still day".split()


def grey(picture: Picture) -> Picture:
    """Without colour."""
    return ImageOps.grayscale(picture).convert("RGB")


def turned(picture: Picture, degrees: int = 90) -> Picture:
    """Turned clockwise by 90, 180 or 270 degrees."""
    ways = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}
    return picture.transpose(ways[degrees])


def cropped(picture: Picture, draws: np.random.Generator) -> Picture:
    """A part of it, half to nine tenths of each side, from anywhere."""
    shares, places = draws.uniform(0.5, 0.9, 2), draws.random(2)
    width, height = (max(1, round(side * share)) for side, share in zip(picture.size, shares, strict=True))
    left, top = round((picture.width - width) * places[0]), round((picture.height - height) * places[1])
    return picture.crop((left, top, left + width, top + height))


def small(picture: Picture, side: int = 48) -> Picture:
    """Brought to few pixels, the longer side `side`, and back to its size."""
    scale = side / max(picture.size)
    shrunk = picture.resize([max(1, round(one * scale)) for one in picture.size], Image.Resampling.BILINEAR)
    return shrunk.resize(picture.size, Image.Resampling.BILINEAR)


def letterboxed(picture: Picture, ratio: float = STORY, colour: tuple[int, int, int] = (0, 0, 0)) -> Picture:
    """In the middle of a sheet of one colour, whose width by height is `ratio`; nothing of the picture is lost."""
    width, height = picture.size
    sheet = (width, round(width / ratio)) if width / height > ratio else (round(height * ratio), height)
    boxed = Image.new("RGB", sheet, colour)
    boxed.paste(picture, ((sheet[0] - width) // 2, (sheet[1] - height) // 2))
    return boxed


def captioned(picture: Picture, draws: np.random.Generator) -> Picture:
    """With words in white capitals, edged in black, at the top, the bottom or both; they say nothing."""
    drawn = picture.copy()
    canvas, size = ImageDraw.Draw(drawn), max(6, round(picture.width / draws.uniform(9, 14)))
    font = ImageFont.load_default(size)
    for y, anchor in ((size, "mm"), (picture.height - size, "mm")):
        if draws.random() < 0.75 or y > size:
            line = " ".join(draws.choice(_WORDS, draws.integers(2, 5))).upper()
            edge = max(1, size // 12)
            canvas.text((picture.width / 2, y), line, "white", font, anchor, stroke_width=edge, stroke_fill="black")
    return drawn


def framed(picture: Picture, draws: np.random.Generator) -> Picture:
    """As a screenshot: the picture at its full width in an app's page, light or dark, with bars, a name and words."""
    width = 360
    whole = picture.resize((width, max(1, min(460, round(picture.height * width / picture.width)))))
    height = round(width / draws.uniform(PHONE, STORY))
    dark = draws.random() < 0.5
    paper, ink, pale = ((18, 18, 20), (235, 235, 235), (90, 90, 96)) if dark else ((255,) * 3, (20,) * 3, (190,) * 3)
    page = Image.new("RGB", (width, height), paper)
    canvas, font = ImageDraw.Draw(page), ImageFont.load_default(15)
    canvas.text((14, 6), f"{draws.integers(24)}:{draws.integers(60):02}", ink, ImageFont.load_default(12))
    canvas.rectangle((width - 36, 8, width - 14, 18), outline=ink)  # the battery
    canvas.rectangle((width - 34, 10, width - 34 + int(draws.integers(4, 19)), 16), fill=ink)
    top = int(draws.integers(70, max(71, min(150, height - whole.height - 100))))
    canvas.ellipse((12, top - 42, 46, top - 8), fill=tuple(int(one) for one in draws.integers(40, 220, 3)))
    canvas.text((56, top - 34), " ".join(draws.choice(_WORDS, 2)), ink, font)
    page.paste(whole, (0, top))
    under = top + whole.height
    for place in range(3):  # what one may do with the post
        x = 16 + 44 * place
        canvas.ellipse((x, under + 12, x + 22, under + 34), outline=ink, width=2)
    for line in range(int(draws.integers(1, 4))):
        canvas.text((14, under + 46 + 22 * line), " ".join(draws.choice(_WORDS, draws.integers(3, 8))), ink, font)
    canvas.rectangle((0, height - 46, width, height), fill=paper)
    canvas.line((0, height - 46, width, height - 46), fill=pale)
    for place in range(5):
        x = width * (2 * place + 1) // 10
        canvas.rectangle((x - 9, height - 32, x + 9, height - 14), outline=pale, width=2)
    return page


def _turned(picture: Picture, draws: np.random.Generator) -> Picture:
    return turned(picture, int(draws.choice((90, 180, 270), p=(0.4, 0.2, 0.4))))


def _small(picture: Picture, draws: np.random.Generator) -> Picture:
    return small(picture, int(draws.integers(32, 97)))


def _letterboxed(picture: Picture, draws: np.random.Generator) -> Picture:
    ratio = float(draws.choice((STORY, STORY, PHONE, 1 / STORY, 1.0)))
    colour = draws.integers(0, 256, 3) if draws.random() < 0.3 else np.full(3, draws.choice((0, 0, 255)))
    return letterboxed(picture, ratio, (int(colour[0]), int(colour[1]), int(colour[2])))


# Every view with what is drawn for it, as training sees them.
DRAWN: Mapping[str, Callable[[Picture, np.random.Generator], Picture]] = {
    "grey": lambda picture, draws: grey(picture),
    "turned": _turned,
    "cropped": cropped,
    "small": _small,
    "letterboxed": _letterboxed,
    "captioned": captioned,
    "framed": framed,
}
