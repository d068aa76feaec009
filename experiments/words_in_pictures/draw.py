"""Draw the texts of this page as memes, captions, cards, posts and chats, and pictures whose words are no post's.

    python experiments/words_in_pictures/draw.py FOLDER

Needs Debian's fonts-dejavu and fonts-liberation. The same pictures every time.
"""

import csv
import random
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from texts import Text, read_texts

FONTS = Path("/usr/share/fonts/truetype")
NARROW = ("liberation/LiberationSansNarrow-Bold.ttf", "dejavu/DejaVuSansCondensed-Bold.ttf")
PLAIN = ("dejavu/DejaVuSans.ttf", "liberation/LiberationSans-Regular.ttf", "dejavu/DejaVuSerif.ttf")
BOLD = "dejavu/DejaVuSans-Bold.ttf"
NAMES = ("Robin Hale", "kim_w", "Sam O.", "Priya N", "Jonas", "Mae Lin", "dev_dan", "Aunt Rosa", "Leo", "Fatima Z")
SIGNS = ("EXIT", "STOP", "BAKERY", "PARKING", "HOTEL MIRAMAR", "OPEN", "No. 27", "PLATFORM 4", "CAFE LUNA", "SALE -50%")
MARKS = ("photo: J. Moreno", "www.example.com", "12/08/2021 14:32", "IMG_2041", "Stockpix", "R. Hale 2019")
STYLES = ("meme", "caption", "card", "tweet", "chat")


def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / name), size)


