"""Markdown undone: what people see of a text that was written in it, and where it was.

Only signs are left out, so that every place in what is seen is a place in the text: of a link its address, of bold and
italic words their asterisks and underscores, of headings, quotes and lists what begins their lines.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

Span = tuple[int, int]
_LINK = re.compile(r"(!?\[)([^\[\]\n]*)(\]\s?\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+\"[^\"\n]*\")?\))")
_LINE = re.compile(r"^[ \t]*(?=[>&#*+-])(?:(?:>|&gt;)[ \t]*)*(?:#{1,6}[ \t]+|[*+-][ \t]+)?", re.MULTILINE)
_AROUND = {
    sign: re.compile(rf"(?<![\w\\{sign[-1]}])({re.escape(sign)})(?=\S)([^\n]*?\S)({re.escape(sign)})(?![\w{sign[-1]}])")
    for sign in ("***", "**", "__", "~~", "*", "_", "`")
}
_ESCAPED = re.compile(r"\\(?=[\\`*_{}\[\]()#+.!~>^-])")


def signs(text: str) -> list[Span]:
    """Where a text has nothing but signs of Markdown, in order and apart from one another."""
    found: list[Span] = [match.span() for match in _LINE.finditer(text) if match[0].strip()]
    if "[" in text:
        found += [match.span(part) for match in _LINK.finditer(text) for part in (1, 3)]
    found += [match.span() for match in _ESCAPED.finditer(text)]
    for sign, pattern in _AROUND.items():
        for match in pattern.finditer(text) if sign in text else ():  # most texts have none
            spans = [match.span(1), match.span(3)]
            if not any(start < end and other < after for other, end in found for start, after in spans):
                found += spans
    merged: list[Span] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif start < end:
            merged.append((start, end))
    return merged


def undone(text: str, spans: Sequence[Span] = ()) -> tuple[str, list[Span]]:
    """A text without its signs, and where some spans of it are then; those of signs alone are empty."""
    left_out = signs(text)
    if not left_out:
        return text, list(spans)
    edges = [0, *(edge for span in left_out for edge in span), len(text)]
    kept = list(pairwise(edges))[::2]

    def place(at: int) -> int:
        return sum(max(0, min(at, end) - start) for start, end in kept)

    return "".join(text[start:end] for start, end in kept), [(place(start), place(end)) for start, end in spans]
