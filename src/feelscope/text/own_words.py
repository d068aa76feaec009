"""The words that an author wrote, out of what a platform made of them.

"[removed]"                  nothing: what Reddit writes where words were
"<p>So <b>happy</b></p>"     So happy
"cats &amp;amp; dogs"        cats & dogs
"cafÃ©"                      café: UTF-8 that was read as Latin-1, as in exports of Meta
"""

import html
import re
from html.entities import html5

from feelscope.text.html import read_html

PLACEHOLDER, HTML, ENTITIES, REPAIRED = (
    "placeholders such as [removed], which are no text",
    "HTML read as words",
    "entities such as &amp; read as their characters",
    "double-encoded text repaired",
)
_TIMES = 2  # that an entity may be escaped: &amp;amp;
_GONE = re.compile(
    r"\s*\[\s*(?:deleted|removed)(?:\s+by\s+[^\[\]]*?)?(?:\s+on\s+account\s+of\b.{0,200})?\s*\]\s*",
    re.IGNORECASE | re.DOTALL,
)
_BEFORE_GONE = frozenset("[ \n\r\t\xa0")  # how such a text may begin
_TAGS = "a abbr b blockquote br code dd del div dl dt em figcaption figure font h1 h2 h3 h4 h5 h6 hr i img li ol p pre"
_TAGS += " s small span strike strong sub sup table tbody td th tr u ul video iframe"
_TAG = re.compile(rf"</?(?:{'|'.join(_TAGS.split())})(?:\s[^<>]*=[^<>]*)?\s*/?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# A byte that begins a character of UTF-8, and one that goes on, as Latin-1 and Windows-1252 read them.
_DOUBLE = re.compile(
    "[\u00c2-\u00f4][\u0080-\u00bf\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d\u2018\u2019"
    "\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178]"
)


def is_plain(text: str, title: str) -> bool:
    """Whether two texts are surely as their author wrote them, as nearly all are."""
    both = text + title
    return (
        both.isascii()
        and "&" not in both
        and "<" not in both
        and text[:1] not in _BEFORE_GONE
        and title[:1] not in _BEFORE_GONE
    )


def begins_plain(text: str, title: str) -> bool:
    """Whether two texts do not begin as what a platform writes in the place of words; see `is_plain`."""
    return text[:1] not in _BEFORE_GONE and title[:1] not in _BEFORE_GONE


def own_words(text: str) -> tuple[str, tuple[str, ...]]:
    """A text as its author wrote it, and what was done for that; the text itself where nothing was.

    Example:
        >>> own_words("cats &amp; dogs")[0], own_words("I <3 cats & dogs")[0]
        ('cats & dogs', 'I <3 cats & dogs')
    """
    # Nearly no text needs a closer look.
    is_as_usual = "&" not in text and "<" not in text and text[:1] not in _BEFORE_GONE
    if is_as_usual and (text.isascii() or not _DOUBLE.search(text)):
        return text, ()
    if is_placeholder(text):
        return "", (PLACEHOLDER,)
    done: list[str] = []
    read = text
    if not text.isascii() and _DOUBLE.search(text):
        read = _repaired(read)
        done += [REPAIRED] * (read != text)
    if _TAG.search(read):
        read = read_html(read)[0]
        done.append(HTML)
    plain = unescape(read)
    done += [ENTITIES] * (plain != read)
    return plain, tuple(done)


def is_placeholder(text: str) -> bool:
    """Whether a platform wrote a text in the place of words that are gone."""
    return _GONE.fullmatch(text) is not None


def unescape(text: str) -> str:
    """A text with its entities as characters, also those that were escaped twice."""
    for _ in range(_TIMES):
        if "&" not in text:
            break
        text = _ENTITY.sub(_character, text)
    return text


def _character(entity: re.Match[str]) -> str:
    if entity[0][1] == "#":
        return html.unescape(entity[0])
    return html5.get(entity[0][1:], entity[0])


def _repaired(text: str) -> str:
    import ftfy

    return ftfy.fix_encoding(text)
