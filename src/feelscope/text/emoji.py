"""Emoji in a text as people see them: a flag, a family or a keycap is one, whatever its number of characters.

Which sequences there are is known by the `emoji` package, which follows Unicode's list. It walks through a text in
Python, 35 ms for 1,000 tweets with emoji; given only the runs of characters that may be emoji, it takes 4 ms (`python
benchmarks/find_emoji.py posts.csv`).
"""

import re
import unicodedata
from functools import cache

from feelscope.text.emoji_for_models import EMOJI

VARIATIONS = "[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]"  # how an emoji is drawn, and its skin tone
# Every character that emoji are made of, but for digits, among others.
_RUN = re.compile(
    "[\u00a9\u00ae\u200d\u203c-\u2bff\u3030\u303d\u3297\u3299\ufe0e\ufe0f\U0001f000-\U0001faff\U000e0020-\U000e007f]+"
)
_PART = re.compile("[\u200d\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")  # of an emoji, alone none
_SYMBOL, _VARIATIONS, _ENCLOSED = re.compile(EMOJI), re.compile(VARIATIONS), re.compile("\ufe0f?\u20e3")


def find_emoji(text: str) -> list[str]:
    """Every emoji of a text, as `emoji_places` has them."""
    return [emoji for emoji, _, _ in emoji_places(text)]


def emoji_places(text: str) -> list[tuple[str, int, int]]:
    """Every emoji of a text without skin tones and variation selectors, in order, with where it starts and ends.

    Symbols of the emoji blocks that are not emoji by Unicode's list count too (♡, ★). Signs outside them that are
    drawn as text by default count only where the text asks for the emoji: ™ is a sign, ™️ an emoji.
    """
    if text.isascii():
        return []
    from emoji import STATUS, analyze

    found: list[tuple[str, int, int]] = []
    for run in _RUN.finditer(text):
        start = max(0, run.start() - bool(_ENCLOSED.match(run[0])))  # with the digit of a keycap
        part, place = text[start : run.end()], 0
        for characters, match in analyze(part, non_emoji=True):
            qualified = not isinstance(match, str) and match.data and match.data["status"] == STATUS["fully_qualified"]
            place = part.find(characters, place)  # a selector that belongs to nothing is left out of what is given
            if len(characters) > 1 or qualified or _SYMBOL.match(characters):
                found.append((_VARIATIONS.sub("", characters), start + place, start + place + len(characters)))
            place += len(characters)
    return found


def orphans(text: str) -> list[tuple[str, int, int]]:
    """Parts of emoji that belong to no emoji, in order, with where they start and end.

    Whoever takes emoji out by their first character leaves them behind: a skin tone, the selector of ❤️, the ring of a
    keycap, a joiner. A joiner between letters is none, as Persian and Hindi are written with it, nor is the selector
    of a sign.
    """
    if text.isascii() or not _PART.search(text):
        return []
    whole = {place for _, start, end in emoji_places(text) for place in range(start, end)}
    found = (part for part in _PART.finditer(text) if part.start() not in whole and not _is_of_text(text, part))
    return [(part[0], *part.span()) for part in found]


def _is_of_text(text: str, part: re.Match[str]) -> bool:
    """Whether a joiner is between letters, or a selector is behind a sign."""
    before, after = text[max(0, part.start() - 1) : part.start()], text[part.end() : part.end() + 1]
    if part[0] == "\u200d":
        return _is_letter(before) and _is_letter(after)
    return part[0] in "\ufe0e\ufe0f" and bool(before) and unicodedata.category(before)[0] == "S"


def _is_letter(character: str) -> bool:
    """Of a script that joins letters, none of ASCII."""
    return not character.isascii() and unicodedata.category(character)[0] in "LM"


def is_joined_freely(emoji: str) -> bool:
    """Whether an emoji is several that are joined as Unicode lists none, so that people see each by itself."""
    return "\u200d" in emoji and emoji not in _listed()


@cache
def _listed() -> frozenset[str]:
    return frozenset(all_emoji())


def plain(emoji: str) -> str:
    """An emoji without skin tone and variation selectors, as `find_emoji` gives it; empty for what is not one emoji."""
    found = find_emoji(f"{emoji}\ufe0f") or find_emoji(emoji)
    return found[0] if found == [_VARIATIONS.sub("", emoji)] else ""


def name_of(emoji: str) -> str:
    """The English name of an emoji, as in "red heart"; empty where Unicode has none."""
    from emoji import EMOJI_DATA

    data = EMOJI_DATA.get(emoji) or EMOJI_DATA.get(f"{emoji}\ufe0f") or {}
    return data.get("en", "").strip(":").replace("_", " ")


def in_colour(emoji: str) -> str:
    """An emoji as `plain` gives it, with the variation selector that it needs to be drawn in colour."""
    from emoji import EMOJI_DATA

    return f"{emoji}\ufe0f" if f"{emoji}\ufe0f" in EMOJI_DATA else emoji


@cache
def all_emoji() -> tuple[str, ...]:
    """Every fully qualified emoji without its variation selectors and skin tones, each once, in Unicode's order."""
    from emoji import EMOJI_DATA, STATUS

    whole = [one for one, data in EMOJI_DATA.items() if data["status"] == STATUS["fully_qualified"]]
    return tuple(dict.fromkeys(filter(None, map(plain, whole))))
