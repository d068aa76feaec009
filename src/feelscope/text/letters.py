"""Letters in other characters than the usual ones: fullwidth, and mathematical ones, used as bold and script.

Nearly every tool that makes such letters takes them from these blocks of Unicode. They are folded by NFKC, each to one
character, so that a word is where it was.
"""

import re
import unicodedata

# Letterlike signs that are letters (ℎ, ℝ, not ™ or Ω), fullwidth and mathematical ones.
_OTHER = re.compile("[\u2102-\u2116\u2118-\u211f\u2121\u2123-\u2125\u2127-\u2134\uff01-\uff5e\U0001d400-\U0001d7ff]")


def fold_letters(text: str) -> str:
    """The text in usual letters, of the same length; emoji, accents and all other characters stay.

    Example:
        >>> fold_letters("𝗦𝗼 ｈａｐｐｙ ™")
        'So happy ™'
    """
    return text if text.isascii() else _OTHER.sub(_usual, text)


def _usual(match: re.Match[str]) -> str:
    usual = unicodedata.normalize("NFKC", match[0])
    return usual if len(usual) == 1 else match[0]
