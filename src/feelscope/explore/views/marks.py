"""Where the words of a query and a subject are in a text, and whether they are."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from feelscope.explore.search.query_text import ParsedQuery
from feelscope.text.emoji import VARIATIONS, emoji_places, plain
from feelscope.text.search_words import places, words_and_more
from feelscope.text.stems import kept_stem

Span = tuple[int, int]
_SHORT = 3  # letters of a stem
_JOINERS = str.maketrans("", "", "-'`")  # within words


@dataclass(frozen=True, slots=True)
class _Sought:
    """What a query asks for, without what it excludes.

    Args:
        stems: Any word with one of these.
        words: Any of these as it is.
        phrases: Words that follow one another.
        beginnings: A text of ASCII alone, in small letters and without hyphens and apostrophes, has one of these
            wherever it has what is sought.
    """

    stems: frozenset[str]
    words: frozenset[str]
    phrases: tuple[tuple[str, ...], ...]
    beginnings: tuple[str, ...]

    def is_word(self, word: str) -> bool:
        """Whether a word is sought by itself."""
        return word in self.words or (bool(self.stems) and kept_stem(word) in self.stems)


@lru_cache(16)
def _sought(query: ParsedQuery) -> _Sought:
    forms = [form for leaf in query.leaves if not leaf.excluded for form in leaf.forms]
    return _Sought(
        frozenset(wanted[0] for field, wanted in forms if field == "words"),
        frozenset(wanted[0] for field, wanted in forms if field == "exact" and len(wanted) == 1),
        tuple(wanted for _, wanted in forms if len(wanted) > 1),
        tuple({_beginning(wanted[0]) if field == "words" else wanted[0] for field, wanted in forms}),
    )


def _beginning(stem: str) -> str:
    """What every word with a stem begins with: all but its last letter; of *die*, from *dying* too, the first."""
    return stem[:-1] if len(stem) > _SHORT else stem[:1]


def has_query(text: str, query: ParsedQuery) -> bool:
    """Whether a text has a word or a phrase of a query, which is told faster than where."""
    sought = _sought(query)
    if text.isascii():  # most sentences of a text have nothing that is like it
        joined = text.lower().translate(_JOINERS)
        if not any(beginning in joined for beginning in sought.beginnings):
            return False
    words, beside = words_and_more(text)
    return any(map(sought.is_word, (*words, *beside))) or any(
        tuple(words[first : first + len(phrase)]) == phrase
        for phrase in sought.phrases
        for first in range(len(words) - len(phrase) + 1)
    )


def query_spans(text: str, query: ParsedQuery) -> list[Span]:
    """Where the words and phrases of a query are in a text; those that it excludes are nowhere."""
    sought = _sought(query)
    if not (sought.stems or sought.words or sought.phrases):
        return []
    words, beside = places(text)
    spans = {(start, end) for word, start, end in (*words, *beside) if sought.is_word(word)}
    for phrase in sought.phrases:
        for first in range(len(words) - len(phrase) + 1):
            if all(words[first + step][0] == word for step, word in enumerate(phrase)):
                spans.add((words[first][1], words[first + len(phrase) - 1][2]))
    return _outermost(spans)


def _outermost(spans: Iterable[Span]) -> list[Span]:
    """Those that are in no other one: of *rebel's*, which is *rebel* and *rebels* too, the whole."""
    kept: list[Span] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or end > kept[-1][1]:
            kept.append((start, end))
    return kept


def subject_spans(text: str, subject: str | None) -> list[Span]:
    """Where a subject is in a text: its words in any case, with any blanks between them; an emoji only whole."""
    if subject is not None and not subject.isascii() and plain(subject) == subject:
        return [(start, end) for emoji, start, end in emoji_places(text) if emoji == subject]
    return [] if subject is None else [match.span() for match in _pattern(subject).finditer(text)]


@lru_cache(1000)
def _pattern(subject: str) -> re.Pattern[str]:
    between = "" if subject.isascii() else f"{VARIATIONS}*"  # which `find_emoji` leaves out
    words = r"\s+".join(between.join(map(re.escape, word)) for word in subject.split())
    start, end = (r"(?<!\w)" if subject[0].isalnum() else ""), (r"(?!\w)" if subject[-1].isalnum() else "")
    return re.compile(f"{start}{words}{end}", re.IGNORECASE)
