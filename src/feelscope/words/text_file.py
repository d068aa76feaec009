"""Word vectors as text, one word per line: GloVe's files, and word2vec's, which begin with a line of counts.

    GloVe                 word2vec text
    the 0.4 -0.1 ...      2 100              words, width
    . . . 0.2 0.7 ...     the 0.4 -0.1 ...

A GloVe word may contain spaces, so a vector is the last D fields of its line.

Source: Pennington, Socher and Manning 2014, "GloVe"; the word2vec program's `-binary 0`.
"""

from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO

from feelscope.words.word_vectors import Gathering, WordVectors

_REPAIR = "the file is damaged or cut off: download or export it again"
_LONGEST_LINE = 2**20  # bytes; a line of 300 numbers has about 3,000


def read_text(path: Path, file: BinaryIO, keep: Collection[str] | None, counts: tuple[int, int] | None) -> WordVectors:
    """Read the lines of a text file.

    Args:
        path: For messages.
        file: At its beginning.
        keep: The words that are wanted; None wants all. Of other words only the number of fields
            is checked.
        counts: Words and width by the first line; None where it is already that of a word.

    Raises:
        WordsError: A line is cut off, has something other than numbers or a word that was there before, or lines are
            missing.
    """
    kept = Gathering(keep, str(path), "line")
    width = counts[1] if counts else 0
    number = lines = 0
    while raw := file.readline(_LONGEST_LINE):
        number += 1
        if number == 1 and counts:
            continue
        lines += 1
        line = raw.rstrip(b" \r\n")  # word2vec's program writes a space after every number
        width = width or _width(line)
        spaces = line.count(b" ")
        if spaces != width or not width:
            _check_fields(line, spaces, width, kept, number)
        elif len(raw) == _LONGEST_LINE:
            raise kept.fault(number, f"a line of over {_LONGEST_LINE:,} bytes", _REPAIR)
        word = line.partition(b" ")[0] if spaces == width else line.rsplit(b" ", width)[0]
        if not kept.wants(word):
            continue
        fields = line.rsplit(b" ", width)[1:]
        try:
            numbers = [float(field) for field in fields]  # (D,)
        except ValueError:
            wrong = next(field for field in fields if not is_number(field))
            raise kept.fault(
                number, f"expected {width} numbers after the word, found {wrong[:40]!r}", _REPAIR
            ) from None
        kept.add(word, numbers, number)
    if counts and lines != counts[0]:
        raise kept.fault(number, f"the file ends with {lines:,} words; its first line says {counts[0]:,}", _REPAIR)
    return kept.done(width)


def _width(line: bytes) -> int:
    """The numbers at the end of GloVe's first line; its first field is a word, whatever it looks like."""
    fields = line.split(b" ")[1:]
    words = next((count for count in range(len(fields), 0, -1) if not is_number(fields[count - 1])), 0)
    return len(fields) - words


def _check_fields(line: bytes, spaces: int, width: int, kept: Gathering, number: int) -> None:
    """Refuse a line with too few fields, and one with too many unless they are words."""
    if spaces < width or width < 1:
        raise kept.fault(number, f"expected a word and {max(width, 1)} numbers, found {spaces + 1} fields", _REPAIR)
    word = line.rsplit(b" ", width)[0]
    if any(b"." in field and is_number(field) for field in word.split(b" ")):  # two lines in one, or a wrong first line
        raise kept.fault(number, f"expected a word and {width} numbers, found {spaces} numbers and more", _REPAIR)


def is_number(field: bytes | str) -> bool:
    """Whether a field can be read as a number."""
    try:
        float(field)
    except ValueError:
        return False
    return True
