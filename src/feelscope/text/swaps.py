"""Swaps: pairs of words, and texts in which each word of a pair becomes the other.

    first,second       a heading; a column `group` may be beside the two
    dad,mom|mum        a pair: dad becomes mom, mom and mum become dad
    young man,old man  several words may make one

Capitals are kept in three forms (dad, Dad, DAD). Addresses, hashtags and handles are left alone.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from feelscope.config import shown
from feelscope.errors import ConfigError
from feelscope.files import read_bounded

Swap = Callable[[Sequence[str]], list[str]]  # texts to the same texts with words swapped
_GROUP = "group"  # a column that is not of words
# Addresses, hashtags, handles, names on Reddit; and he in forms that mean both.
LEFT_ALONE = r"(?:https?://|www\.)\S+|[^\s@]{1,64}@\w+\.\w\S*|[#@]\w+|(?<![\w/])/?[ur]/[\w-]+|\bs/he\b|\(s\)he\b"
_APOSTROPHES = str.maketrans("\u2018\u2019\u02bc\uff07", "''''")
_MOST_BYTES = 5_000_000  # of a list of pairs


def read_pairs(path: Path) -> dict[str, str]:
    """Read a list of pairs: of each word, in small letters, what it becomes.

    Raises:
        ConfigError: The file cannot be read, has no pairs, pairs a word with itself, or has a word twice.
    """
    try:
        text = read_bounded(path, _MOST_BYTES).decode("utf-8-sig")
        rows = [*csv.reader(io.StringIO(text, newline=""), strict=True)]
    except OSError as error:
        raise ConfigError(f"{path}: the list of pairs cannot be read ({error.strerror}); check its path") from error
    except (ValueError, csv.Error) as error:
        raise ConfigError(f"{path}: the list of pairs is not a CSV file in UTF-8; save it as one") from error
    lines = [(number, row) for number, row in enumerate(rows, 1) if row and not row[0].startswith("#")]
    heads = [head.strip().lower() for head in lines[0][1]] if lines else []
    places = [place for place, head in enumerate(heads) if head != _GROUP]
    if len(places) != 2:
        found = shown(", ".join(heads)) if heads else "nothing"
        raise ConfigError(f"{path}: expected a heading of two columns, such as first,second, and pairs; found {found}")
    pairs: dict[str, str] = {}
    for number, row in lines[1:]:
        cells = [row[place] if place < len(row) else "" for place in places]
        _add(pairs, cells, f"{path}, line {number}")
    if not pairs:
        raise ConfigError(f"{path}: no pair below the heading; add lines such as dad,mom")
    return pairs


def _add(pairs: dict[str, str], row: Sequence[str], where: str) -> None:
    """Add a line's pair."""
    sides = [[_folded(word) for word in cell.split("|")] for cell in row]
    if not all(re.search(r"\w", word) for side in sides for word in side):
        raise ConfigError(f"{where}: expected two words or phrases, found {shown(', '.join(row))}")
    for side, other in (sides, sides[::-1]):
        for word in side:
            if word in other:
                raise ConfigError(f"{where}: {word!r} is paired with itself; give two different words")
            if word in pairs:
                raise ConfigError(f"{where}: {word!r} is in a pair already; leave it in one of the two")
            pairs[word] = other[0]


def straight(text: str) -> str:
    """The text with straight apostrophes, in as many characters."""
    return text if text.isascii() else text.translate(_APOSTROPHES)


def any_of(words: Iterable[str]) -> str:
    """The pattern of any of some words, whole, longer ones first."""
    ordered = sorted(words, key=lambda word: (-len(word), word))
    choices = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in ordered)
    return rf"(?<!\w)(?:{choices})(?!\w)"


def cased(word: str, like: str) -> str:
    """A word in small letters, with capitals as another word has them."""
    if like.isupper() and len(like) > 1:
        return word.upper()
    return word[:1].upper() + word[1:] if like[:1].isupper() else word


class WordSwap:
    """Swaps the words of any pairs, wherever they are.

    Args:
        pairs: As `read_pairs` gives them.
    """

    def __init__(self, pairs: Mapping[str, str]):
        self._pairs = pairs
        self._pattern = re.compile(rf"(?P<left>{LEFT_ALONE})|{any_of(pairs)}", re.IGNORECASE)

    def __call__(self, texts: Sequence[str]) -> list[str]:
        """The texts with the words swapped."""
        return [self._swapped(text) for text in texts]

    def _swapped(self, text: str) -> str:
        parts: list[str] = []
        end = 0
        for match in self._pattern.finditer(straight(text)):
            if match["left"] is None:
                form = text[match.start() : match.end()]
                parts += [text[end : match.start()], cased(self._pairs.get(_folded(match[0]), form), form)]
                end = match.end()
        return "".join([*parts, text[end:]])


def _folded(word: str) -> str:
    return " ".join(straight(word).lower().split())
