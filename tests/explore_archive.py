"""Small archives for the tests of exploring."""

import io
import random
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from feelscope.explore.archive import Archive, open_archive
from feelscope.explore.index.build import build
from feelscope.explore.index.subjects import Subject
from feelscope.table import PostsTable

EMOTIONS = ("happiness", "sadness", "anger", "fear", "surprise", "disgust", "neutral")
# Words that a post may have: markup, right-to-left script, emoji with skin tone and joiner, apostrophes, upper case.
WORDS = (
    *("the Syrian rebels rebel's president Obama speech speeches don’t don't <b>bold</b> &amp; AND OR".split()),
    *("حلب השלום 😂 👍🏽 👨‍👩‍👧 ❤️ ΣΊΣΥΦΟΣ İstanbul café naïve #aleppo @bbc 10 mp3 :)".split()),
    *("title:fear [x](http://e.x/?q=1) new york well-known wellknown 東京都 京都 🇫🇷 cafe\u0301 #new_york".split()),
)


def simple_subjects(texts: Iterable[str]) -> Iterator[list[Subject]]:
    """Stands in for `find_subjects`: pairs of neighbouring words, hashtags, mentions and emoji."""
    for text in texts:
        words = re.findall(r"[^\W_]+", text.lower())
        found = [Subject(" ".join(pair), "phrase") for pair in pairwise(words)]
        found += [Subject(word, "phrase") for word in words]
        found += [Subject(tag.lower(), "hashtag") for tag in re.findall(r"#\w+", text)]
        found += [Subject(name, "mention") for name in re.findall(r"@\w+", text)]
        yield found + [Subject(sign, "emoji") for sign in re.findall("[\U0001f300-\U0001faff\u2764]", text)]


def random_posts(number: int, seed: int = 0) -> list[dict[str, object]]:
    """Posts over three years, some without date, title or text, some at the very edges of days and months."""
    draw = random.Random(seed)
    posts: list[dict[str, object]] = []
    for at in range(number):
        day = f"{draw.choice((2011, 2012, 2013))}-{draw.randint(1, 12):02}-{draw.choice((1, 15, 28)):02}"
        time = draw.choice(("T00:00:00Z", "T23:59:59Z", "T12:30:00.500+00:00", ""))
        text = " ".join(draw.choices(WORDS, k=draw.randint(1, 12)))
        title = " ".join(draw.choices(WORDS, k=draw.randint(0, 4)))
        posts.append(
            {
                "id": f"p{at}",
                "text": text,
                "title": title if draw.random() < 0.8 else text,
                "created_at": None if draw.random() < 0.05 else day + time,
                "emotion": draw.choice(EMOTIONS[: draw.choice((2, 7))]),
                "author": f"a{at % 7}",
                "source": (None, "news", "forum", "Zürich")[at % 11 % 4],
                "tags": ["so", "so", "#such"][: at % 4],
                "country": (1, 2, None)[at % 13 % 3],
            }
        )
    return posts


def _png(colour: str) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (300, 200), colour).save(content, "PNG")
    return content.getvalue()


PICTURES = [_png(colour) for colour in ("red", "gold", "teal", "navy", "white")]


def write_posts(posts: list[dict[str, object]], path: Path) -> PostsTable:
    pq.write_table(pa.Table.from_pylist(posts), path)
    return PostsTable(path)


def small_archive(posts: list[dict[str, object]], folder: Path, *, mapped: bool = False) -> Archive:
    """An index of some posts, open."""
    facets = ("country",) if "country" in posts[0] else ()
    table = write_posts(posts, folder / "posts.parquet")
    build(table, folder / "index", facets=facets, mapped=mapped, find_subjects=simple_subjects)
    return open_archive(folder / "index")
