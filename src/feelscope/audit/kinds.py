"""Which kinds a post is of: how long it is, how it is written, and what it has.

By rules that anybody can check; a post may be of several styles. Who wrote it is not asked.
"""

import re
from collections.abc import Callable

from feelscope.encoders.further.emoji import emoji_of
from feelscope.post import Post
from feelscope.text.language import count_english
from feelscope.text.tokens import split

LENGTH, STYLE, HAS = "words", "style", "has"
_LENGTHS = ((0, "no words"), (5, "1 to 5"), (10, "6 to 10"), (20, "11 to 20"), (40, "21 to 40"))
LONGEST = "more than 40"
_TAG = re.compile(r"(?:^|\s)[#@]\w")
_CAPITALS = re.compile(r"(?<![#@\w\[])[A-Z]{3,}(?!\w)")  # not of a mask such as [NAME]
_STRETCHED = re.compile(r"([a-z])\1\1", re.IGNORECASE)
_FEWEST = 4  # words from which on a style of whole posts is told
PLAIN = "none of these"


def _no_capitals(text: str) -> bool:
    return text == text.lower() and text != text.upper() and len(text.split()) >= _FEWEST


def _few_english_words(text: str) -> bool:
    words = {word for word in split(text) if word.isalpha()}
    return len(words) >= _FEWEST and count_english(text) < len(words) / 2


_STYLES: dict[str, Callable[[str], bool]] = {
    "a hashtag or @name": lambda text: bool(_TAG.search(text)),
    "a word in capitals": lambda text: bool(_CAPITALS.search(text)),
    "stretched letters": lambda text: bool(_STRETCHED.search(text)),
    "an exclamation mark": lambda text: "!" in text,
    "a question mark": lambda text: "?" in text,
    "no capitals at all": _no_capitals,
    "mostly words that are not English": _few_english_words,
}
# In the order in which they are shown.
GROUPS = {
    LENGTH: (*(name for _, name in _LENGTHS), LONGEST),
    STYLE: ("an emoji", *_STYLES, PLAIN),
    HAS: ("words and a picture", "words alone", "a picture alone"),
}


def length_of(post: Post) -> str:
    """The length of a post, in words of its title and text."""
    count = sum(len(split(text)) for text in post.texts)
    return next((name for most, name in _LENGTHS if count <= most), LONGEST)


def styles_of(post: Post) -> list[str]:
    """How its words are written; none of a post without words."""
    text = " ".join(post.texts)
    if not text:
        return []
    found = ["an emoji"] if any(emoji_of(post)) else []
    found += [name for name, is_so in _STYLES.items() if is_so(text)]
    return found or [PLAIN]


def has_of(post: Post) -> str:
    """Which modalities it has, of words and picture; empty without either."""
    if post.has_text:
        return HAS_BOTH if post.image is not None else HAS_WORDS
    return HAS_PICTURE if post.image is not None else ""


HAS_BOTH, HAS_WORDS, HAS_PICTURE = GROUPS[HAS]


def kinds_of(post: Post) -> list[tuple[str, str]]:
    """Every (kind, group) that a post is of."""
    has = has_of(post)
    return [
        (LENGTH, length_of(post)),
        *((STYLE, style) for style in styles_of(post)),
        *([(HAS, has)] if has else []),
    ]
