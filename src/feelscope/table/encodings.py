"""Which encoding a text file is in: what its mark says, UTF-8 if it is, and otherwise what Windows writes.

A file is decoded as a whole, not row by row: in a file of Windows-1252, a row without an umlaut looks like UTF-8.
"""

import codecs
import re
from typing import BinaryIO

from feelscope.errors import TableError

UTF_8 = "utf-8-sig"  # with a mark or without
_MARKS = ((codecs.BOM_UTF8, UTF_8), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_BLOCK, _MOST_BLOCKS = 2**20, 16  # that are looked at once there is a byte that is no UTF-8
_NOT_IN_CP1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{1,2}|[\xf0-\xf4][\x80-\xbf]{1,3}")
_HIGH = re.compile(rb"[\x80-\xff]")
NAMES = {"cp1252": "Windows-1252", "latin-1": "Latin-1"}


def find_encoding(file: BinaryIO) -> str:
    """The encoding of a file that is open at its start: `utf-8-sig`, `utf-16`, `cp1252` or `latin-1`.

    A file of UTF-8 with faults is UTF-8: sequences of it, whole or torn, are more than other bytes above 127.
    """
    block = file.read(_BLOCK)
    for mark, encoding in _MARKS:
        if block.startswith(mark):
            return encoding
    if b"\0" in block[:1000]:
        return UTF_8
    decode = codecs.getincrementaldecoder("utf-8")().decode
    has_sequences = False
    while block:
        if not block.isascii():
            try:
                decode(block)
            except UnicodeDecodeError:
                return UTF_8 if has_sequences else _of_odd(block, file)
            has_sequences = True
        block = file.read(_BLOCK)
    return UTF_8


def _of_odd(block: bytes, file: BinaryIO) -> str:
    """The encoding of a file with bytes that are no UTF-8, of which a block was just read."""
    high = sequences = 0
    has_others = False
    for _ in range(_MOST_BLOCKS):
        found = _SEQUENCE.findall(block)
        sequences += sum(map(len, found))
        high += len(_HIGH.findall(block))
        has_others |= _NOT_IN_CP1252.search(block) is not None
        if not (block := file.read(_BLOCK)):
            break
    if sequences * 2 >= high:
        return UTF_8
    return "latin-1" if has_others else "cp1252"


def check_encoding(name: str) -> str:
    """The name of an encoding as Python has it.

    Raises:
        TableError: There is none of this name.
    """
    try:
        found = codecs.lookup(name)
        "".encode(name)
    except (LookupError, ValueError):
        raise TableError(f"--encoding {name}: no such encoding; such as utf-8, cp1252, latin-1, utf-16") from None
    return UTF_8 if found.name == "utf-8" else found.name
