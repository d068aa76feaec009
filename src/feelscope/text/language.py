"""Whether a text is English: enough different English words, or a language detector."""

import re
from collections.abc import Callable

from feelscope.errors import needs_extra
from feelscope.text.english_words import english_words

MIN_WORDS = 5  # a post has more different English words than this; Hu and Flaxman's thesis, 2.2
_ENOUGH = 300  # characters
NO_WORDS = re.compile(r"https?://\S+|[@#]\w+")  # addresses, names and tags
_ANY_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile("[a-z\u00aa-\u024f\u1e00-\u1eff]+")
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")


def count_english(text: str) -> int:
    """How many different English words a text has; addresses, @names and #tags do not count."""
    if "#" in text or "@" in text or "://" in text:
        text = NO_WORDS.sub(" ", text)
    return len(english_words().intersection(_WORD.findall(text.lower().replace("’", "'"))))


def has_few_words(text: str) -> bool:
    """Whether a text is too short to tell its language: five different words or fewer, all in Latin letters.

    Scripts without blanks between words are told by their letters.
    """
    if "#" in text or "@" in text or "://" in text:
        text = NO_WORDS.sub(" ", text)
    words = {*_ANY_WORD.findall(text.lower())}
    return len(words) <= MIN_WORDS and all(map(_LATIN.fullmatch, words))


def by_words(text: str) -> bool:
    """Whether a text has more than five different English words."""
    if len(text) > _ENOUGH:  # most long posts show it in their first lines; the rest could only add words
        beginning = text[:_ENOUGH].rpartition(" ")[0]
        if count_english(beginning) > MIN_WORDS:
            return True
    return count_english(text) > MIN_WORDS


def by_detector() -> Callable[[str], bool]:
    """A test for English by a language detector (py3langid, whose model is in its wheel)."""
    with needs_extra("language detection", "collect"):
        import py3langid

    def is_english(text: str) -> bool:
        words = NO_WORDS.sub(" ", text)
        return bool(re.search(r"\w", words)) and py3langid.classify(words)[0] == "en"

    return is_english


CHOICES: dict[str, Callable[[], Callable[[str], bool]]] = {
    "words": lambda: by_words,
    "detector": by_detector,
    "any": lambda: lambda text: True,
}
