"""A text to the words that it is searched by, so that a word is found however it was written.

    "Obama's well-known CAFÉ in 東京都 🇫🇷 #Paris, don't"
    -> obama s well known cafe in 東京 京都 🇫🇷 paris dont
       and beside them: obamas wellknown 東 京 都 #paris

Small letters without accents, in one form of Unicode. A run of letters and digits is a word; a hyphen, the apostrophe
of *Obama's* and that of *l'amour* part two, which are one word beside the others too; any other apostrophe within a
word is left out. Chinese, Japanese and Korean have no blanks, or endings in place of words: their words are all pairs
of neighbouring characters. An emoji is a word, a flag or a family too. Hashtags and mentions are words, and beside
these themselves, with their sign.

A capital sigma, a German ß, a full-width letter and a ligature are read as what they stand for. Marks that are letters
stay: й is not и, が is not か, and vowels of Hindi are kept.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from feelscope.text.emoji import emoji_places
from feelscope.text.tokens import LETTERS

LONGEST = 200  # letters of a word that count
_MOST_JOINED = 5  # parts of a word with hyphens that is one word too; longer ones are addresses
_CJK = (
    "\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_IN_WORD = f"[{LETTERS}0-9]"
_COMPOUND = re.compile(f"{_IN_WORD}+(?:['`-]{_IN_WORD}+)*")
_PART = re.compile(f"{_IN_WORD}+(?:['`]{_IN_WORD}+)*")  # between hyphens
_POSSESSIVE = re.compile(f"({_IN_WORD}.*)['`](s)")
_ELISION = re.compile(f"([cdjlmnst]|qu)['`]({_IN_WORD}{{3,}}.*)")  # l'amour, of French and Italian
_CJK_RUN = re.compile(f"[{_CJK}]+")
# A hashtag; a mention; a name or a place on Reddit, /u/name and /r/name.
NAMED = re.compile(
    rf"(?<![\w#@/])(?:#(?P<tag>(?:[0-9_]*[{LETTERS}])[{LETTERS}0-9_]*)|@(?P<name>[{LETTERS}0-9_]+)"
    rf"|/?(?P<place>[ur]/[{LETTERS}0-9_][{LETTERS}0-9_-]+))",
    re.IGNORECASE,
)
# What is not ASCII, or an ASCII letter with marks, each with the marks after it that it may form one character with.
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8"
    "\u06ea-\u06ed\u093c\u09bc\u09be\u09d7\u0a3c\u0b3c\u0b3e\u0b56-\u0b57\u0bbe\u0bd7\u0c56\u0cc2\u0cd5-\u0cd6\u0d3e"
    "\u0d57\u0dca\u0dcf\u0ddf\u0f71-\u0f84\u102e\u1161-\u1175\u11a8-\u11c2\u1b35\u3099\u309a"
)
_ODD = re.compile(f"[^\x00-\x7f][{_MARKS}]*|[\x00-\x7f][{_MARKS}]+")
_ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u0655\u0670]")
_OTHER_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ŧ": "t", "ـ": None}
)
_SIGNS = {**dict.fromkeys("\u2018\u2019\u02bc\uff07\u00b4", "'"), **dict.fromkeys("\u2010\u2011\u2212", "-")}
Place = tuple[str, int, int]  # a word, and where it starts and ends in the text, counted in Unicode code points


@dataclass(frozen=True, slots=True)
class Unit:
    """What is written without a break.

    Args:
        words: Its words in their order; several of what has a hyphen, an apostrophe, or no blanks.
        beside: What it is beside them: a compound as one word, first with everything that was written; each character
            of what has no blanks.
    """

    words: tuple[Place, ...]
    beside: tuple[str, ...] = ()
    kind: Literal["word", "compound", "possessive", "pairs", "emoji"] = "word"

    @property
    def place(self) -> tuple[int, int]:
        """Where it starts and ends."""
        return self.words[0][1], self.words[-1][2]


def words_and_more(text: str) -> tuple[list[str], list[str]]:
    """The words of a text in their order, and what it has beside them, each once."""
    words: list[str] = []
    more: dict[str, None] = {}
    if text.isascii():  # the same, without places: three times as fast
        small = text.lower()
        for written in _COMPOUND.findall(small):
            if written.isalnum():
                words.append(written[:LONGEST])
                continue
            unit = _compound(written, 0, None)
            words += (word for word, _, _ in unit.words)
            more |= dict.fromkeys(unit.beside)
        return words, [*(more | dict.fromkeys(name for name, _, _ in _names(small, None)))]
    found, names = units(text)
    for unit in found:
        words += (word for word, _, _ in unit.words)
        more |= dict.fromkeys(unit.beside)
    return words, [*(more | dict.fromkeys(name for name, _, _ in names))]


def units(text: str) -> tuple[list[Unit], list[Place]]:
    """What a text is made of, in its order; and its hashtags and mentions."""
    if text.isascii():
        small = text.lower()
        return list(_units(small, None)), list(_names(small, None))
    found: list[Unit] = []
    names: list[Place] = []
    emoji = emoji_places(text)
    for (_, _, start), (sign, end, after) in pairwise([("", 0, 0), *emoji, ("", len(text), len(text))]):
        small, origins = _folded(text, start, end)
        found += _units(small, origins)
        names += _names(small, origins)
        if sign:
            found.append(Unit(((sign, end, after),), kind="emoji"))
    return found, names


def places(text: str) -> tuple[list[Place], list[Place]]:
    """The words of a text with their places, and those of what it has beside them, each time it is there."""
    found, beside = units(text)
    for unit in found:
        start, end = unit.place
        if unit.kind != "pairs":
            beside += ((word, start, end) for word in unit.beside)
        elif unit.beside:
            beside += ((pair[0], first, first + 1) for pair, first, _ in unit.words)
            beside.append((unit.words[-1][0][-1], end - 1, end))
    return [place for unit in found for place in unit.words], beside


def _units(small: str, origins: list[int] | None) -> Iterator[Unit]:
    """The units of folded text.

    Args:
        origins: For each of its characters, and for its end, the place in the text; None where they are the same.
    """
    for match in _COMPOUND.finditer(small):
        written, start = match[0], match.start()
        if written.isalnum() and written.isascii():
            yield Unit((_place(written, start, match.end(), origins),))
        elif _CJK_RUN.search(written):
            yield from _with_cjk(written, start, origins)
        else:
            yield _compound(written, start, origins)


def _with_cjk(written: str, start: int, origins: list[int] | None) -> Iterator[Unit]:
    end = 0
    for run in _CJK_RUN.finditer(written):
        yield from _between(written[end : run.start()], start + end, origins)
        first, characters, end = start + run.start(), run[0], run.end()
        starts = range(first, first + max(1, len(characters) - 1))
        pairs = (
            _place(characters[at - first : at - first + 2], at, min(at + 2, start + end), origins) for at in starts
        )
        yield Unit(tuple(pairs), tuple(dict.fromkeys(characters)) if len(characters) > 1 else (), "pairs")
    yield from _between(written[end:], start + end, origins)


def _between(written: str, start: int, origins: list[int] | None) -> Iterator[Unit]:
    """The words before, between and after Chinese, Japanese or Korean."""
    for match in _COMPOUND.finditer(written):
        yield _compound(match[0], start + match.start(), origins)


def _compound(written: str, start: int, origins: list[int] | None) -> Unit:
    """A word with hyphens or apostrophes, or none."""
    words: list[Place] = []
    for part in _PART.finditer(written):
        place, first = part[0], start + part.start()
        pieces = [(place, first)]
        if not place.isalnum() and (split := _POSSESSIVE.fullmatch(place) or _ELISION.fullmatch(place)):
            pieces = [(split[1], first), (split[2], first + split.start(2))]
        for piece, at in pieces:
            words.append(_place(piece.replace("'", "").replace("`", ""), at, at + len(piece), origins))
    if len(words) == 1:
        return Unit((words[0],))
    is_possessive = _POSSESSIVE.fullmatch(written) is not None
    joined = []
    if len(words) <= _MOST_JOINED and not all(word.isdecimal() for word, _, _ in words):
        joined.append("".join(word for word, _, _ in words)[:LONGEST])
        if is_possessive and len(words) > 2:  # well-known's
            joined.append(joined[0][:-1])
    return Unit(tuple(words), tuple(joined), "possessive" if is_possessive else "compound")


def _names(small: str, origins: list[int] | None) -> Iterator[Place]:
    if "#" in small or "@" in small or "/" in small:
        for match in NAMED.finditer(small):
            yield _place(name_of(match), *match.span(), origins)


def name_of(match: re.Match[str]) -> str:
    """A hashtag or a mention as it is written everywhere: #tag, @name, u/name, r/place."""
    return (f"#{match['tag']}" if match["tag"] else f"@{match['name']}" if match["name"] else match["place"]).lower()


