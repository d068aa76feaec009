"""Swaps: pairs of words, and texts in which each word of a pair becomes the other.

    first,second       a heading; a column `group` may be beside the two
    dad,mom|mum        a pair: dad becomes mom, mom and mum become dad
    young man,old man  several words may make one

Capitals are kept in three forms (dad, Dad, DAD). Addresses, hashtags and handles are left alone.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from feelscope.config import shown
from feelscope.errors import ConfigError
from feelscope.files import read_bounded
from feelscope.text.csv_cells import csv_text

_GROUP = "group"  # a column that is not of words
_COMMENT = "# "  # begins a line that is none; "#happy" is a word
# Addresses, hashtags, handles, names on Reddit; and he in forms that mean both.
LEFT_ALONE = r"(?:https?://|www\.)\S+|[^\s@]{1,64}@\w+\.\w\S*|[#@]\w+|(?<![\w/])/?[ur]/[\w-]+|\bs/he\b|\(s\)he\b"
_APOSTROPHES = str.maketrans("\u2018\u2019\u02bc\uff07", "''''")
_MOST_BYTES = 5_000_000  # of a list of pairs


@dataclass(frozen=True, slots=True)
class Pair:
    """A line of a list of pairs, its words as they are written.

    Args:
        first, second: The words or phrases of each side; the first of a side is what the other side becomes.
        group: What the pair belongs to, such as "age"; empty without such a column.
        where: The file and the line, for messages.
    """

    first: tuple[str, ...]
    second: tuple[str, ...]
    group: str
    where: str


def read_pairs(path: Path) -> list[Pair]:
    """Read a list of pairs.

    Raises:
        ConfigError: The file cannot be read, has no pairs, or has a line that is no pair of different words.
    """
    try:
        text = read_bounded(path, _MOST_BYTES).decode("utf-8-sig")
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        rows = [(reader.line_num, row) for row in reader]
    except OSError as error:
        raise ConfigError(f"{path}: the list of pairs cannot be read ({error.strerror}); check its path") from error
    except (ValueError, csv.Error) as error:
        raise ConfigError(f"{path}: the list of pairs is not a CSV file in UTF-8; save it as one") from error
    lines = [(line, row) for line, row in rows if any(map(str.strip, row)) and not row[0].startswith(_COMMENT)]
    heads = [head.strip().lower() for head in lines[0][1]] if lines else []
    if len(heads) - heads.count(_GROUP) != 2 or heads.count(_GROUP) > 1:
        found = shown(", ".join(heads)) if heads else "nothing"
        raise ConfigError(
            f"{path}: expected a heading of two columns, such as first,second, and if you like a column group; "
            f"found {found}"
        )
    pairs = [_pair(heads, row, f"{path}, line {line}") for line, row in lines[1:]]
    if not pairs:
        raise ConfigError(f"{path}: no pair below the heading; add lines such as dad,mom")
    return pairs


def _pair(heads: Sequence[str], row: Sequence[str], where: str) -> Pair:
    """One line as a pair."""
    cells = [csv_text(cell).strip() for cell in row]
    if any(cells[len(heads) :]):
        raise ConfigError(
            f"{where}: more cells than the heading has, in {shown(', '.join(cells))}; put a phrase with a comma into "
            "double quotes"
        )
    cells += [""] * (len(heads) - len(cells))
    first, second = (
        tuple(" ".join(word.split()) for word in cell.split("|"))
        for head, cell in zip(heads, cells, strict=False)
        if head != _GROUP
    )
    if not all((*first, *second)):
        raise ConfigError(f"{where}: expected two words or phrases, found {shown(', '.join(cells))}")
    if both := {*map(_folded, first)} & {*map(_folded, second)}:
        raise ConfigError(f"{where}: {shown(min(both))} is paired with itself; give two different words")
    return Pair(first, second, cells[heads.index(_GROUP)] if _GROUP in heads else "", where)


def read_partners(path: Path) -> dict[str, str]:
    """Read a list of pairs as what each word becomes, all in small letters.

    Raises:
        ConfigError: As `read_pairs`; or a word is in two pairs, or has no letter and no digit.
    """
    partners: dict[str, str] = {}
    for pair in read_pairs(path):
        for side, other in ((pair.first, pair.second), (pair.second, pair.first)):
            for word in map(_folded, side):
                if not re.search(r"\w", word):
                    raise ConfigError(f"{pair.where}: expected two words or phrases, found {shown(word)}")
                if word in partners:
                    raise ConfigError(f"{pair.where}: {shown(word)} is in a pair already; leave it in one of the two")
                partners[word] = _folded(other[0])
    return partners


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
        pairs: As `read_partners` gives them.
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
