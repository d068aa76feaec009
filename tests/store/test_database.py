import sqlite3
from datetime import UTC, datetime

import pytest

from feelscope.errors import StoreError
from feelscope.store import Calls, CollectedPost, Page, Store, WebAddress, is_store
from feelscope.table import BadRow


def post(number, **more):
    return CollectedPost("tumblr", str(number), 1_400_000_000 + number, f"blog{number % 2}", text=f"t{number}", **more)


def page(*numbers, cursor=0, **more):
    return Page([post(number) for number in numbers], {"before": cursor}, **more)


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "posts.db") as opened:
        yield opened


def test_a_page_and_its_cursor_come_back(store):
    assert store.cursor("tumblr", "happy") is None
    assert store.save("tumblr", "happy", page(1, 2, cursor=7, notes=("gap",))) == 2
    assert store.cursor("tumblr", "happy") == ({"before": 7}, False)
    assert [found.id for found in store.posts()] == ["tumblr:1", "tumblr:2"]
    assert store.execute("SELECT query, notes FROM pages").fetchall() == [("happy", "gap")]
    assert store.sources() == {"tumblr": 2}


def test_saving_twice_changes_nothing_but_what_changed(store):
    store.save("tumblr", "happy", page(1))
    assert store.save("tumblr", "sad", Page([CollectedPost("tumblr", "1", text="edited", votes=9)], {})) == 0
    (found,) = store.posts()
    assert (found.text, found.other["votes"], found.other["query"]) == ("edited", 9, "happy")


def test_authors_are_hashed_with_a_salt_of_the_database(store, tmp_path):
    store.save("tumblr", "happy", page(1, 2, 3))
    authors = [found.other["author"] for found in store.posts()]
    assert authors[0] == authors[2] != authors[1]
    with Store(tmp_path / "other.db") as other:
        assert other.hashed("blog1") != store.hashed("blog1") == authors[0]
    assert b"blog1" not in (tmp_path / "posts.db").read_bytes() + (tmp_path / "posts.db-wal").read_bytes()
    assert store.hashed("") == ""


def test_everything_of_a_post_comes_back(store):
    full = post(5, title="T", tags=("a", "b"), url="u", image=WebAddress("https://x/y.jpg"), votes=3, licence="CC0 1.0")
    plain = CollectedPost("files", "6", text="x", image=b"\x89PNG", other={"emotion": "joy", "n": 1})
    store.save("tumblr", "q", Page([full, plain], {}))
    one, two = store.posts()
    assert (one.title, one.other["tags"], one.other["image_url"]) == ("T", ["a", "b"], "https://x/y.jpg")
    assert (one.other["created_at"], one.other["licence"]) == ("2014-05-13T16:53:25Z", "CC0 1.0")
    assert one.created_at == datetime(2014, 5, 13, 16, 53, 25, tzinfo=UTC)
    assert (one.tags, one.author, one.source, one.url) == (("a", "b"), store.hashed("blog1"), "tumblr", "u")
    assert (two.image, two.emotion, two.other["n"]) == (b"\x89PNG", "joy", 1)


def test_a_full_disk_loses_the_page_and_keeps_what_was_there(store):
    store.save("tumblr", "happy", page(*range(50), cursor=1))
    pages = store.execute("PRAGMA page_count").fetchone()[0]
    store.execute(f"PRAGMA max_page_count = {pages}")
    big = Page([post(number, title="x" * 5000) for number in range(100, 200)], {"before": 2})
    with pytest.raises(StoreError, match=r"full; free some space; everything up to the last page is kept"):
        store.save("tumblr", "happy", big)
    assert store.count() == 50
    assert store.cursor("tumblr", "happy") == ({"before": 1}, False)
    store.execute("PRAGMA max_page_count = 100000")
    assert store.save("tumblr", "happy", big) == 100, "the same page goes in when there is room"


