"""Sentences: where each one of a text starts and ends.

By rule, for posts: a line break always ends a sentence, for a title stands on a line of its own and posts are not
wrapped; so do `!` and `?`, also before a small letter, for many people write without capitals. A full stop does where a
blank follows and the word before it is no abbreviation and no initial.
"""

import re

# Words that a full stop shortens, in small letters and without it; after most of them a name or a number follows.
_SHORT = frozenset(
    "mr mrs ms dr prof sr jr st mt ft gen col lt sgt capt maj cpl gov sen rep hon rev pres vs etc al approx ca cf "
    "dept est fig figs no nos vol vols pp ed eds inc ltd co corp bros ave blvd rd jan feb mar apr jun jul aug sep sept "
    "oct nov dec mon tue tues wed thu thur thurs fri sat min max avg e.g i.e eg ie u.s u.k a.m p.m ph.d".split()
)
_ENDS_TOO = frozenset("etc al inc ltd co corp u.s u.k a.m p.m ph.d jr sr".split())  # these may also end a sentence
_CLOSING = "\"'”’»)\\]}*_~"
# A line break; or marks that end a sentence, what closes after them, and a blank. Some scripts put no blank there.
_END = re.compile(rf"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+|[.!?…؟۔।]+[{_CLOSING}]*(?=\s)|[。！？｡]+[{_CLOSING}」』）]*")
_WORD_BEFORE = re.compile(r"[^\s(\[{\"“‘«]*\Z")
_OPENING = re.compile(r"\s+[\"'“‘«(\[{*_~#]*")


def sentences(text: str) -> list[tuple[int, int]]:
    """Where the sentences of a text are.

    Returns:
        Half-open offsets into the text, in order, each with something in it and no blank at either edge. Everything
        that is no blank stands in one of them.
    """
    found: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        if _ends(text, match):
            _add(found, text, start, match.end())
            start = match.end()
    _add(found, text, start, len(text))
    return found


def _add(found: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    stripped = piece.lstrip()
    if stripped:
        start = end - len(stripped)
        found.append((start, start + len(stripped.rstrip())))


def _ends(text: str, match: re.Match[str]) -> bool:
    marks = match[0]
    if marks[0] not in ".!?…":  # a line break, or a mark that has no other use
        return True
    following = _OPENING.match(text, match.end())
    after = text[following.end() : following.end() + 1] if following else ""
    goes_on = after.islower()
    if marks[-1] not in ".!?…":  # something closes: "Stop!" he said
        return not goes_on
    if marks != ".":
        return not goes_on or "!" in marks or "?" in marks  # "well... maybe" goes on
    before = _WORD_BEFORE.search(text, max(0, match.start() - 24), match.start())
    word = before[0].lower() if before else ""
    if word in _SHORT:
        return word in _ENDS_TOO and after.isupper()
    # An initial, as in J. K. Rowling; "I" is a word, and 4. may be the number of a line or end a sentence.
    return not (len(word) == 1 and word.isalpha() and word != "i" and after.isupper())
