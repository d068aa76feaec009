"""Take what a label was read from out of the text, so that a model cannot read it there."""

import re
from collections.abc import Callable

from feelscope.prepare.label_words import HASHTAG, LabelWords, stem
from feelscope.text.emoji import orphans
from feelscope.text.letters import fold_letters

Clean = Callable[[str], str]
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SPACES = re.compile(r"[ \t]{2,}")
_SUBREDDIT = re.compile(r"(?<![\w/])/?r/(\w+)", re.IGNORECASE)


def cleaner(words: LabelWords, *, strict: bool = False, emoji: bool = False, subreddits: bool = False) -> Clean:
    """Make the function that takes the label's words out of a text.

    Every hashtag that contains a word of any emotion of the label set goes, whichever emotion the post has: if only
    those of its own went, the others would tell the emotion too.

    Args:
        strict: Also take out plain words, their inflections and the emoji.
        emoji: Take out the emoji of every emotion, and parts of emoji that belong to none.
        subreddits: Take out the names of the label set's subreddits, such as r/happy.
    """

    def tag(match: re.Match[str]) -> str:
        return " " if words.gives_away(match[0]) else match[0]

    def word(match: re.Match[str]) -> str:
        return " " if stem(match[0]) in words.stems else match[0]

    def subreddit(match: re.Match[str]) -> str:
        return " " if words.gives_away(match[1]) else match[0]

    # Most texts need no closer look.
    maybe = re.compile("|".join(map(re.escape, sorted(words.beginnings))) or "(?!)", re.IGNORECASE)

    def clean(text: str) -> str:
        before = text
        if "#" in text or "＃" in text:
            text = HASHTAG.sub(tag, text)
        if subreddits and "r/" in text.lower():
            text = _SUBREDDIT.sub(subreddit, text)
        if (strict or emoji) and not text.isascii():
            for _, start, end in reversed(words.signs(text)):
                text = f"{text[:start]} {text[end:]}"
            for _, start, end in reversed(orphans(text)):  # of emoji that were taken out before
                text = text[:start] + text[end:]
        if strict and maybe.search(fold_letters(text)):
            text = _WORD.sub(word, text)
        return text if text is before or text == before else _SPACES.sub(" ", text).strip()

    return clean
