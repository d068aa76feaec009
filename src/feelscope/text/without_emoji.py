"""A text without its emoji, and without what is left where others took them out.

"so good ❤️  @ Venice " -> "so good @ Venice"

Whoever takes an emoji out by its first character leaves the rest behind: U+FE0F of ❤️ and ☀️, U+20E3 of a keycap. These
cannot be seen, and they tell which emoji it was, so a label that is read from emoji leaks through them.
"""

import re

from feelscope.text.emoji_for_models import EMOJI

# Joiners, variation selectors, skin tones, keycaps, tags of regional flags, and letters of flags.
_LEFTOVERS = re.compile(
    "[\u200b-\u200d\u2060\ufe00-\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U0001f1e6-\U0001f1ff\U000e0020-\U000e007f]"
)
_SYMBOLS, _SPACES = re.compile(EMOJI), re.compile(r"[\s\u2800]+")


def without_leftovers(text: str) -> str:
    """The text without the invisible parts of emoji, and with one space for every run of blanks."""
    return _SPACES.sub(" ", _LEFTOVERS.sub("", text)).strip()


def blank_emoji(text: str) -> str:
    """The text with blanks in place of emoji and of what is left of them, and all else where it was."""
    if text.isascii():
        return text
    from emoji import emoji_list

    blanked = text
    for found in emoji_list(text):
        start, end = found["match_start"], found["match_end"]
        blanked = f"{blanked[:start]}{' ' * (end - start)}{blanked[end:]}"
    return _LEFTOVERS.sub(" ", _SYMBOLS.sub(" ", blanked))


def without_emoji(text: str) -> str:
    """The text without emoji, with a space for each, and without what is left of them."""
    if text.isascii():
        return without_leftovers(text)
    from emoji import replace_emoji

    return without_leftovers(_SYMBOLS.sub(" ", replace_emoji(text, " ")))