def lines_of(text: str, face: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """The text in lines that are no wider."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and face.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def scene(size: tuple[int, int], random: random.Random) -> Image.Image:
    """A picture without words, made to be as busy as a photo: sky, ground, things, grain."""
    width, height = size
    colours = [tuple(random.randrange(30, 226) for _ in range(3)) for _ in range(6)]
    top, bottom = Image.new("RGB", size, colours[0]), Image.new("RGB", size, colours[1])
    picture = Image.composite(bottom, top, Image.linear_gradient("L").resize(size))
    draw = ImageDraw.Draw(picture)
    horizon = random.randrange(height // 3, 3 * height // 4)
    draw.rectangle((0, horizon, width, height), fill=colours[2])
    for _ in range(random.randrange(6, 16)):
        x, y = random.randrange(width), random.randrange(height)
        w, h = random.randrange(width // 20, width // 3), random.randrange(height // 20, height // 2)
        shape = random.choice((draw.ellipse, draw.rectangle, draw.rounded_rectangle))
        shape((x - w // 2, y - h // 2, x + w // 2, y + h // 2), fill=random.choice(colours))
    for _ in range(random.randrange(10)):
        points = [(random.randrange(width), random.randrange(height)) for _ in range(3)]
        draw.line(points, fill=random.choice(colours), width=random.randrange(2, 12))
    head, x = random.randrange(height // 8, height // 4), random.randrange(width // 4, 3 * width // 4)
    draw.ellipse((x - head, height // 2 - head, x + head, height // 2 + head), fill=colours[3])
    for side in (-1, 1):
        eye = x + side * head // 3
        draw.ellipse((eye - head // 8, height // 2 - head // 4, eye + head // 8, height // 2), fill=colours[4])
    picture = picture.filter(ImageFilter.GaussianBlur(random.uniform(0.5, 3)))
    noise = np.random.default_rng(random.randrange(2**32)).normal(128, random.uniform(10, 60), size[::-1])
    grain = Image.fromarray(noise.clip(0, 255).astype(np.uint8)).convert("RGB")
    return Image.blend(picture, grain, 0.15)


def meme(text: Text, random: random.Random) -> Image.Image:
    """White capitals with a black outline, at the top and at the bottom of a picture."""
    width = random.choice((400, 500, 600, 800))
    picture = scene((width, int(width * random.uniform(0.7, 1.2))), random)
    draw, size = ImageDraw.Draw(picture), int(width / random.uniform(11, 15))
    face = font(random.choice(NARROW), size)
    parts = text.parts if len(text.parts) > 1 else _halves(text.parts[0])
    top, bottom = parts[0], " ".join(parts[1:])
    outline = {"fill": "white", "stroke_width": max(2, size // 14), "stroke_fill": "black", "anchor": "ma"}
    for row, line in enumerate(lines_of(top.upper(), face, int(0.94 * width))):
        draw.text((width // 2, 8 + row * size * 1.1), line, font=face, **outline)
    below = lines_of(bottom.upper(), face, int(0.94 * width))
    for row, line in enumerate(below):
        y = picture.height - 14 - (len(below) - row) * size * 1.1
        draw.text((width // 2, y), line, font=face, **outline)
    return picture


def caption(text: Text, random: random.Random) -> Image.Image:
    """Black words on a white strip above a picture."""
    width = random.choice((480, 640, 800, 1080))
    size = width // random.randrange(16, 22)
    face, margin = font(random.choice(PLAIN), size), width // 25
    lines = [line for part in text.parts for line in lines_of(part, face, width - 2 * margin)]
    strip = int(len(lines) * size * 1.3 + 2 * margin)
    below = scene((width, int(width * random.uniform(0.5, 0.9))), random)
    picture = Image.new("RGB", (width, strip + below.height), "white")
    picture.paste(below, (0, strip))
    draw = ImageDraw.Draw(picture)
    for row, line in enumerate(lines):
        draw.text((margin, margin + row * size * 1.3), line, "black", font=face)
    if random.random() < 0.4:  # a mark of whoever took the picture
        small = font(PLAIN[0], max(11, size // 2))
        draw.text((width - 6, picture.height - 6), random.choice(MARKS), "white", font=small, anchor="rd")
    return picture


def card(text: Text, random: random.Random) -> Image.Image:
    """Dark words in the middle of a light card."""
    width = random.choice((400, 600, 900, 1080))
    height = int(width * random.choice((0.6, 1.0, 1.25)))
    light = tuple(random.randrange(215, 256) for _ in range(3))
    dark = tuple(random.randrange(0, 90) for _ in range(3))
    picture = Image.new("RGB", (width, height), light)
    draw, size = ImageDraw.Draw(picture), width // random.randrange(14, 22)
    face = font(random.choice(PLAIN), size)
    lines = [line for part in text.parts for line in lines_of(part, face, int(0.8 * width))]
    top = (height - len(lines) * size * 1.4) / 2
    for row, line in enumerate(lines):
        draw.text((width // 2, top + row * size * 1.4), line, dark, font=face, anchor="ma")
    if random.random() < 0.5:
        name = f"@{random.choice(NAMES).replace(' ', '').lower()}"
        draw.text((width // 2, height - size), name, dark, font=font(PLAIN[0], max(11, size // 2)), anchor="md")
    return picture


def tweet(text: Text, random: random.Random) -> Image.Image:
    """A screenshot of a post: a name, words, a time, and what was counted."""
    width = random.choice((500, 600, 750, 1080))
    dark = random.random() < 0.5
    paper, ink, grey = ("#15202b", "white", "#8899a6") if dark else ("white", "#0f1419", "#657786")
    size, margin = width // 25, width // 25
    face, small = font(random.choice(PLAIN[:2]), size), font(PLAIN[0], int(size * 0.75))
    lines = lines_of(text.typed, face, width - 2 * margin)
    height = int(4 * margin + len(lines) * size * 1.4 + 5 * size)
    picture = Image.new("RGB", (width, height), paper)
    draw, name = ImageDraw.Draw(picture), random.choice(NAMES)
    colour = tuple(random.randrange(256) for _ in range(3))
    draw.ellipse((margin, margin, margin + 2 * size, margin + 2 * size), fill=colour)
    left = margin + int(2.5 * size)
    draw.text((left, margin), name, ink, font=font(BOLD, int(size * 0.9)))
    handle = f"@{name.replace(' ', '').replace('.', '').lower()}"
    draw.text((left, margin + size * 1.15), handle, grey, font=small)
    for row, line in enumerate(lines):
        draw.text((margin, margin + 3 * size + row * size * 1.4), line, ink, font=face)
    below = margin + 3.4 * size + len(lines) * size * 1.4
    when = f"{random.randrange(1, 13)}:{random.randrange(60):02d} PM · Mar {random.randrange(1, 29)}, 2023"
    draw.text((margin, below), when, grey, font=small)
    counts = [f"{random.randrange(1, 99)}", f"{random.randrange(1, 999)}", f"{random.randrange(1, 99) / 10:.1f}K"]
    words = ("Replies", "Reposts", "Likes") if random.random() < 0.5 else ("", "", "")
    for place, (count, word) in enumerate(zip(counts, words, strict=True)):
        draw.text((margin + place * width * 0.3, below + 1.5 * size), f"{count} {word}".strip(), grey, font=small)
    return picture


def chat(text: Text, random: random.Random) -> Image.Image:
    """A screenshot of a chat: a status bar, a name, bubbles with times."""
    width = random.choice((480, 540, 720, 1080))
    size, dark = width // 24, random.random() < 0.4
    paper, ink, grey = ("#0b141a", "#e9edef", "#8696a0") if dark else ("#ece5dd", "#111b21", "#667781")
    theirs, ours = ("#202c33", "#005c4b") if dark else ("white", "#dcf8c6")
    face, small = font(random.choice(PLAIN[:2]), size), font(PLAIN[0], max(11, int(size * 0.6)))
    bubbles = [lines_of(part, face, int(0.66 * width)) for part in text.parts]
    height = int(7 * size + sum(len(lines) * size * 1.3 + 2.6 * size for lines in bubbles) + 3 * size)
    picture = Image.new("RGB", (width, height), paper)
    draw, hour = ImageDraw.Draw(picture), random.randrange(24)
    draw.text((size // 2, size // 3), f"{hour:02d}:{random.randrange(60):02d}", ink, font=small)
    draw.text((width - size // 2, size // 3), f"{random.randrange(5, 100)}%", ink, font=small, anchor="ra")
    draw.text((2 * size, 1.6 * size), random.choice(NAMES), ink, font=font(BOLD, size))
    draw.text((2 * size, 2.9 * size), "online" if random.random() < 0.5 else "last seen today", grey, font=small)
    y, answers = 5 * size, random.random() < 0.5
    for number, lines in enumerate(bubbles):
        wide = max(map(face.getlength, lines)) + size * 3
        mine = answers and number % 2 == 1
        left = width - wide - size if mine else size
        bottom = y + len(lines) * size * 1.3 + 1.7 * size
        draw.rounded_rectangle((left, y, left + wide, bottom), size // 2, fill=ours if mine else theirs)
        for row, line in enumerate(lines):
            draw.text((left + size * 0.7, y + size * 0.4 + row * size * 1.3), line, ink, font=face)
        time = f"{hour:02d}:{random.randrange(60):02d}"
        draw.text((left + wide - size * 0.5, bottom - size * 0.2), time, grey, font=small, anchor="rd")
        y = bottom + size
    draw.rounded_rectangle((size, height - 2.4 * size, width - size, height - size // 2), size, outline=grey)
    draw.text((2 * size, height - 1.9 * size), "Message", grey, font=small)
    return picture


def sign(random: random.Random) -> Image.Image:
    """A picture with a sign, a mark of its maker, or both: words that are nobody's post."""
    width = random.choice((480, 640, 800))
    picture = scene((width, int(width * random.uniform(0.6, 1.1))), random)
    draw, kind = ImageDraw.Draw(picture), random.randrange(3)
    if kind != 1:
        face, word = font(BOLD, width // random.randrange(10, 22)), random.choice(SIGNS)
        x, y = random.randrange(width // 20, width // 3), random.randrange(picture.height // 8, picture.height // 2)
        box = draw.textbbox((x, y), word, font=face)
        draw.rectangle((box[0] - 10, box[1] - 8, box[2] + 10, box[3] + 8), fill=random.choice(("#a01515", "#124a8c")))
        draw.text((x, y), word, "white", font=face)
    if kind != 0:
        small = font(PLAIN[0], max(12, width // 36))
        draw.text((width - 6, picture.height - 6), random.choice(MARKS), "white", font=small, anchor="rd")
    return picture


def _halves(text: str) -> tuple[str, str]:
    words = text.split()
    return " ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :])


def draw_all(folder: Path) -> None:
    """Every text in every style, as JPEG or PNG, one sign a text, and a list of all."""
    folder.mkdir(parents=True, exist_ok=True)
    kinds = {"meme": meme, "caption": caption, "card": card, "tweet": tweet, "chat": chat}
    rows = []
    for text in read_texts():
        for style in (*STYLES, "sign"):
            chance = random.Random(f"{text.id} {style}")
            picture = sign(chance) if style == "sign" else kinds[style](text, chance)
            name = f"{text.id}-{style}.{'png' if chance.random() < 0.3 else 'jpg'}"
            picture.save(folder / name, **({"quality": chance.randrange(70, 96)} if name.endswith("jpg") else {}))
            rows.append((text.id, style, text.half, text.emotion, text.typed, name))
    with (folder / "pictures.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("text_id", "style", "half", "emotion", "typed", "picture"))
        writer.writerows(rows)


def draw_samples(out: Path) -> None:
    """One picture of each kind, side by side."""
    text = next(text for text in read_texts() if text.id == "happiness-0")
    drawn = [kind(text, random.Random(f"{text.id} {kind.__name__}")) for kind in (meme, caption, card, tweet, chat)]
    height, gap = 300, 10
    row = [
        picture.resize((picture.width * height // picture.height, height))
        for picture in [*drawn, sign(random.Random(3))]
    ]
    sheet = Image.new("RGB", (sum(picture.width + gap for picture in row) - gap, height), "white")
    left = 0
    for picture in row:
        sheet.paste(picture, (left, 0))
        left += picture.width + gap
    sheet.save(out, quality=85)


if __name__ == "__main__":
    draw_all(Path(sys.argv[1]))
    draw_samples(Path(__file__).with_name("samples.jpg"))
