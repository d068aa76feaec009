"""Texts from outside as a terminal may show them: what would steer it, reorder a line or hide in it is escaped.

Letters of every script, accents and emoji stay as they are, with the joiners and tags that belong to them. What is
escaped looks as in Python's string literals, `\\x1b` and `\\u202e`, and within JSON as in JSON.
"""

import re

_CONTROLS = r"\x00-\x09\x0b-\x1f\x7f-\x9f"  # C0 but the line feed, delete, C1 (an ESC sequence in one character)
_BREAKS = r"\u2028\u2029"  # lines that end where no line should
_ORDER = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # what runs from right to left, whatever the letters say
_HIDDEN = r"\xad\u180e\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a"
_NO_CHARACTERS = r"\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
_JOINERS = r"\u200c\u200d"  # they join emoji, and letters of Persian or Hindi, but no ASCII
_TAGS = r"\U000e0000-\U000e007f"  # after a black flag they make it that of Scotland
_IN_TEXT = re.compile(
    rf"[{_CONTROLS}{_BREAKS}{_ORDER}{_HIDDEN}{_NO_CHARACTERS}]"
    rf"|(?<![^\x00-\x7f{_JOINERS}])[{_JOINERS}]|(?<![\U0001f3f4{_TAGS}])[{_TAGS}]+"
)
_IN_LINE = re.compile(rf"\n|{_IN_TEXT.pattern}")
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def line(text: str) -> str:
    """A text on one line.

    Example:
        >>> print(line("cats\\x1b[2J.csv"))
        cats\\x1b[2J.csv
    """
    return _IN_LINE.sub(_escaped, text)


def lines(text: str) -> str:
    """A text of several lines, which line feeds alone separate."""
    return _IN_TEXT.sub(_escaped, text)


def json(text: str) -> str:
    """JSON, which means the same afterwards."""
    return _IN_TEXT.sub(_json_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    return "".join(_SHORT.get(letter) or _code(ord(letter)) for letter in found[0])


def _code(point: int) -> str:
    return f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def _json_escaped(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
