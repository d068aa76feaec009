"""Emoticons, each with the emoji that says the same: `:-)` is 🙂.

Frozen, by hand: models that read posts normalised were trained on exactly this table (`normalise.py`).
"""

import re
from collections.abc import Mapping

# Emoji and its emoticons; noses and repeated mouths are added below. Ours.
_TABLE: Mapping[str, str] = {
    "😊": ":) =) :] =] (: (= ^_^ ^^ ^.^ :3 c: :')",
    "😀": ":D =D 8D :DD",
    "😂": "xD XD xDD XDD",
    "😉": ";) ;] ;D",
    "😛": ":P :p =P =p ;P ;p",
    "😘": ":* ;*",
    "❤": "<3",
    "💔": "</3",
    "🙌": r"\o/",
    "😢": ":( =( :[ =[ ): )= :c :C :'( :,( ='( ;_; ;-; T_T T.T TT_TT Q_Q QQ",
    "😠": ">:( >:[ >=( :@ >:| >_< >.< >:c",
    "😨": "D: D= D:< D8",
    "😲": ":O :o =O =o :0 O_O O.O o_o o.o O_o o_O o.O O.o 0_0",
    "🤢": ":& :# X( x( XP xP",
    "😐": ":| =| -_- -.- ._. :I",
    "😕": ":/ :\\ =/ =\\ :S :s",
}


def _with_noses(emoticon: str) -> list[str]:
    """The emoticon, and the same with a nose between its eyes and its mouth, either way round."""
    if (len(emoticon) == 2 and emoticon[0] in ":;=") or emoticon[:2] in (">:", ":'"):
        return [emoticon, f"{emoticon[:-1]}-{emoticon[-1]}", f"{emoticon[:-1]}o{emoticon[-1]}"]
    if len(emoticon) == 2 and emoticon[1] in ":;=":
        return [emoticon, f"{emoticon[0]}-{emoticon[1]}"]
    return [emoticon]


EMOTICONS: Mapping[str, str] = {
    form: emoji for emoji, listed in _TABLE.items() for emoticon in listed.split() for form in _with_noses(emoticon)
}


def _pattern() -> re.Pattern[str]:
    """Those of marks alone may follow a word, and their mouth may be repeated; others are a word of their own."""
    longest_first = sorted(EMOTICONS, key=lambda one: (-len(one), one))
    marks = [form for form in longest_first if not (form[0] in "()[]" or form[0].isalnum() or form[-1].isalnum())]
    words = "|".join(re.escape(form) for form in longest_first if form not in marks)
    mouths = "|".join(re.escape(form) + "+" * (form[-1] in ")(][") for form in marks)
    return re.compile(rf"(?<!\S)(?:{words})(?![^\s.,!?])|(?<![:;=<>/\\\d])(?:{mouths})(?![\w/\\])")


PATTERN = _pattern()


def emoji_of(match: re.Match[str]) -> str:
    """The emoji for what `PATTERN` found."""
    form = match[0]
    while form not in EMOTICONS:  # a mouth that is repeated
        form = form[:-1]
    return f" {EMOTICONS[form]} "
