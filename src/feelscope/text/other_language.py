"""Whether the words of a text are in a language that a model does not read, and in which, as far as can be told.

    words --script--> of no language that is read: foreign
          --common words of each language, English words, accents--> foreign, read, or neither
    as many foreign words as others, or more: the text is in another language

A word or two of another language in an English post are English; so are names, addresses, tags, emoji and code. A guess
between languages that are alike, such as Spanish and Portuguese, may be wrong. Languages without a list here are known
by their script, or by many words with accents; short posts of them are not.

Source: common words after Ingle 1976, "A Language Identification Table"; the lists and the shares are ours.
"""

import re
import unicodedata
from collections.abc import Collection, Set
from functools import cache
from pathlib import Path

from feelscope.text.english_words import english_words
from feelscope.text.language import NO_WORDS

_LISTS = Path(__file__).parent / "common_words.txt"  # a line a language: its code, then words of ours
# Languages by their script: letters that only they have, and those of the script.
_SCRIPTS = {
    "ja": "\u3041-\u3096\u30a1-\u30fa",
    "zh": "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff",
    "ko": "\uac00-\ud7af\u1100-\u11ff",
    "fa": "\u067e\u0686\u0698\u06af\u06cc\u06a9",
    "ar": "\u0600-\u06ff\u0750-\u077f",
    "he": "\u0590-\u05ff",
    "uk": "\u0404\u0406\u0407\u0454\u0456\u0457",
    "ru": "\u0400-\u052f",
    "el": "\u0370-\u03ff\u1f00-\u1fff",
    "hi": "\u0900-\u097f",
    "bn": "\u0980-\u09ff",
    "ta": "\u0b80-\u0bff",
    "th": "\u0e00-\u0e7f",
}
_SHARED = {"ja": ("zh",), "fa": ("ar",), "uk": ("ru",)}  # scripts that a language has letters of beside its own
NAMES = {
    **{"en": "English", "es": "Spanish", "pt": "Portuguese", "fr": "French", "de": "German", "it": "Italian"},
    **{"nl": "Dutch", "pl": "Polish", "tr": "Turkish", "id": "Indonesian", "sv": "Swedish", "zh": "Chinese"},
    **{"ja": "Japanese", "ko": "Korean", "ar": "Arabic", "fa": "Persian", "he": "Hebrew", "ru": "Russian"},
    **{"uk": "Ukrainian", "el": "Greek", "hi": "Hindi", "bn": "Bengali", "ta": "Tamil", "th": "Thai"},
}
_UNSPACED = ("ja", "zh", "th")  # which write words without blanks
_LETTERS_A_WORD = 2  # of those
_READ = 2000  # letters of a text that are looked at
_SHORT = 3  # letters: shorter words are in too many languages to count whole
_SHORT_WEIGHT = 0.5  # of such a word, and of one that is English too
_HINT = 0.25  # of a word that is known in neither, and of an accent on it
_LEAST = 1.0  # foreign words
_ACCENTED_SHARE, _LEAST_ACCENTED = 0.4, 3  # of the words of a text in a language without a list
_WORD = re.compile(r"[^\W\d_]+")
_OTHER_SCRIPT = re.compile(f"[{''.join(_SCRIPTS.values())}]{{2,}}")  # a letter alone is a part of a drawn face


def other_language(text: str, languages: Collection[str]) -> str | None:
    """The name of the language that a text is in, if a model of these languages does not read it.

    Args:
        languages: Codes, some of `NAMES`.

    Returns:
        None where the text may be in one of them, or has no words; empty where it is in none, and which is not known.
    """
    words = unicodedata.normalize("NFKC", NO_WORDS.sub(" ", text[:_READ]))
    script, in_script = ("", 0.0) if words.isascii() else _script(words, languages)
    latin = {word for word in _WORD.findall(words.lower()) if word[0] < "\u0250"}
    name, foreign, read = _latin(latin, languages)
    if in_script >= _LEAST and in_script >= len(latin) - foreign:
        return NAMES[script]
    return name if foreign >= _LEAST and foreign >= read else None


def _script(text: str, languages: Collection[str]) -> tuple[str, float]:
    """The language whose script most of the words are in that none of these languages is written in, and how many."""
    runs = _OTHER_SCRIPT.findall(text)
    known = {one for language in languages for one in (language, *_SHARED.get(language, ()))}
    letters = "".join(runs)
    counts = {code: len(re.findall(f"[{script}]", letters)) for code, script in _SCRIPTS.items()}
    for code, shared in _SHARED.items():  # a letter that only the one has settles it
        for other in shared:
            if counts[code] and code not in known:
                counts[code] += counts[other]
                counts[other] = 0
    foreign = {code: count for code, count in counts.items() if code not in known}
    most = max(foreign, key=lambda code: foreign[code])
    if not foreign[most]:
        return "", 0.0
    return most, foreign[most] / _LETTERS_A_WORD if most in _UNSPACED else float(len(runs))


def _latin(words: Set[str], languages: Collection[str]) -> tuple[str, float, float]:
    """Of words in Latin letters, the name of the language that has most of them; how many; how many are read."""
    lists = _common_words()
    common = frozenset(word for language in languages for word in lists.get(language, ()))
    rare = english_words() if "en" in languages else frozenset()
    known = {word for word in words if word in common or word in rare or _bare(word) in rare}
    accented = {word for word in words - known if not word.isascii()}
    least = max(_LEAST_ACCENTED, _ACCENTED_SHARE * len(words))
    best, weight = ("", len(accented) if len(accented) >= least else 0.0, float(len(known))), 0.0
    for language, theirs in lists.items():
        if language in languages:
            continue
        both = words & theirs - common  # a word that is common in both says nothing
        found = sum(_SHORT_WEIGHT if len(word) <= _SHORT or word in rare else 1.0 for word in both if len(word) > 1)
        if found > weight:
            hints = _HINT * (len(words - known - both) + len(accented - both))
            best, weight = (NAMES[language], found + hints, float(len(known - theirs))), found
    return best


def _bare(word: str) -> str:
    """A word without its accents, as many write it."""
    return "".join(letter for letter in unicodedata.normalize("NFD", word) if not unicodedata.combining(letter))


@cache
def _common_words() -> dict[str, frozenset[str]]:
    """The most common words of each language, in small letters, also as they are written without accents."""
    lists: dict[str, frozenset[str]] = {}
    for line in _LISTS.read_text(encoding="utf-8").splitlines():
        code, *words = line.split()
        bare = {plain for word in words if (plain := _bare(word)) not in english_words()}
        lists[code] = frozenset({*words, *bare})
    return lists
