"""What screenshots have beside a post's words: names, times, counts, buttons; and the marks of who took a picture.

    Robin Hale                   the name above a handle
    @robinhale                   a handle
    I cannot believe it          words
    4:18 PM · Mar 4, 2023        a time
    12 Replies  7.8K Likes       counts

Names of buttons are known in English; times, handles, counts and addresses are told by their form in any language.
"""

import re
from collections.abc import Sequence

from feelscope.image_text.lines import Line
from feelscope.image_text.reading_order import in_blocks, in_rows

_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_CLOCK = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?\s*(?:[ap]\.?m\.?)?"
_COUNT = r"[\d.,]+\s*[km]?"
_COUNTED = r"(?:repl(?:y|ies)|re-?(?:post|tweet)s?|(?:quote|like|view|comment|share|bookmark|follower)s?|following)"
_ENDINGS = "com|org|net|io|co|me|tv|de|uk"
# Lines that are never words of a post, wherever they are.
_FURNITURE = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"[\W\d_]*\w?[\W\d_]*",  # one letter at most
        rf"(?:{_CLOCK}|\d{{1,2}}\s*[ap]\.?m\.?)\W*(?:{_MONTH}\s*\d{{1,2}}\W*(?:\d{{2,4}})?)?.{{0,3}}",
        rf"(?:{_MONTH}\s*\d{{1,2}}|\d{{1,2}}\.?\s*{_MONTH})\W*(?:\d{{4}})?\W*(?:{_CLOCK})?",
        rf"(?:{_COUNT}\s*{_COUNTED}\W*)+",
        _COUNT,
        rf"(?:https?://)?(?:www\.)?[\w-]+(?:\.[\w-]+)*\.(?:{_ENDINGS})(?:/\S*)?",
        r"(?:©|\(c\)|copyright|(?:photo|image|picture|credit|source|via|by)s?\s*[:@]).*",
        r"(?:img|dsc|dscn|pxl|mvimg)[_-]?\d+\S*",
    )
)
_HANDLE = re.compile(r"[@＠][\w.]+(?:\s*[·•.-]?\s*\d+\s*[smhd])?")
_PRESENCE = re.compile(r"(?:online|typing|last seen.*|active (?:now|\d+.*))[.…]*", re.IGNORECASE)
# Lines that are buttons, where nothing else is near.
_BUTTON = re.compile(
    rf"(?:{_COUNTED}|follow|message|(?:type|send|write) a message|today|yesterday|delivered|read|seen|sent|edited|"
    r"(?:show|see|read) more|translate (?:tweet|post)|view (?:all )?[\d,]*\s*(?:comments|replies)|sponsored|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day)[.…]*",
    re.IGNORECASE,
)
_LONGEST_NAME = 4  # words; ours, like all below
_NEAR = 1.5  # heights of a line between a name and the handle under it
_MARK = 0.75  # of the highest lines' height, below which two words are the mark of whoever took a picture


def blocks_of_words(lines: Sequence[Line]) -> list[list[Line]]:
    """The blocks of lines that may be a post's words, in reading order."""
    handles = [line for line in lines if _HANDLE.fullmatch(line.text.strip())]
    kept = [line for line in lines if line not in handles and not _is_furniture(line)]
    for handle in handles:
        if (name := _name_of(handle, kept)) is not None:
            kept.remove(name)
    blocks = [block for block in in_blocks(kept) if not (_is_presence(block) or _are_buttons(block))]
    highest = max(map(_height, blocks), default=0)
    return [block for block in blocks if _height(block) >= _MARK * highest or _words(block) > 2]


def _is_furniture(line: Line) -> bool:
    return any(pattern.fullmatch(line.text.strip()) for pattern in _FURNITURE)


def _name_of(handle: Line, lines: Sequence[Line]) -> Line | None:
    """The name that a handle is of: the line right above, or left of it.

    A handle that ends a card has none: what is above it are the card's words.
    """
    if not any(line.top >= handle.top + handle.height / 2 for line in lines):
        return None

    def is_name(line: Line) -> bool:
        above = 0 < handle.top - line.top <= _NEAR * line.height and abs(line.left - handle.left) <= 2 * line.height
        beside = abs(handle.top - line.top) < line.height / 2 and line.left < handle.left
        return len(line.text.split()) <= _LONGEST_NAME and (above or beside)

    return max(filter(is_name, lines), key=lambda line: line.top, default=None)


def _is_presence(block: list[Line]) -> bool:
    """Whether it is a name and whether its owner is there, as at the top of a chat; or the latter alone."""
    *names, last = in_rows(block)
    short = all(len(line.text.split()) <= _LONGEST_NAME for row in names for line in row)
    return len(names) <= 1 and short and all(_PRESENCE.fullmatch(line.text.strip()) for line in last)


def _are_buttons(block: list[Line]) -> bool:
    return all(_BUTTON.fullmatch(line.text.strip()) for line in block)


def _height(block: list[Line]) -> float:
    return sum(line.height for line in block) / len(block)


def _words(block: list[Line]) -> int:
    return sum(len(line.text.split()) for line in block)
