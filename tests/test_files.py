import json
import math
import os
import subprocess
import sys
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from feelscope import files
from feelscope.errors import FeelscopeError, ModelError
from feelscope.files import (
    digest,
    is_lock,
    json_text,
    lock,
    no_link,
    open_regular,
    read_arrays,
    read_bounded,
    read_json,
    remove_partials,
    write_bytes,
    write_json,
    write_text,
    write_whole,
    writing,
    writing_folder,
)


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    with write_whole(path, newline="") as file:
        file.write("a\r\nß\n")
        assert not path.exists()
    assert path.read_bytes() == "a\r\nß\n".encode()
    assert [*tmp_path.iterdir()] == [path]


def test_an_error_leaves_the_file_of_before_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    write_text(path, "before")
    with pytest.raises(ZeroDivisionError), write_whole(path) as file:
        file.write("half")
        file.write(str(1 / 0))
    assert path.read_text() == "before"
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize("name", [".", "..", "/", "folder", "folder/.", "missing/file"])
def test_where_no_file_can_be_is_said_by_the_name_that_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError) as refused, files.write_whole(Path(name)) as file:
        file.write("x")
    assert refused.value.filename == str(Path(name))
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_file_is_whole_on_the_disk_before_it_takes_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[tuple[bytes, bool]] = []
    wait = files.os.fsync

    def wait_and_tell(number: int) -> None:
        (partial,) = tmp_path.glob("*.partial")
        synced.append((partial.read_bytes(), (tmp_path / "scores").exists()))
        wait(number)

    monkeypatch.setattr(files.os, "fsync", wait_and_tell)
    write_text(tmp_path / "scores", "ß")
    (tmp_path / "scores").unlink()
    write_bytes(tmp_path / "scores", b"bytes")
    assert synced == [("ß".encode(), False), (b"bytes", False)]
    write_bytes(tmp_path / "scores", b"can be made again", sync=False)
    assert (tmp_path / "scores").read_bytes() == b"can be made again"
    with write_whole(tmp_path / "scores") as file:
        file.write("once more")
    assert synced[2:] == [(b"once more", True)]


