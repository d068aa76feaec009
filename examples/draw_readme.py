"""Draw the README's picture: one example post, read with both modalities and with each alone.

`python examples/draw_readme.py` predicts with the built-in model and writes docs/images/post.png.
"""

import textwrap
from dataclasses import replace
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from feelscope import EmotionClassifier, Post, PostsTable

HERE = Path(__file__).parent
POST = "10"  # of posts.csv: a surprise that needs the words
WIDTH, HEIGHT, EDGE = 1500, 560, 40  # pixels
INK, PAPER, PALE = "#22252b", "#ffffff", "#eceef2"
COLOURS = {
    "happiness": "#e9a400",
    "sadness": "#3f78b5",
    "anger": "#c8402f",
    "fear": "#6b4f9e",
    "surprise": "#12937f",
    "disgust": "#6f8a27",
    "neutral": "#7b828c",
}


def font(size: int) -> ImageFont.FreeTypeFont:
    """Pillow's own font, so that the picture looks the same everywhere."""
    default = ImageFont.load_default(size)
    assert isinstance(default, ImageFont.FreeTypeFont), "this Pillow was built without FreeType"
    return default


def draw_post(draw: ImageDraw.ImageDraw, image: Image.Image, post: Post) -> None:
    """The post as a card, at the left."""
    assert isinstance(post.image, Path)
    draw.rounded_rectangle((EDGE, EDGE, EDGE + 360, HEIGHT - EDGE), 18, fill=PAPER, outline="#cfd4dc", width=2)
    picture = Image.open(post.image).convert("RGB").resize((320, 320), Image.Resampling.LANCZOS)
    image.paste(picture, (EDGE + 20, EDGE + 20))
    words = "".join(letter for letter in post.text if ord(letter) < 0x2000).strip()  # the font has no emoji
    draw.multiline_text((EDGE + 20, EDGE + 355), "\n".join(textwrap.wrap(words, 36)), INK, font(20), spacing=9)


def draw_reading(draw: ImageDraw.ImageDraw, left: int, title: str, probabilities: dict[str, float]) -> None:
    """One column of bars, in the model's order."""
    best = max(probabilities, key=lambda emotion: probabilities[emotion])
    draw.text((left, EDGE + 8), title, "#6b717b", font(20))
    draw.text((left, EDGE + 42), f"{best} {probabilities[best]:.0%}", COLOURS.get(best, INK), font(36))
    for row, (emotion, share) in enumerate(probabilities.items()):
        top = EDGE + 118 + row * 51
        draw.text((left, top), emotion, INK, font(19))
        draw.text((left + 292, top), f"{share:.1%}", INK, font(19), anchor="ra")
        draw.rounded_rectangle((left, top + 26, left + 292, top + 37), 5, fill=PALE)
        if share > 0.005:
            colour = COLOURS.get(emotion, INK)
            draw.rounded_rectangle((left, top + 26, left + max(8, 292 * share), top + 37), 5, fill=colour)


def main() -> None:
    post = next(post for post in PostsTable(HERE / "posts.csv") if post.id == POST)
    readings = {
        "words and picture": post,
        "words alone": replace(post, image=None),
        "picture alone": replace(post, text=""),
    }
    predictions = EmotionClassifier.load(skip_pictures=1).predict(list(readings.values()))
    image = Image.new("RGB", (WIDTH, HEIGHT), "#f7f8fa")
    draw = ImageDraw.Draw(image)
    draw_post(draw, image, post)
    for column, (title, prediction) in enumerate(zip(readings, predictions, strict=True)):
        draw_reading(draw, EDGE + 410 + column * 350, title, dict(prediction.probabilities))
    target = HERE.parent / "docs" / "images" / "post.png"
    target.parent.mkdir(exist_ok=True)
    image.quantize(128).save(target, optimize=True)
    print(target)


if __name__ == "__main__":
    main()
