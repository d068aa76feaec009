"""What an ONNX file may not have: data in other files, programs of its own, operators beyond the standard's.

And how to have it give a tensor from its middle.

A walk over the protobuf wire format, as `predict` does without the package `onnx`. Tensors are stepped over, so that a
file of any size is read in milliseconds.

Source: onnx/onnx.proto (numbers of fields), protobuf.dev/programming-guides/encoding (the wire format).
"""

import mmap
from collections.abc import Collection, Iterator, Mapping
from itertools import count
from pathlib import Path

from feelscope.errors import ModelError
from feelscope.files import open_regular

# By message: the fields that are messages again.
_WITHIN: Mapping[str, Mapping[int, str]] = {
    "model": {7: "graph"},
    "graph": {1: "node", 5: "tensor", 15: "sparse tensor"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 10: "tensor", 22: "sparse tensor", 23: "sparse tensor"},
    "sparse tensor": {1: "tensor", 2: "tensor"},
}
# By message: the fields that no model of Feelscope has, and what they are.
_REFUSED: Mapping[str, Mapping[int, str]] = {
    "model": {20: "a training of its own", 25: "functions of its own"},
    "attribute": {6: "a graph within an operator, as loops have", 11: "graphs within an operator"},
    "tensor": {13: "data in another file", 14: "data in another file"},
}
_DOMAIN, _STANDARD = 7, (b"", b"ai.onnx")  # of a node: the set of operators that its own is from
_OPSETS = 8  # of a model: pairs of a set of operators and its version
_MOST_FIELDS = 500_000  # without those within tensors; the built-in networks have 600 to 6,500
_DEFAULT_LOCATION = 0  # of a tensor: in the file itself


def check_alone(path: Path) -> None:
    """Refuse an ONNX file that needs more than itself and the standard's operators.

    Raises:
        ModelError: It does, or it is no ONNX file.
    """
    try:
        with open_regular(path) as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            refused = next(_refused(data, 0, len(data), "model", count(1)), None)
    except (OSError, ValueError, IndexError) as error:  # ValueError: an empty file too
        raise ModelError(f"{path}: not a whole ONNX file ({error}); train or copy the model again") from error
    if refused:
        raise ModelError(f"{path}: it has {refused}, which no model of Feelscope has; train the model again")


def opset(path: Path) -> int:
    """The version of the standard's operators that an ONNX file, checked by `check_alone`, is written in."""
    with open_regular(path) as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for number, _, place, length in _fields(data, 0, len(data)):
            if number == _OPSETS:
                inner = {
                    field: (value, data[at : at + size])
                    for field, value, at, size in _fields(data, place, place + length)
                }
                if inner.get(1, (0, b""))[1] in _STANDARD:
                    return inner[2][0]
    return 1


def last_shared(data: bytes, inputs: Collection[str]) -> str | None:
    """The tensor that the last matrix is multiplied with, if it depends on all of these inputs of the network.

    Args:
        data: An ONNX file, checked by `check_alone`, whose operators come in their order.
    """
    (place, length) = next((place, length) for number, _, place, length in _fields(data, 0, len(data)) if number == 7)
    known: dict[bytes, set[bytes]] = {name.encode(): {name.encode()} for name in inputs}
    found: bytes | None = None
    for number, _, at, size in _fields(data, place, place + length):
        if number != 1:
            continue
        taken: list[bytes] = []
        given: list[bytes] = []
        operator = b""
        for field, _, start, long in _fields(data, at, at + size):
            if field == 1:
                taken.append(data[start : start + long])
            elif field == 2:
                given.append(data[start : start + long])
            elif field == 4:
                operator = data[start : start + long]
        behind = set().union(*(known.get(name, set()) for name in taken))
        known |= dict.fromkeys(given, behind)
        if operator in (b"Gemm", b"MatMul") and behind:
            found = next(name for name in taken if known.get(name))
    return found.decode() if found is not None and known[found] == {name.encode() for name in inputs} else None


def with_output(data: bytes, name: str) -> bytes:
    """An ONNX file whose network gives a further tensor, the last of its outputs.

    A message of which a field comes twice is both together, so that it is enough to write behind the file.
    """
    output = _message(1, name.encode())
    return data + _message(7, _message(12, output))


def _message(field: int, content: bytes) -> bytes:
    """A field of bytes."""
    length, size = [], len(content)
    while size > 127:
        length.append(size & 127 | 128)
        size >>= 7
    return bytes([field << 3 | 2, *length, size]) + content


def _refused(data: mmap.mmap, start: int, end: int, message: str, fields: Iterator[int]) -> Iterator[str]:
    """What a message has that is refused; `fields` counts those of the file."""
    for number, value, place, length in _fields(data, start, end):
        if next(fields) > _MOST_FIELDS:
            yield f"over {_MOST_FIELDS:,} fields"
        elif (what := _REFUSED.get(message, {}).get(number)) and not (number == 14 and value == _DEFAULT_LOCATION):
            yield what
        elif message == "node" and number == _DOMAIN and data[place : place + min(length, 100)] not in _STANDARD:
            yield f"operators of {data[place : place + min(length, 100)]!r}"
        elif within := _WITHIN[message].get(number) if message in _WITHIN else None:
            yield from _refused(data, place, place + length, within, fields)


def _fields(data: mmap.mmap | bytes, start: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """The fields of a message: number, value of a number, and place and length of anything longer."""
    place = start
    while place < end:
        tag, place = _varint(data, place)
        kind, value, length = tag & 7, 0, {1: 8, 5: 4}.get(tag & 7, 0)
        if kind == 0:
            value, place = _varint(data, place)
        elif kind == 2:
            length, place = _varint(data, place)
        elif not length:
            raise ValueError(f"no field begins at byte {place:,}")
        if place + length > end:
            raise ValueError(f"it is cut off at byte {end:,}")
        yield tag >> 3, value, place, length
        place += length


def _varint(data: mmap.mmap | bytes, place: int) -> tuple[int, int]:
    """A number of seven bits a byte, and the place after it."""
    value = 0
    for shift in range(0, 70, 7):
        byte = data[place]
        value |= (byte & 127) << shift
        place += 1
        if byte < 128:
            return value, place
    raise ValueError(f"a number of over ten bytes before byte {place:,}")
