"""Take out of a text what its label was read from, so that a model cannot read it there."""

import re
from collections.abc import Callable

from feelscope.prepare.label_words import HASHTAG, LabelWords, stem

Clean = Callable[[str], str]
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SPACES = re.compile(r"[ \t]{2,}")
_SUBREDDIT = re.compile(r"(?<![\w/])/?r/(\w+)", re.IGNORECASE)


def cleaner(words: LabelWords, *, strict: bool = False, emoji: bool = False, subreddits: bool = False) -> Clean:
    """Make the function that takes the label's words out of a text.

    Every hashtag that holds a word of any emotion of the label set goes, whichever emotion the post has: were it only
    its own, what is left would tell the emotion too.

    Args:
        strict: Take the plain words, their inflections and the emoji as well.
        emoji: Take the emoji; those of every emotion.
        subreddits: Take the names of the label set's subreddits, as r/happy.
    """

    def tag(found: re.Match[str]) -> str:
        return " " if words.gives_away(found[0]) else found[0]

    def word(found: re.Match[str]) -> str:
        return " " if stem(found[0]) in words.stems else found[0]

    def subreddit(found: re.Match[str]) -> str:
        return " " if words.gives_away(found[1]) else found[0]

    maybe = re.compile(
        "|".join(map(re.escape, sorted(words.beginnings))) or "(?!)", re.IGNORECASE
    )  # most texts have nothing to look at closer

    def clean(text: str) -> str:
        before = text
        if "#" in text or "＃" in text:
            text = HASHTAG.sub(tag, text)
        if subreddits and "r/" in text.lower():
            text = _SUBREDDIT.sub(subreddit, text)
        if (strict or emoji) and not text.isascii():
            text = words.sign.sub(" ", text)
        if strict and maybe.search(text):
            text = _WORD.sub(word, text)
        return text if text is before or text == before else _SPACES.sub(" ", text).strip()

    return clean
