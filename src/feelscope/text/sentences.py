"""Sentences: where each one of a text starts and ends.

By rules for posts: a line break always ends a sentence, as a title has a line of its own and posts are not wrapped. So
do `!` and `?`, even before a small letter, as many people write without capitals. A full stop does where whitespace
follows and the word before it is neither an abbreviation nor an initial.
"""

import re
from collections.abc import Iterator

# Abbreviations that end with a full stop, in small letters and without it; most come before a name or a number.
_SHORT = frozenset(
    "mr mrs ms dr prof sr jr st mt ft gen col lt sgt capt maj cpl gov sen rep hon rev pres vs etc al approx ca cf "
    "dept est fig figs no nos vol vols pp ed eds inc ltd co corp bros ave blvd rd jan feb mar apr jun jul aug sep sept "
    "oct nov dec mon tue tues wed thu thur thurs fri sat min max avg e.g i.e eg ie u.s u.k a.m p.m ph.d".split()
)
_ENDS_TOO = frozenset("etc al inc ltd co corp u.s u.k a.m p.m ph.d jr sr".split())  # these may also end a sentence
_CLOSING = "\"'”’»)\\]}*_~"
# A line break; or marks that end a sentence, what closes after them, and whitespace, which some scripts leave out.
_END = re.compile(rf"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+|[.!?…؟۔।]+[{_CLOSING}]*(?=\s)|[。！？｡]+[{_CLOSING}」』）]*")
_TO_WORD = re.compile(r".*[\s(\[{\"“‘«]", re.DOTALL)  # what is before a word
_LONGEST = 24  # letters of a word that may be an abbreviation
_OPENING = re.compile(r"\s+[\"'“‘«(\[{*_~#]*")


def sentences(text: str) -> list[tuple[int, int]]:
    """Where the sentences of a text are.

    Returns:
        Half-open offsets into the text, in order; none is empty or has whitespace at either end. Everything but
        whitespace is in one of them.
    """
    return list(each_sentence(text))


def each_sentence(text: str) -> Iterator[tuple[int, int]]:
    """The same, one after the other: a text is read only as far as somebody asks."""
    start = 0
    for match in _END.finditer(text):
        if _ends(text, match):
            yield from _without_blanks(text, start, match.end())
            start = match.end()
    yield from _without_blanks(text, start, len(text))


def _without_blanks(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    stripped = text[start:end].lstrip()
    if stripped:
        start = end - len(stripped)
        yield start, start + len(stripped.rstrip())


def _ends(text: str, match: re.Match[str]) -> bool:
    marks = match[0]
    if marks[0] not in ".!?…":  # a line break, or a mark with no other use
        return True
    if marks[-1] not in ".!?…":  # something closes: "Stop!" he said
        return not _next_letter(text, match).islower()
    if marks != ".":
        return "!" in marks or "?" in marks or not _next_letter(text, match).islower()  # "well... maybe" goes on
    start = max(0, match.start() - _LONGEST)
    before = _TO_WORD.match(text, start, match.start())
    word = text[before.end() if before else start : match.start()].lower()
    if word in _SHORT:
        return word in _ENDS_TOO and _next_letter(text, match).isupper()
    # An initial, as in J. K. Rowling; "I" is a word, and 4. may be the number of a line or end a sentence.
    is_letter = len(word) == 1 and word.isalpha() and word != "i"
    return not (is_letter and _next_letter(text, match).isupper())


def _next_letter(text: str, match: re.Match[str]) -> str:
    """What the next sentence would begin with; empty at the end."""
    opening = _OPENING.match(text, match.end())
    return text[opening.end() : opening.end() + 1] if opening else ""
