import random
from pathlib import Path

import pytest

from feelscope.errors import TableError
from feelscope.table import seen_ids
from feelscope.table.seen_ids import SeenIds, _is_in


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """So few of everything that a thousand ids are many: blocks are merged, and the filter is soon full."""
    for name, value in (("_IN_MEMORY", 5), ("_NEWEST", 10), ("_MERGED", 3), ("_PARTS", 4), ("_WORDS", 16)):
        monkeypatch.setattr(seen_ids, name, value)


@pytest.mark.parametrize("ids", [6, 16, 200, 3000])
def test_it_is_a_set_wherever_the_ids_are(small: None, ids: int) -> None:
    draw, known = random.Random(ids), set[str]()
    with SeenIds() as seen:
        for _ in range(3 * ids):
            id = str(draw.randrange(ids))
            assert seen.add(id) == (id not in known)
            known.add(id)


def test_many_ids_are_few_blocks(small: None) -> None:
    with SeenIds() as seen:
        for number in range(1007):
            seen.add(str(number))
        many = seen._many
        assert many is not None and not seen._first
        assert [merged for merged, _ in many._blocks] == [4, 2, 2, 0]  # of 81, 9, 9 and 1 times ten ids
        assert sum(starts[-1] - starts[0] for _, starts in many._blocks) == 1000 * 16
        assert many._count == sum(map(len, many._newest)) / 16 == 7


def test_the_filter_alone_never_says_that_an_id_was_there(small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen_ids, "_WORDS", 1)  # full from the first ids on
    with SeenIds() as seen:
        assert all(seen.add(str(number)) for number in range(300))
        assert not any(seen.add(str(number)) for number in range(300))


def test_a_digest_is_found_at_its_place_alone() -> None:
    one, two = b"0123456789abcdef", b"89abcdef01234567"
    assert _is_in(one, two + one) and not _is_in(one, two + two)  # it is within the latter, from byte 8 on
    assert _is_in(one, two + two + one)


def test_a_full_disk_is_told(small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def seek(self, place: int) -> None: ...

        def write(self, content: bytes) -> None:
            raise OSError(28, "No space left on device")

        def close(self) -> None:  # which writes what was left
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(seen_ids.tempfile, "TemporaryFile", Full)
    with SeenIds() as seen, pytest.raises(TableError, match=r"no room to check for duplicate ids.*TMPDIR"):
        for number in range(30):
            seen.add(str(number))


def test_no_folder_for_temporary_files_is_told(small: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(seen_ids.tempfile, "tempdir", str(tmp_path / "none"))
    with SeenIds() as seen, pytest.raises(TableError, match=r"no room .*No such file.*set TMPDIR"):
        for number in range(6):
            seen.add(str(number))
