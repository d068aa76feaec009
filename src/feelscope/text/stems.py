"""A text to the stems of its words, which are the same for all forms of a word: "Obama's running" is `obama s run`."""

import functools
from typing import Any

from feelscope.errors import needs_extra
from feelscope.text.search_words import LONGEST, words_and_more

_KEPT = 30  # letters of a word whose stem is kept


def stems(text: str) -> list[str]:
    """The stems of a text's words, in their order; for the words see `feelscope.text.search_words`."""
    if text.isascii() and text.islower() and text.replace(" ", "").isalnum():  # most subjects: the words are there
        return [kept_stem(word[:LONGEST]) for word in text.split()]
    return [kept_stem(word) for word in words_and_more(text)[0]]


def kept_stem(word: str) -> str:
    """The stem of a word of a post, which is kept, as it will come again."""
    return _stem(word) if len(word) <= _KEPT else stem(word)


def stem(word: str) -> str:
    """The stem of one word, which is not kept: whoever asks may ask for any number of words that no post has."""
    stems = _analyzer().analyze(word)
    return stems[0] if stems and stems[0] else word


_stem = functools.lru_cache(200_000)(stem)


@functools.cache
def _analyzer() -> Any:
    """Snowball's English stemmer, as the search engine has it."""
    with needs_extra("counting stems", "explore"):
        from tantivy import Filter, TextAnalyzerBuilder, Tokenizer
    return TextAnalyzerBuilder(Tokenizer.raw()).filter(Filter.stemmer("english")).build()
