"""What people type as a query, parsed to the stems and phrases that a post must have.

There is no syntax to get wrong: words, and `"phrases in quotes"`. AND, brackets and colons are ordinary characters, and
so is a quote that is never closed.
"""

import functools
import re
from dataclasses import dataclass, field

from feelscope.text.stems import stem
from feelscope.text.tokens import split

_QUOTED = re.compile(r'["\u201c\u201d\u201e]([^"\u201c\u201d\u201e]*)["\u201c\u201d]')


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """What a post must have.

    Args:
        words: Stems, each once, in their order.
        phrases: Stems that follow one another, two or more each.
        all: All stems in their order, whatever is in quotes.
        nothing: Whether some part of the query has characters but no word: no post matches it.
    """

    words: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    nothing: bool = False
    all: tuple[str, ...] = field(default=(), compare=False)


@functools.lru_cache(100)  # of up to 1,000 letters: 3 MB
def parse_query(query: str) -> ParsedQuery:
    """Parse what was typed."""
    unquoted = _QUOTED.sub(" ", query)
    words = dict.fromkeys(_stems(unquoted))
    nothing = bool(unquoted.strip()) and not words
    phrases: dict[tuple[str, ...], None] = {}
    for quoted in _QUOTED.findall(query):
        phrase = _stems(quoted)
        nothing |= bool(quoted.strip()) and not phrase
        if len(phrase) > 1:
            phrases[phrase] = None
        else:
            words.update(dict.fromkeys(phrase))
    return ParsedQuery(tuple(words), tuple(phrases), nothing, _stems(query.replace('"', " ")))


def _stems(text: str) -> tuple[str, ...]:
    """Stems that are not kept: whoever asks may ask for any number of words that no post has."""
    return tuple(map(stem, split(text)))