def test_the_digest_is_that_of_the_content(tmp_path: Path) -> None:
    write_bytes(tmp_path / "abc", b"abc")
    assert digest(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_an_npz_damaged_at_any_byte_is_one_line_or_other_numbers(tmp_path: Path) -> None:
    path = tmp_path / "answers.npz"
    np.savez(path, both=np.arange(3.0), facts=np.array(["a", "b"]))
    assert read_arrays(path, ModelError, "make it again")["both"].tolist() == [0, 1, 2]
    content = path.read_bytes()
    changed = [
        content[:at] + bytes([content[at] ^ bits]) + content[at + 1 :]
        for at in range(len(content))
        for bits in (1, 8, 255)
    ]
    refused = 0
    for damaged in (*changed, *(content[:at] for at in range(len(content)))):
        path.write_bytes(damaged)
        try:
            read_arrays(path, ModelError, "make it again")
        except ModelError as error:
            assert str(error).startswith(f"{path}: not a readable .npz (") and str(error).endswith("; make it again")
            assert "\n" not in str(error)
            refused += 1
    assert refused > len(content)


HOLD = """
import sys, time
from pathlib import Path
from feelscope.files import lock
with lock(Path(sys.argv[1]), None):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_lock_keeps_other_processes_out_until_its_owner_is_gone(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    with subprocess.Popen([sys.executable, "-c", HOLD, path], stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"held\n"
        with pytest.raises(FeelscopeError, match="somebody writes"), lock(path, FeelscopeError("somebody writes")):
            pass
        owner.kill()
    with lock(path, FeelscopeError("somebody writes")):
        pass


def test_a_lock_makes_no_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="missing"), lock(tmp_path / "missing" / ".lock", None):
        pass
    assert not (tmp_path / "missing").exists()


def test_what_is_no_regular_file_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    (tmp_path / "circle").symlink_to("circle")
    for name, why in {
        "pipe": "not a regular file",
        "zero": "not a regular file",
        ".": "Is a directory",
        "circle": "Too many levels",
        "gone": "No such file",
        "a\0b": "null",
    }.items():
        with pytest.raises(OSError) as caught:
            open_regular(tmp_path / name)
        assert why in str(caught.value.strerror)
        with pytest.raises(ModelError, match=r"; copy it again$"):
            read_json(tmp_path / name, ModelError, "copy it again")
        with pytest.raises(ModelError, match=r"; copy it again$"):
            read_arrays(tmp_path / name, ModelError, "copy it again")
    with pytest.raises(OSError, match="not a regular file"):
        digest(tmp_path / "pipe")


def test_a_file_is_read_up_to_its_bound(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 100)
    assert read_bounded(path, 100) == b"x" * 100
    with pytest.raises(OSError, match=r"over 9\.9e-05 MB"):
        read_bounded(path, 99)
    os.truncate(path, 2 * 10**12)  # it takes no place on the disk
    with pytest.raises(OSError, match=r"2,000,000.0 MB, over 5 MB"):
        digest(path, 5_000_000)


def test_json_of_any_kind_is_an_object_or_one_line(tmp_path: Path) -> None:
    path = tmp_path / "scores.json"
    path.write_text('{"a": [1, "\u00e9"]}', encoding="utf-8")
    assert read_json(path, ModelError, "copy it") == {"a": [1, "\u00e9"]}
    for content, said in {
        b"": "not JSON",
        b"[1]": "expected a JSON object, found list",
        b"[" * 100_000: "not JSON (maximum recursion depth",
        b'{"a":' * 100_000: "not JSON (maximum recursion depth",
        b'{"a": ' + b"9" * 5000 + b"}": "not JSON (Exceeds the limit",
        b'{"a": "\xff"}': "not JSON ('utf-8' codec can't decode",
        b"{" + b" " * 100 + b"}": "cannot be read (0.0 MB, over 9e-05 MB)",
    }.items():
        path.write_bytes(content)
        with pytest.raises(ModelError) as caught:
            read_json(path, ModelError, "copy it", most=90 if said.startswith("cannot") else 10**6)
        assert str(caught.value).startswith(f"{path}: {said}") and str(caught.value).endswith("; copy it")
        assert "\n" not in str(caught.value)


def test_a_small_npz_that_unfolds_to_gigabytes_is_refused_before_it_does(tmp_path: Path) -> None:
    path = tmp_path / "vectors.npz"
    np.savez_compressed(path, a=np.zeros(12_000_000, np.uint8))  # 96 MB of a small file are allowed
    assert read_arrays(path, ModelError, "copy it")["a"].shape == (12_000_000,)
    np.savez_compressed(path, a=np.zeros(12_000_000), b=np.zeros(1_000_000))
    with pytest.raises(ModelError, match="it would unfold to 104 MB"):
        read_arrays(path, ModelError, "copy it")
    with zipfile.ZipFile(path, "w") as archive:  # a header of terabytes, and no numbers
        head = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1099511627776,), }".ljust(117) + b"\n"
        archive.writestr("a.npy", b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head)
    with pytest.raises(ModelError, match=r"not a readable \.npz"):
        read_arrays(path, ModelError, "copy it")


WRITE = """
import sys, time
from pathlib import Path
from feelscope.errors import FeelscopeError
from feelscope.files import writing
with writing(Path(sys.argv[1]), FeelscopeError):
    print("writing", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("name", ["scores.csv", "dataset"])
def test_one_process_writes_an_output_at_a_time(tmp_path: Path, name: str) -> None:
    output = tmp_path / name
    if name == "dataset":
        output.mkdir()
    command = [sys.executable, "-c", WRITE, output]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"writing\n"
        with pytest.raises(FeelscopeError, match=f"{name}: another process is writing it; wait"):
            writing(output, FeelscopeError).__enter__()
        owner.communicate()
    with writing(output, FeelscopeError):
        assert len([*tmp_path.rglob("*.lock")]) == 1
    assert not [*tmp_path.rglob("*.lock")]


def test_a_killed_writer_keeps_nobody_out(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITE, tmp_path / "scores.csv"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        owner.stdout.readline()
        owner.kill()
    with writing(tmp_path / "scores.csv", FeelscopeError):
        pass
    assert [*tmp_path.iterdir()] == []


def test_nothing_is_written_through_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files.secrets, "token_hex", lambda size: "guessed")
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "scores.csv.guessed.partial").symlink_to(tmp_path / "mine")
    with pytest.raises(FileExistsError):
        write_text(tmp_path / "scores.csv", "theirs")
    assert (tmp_path / "mine").read_text() == "mine"


class Stopped(Exception):
    """What ends a block early in these tests."""


@pytest.mark.parametrize("stops", [False, True])
def test_a_folder_stays_only_where_something_lies_in_it(tmp_path: Path, stops: bool) -> None:
    folder = tmp_path / "deep" / "run"
    for writes in (False, True, False):
        before = folder.exists()
        with suppress(Stopped), writing_folder(folder, FeelscopeError):
            assert is_lock(folder / ".lock") and (folder / ".lock").is_file()
            if writes:
                (folder / "file").write_text("mine")
            if stops:
                raise Stopped
        assert folder.exists() is (writes or before)
        assert (tmp_path / "deep").exists() is folder.exists()
    assert [path.name for path in folder.iterdir()] == ["file"]


def test_a_folder_that_is_written_or_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "afile").write_text("mine")
    with (
        pytest.raises(FeelscopeError, match="afile: is a file; name a folder"),
        writing_folder(tmp_path / "afile", FeelscopeError),
    ):
        pass
    with (
        pytest.raises(FeelscopeError, match=r"afile/run: cannot be made .*; name another folder"),
        writing_folder(tmp_path / "afile" / "run", FeelscopeError),
    ):
        pass
    with writing_folder(tmp_path / "run", FeelscopeError):
        with (
            pytest.raises(FeelscopeError, match="run: another process is writing it"),
            writing_folder(tmp_path / "run", FeelscopeError),
        ):
            pass
        assert (tmp_path / "run" / ".lock").exists()


