"""What people type as a query, parsed to the stems and phrases that a post must have.

There is no syntax to get wrong: words, and `"phrases in quotes"`. AND, brackets and colons are ordinary characters, and
so is a quote that is never closed.
"""

import functools
import re
from dataclasses import dataclass

from feelscope.text.stems import stems

_QUOTED = re.compile(r'["\u201c\u201d\u201e]([^"\u201c\u201d\u201e]*)["\u201c\u201d]')


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """What a post must have.

    Args:
        words: Stems, each once, in their order.
        phrases: Stems that follow one another, two or more each.
        nothing: Whether some part of the query has characters but no word: no post matches it.
    """

    words: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    nothing: bool = False


@functools.lru_cache(1000)
def parse_query(query: str) -> ParsedQuery:
    """Parse what was typed."""
    unquoted = _QUOTED.sub(" ", query)
    words = dict.fromkeys(stems(unquoted))
    nothing = bool(unquoted.strip()) and not words
    phrases: dict[tuple[str, ...], None] = {}
    for quoted in _QUOTED.findall(query):
        phrase = tuple(stems(quoted))
        nothing |= bool(quoted.strip()) and not phrase
        if len(phrase) > 1:
            phrases[phrase] = None
        else:
            words.update(dict.fromkeys(phrase))
    return ParsedQuery(tuple(words), tuple(phrases), nothing)
