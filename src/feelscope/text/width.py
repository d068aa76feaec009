"""How many columns of a terminal a text takes: Chinese, Japanese, Korean and emoji two, accents and joiners none.

By hand, as `rich` and `wcwidth` are no packages of `predict`: Unicode's East Asian Width, and emoji as terminals that
know sequences draw them. Terminals differ on those; then a line may be some columns off.
"""

import unicodedata

_EMOJI_STYLE, _JOINER = "\ufe0f", "\u200d"
_NO_WIDTH = ("Mn", "Me", "Cf")  # accents, what encloses a letter, joiners
_TONES = ("\U0001f3fb", "\U0001f3ff")
_COUNTRY = ("\U0001f1e6", "\U0001f1ff")  # letters; two are a flag


def columns(text: str) -> int:
    """The columns of a text without control characters."""
    if text.isascii():
        return len(text)
    total, before, flag = 0, "", False
    for letter in text:
        width = 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        is_tone = _TONES[0] <= letter <= _TONES[1] and before not in ("", " ")
        if letter == _EMOJI_STYLE and total and _width_of(before) == 1:
            width = 1  # the sign before it becomes an emoji, which takes a second column
        elif unicodedata.category(letter) in _NO_WIDTH or is_tone or before == _JOINER:
            width = 0
        elif _COUNTRY[0] <= letter <= _COUNTRY[1]:
            width, flag = (0, False) if flag else (2, True)
        total, before = total + width, letter
    return total


def _width_of(letter: str) -> int:
    return 2 if letter and unicodedata.east_asian_width(letter) in "WF" else 1


def padded(text: str, width: int) -> str:
    """With blanks up to so many columns."""
    return text + " " * (width - columns(text))
