"""A text to the stems of its words, which are the same for all forms of a word: "Obama's running" is `obama run`."""

import functools
import re
from typing import Any

from feelscope.errors import needs_extra
from feelscope.text.emoji_for_models import MODIFIERS
from feelscope.text.tokens import APOSTROPHES, WORD, split

_KEPT = 30  # letters of a word whose stem is kept
_WORD, _MODIFIER, _APOSTROPHE = re.compile(WORD), re.compile(MODIFIERS), re.compile(APOSTROPHES)


def stems(text: str) -> list[str]:
    """The stems of a text's words, in their order."""
    return [_stem(word) if len(word) <= _KEPT else stem(word) for word in split(text)]


def stem_places(text: str) -> list[tuple[str, int, int]]:
    """The same stems, each with where its word begins and ends in the text, counted in Unicode code points."""
    if text.isascii():
        return [(_stem(match[0]), *match.span()) for match in _WORD.finditer(text.lower())]
    folded: list[str] = []
    origins: list[int] = []  # for each folded character, its offset in the text
    for place, character in enumerate(text):
        if _MODIFIER.match(character):
            continue
        small = "'" if _APOSTROPHE.match(character) else "\u03c3" if character == "\u03a3" else character.lower()
        folded.append(small)
        origins += [place] * len(small)
    places = []
    for match in _WORD.finditer("".join(folded)):
        start, end = origins[match.start()], origins[match.end() - 1] + 1
        while end < len(text) and _MODIFIER.match(text[end]):  # a skin tone belongs to its emoji
            end += 1
        places.append((_stem(match[0]), start, end))
    return places


def stem(word: str) -> str:
    """The stem of one word."""
    stems = _analyzer().analyze(word)
    return stems[0] if stems and stems[0] else word


_stem = functools.lru_cache(200_000)(stem)


@functools.cache
def _analyzer() -> Any:
    """Snowball's English stemmer, as the search engine has it."""
    with needs_extra("counting stems", "explore"):
        from tantivy import Filter, TextAnalyzerBuilder, Tokenizer
    return TextAnalyzerBuilder(Tokenizer.raw()).filter(Filter.stemmer("english")).build()
