"""One reading of what posts are full of, the same in training and in use.

    "@kim OMG sooooo good :-) #BestDayEver https://t.co/x"  ->  "OMG so good 😊 Best Day Ever"

Names of people addressed go, or become "someone" inside a sentence; addresses of pages and mail go; hashtags become
their words; emoticons become emoji; a letter three times or more is once or twice; typographic forms become plain
ones. Where nothing is left the text stays as it is.

Frozen with its tables and with `english_words.txt.gz`: models whose `labels.json` says `"reading": "normalised"` were
trained on exactly this.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import product

from feelscope.text import emoticons
from feelscope.text.english_words import english_words
from feelscope.text.traced import Traced

_ADDRESS = re.compile(r"\bhttps?://\S+|\bwww\.\S+|(?<!\S)[^\s@]{1,64}@\w[\w-]*\.\w[\w.]*", re.IGNORECASE)
# A line's beginning is found without names too, so that a thousand empty lines are looked at once, not from each.
_ADDRESSED = re.compile(r"(?:^|(?<=\n))[\s.,:]*(?:(?:RT\s+)?(?:(?<![\w.])@\w+[\s:,]*)+)?|(?:\s(?<![\w.])@\w+)+\s*$")
_NAME = re.compile(r"(?<![\w.])@\w+")
_HASHTAG = re.compile(r"(?<![\w&/])[#＃](\w+)")
_HUMPS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")
_WORD = re.compile(r"\w+")
_RUN = re.compile(r"([^\W\d_])\1{2,}", re.IGNORECASE)
_MARKS = re.compile(r"([^\w\s])\1{3,}")
_UNUSUAL = re.compile(r"[^\x00-\x7f]")
_QUOTES = {ord(curly): straight for curly, straight in zip("‘’‚“”„", "'''\"\"\"", strict=True)}
_SHORT = frozenset("a i am an as at be by do go he hi if in is it me my no of oh ok on or so to up us we".split())
_ELONGATED = frozenset("soo noo yess hii byee".split())  # which the list of words has, as people write them
_MOST_RUNS = 9  # pieces of a word with four repeated letters
_LONGEST_TAG = 60  # characters; longer ones are no words, and splitting takes their square


def normalise(text: str) -> str:
    """The text as models that read posts normalised read it, before emoji are spelled."""
    return traced(text).text


def normalised_from(text: str) -> list[int]:
    """Of each character of `normalise`'s text, the place in the text that it was made from."""
    return traced(text).places


def traced(text: str) -> Traced:
    """The text normalised, with its places."""
    new = Traced(text)
    if not text.isascii():
        new.rewrite(_UNUSUAL, _plain)
    if "." in new.text:
        new.rewrite(_ADDRESS, " ")
    if "@" in new.text:
        new.rewrite(_ADDRESSED, lambda match: " " if "@" in match[0] else match[0])
        new.rewrite(_NAME, "someone")
    new.rewrite(_HASHTAG, lambda match: " ".join(words_of_hashtag(match[1])) or match[0])
    new.rewrite(emoticons.PATTERN, emoticons.emoji_of)
    if _RUN.search(new.text):
        new.rewrite(_WORD, lambda match: _shortened(match[0]))
    new.rewrite(_MARKS, lambda match: match[1] * 3 if match[1].isascii() else match[0])
    return new if new.text.strip() else Traced(text)


@lru_cache(maxsize=4096)
def words_of_hashtag(tag: str) -> tuple[str, ...]:
    """The words of a hashtag without its mark: by its capitals, digits and underscores, then by known words."""
    if len(tag) > _LONGEST_TAG:
        return (tag,)
    words: list[str] = []
    for hump in _HUMPS.findall(tag):
        words += _known_words(hump) if hump.isascii() and hump.isalpha() else [hump]
    return tuple(words)


def _known_words(run: str) -> list[str]:
    """Letters as the fewest known words that make them up, where there are any; else as they are."""
    known, small = english_words(), run.lower()
    # Of each beginning its words, fewest first; of as many, those with the longest first word found first.
    best: list[list[str] | None] = [[], *([None] * len(run))]
    for end in range(1, len(run) + 1):
        for start in range(end):
            before, word = best[start], small[start:end]
            if before is None or not (word in _SHORT or (len(word) > 2 and word in known)):
                continue
            kept = best[end]
            if kept is None or len(before) + 1 < len(kept):
                best[end] = [*before, run[start:end]]
    return best[len(run)] or [run]


def _plain(match: re.Match[str]) -> str:
    """A character in its plain form: 𝓱 is h, ＠ is @, a curly quote is straight."""
    character = match[0].translate(_QUOTES)
    if character != match[0] or unicodedata.category(character) == "So":  # a symbol may be an emoji
        return character
    return unicodedata.normalize("NFKC", character)


def _shortened(word: str) -> str:
    """A word with each letter once or twice that was there three times or more; as it is known, if it is."""
    if not _RUN.search(word):
        return word
    pieces = _RUN.split(word)  # other letters, then a repeated one, in turn
    if len(pieces) <= _MOST_RUNS:
        for counts in product((2, 1), repeat=len(pieces) // 2):
            tried = "".join(piece * counts[place // 2] if place % 2 else piece for place, piece in enumerate(pieces))
            if tried.lower() in english_words() and tried.lower() not in _ELONGATED:
                return tried
    return _RUN.sub(r"\1\1", word)