def test_only_what_killed_writers_leave_is_removed(tmp_path: Path) -> None:
    ours = ("a.json.0123456789abcdef.partial", "deep/b.npz.fedcba9876543210.partial")
    others = ("a.partial", "b.0123.partial", ".0123456789abcdef.partial", "c.0123456789abcdef.partial.txt")
    (tmp_path / "deep" / "tmp0a_b1c2d.partial").mkdir(parents=True)
    (tmp_path / "deep" / "tmp0a_b1c2d.partial" / "text.onnx").write_text("half")
    for name in ours + others:
        (tmp_path / name).write_text("x")
    remove_partials(tmp_path)
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == set(others)
    assert not [*(tmp_path / "deep").iterdir()]


def test_json_is_utf_8_that_every_program_reads(tmp_path: Path) -> None:
    value = {"é😊": [1.5, math.nan, -math.inf, {"deep": (math.inf,)}], "torn": "\ud800", "none": None}
    write_json(tmp_path / "scores.json", value)
    text = (tmp_path / "scores.json").read_bytes().decode("utf-8")
    assert "é😊" in text and "NaN" not in text and "Infinity" not in text and text.endswith("}\n")
    found = json.loads(text, parse_constant=lambda name: pytest.fail(name))
    assert found == {"é😊": [1.5, None, None, {"deep": [None]}], "torn": "\ud800", "none": None}
    assert json_text(value, only_ascii=True).isascii()


def test_a_file_written_in_place_is_no_link(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "log").symlink_to("mine")
    with pytest.raises(OSError, match="is a link, and nothing is written through one"):
        no_link(str(tmp_path / "log"), os.O_WRONLY | os.O_APPEND)
    (tmp_path / "gone").symlink_to("made")
    with pytest.raises(OSError, match="is a link"):
        no_link(str(tmp_path / "gone"), os.O_WRONLY | os.O_CREAT)
    assert (tmp_path / "mine").read_text() == "mine" and not (tmp_path / "made").exists()
    with open(tmp_path / "new", "ab", opener=no_link) as file:
        file.write(b"more")
    assert (tmp_path / "new").read_bytes() == b"more"
