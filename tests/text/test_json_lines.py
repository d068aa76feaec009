"""JSON Lines: where a line ends, what a crash leaves, and what is no object."""

import json
import os
from pathlib import Path

import pytest

from feelscope.text import json_lines
from feelscope.text.json_lines import LONGEST, BadLine, append, parse, patient_loads, read, read_lines


def test_only_a_line_feed_ends_a_line(tmp_path: Path) -> None:
    rows = [{"name": f"a{mark}b"} for mark in ("\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\r", "\n")]
    for row in rows:
        append(tmp_path / "rows.jsonl", row)

    assert [row for _, row in read(tmp_path / "rows.jsonl")] == rows
    assert (tmp_path / "rows.jsonl").read_bytes().count(b"\n") == len(rows)


@pytest.mark.parametrize("torn", [b'{"n": 2', b'{"n": "\xc3', b"\0" * 5000, b'{"n": "' + b"x" * 200_000, b"{"])
def test_a_torn_last_line_is_cut_off_by_the_next_one(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"n": 1}\n' + torn)
    assert list(read(path)) == [(1, {"n": 1})]

    append(path, {"n": 3}, sync=True)

    assert path.read_bytes() == b'{"n": 1}\n{"n": 3}\n'


def test_a_whole_last_line_without_its_line_feed_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"n": 1}\n{"n": 2}')
    assert [number for number, _ in read(path)] == [1, 2]

    append(path, {"n": 3})

    assert path.read_bytes() == b'{"n": 1}\n{"n": 2}\n{"n": 3}\n'


def test_a_file_of_a_torn_line_alone(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"n')

    append(path, {"n": 1})

    assert path.read_bytes() == b'{"n": 1}\n'


def test_a_broken_line_in_the_middle_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"n": 1}\n\n{"n\n{"n": 3}\n')
    with pytest.raises(BadLine, match=r"^line 3: not JSON, or torn"):
        list(read(path))


def test_what_is_no_utf8_and_a_lone_surrogate_come_through(tmp_path: Path) -> None:
    append(tmp_path / "rows.jsonl", {"name": "\udc80x"})
    assert (tmp_path / "rows.jsonl").read_bytes() == b'{"name": "\\udc80x"}\n'
    assert parse(b'{"name": "\x80x"}') == {"name": "\udc80x"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[1]", "a JSON line that is not an object: list"),
        ("{", "not JSON, or torn"),
        ('{"a": "\0"}', "NUL byte"),
        ("[" * 100_000, "not JSON, or torn"),
        ('{"a": ' * 100_000 + "1" + "}" * 100_000, "not JSON, or torn"),
        ('{"a": "' + "x" * LONGEST + '"}', "line is over"),
    ],
)
def test_what_is_no_object(line: str, reason: str) -> None:
    with pytest.raises(BadLine, match=reason):
        parse(line)
    with pytest.raises(BadLine, match=reason):
        parse(line.encode())


def test_a_number_of_too_many_digits_costs_itself_alone() -> None:
    row = parse(json.dumps({"id": "1", "n": 7}).replace("7", "7" * 5000))
    assert row == {"id": "1", "n": "7" * 5000}


def test_lines_are_bounded_in_memory_and_blank_ones_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "LONGEST", 10)
    path = tmp_path / "dump"
    path.write_bytes(b'{"a": 1}\n\n  \n' + b"x" * 1000 + b'\n{"b": 2}')
    with path.open("rb") as file:
        lines = list(read_lines(file))

    assert [lines[0], lines[2]] == [b'{"a": 1}', b'{"b": 2}']
    assert len(lines) == 3 and len(lines[1]) == 41
    with pytest.raises(BadLine, match="over 10 characters"):
        parse(lines[1])


@pytest.mark.skipif(os.name != "posix", reason="needs a limit on the size of files")
def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    import resource

    path = tmp_path / "rows.jsonl"
    append(path, {"n": 1})
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, limits[1]))
    try:
        with pytest.raises(OSError, match="No space left"):
            append(path, {"n": "longer than what is left"})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert path.read_bytes() == b'{"n": 1}\n'


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs devices")
def test_a_device_is_no_file_of_lines() -> None:
    with pytest.raises(OSError, match="not a regular file"):
        append(Path("/dev/zero"), {"n": 1})


def test_one_odd_value_does_not_cost_an_answer():
    deep = "[" * 100_000 + '"]"' + "]" * 100_000
    found = patient_loads(f'{{"a": [1, {deep}, {{"b": {"9" * 5000}}}], "c": "[[{{"}}'.encode())
    assert found["a"][0] == 1
    assert "null" not in str(found["a"][1]) and "None" in str(found["a"][1])
    assert (found["a"][2], found["c"]) == ({"b": "9" * 5000}, "[[{")
    for torn in (b"", b"[1", b'["a]', deep.encode()[:-1], b"\xff"):
        with pytest.raises(ValueError, match=r".+"):
            patient_loads(torn)


def test_a_mark_before_the_first_line_is_no_part_of_it() -> None:
    assert parse(b'\xef\xbb\xbf{"n": 1}') == parse('\ufeff{"n": 1}') == {"n": 1}