def test_what_stops_in_the_middle_of_a_page_leaves_nothing_of_it(store):
    def posts():
        yield post(1)
        raise KeyboardInterrupt

    class Torn(list):
        __iter__ = lambda self: posts()  # noqa: E731

    with pytest.raises(KeyboardInterrupt):
        store.save("tumblr", "happy", Page(Torn(), {"before": 3}))
    assert store.count() == 0
    assert store.cursor("tumblr", "happy") is None


def test_removed_posts_stay_away(store):
    store.save("files", "q", Page([CollectedPost("reddit", "1", image=b"pic"), CollectedPost("reddit", "2")], {}))
    assert store.checked([], [CollectedPost("reddit", "1")], 10) == 1
    assert store.save("files", "q", Page([CollectedPost("reddit", "1")], {})) == 0
    assert [found.id for found in store.posts()] == ["reddit:2"]
    assert store.execute("SELECT count(*) FROM pictures").fetchone() == (0,), "its picture goes with it"


def test_nul_and_half_characters_do_not_get_in(store):
    store.save("tumblr", "q", Page([CollectedPost("tumblr", "1", text="a\0b\ud83d")], {}))
    (found,) = store.posts()
    assert found.text == "ab?"


def test_no_database_of_posts(tmp_path):
    (tmp_path / "text.db").write_text("no database " * 100)
    with pytest.raises(StoreError, match="not a database; name another file"):
        Store(tmp_path / "text.db")
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE things (a)")
    other.close()
    with pytest.raises(StoreError, match="database of something else"):
        Store(tmp_path / "other.db")
    with pytest.raises(StoreError, match="does not exist; make it first"):
        Store(tmp_path / "none" / "posts.db")
    with pytest.raises(StoreError, match="no such database"):
        Store(tmp_path / "none.db", must_exist=True)
    assert not is_store(tmp_path / "text.db")
    assert not is_store(tmp_path / "none.db")
    assert is_store(tmp_path / "other.db")


def test_any_byte_of_a_database_may_be_wrong(tmp_path):
    path = tmp_path / "posts.db"
    with Store(path) as store:
        posts = [post(n, tags=("é", "b"), image=b"\x89PNG", other={"n": n}) for n in range(3)]
        store.save("tumblr", "happy", Page(posts, {"before": 3}))
        Calls(store, "tumblr", "key").log(5.0)
    whole = path.read_bytes()
    outcomes = set()
    for place in (place for place, byte in enumerate(whole) if byte):  # most is empty pages
        with path.open("r+b") as file:
            file.write(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            with Store(path) as store:
                assert all(isinstance(found.text, str) for found in store.posts())
                store.cursor("tumblr", "happy"), store.sources(), store.hashed("me")
                store.least_checked("tumblr", 2**40, 9), Calls(store, "tumblr", "key").since(0)
            outcomes.add("read")
        except StoreError as error:
            assert "\n" not in str(error)
            outcomes.add("refused")
        for left in tmp_path.glob("posts.db-*"):
            left.unlink()
    assert outcomes == {"read", "refused"}


def test_a_cursor_that_is_no_json_is_refused(store):
    store.save("tumblr", "happy", page(1))
    store.execute("UPDATE cursors SET cursor = '{torn'")
    with pytest.raises(StoreError, match="damaged"):
        store.cursor("tumblr", "happy")


def test_another_version_is_refused(tmp_path):
    with Store(tmp_path / "posts.db") as store:
        store.execute("UPDATE about SET value = '99' WHERE name = 'version'")
    with pytest.raises(StoreError, match="another version"):
        Store(tmp_path / "posts.db")


def test_a_time_is_one_that_a_calendar_has_or_none(store):
    with pytest.raises(BadRow, match="none that a calendar has"):
        CollectedPost("tumblr", "1", 10**18)
    store.save("tumblr", "happy", Page([CollectedPost("tumblr", "2", None)], {}))
    assert [(post.other["created_at"], post.created_at) for post in store.posts()] == [("", None)]
