"""Files by address: on a disk and by fsspec alike, written whole."""

import uuid
from pathlib import Path

import pytest

from feelscope.errors import TableError
from feelscope.scale.addresses import Address, parse


@pytest.fixture(params=["path", "file", "local", "memory"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Address:
    if request.param == "memory":
        return parse(f"memory://{uuid.uuid4().hex}")
    return parse(str(tmp_path) if request.param == "path" else f"{request.param}://{tmp_path}")


def test_files_are_written_found_and_read(folder: Address) -> None:
    assert folder.names() == []
    (folder / "b" / "2.parquet").write(b"two")
    (folder / "a.parquet").write(b"one")
    (folder / "a.parquet").write(b"other")
    (folder / "_quarantine" / "x.parquet").write(b"left out")
    assert (folder / "a.parquet").read() == b"other"
    assert list(folder.files(".parquet")) == ["a.parquet", "b/2.parquet"]
    assert folder.names() == ["_quarantine", "a.parquet", "b"]  # and nothing half-written
    assert folder.is_folder()
    assert (folder / "b").exists()
    assert not (folder / "c").exists()
    with pytest.raises(OSError):
        (folder / "c").read()
    assert (folder / "b" / "2.parquet").parent == folder / "b"
    assert (folder / "b" / "2.parquet").name == "2.parquet"


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fsspec.implementations.local import LocalFileSystem

    def full(self: LocalFileSystem, *paths: str, **options: object) -> None:
        raise OSError(28, "No space left on device")

    folder = parse(f"file://{tmp_path}")
    (folder / "a").write(b"before")
    monkeypatch.setattr(LocalFileSystem, "mv", full)
    with pytest.raises(OSError, match="No space"):
        (folder / "a").write(b"after")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (folder / "a").read() == b"before"


def test_an_object_store_gets_each_file_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from fsspec.implementations.memory import MemoryFileSystem

    put = []
    monkeypatch.setattr(MemoryFileSystem, "protocol", "s3")
    monkeypatch.setattr(MemoryFileSystem, "pipe_file", lambda self, path, value, **_: put.append(path))
    (parse("memory://bucket") / "a").write(b"one")
    assert put == ["/bucket/a"]


def test_an_unknown_address_is_one_line() -> None:
    with pytest.raises(TableError, match=r"^nothing://here: cannot be used \(.*\)$"):
        parse("nothing://here")


def test_a_relative_path_becomes_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert parse("posts.parquet") == Address(str(tmp_path / "posts.parquet"))
