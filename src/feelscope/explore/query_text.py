"""What people type as a query, to the stems and phrases that a post must have.

There is no syntax to get wrong: words, and `"phrases in quotes"`. AND, brackets and colons are characters like others,
and a quote that is never closed is one of them too.
"""

import functools
import re
from dataclasses import dataclass

from feelscope.text.stems import stems

_QUOTED = re.compile(r'["\u201c\u201d\u201e]([^"\u201c\u201d\u201e]*)["\u201c\u201d]')


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a post must have.

    Args:
        words: Stems, each once, in their order.
        phrases: Stems that stand behind one another, two or more each.
        nothing: Whether there are characters but no word in a part of the query: no post matches it.
    """

    words: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    nothing: bool = False


@functools.lru_cache(1000)
def read_query(query: str) -> Wanted:
    """Read what was typed."""
    loose = _QUOTED.sub(" ", query)
    words = dict.fromkeys(stems(loose))
    nothing = bool(loose.strip()) and not words
    phrases: dict[tuple[str, ...], None] = {}
    for text in _QUOTED.findall(query):
        found = tuple(stems(text))
        nothing |= bool(text.strip()) and not found
        if len(found) > 1:
            phrases[found] = None
        else:
            words.update(dict.fromkeys(found))
    return Wanted(tuple(words), tuple(phrases), nothing)
