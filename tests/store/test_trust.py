"""What a posts.db from elsewhere, or of an earlier version, may say and may not."""

import hashlib
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from feelscope.errors import StoreError
from feelscope.store import CollectedPost, Page, Store, WebAddress, is_store
from feelscope.store.migration import SCHEMA
from feelscope.table import BadRow, Quarantine

PICTURE = b"\x89PNG\r\n\x1a\n"
DIGEST = hashlib.sha256(PICTURE).hexdigest()


def filled(path: Path) -> Path:
    with Store(path) as store:
        web = CollectedPost("tumblr", "1", text="one", image=WebAddress("https://e.org/1.jpg"))
        store.save("tumblr", "q", Page([web, CollectedPost("files", "2", image=PICTURE)], {"row": 2}))
    return path


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()


@pytest.mark.parametrize(
    ("change_to", "reason"),
    [
        ("image_url = '/etc/hostname'", "the picture's address is not one of the web"),
        ("image_url = 'file:///etc/hostname'", "the picture's address is not one of the web"),
        ("image_url = x'2f'", "a value of another type than its column has"),
        ("picture = '/etc/hostname', image_url = ''", "its picture is not in the database"),
        ("picture = CAST(x'ff' AS TEXT), image_url = ''", "its picture is not in the database"),
        ("other = '{\"a\":' || replace(hex(zeroblob(200000)), '00', '[')", "its further columns are no JSON"),
        ("other = '7'", "its further columns are no JSON"),
        ("text = zeroblob(20000)", "a post that is too large"),
        ("text = x'ff'", "its text is no text"),
        ("title = 7e300", None),  # the column's affinity makes a text of it
        ("created_at = 'soon'", "its time is none that a calendar has"),
        ("created_at = 999999999999999", "its time is none that a calendar has"),
        ("votes = 1e30", "its votes are no whole number of 64 bits"),
        ("key = 'reddit:1'", "its key is not its source and id"),
        ("tags = '[[[['", None),
    ],
)
def test_a_row_that_is_no_post_costs_itself(
    tmp_path: Path, change_to: str, reason: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = filled(tmp_path / "posts.db")
    if "zeroblob(20000)" in change_to:
        monkeypatch.setattr("feelscope.store.database.LONGEST", 10_000)
    change(path, f"UPDATE posts SET {change_to} WHERE rowid = 1")  # noqa: S608
    bad = Quarantine()
    with Store(path) as store:
        assert [post.id for post in store.posts(bad)][-1] == "files:2"
    assert list(bad.reasons) == ([reason] if reason else [])


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER t AFTER INSERT ON posts BEGIN DELETE FROM posts; END",
        "CREATE VIEW sources AS SELECT 1",
        "CREATE TABLE more (a)",
        "ALTER TABLE posts ADD COLUMN file TEXT",
        "DROP TABLE pictures",
    ],
)
def test_a_database_with_another_schema_is_refused(tmp_path: Path, statement: str) -> None:
    path = filled(tmp_path / "posts.db")
    change(path, statement)
    with pytest.raises(StoreError, match=r"not as Feelscope makes it .*; collect into a new file"):
        Store(path)


def test_a_view_in_place_of_a_table_is_refused(tmp_path: Path) -> None:
    path = filled(tmp_path / "posts.db")
    change(path, "ALTER TABLE posts RENAME TO hidden", "CREATE VIEW posts AS SELECT * FROM hidden")
    with pytest.raises(StoreError, match="not as Feelscope makes it"):
        Store(path)


def version_1(path: Path, *images: str) -> Path:
    """A database as version 1 made it."""
    with closing(sqlite3.connect(path)) as database:
        for statement in SCHEMA:
            before = statement.replace("image_url TEXT NOT NULL,", "image TEXT NOT NULL,")
            if "posts_by_picture" not in before:
                database.execute(before.replace("  picture TEXT,  -- its picture, of the table `pictures`\n", ""))
        database.execute("INSERT INTO about VALUES ('version', '1'), ('salt', ?)", (os.urandom(32).hex(),))
        database.execute("INSERT INTO pictures VALUES (?, ?)", (DIGEST, PICTURE))
        for number, image in enumerate(images, 1):
            texts = ("", "", f"words {number}", "[]", "", image)
            values = (f"reddit:{number}", "reddit", "q", 5, *texts, 1, "", "{}", 7, 7)
            database.execute("INSERT INTO posts VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", values)
        database.execute("INSERT INTO cursors VALUES ('files', '/t.csv', '{\"rows\": 5}', 1, 7)")
        database.execute("INSERT INTO cursors VALUES ('dumps', '/d', '{\"lines\": 5}', 1, 7)")
        database.commit()
    return path


