"""One JSON value that may be larger than memory: lists and objects are entered, and what is in them is read whole.

The standard library's decoder reads each value; one that it refuses is stepped over, so that an odd value costs itself.
ijson, which is as quick, ends at the first of them.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, TextIO

from feelscope.errors import one_line
from feelscope.text.json_lines import LONGEST, patient_loads

_BLOCK = 2**20  # characters
_BLANKS = re.compile(r"[ \t\r\n\ufeff]*")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[^"\[\]{},]+|.', re.DOTALL)
_decode = json.JSONDecoder().raw_decode


class OddValue(ValueError):
    """A value that is no JSON or too long; the reader is behind it."""


class Torn(ValueError):
    """The file ends too early, or is no JSON from here on."""


class JsonStream:
    """A reader of one file.

    Args:
        file: Opened as UTF-8 with `errors="surrogateescape"`.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._text, self._place, self._is_end = "", 0, False

    def first(self) -> str:
        """The next character that is not blank, which is not read yet; empty at the end of the file."""
        while True:
            if found := _BLANKS.match(self._text, self._place):
                self._place = found.end()
            if self._place < len(self._text):
                return self._text[self._place]
            if not self._more():
                return ""

    def members(self) -> Iterator[str]:
        """The names of an object; behind each, its value has to be read or entered.

        Raises:
            Torn: The object does not end, or is none.
        """
        for _ in self._parts("{", "}"):
            try:
                name = self.value()
            except OddValue as error:
                raise Torn(f"an object without a name for its value ({error})") from error
            if not isinstance(name, str) or self.first() != ":":
                raise Torn("an object without a name for its value")
            self._place += 1
            yield name

    def elements(self) -> Iterator[int]:
        """The numbers, from 1, of a list's values; behind each, the value has to be read or entered.

        Raises:
            Torn: The list does not end, or is none.
        """
        return self._parts("[", "]")

    def value(self) -> Any:
        """The next value, whole.

        Raises:
            OddValue: It cannot be read; what comes after it can.
            Torn: It does not end.
        """
        self.first()
        while True:
            try:
                found, end = _decode(self._text, self._place)
                # A number may go on in the next block, by as much as "e+5".
                if self._is_end or isinstance(found, dict | list | str) or len(self._text) - end > 2:
                    self._place = end
                    return found
            except (ValueError, RecursionError):
                if self._is_end or len(self._text) - self._place >= _BLOCK:
                    return self._patiently()
            self._more()

    def _parts(self, start: str, end: str) -> Iterator[int]:
        if self.first() != start:
            raise Torn(f"expected {start} and found {self._text[self._place : self._place + 20]!r}")
        self._place += 1
        number = 0
        while (sign := self.first()) != end:
            if sign == "," and number:
                self._place += 1
                sign = self.first()
            if sign in ("", ",", ":", "]", "}"):
                raise Torn("the file ends in the middle" if not sign else f"found {sign!r} in place of a value")
            number += 1
            yield number
        self._place += 1

    def _patiently(self) -> Any:
        """A value that the decoder refuses: of which one number is too long, that is nested too deep, or is odd."""
        text = self._step_over()
        if len(text) > LONGEST:
            raise OddValue(f"over {LONGEST} characters")
        try:
            return patient_loads(text.encode("utf-8", "surrogateescape"))
        except (ValueError, RecursionError) as error:
            raise OddValue(one_line(error)) from error

    def _step_over(self) -> str:
        """The text of the next value, however it is written inside; cut behind `LONGEST`."""
        kept: list[str] = []
        size = depth = 0
        while True:
            token = _TOKEN.match(self._text, self._place)
            is_open = token is not None and (token[0] == '"' or token.end() == len(self._text))
            if token is None or (is_open and not self._is_end):
                if len(self._text) - self._place > LONGEST:
                    raise Torn("a text that does not end")
                if self._more() or token is not None:
                    continue
            if token is None:
                if not kept or depth:
                    raise Torn("the file ends in the middle")
                return "".join(kept)
            sign = token[0]
            if sign in ",]}" and not depth:
                return "".join(kept)
            depth += (sign in "[{") - (sign in "]}")
            self._place = token.end()
            if size <= LONGEST:
                kept.append(sign)
                size += len(sign)
            if not depth and (sign in "]}" or (sign[0] == '"' and len(sign) > 1)):
                return "".join(kept)

    def _more(self) -> bool:
        """Read on; tells whether anything came."""
        left = len(self._text) - self._place
        block = self._file.read(max(_BLOCK, left))
        self._is_end = not block
        self._text, self._place = self._text[self._place :] + block, 0
        return bool(block)
