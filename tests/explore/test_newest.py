"""An archive that posts are added to while its page is open."""

import io
import shutil
from pathlib import Path

import pytest
from explore_archive import write_posts
from PIL import Image
from small_archive import known_subjects, posts, served
from small_photos import photo

from feelscope.explore.archive import Archive, open_archive
from feelscope.explore.index.build import add, build
from feelscope.explore.index.following import follow
from feelscope.explore.newest import NewestArchive
from feelscope.store import CollectedPost, Page, Store
from feelscope.table import PostsTable, Quarantine


class Enough(Exception):
    pass


def half_built(folder: Path, count: int = 300) -> Path:
    given = [*map(dict, posts())]
    build(write_posts(given[:count], folder / "first.parquet"), folder / "index", find_subjects=known_subjects)
    write_posts(given[count:], folder / "rest.parquet")
    return folder / "index"


def add_rest(index: Path) -> None:
    add(PostsTable(index.with_name("rest.parquet")), index, find_subjects=known_subjects)


def test_it_is_opened_again_once_posts_were_added(tmp_path: Path) -> None:
    index = half_built(tmp_path)
    newest = NewestArchive(index)
    before = newest()
    assert newest() is before and before.facts.posts == 300
    add_rest(index)
    after = newest()
    assert after is newest() and after is not before and after.facts.posts == 602
    assert before.views({"query": "storm"}, parts=())["archive"]["posts"] == 300  # for whoever has it still


def test_what_cannot_be_opened_leaves_what_is_open(tmp_path: Path) -> None:
    index = half_built(tmp_path)
    newest = NewestArchive(index)
    before = newest()
    about = (index / "about.json").read_bytes()
    (index / "about.json").write_bytes(b"{}")
    assert newest() is before
    (index / "about.json").unlink()
    assert newest() is before
    (index / "about.json").write_bytes(about)
    assert newest().facts.posts == 300


def test_an_index_keeps_up_with_a_database(tmp_path: Path) -> None:
    def post(number: int) -> CollectedPost:
        more = {"emotion": "fear"} if number % 2 else {"emotion": "happiness"}
        return CollectedPost("test", str(number), text=f"A storm, number {number}", other=more)

    database, index, told, waits = tmp_path / "posts.db", tmp_path / "index", [], []

    def save(start: int, end: int) -> None:
        with Store(database) as store:
            store.save("test", "storm", Page([post(number) for number in range(start, end)], {"at": end}))

    def table() -> PostsTable:
        from feelscope.store.rows import StoreRows

        return PostsTable(database, rows=StoreRows(database, Quarantine()))

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) in (2, 4):
            save(10 * len(waits), 10 * len(waits) + 25)  # some of them are there already
        if len(waits) == 6:
            raise Enough

    save(0, 20)
    build(table(), index, find_subjects=known_subjects)
    adds = []

    def add_new():
        adds.append(len(waits))
        return add(table(), index, find_subjects=known_subjects)

    with pytest.raises(Enough):
        follow(database, add_new, 3.0, lambda facts: told.append(facts.posts), wait)
    assert (told, adds, waits) == ([20, 45, 65], [0, 2, 4], [3.0] * 6)
    assert {row["id"] for row in open_archive(index).all_sentences({"query": "storm"})} == {
        f"test:{number}" for number in range(65)
    }


def test_pictures_of_an_index_that_is_rebuilt_are_shown(tmp_path: Path) -> None:
    import http.client
    from urllib.parse import urlsplit

    file = io.BytesIO()
    photo((64, 48)).save(file, "PNG")
    (tmp_path / "a.png").write_bytes(file.getvalue())
    table = tmp_path / "posts.jsonl"
    table.write_text('{"id": "1", "text": "A storm", "image": "a.png", "emotion": "fear"}\n', encoding="utf-8")
    index = tmp_path / "index"
    build(PostsTable(table), index, find_subjects=known_subjects)
    newest = NewestArchive(index)

    def picture(address: str, archive: Archive) -> tuple[int, bytes]:
        (row,) = archive.views({"query": "storm"}, parts=("sentences",))["sentences"]["rows"]
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
        connection.request("GET", row["image"])
        answer = connection.getresponse()
        return answer.status, answer.read()

    with served(newest(), newest) as address:
        status, content = picture(address, newest())
        build(PostsTable(table), index, rebuild=True, find_subjects=known_subjects)
        assert picture(address, newest()) == (status, content) and status == 200
    assert Image.open(io.BytesIO(content)).size == (64, 48)


@pytest.mark.browser
@pytest.mark.skipif(not shutil.which("chromium"), reason="needs Debian's chromium: apt-get install chromium")
def test_the_page_says_how_many_are_new_and_shows_them(tmp_path: Path) -> None:
    from playwright.sync_api import expect, sync_playwright

    index = half_built(tmp_path)
    newest = NewestArchive(index)
    with served(newest(), newest) as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(f"{address}/?query=storm")
        expect(page.locator("#archive")).to_contain_text("300 posts")
        expect(page.locator("#new-posts")).to_be_hidden()
        few = int(page.locator("#headline .many").first.inner_text().split()[0].replace(",", ""))
        add_rest(index)
        expect(page.locator("#new-posts")).to_have_text("302 new posts: show", timeout=20_000)
        page.click("#new-posts")
        expect(page.locator("#archive")).to_contain_text("602 posts")
        expect(page.locator("#new-posts")).to_be_hidden()
        wanted = newest().views({"query": "storm"}, parts=())["counts"]["query"]
        expect(page.locator("#headline .many").first).to_contain_text(f"{wanted:,}")
        assert wanted > few
        browser.close()