def test_version_1_keeps_addresses_and_its_own_pictures_and_no_file(tmp_path: Path) -> None:
    images = ("https://e.org/1.jpg", f"sha256:{DIGEST}", "/etc/hostname", "sha256:00", "../x.png", "", "file:///x")
    path = version_1(tmp_path / "posts.db", *images)
    with Store(path) as store:
        posts = list(store.posts())
        assert store.notes[0].startswith("4 posts named a picture's file, which is not kept any more")
        assert store.cursor("files", "/t.csv") is None, "the files are read again"
        assert store.cursor("dumps", "/d") == ({"lines": 5}, True)
    assert [post.text for post in posts] == [f"words {number}" for number in range(1, 8)]
    assert [post.image for post in posts] == [None, PICTURE, *[None] * 5]
    assert [post.other.get("image_url") for post in posts] == ["https://e.org/1.jpg", *[None] * 6]
    with Store(path) as store:
        assert (store.notes, store.count()) == ([], 7), "once"
        assert store.save("tumblr", "q", Page([CollectedPost("tumblr", "9", text="x")], {})) == 1


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = version_1(tmp_path / "posts.db", "https://e.org/1.jpg")
    before = dump(path)
    monkeypatch.setattr("feelscope.store.migration.is_address", lambda image: 1 / 0)
    with pytest.raises(StoreError, match="raised exception"):
        Store(path)
    assert dump(path) == before


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as database:
        return list(database.iterdump())


HOLD = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


def test_a_long_wait_for_another_process_ends_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = filled(tmp_path / "posts.db")
    monkeypatch.setattr("feelscope.store.database.WAIT", 0.2)
    command = [sys.executable, "-c", HOLD, path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(StoreError, match="locked; another program is writing to it; wait for it to end"):
            Store(path)
        other.communicate()
    with Store(path) as store:
        assert store.count() == 2


def test_a_pipe_or_a_name_that_no_file_has_is_no_database(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.db")
    asked = threading.Thread(target=is_store, args=(tmp_path / "pipe.db",), daemon=True)
    asked.start()
    asked.join(20)
    assert not asked.is_alive()
    with pytest.raises(StoreError, match="not a regular file"):
        Store(tmp_path / "pipe.db")
    for name in ("n" * 300, "a\0b"):
        assert not is_store(tmp_path / name)
        with pytest.raises(StoreError) as error:
            Store(tmp_path / name)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"id": ""}, "no id"),
        ({"id": ["1"]}, "no id"),
        ({"id": "a\0"}, "its id has a NUL or half a character"),
        ({"id": "x" * 1001}, "its id is over 1000 characters"),
        ({"votes": 2**63}, "its votes are no whole number of 64 bits"),
        ({"votes": 1.5}, "its votes are no whole number of 64 bits"),
        ({"created_at": 253_402_300_800}, "its time is none that a calendar has"),
        ({"created_at": True}, "its time is none that a calendar has"),
        ({"text": 7}, "its text is no text"),
        ({"text": "x" * (4 * 2**20 + 1)}, "its text is over 4194304 characters"),
        ({"image": "/etc/hostname"}, "its picture is neither an address nor a picture"),
        ({"image": Path("/etc/hostname")}, "its picture is neither an address nor a picture"),
    ],
)
def test_a_post_is_checked_when_it_is_made(wrong: dict[str, object], reason: str) -> None:
    with pytest.raises(BadRow) as error:
        CollectedPost(**{"source": "reddit", "id": "1", **wrong})  # type: ignore[arg-type]
    assert error.value.reason == reason
    assert error.value.id == (None if wrong.get("id") == ["1"] else str(wrong.get("id", "1"))[:1000].replace("\0", ""))


def test_a_further_column_costs_itself() -> None:
    deep: object = 1
    for _ in range(99):
        deep = [deep]
    columns = {
        "big": 10**26,
        "inf": float("inf"),
        "deep": deep,
        "set": {1},
        "a\0\ud800": "b\0\udc00",
        "n": 5,
        "ok": [1, "x"],
    }
    post = CollectedPost("t", "1", other=columns)
    kept = dict(post.other)
    assert "1" not in str(kept.pop("deep"))
    assert kept == {"big": str(10**26), "inf": None, "set": None, "a?": "b?", "n": 5, "ok": [1, "x"]}


def test_an_address_is_one_of_the_web() -> None:
    assert WebAddress.of("https://e.org/a b.jpg?c=é") == WebAddress("https://e.org/a b.jpg?c=é")
    for other in (
        "/etc/hostname",
        "file:///x",
        "https://",
        "https:///x",
        "sha256:00",
        "https://a\nb",
        "ftp://a",
        7,
        None,
    ):
        assert WebAddress.of(other) is None
