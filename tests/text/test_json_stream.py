"""JSON read as a stream is what the library reads, however its blocks are cut; what is odd costs itself."""

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feelscope.text import json_stream
from feelscope.text.json_stream import JsonStream, OddValue, Torn

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def entered(stream, depth):
    """A value by entering its lists and objects down to a depth."""
    first = stream.first()
    if depth and first == "[":
        return [entered(stream, depth - 1) for _ in stream.elements()]
    if depth and first == "{":
        return {name: entered(stream, depth - 1) for name in stream.members()}
    return stream.value()


@settings(max_examples=200, deadline=None)
@given(JSON, st.integers(1, 40), st.integers(0, 5), st.sampled_from([None, 1]), st.booleans())
def test_it_is_what_the_library_reads(value, block, depth, indent, ascii_only):
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "_BLOCK", block)
        assert entered(JsonStream(io.StringIO(f"\ufeff {text}\n")), depth) == value


@settings(max_examples=100, deadline=None)
@given(JSON.filter(lambda value: isinstance(value, dict | list)), st.integers(1, 40), st.integers(0, 3), st.data())
def test_what_is_cut_is_torn_or_odd(value, block, depth, data):
    text = json.dumps(value)
    cut = text[: data.draw(st.integers(0, len(text) - 1))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "_BLOCK", block)
        with pytest.raises((Torn, OddValue)):
            entered(JsonStream(io.StringIO(cut)), depth)


@pytest.mark.parametrize("block", [3, 2**20])
@pytest.mark.parametrize(
    ("odd", "read"),
    [
        ("{torn}", None),
        ('{"a": tru}', None),
        ('"line\nbreak"', None),
        ("nothing", None),
        ('{"a": [1, {"b": "]}\\""}], }', None),
        ("9" * 5000, "9" * 5000),
        ('{"a": 1' + "0" * 5000 + "}", {"a": "1" + "0" * 5000}),
    ],
)
def test_an_odd_value_costs_itself(block, odd, read, monkeypatch):
    monkeypatch.setattr(json_stream, "_BLOCK", block)
    stream, found = JsonStream(io.StringIO(f'[1, {odd}, "after", {{"b": 2}}]')), []
    for _ in stream.elements():
        try:
            found.append(stream.value())
        except OddValue:
            found.append(None)
    assert found == [1, read, "after", {"b": 2}]
    assert stream.first() == ""


def test_what_is_nested_too_deep_is_read_without_its_depth():
    stream = JsonStream(io.StringIO(f"[{'[' * 100_000}{']' * 100_000}, 2]"))
    first, second = [stream.value() for _ in stream.elements()]
    assert (isinstance(first, list), second) == (True, 2)


def test_what_is_too_long_is_stepped_over_in_bounded_memory(monkeypatch):
    monkeypatch.setattr(json_stream, "LONGEST", 1000)
    monkeypatch.setattr(json_stream, "_BLOCK", 100)

    class Endless(io.StringIO):
        largest = 0

        def read(self, size=-1):
            self.largest = max(self.largest, size)
            return super().read(size)

    file = Endless('[{"a": [' + ", ".join(map(str, range(5000))) + "]}, 7]")
    stream = JsonStream(file)
    found = []
    for _ in stream.elements():
        try:
            found.append(stream.value())
        except OddValue as odd:
            found.append(str(odd))
    assert found == ["over 1000 characters", 7]
    assert file.largest < 1000
    with pytest.raises(Torn, match="a text that does not end"):
        JsonStream(io.StringIO('"' + "x" * 5000)).value()


@pytest.mark.parametrize("text", ["", "]", "{}", "[1", "[1,", "[,", "[1 2", '[1, "a'])
def test_no_list(text):
    stream = JsonStream(io.StringIO(text))
    with pytest.raises((Torn, OddValue)):
        for _ in stream.elements():
            stream.value()


@pytest.mark.parametrize("text", ["[]", "{1: 2}", '{"a" 2}', '{"a": 2', "{torn: 2}", '{"a"'])
def test_no_object(text):
    stream = JsonStream(io.StringIO(text))
    with pytest.raises((Torn, OddValue)):
        for _ in stream.members():
            stream.value()