def _place(word: str, start: int, end: int, origins: list[int] | None) -> Place:
    if origins is None:
        return word[:LONGEST], start, end
    return word[:LONGEST], origins[start], max(origins[end - 1] + 1, origins[end])


def _folded(text: str, start: int, end: int) -> tuple[str, list[int]]:
    """A part of a text in small letters without accents, and where each of its characters, and its end, come from."""
    pieces: list[str] = []
    origins: list[int] = []
    for match in _ODD.finditer(text, start, end):
        plain = text[start : match.start()].lower()
        folded = _fold(match[0])
        pieces += plain, folded
        origins += range(start, match.start())
        origins += [match.start()] * len(folded)
        start = match.end()
    pieces.append(text[start:end].lower())
    origins += range(start, end + 1)
    return "".join(pieces), origins


def _fold(cluster: str) -> str:
    """One character with its marks, folded."""
    return unicodedata.normalize("NFC", cluster).translate(_FOLDS)


class _Folds(dict[int, str]):
    """Code point to what is read in its place; each is worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_character(chr(code))
        return folded


_FOLDS = _Folds()


def _fold_character(character: str) -> str:
    if character in _SIGNS:
        return _SIGNS[character]
    kind = unicodedata.category(character)
    if kind == "Cf" or "\ufe00" <= character <= "\ufe0f":  # joiners, marks of direction, selectors
        return ""
    if kind == "So":
        return character
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    if "\u0400" <= parts[:1] <= "\u052f":  # й and ї are letters of their own, ё is often written е
        return "\u0435" if parts == "\u0435\u0308" else unicodedata.normalize("NFC", parts)
    return unicodedata.normalize("NFC", _ACCENTS.sub("", parts)).translate(_OTHER_LETTERS)
