"""The words of a post, and the post with some of them left out.

A word is a run of letters and digits with apostrophes inside; an emoji is one too, and so is each Chinese character, as
tokenizers read them. A word that is left out leaves a blank. Where a model reads only the first tokens, the words
behind them are cut off before any is left out: else they would move up and be read in its place.

Source: Li, Monroe, Jurafsky 2016, "Understanding Neural Networks through Representation Erasure", section 3.
"""

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from feelscope.post import Post
from feelscope.text.emoji_for_models import EMOJI
from feelscope.text.place import Place

FIELDS = ("title", "text")
_CHINESE = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_ACCENTS = (  # that are no letters by themselves, in scripts that write vowels and tones so
    "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u06d6-\u06ed\u0900-\u0963\u0981-\u0dff\u0e31-\u0e4e"
    "\u0eb1-\u0ece\u0f71-\u0fbc\u102b-\u109d"
)
_LETTER = f"(?:(?![{_CHINESE}])[^\\W_]|[{_ACCENTS}])"
_VARIED = "[\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff]*"
_WORD = re.compile(
    f"[{_CHINESE}]|{_LETTER}+(?:['\u2019]{_LETTER}+)*"
    f"|[\U0001f1e6-\U0001f1ff]{{2}}|{EMOJI}{_VARIED}(?:\u200d{EMOJI}{_VARIED})*"
)


def places(post: Post) -> list[Place]:
    """The words of title and text in their order; a title that only repeats the text has none, as it is not read."""
    title = "" if post.title.strip() == post.text.strip() else post.title
    return [
        Place(field, found.start(), found.end())
        for field, text in zip(FIELDS, (title, post.text), strict=True)
        for found in _WORD.finditer(text)
    ]


def first_words(post: Post, words: list[Place], fits: Callable[[Post], bool]) -> tuple[Post, list[Place]]:
    """As much of a post as a model reads, and its words: equally many of title and text, as far as they have them.

    Args:
        words: All `places` of the post.
        fits: Whether a model reads a post to its end.
    """
    most = {field: sum(word.field == field for word in words) for field in FIELDS}

    def first(count: int) -> tuple[Post, list[Place]]:
        kept = [word for field in FIELDS for word in [word for word in words if word.field == field][:count]]
        ends = {word.field: word.end for word in kept}
        title, text = (getattr(post, field)[: None if most[field] <= count else ends.get(field, 0)] for field in FIELDS)
        return replace(post, title=title, text=text), kept

    low, high = 0, max(most.values())
    if fits(post):
        return first(high)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(first(middle)[0]) else (low, middle)
    return first(low)


def without(post: Post, words: list[Place], kept: np.ndarray) -> Post:
    """The post with only those words left that are kept, bool (N,); with none, it has no text at all."""
    if not kept.any():
        return replace(post, title="", text="")
    texts = {field: [*getattr(post, field)] for field in FIELDS}
    for word, stays in zip(words, kept, strict=True):
        if not stays:
            texts[word.field][word.start : word.end] = " " * (word.end - word.start)
    if post.title.strip() == post.text.strip():
        texts["title"] = []
    return replace(post, title="".join(texts["title"]), text="".join(texts["text"]))


def neighbours(count: int, most: int) -> list[list[int]]:
    """N words as at most so many blocks of words that stand together, as equal as can be."""
    return [part.tolist() for part in np.array_split(np.arange(count), min(count, most)) if len(part)]
