"""Pictures altered as the measures ask; the screenshot is drawn here, so that it is not the frame of the training."""

import io

from PIL import Image, ImageDraw, ImageFont

from feelscope.images import views

Picture = Image.Image


def screenshot(picture: Picture) -> Picture:
    """In a page of 360 by 640 pixels: a coloured bar with a title, words, the picture with a margin, a reply."""
    page = Image.new("RGB", (360, 640), "#eef1f4")
    canvas, font = ImageDraw.Draw(page), ImageFont.load_default(15)
    canvas.rectangle((0, 0, 360, 64), "#5f3dc4")
    canvas.text((20, 8), "12:40", "white", ImageFont.load_default(12))
    canvas.text((20, 32), "Photos of the day", "white", ImageFont.load_default(19))
    canvas.rounded_rectangle((12, 78, 348, 560), 10, "white", "#ced4da")
    canvas.text((26, 90), "posted by ml_3094, two hours ago", "#495057", font)
    page.paste(picture.resize((308, min(360, round(picture.height * 308 / picture.width)))), (26, 120))
    canvas.text((26, 500), "14 answers", "#495057", font)
    canvas.text((26, 526), "Share   Keep   More", "#1971c2", font)
    canvas.rounded_rectangle((12, 584, 348, 624), 20, "white", "#ced4da")
    canvas.text((30, 594), "Write an answer", "#868e96", font)
    return page


ALTERED = {
    "grey": views.grey,
    "9:16 letterbox": views.letterboxed,
    "screenshot frame": screenshot,
    "90 degrees": views.turned,
}


def altered(content: bytes, name: str) -> bytes:
    """A picture's bytes, altered, as PNG."""
    with Image.open(io.BytesIO(content)) as opened:
        picture = ALTERED[name](opened.convert("RGB"))
    stored = io.BytesIO()
    picture.save(stored, "PNG", compress_level=1)
    return stored.getvalue()
