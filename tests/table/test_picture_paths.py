"""Pictures are found under the name that was meant, in the folder that was named, and cost themselves alone."""

import unicodedata
from pathlib import Path

import pytest

from feelscope.errors import TableError
from feelscope.table import PostsTable, Quarantine
from feelscope.table.settings import reading_with


def table(folder: Path, *cells: str, header: str = "id,text,image") -> Path:
    rows = "".join(f'{n},words,"{cell}"\n' for n, cell in enumerate(cells))
    (folder / "posts.csv").write_text(f"{header}\n{rows}", encoding="utf-8")
    return folder / "posts.csv"


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("pics/one.jpg", "pics\\one.jpg"),
        ("pics/two words.jpg", "pics/two%20words.jpg"),
        ("pics/café.jpg", "pics/caf%C3%A9.jpg"),
        (unicodedata.normalize("NFD", "pics/café.jpg"), unicodedata.normalize("NFC", "pics/café.jpg")),
        (unicodedata.normalize("NFC", "pics/café.jpg"), unicodedata.normalize("NFD", "pics/café.jpg")),
        ("pics/IMG_1.JPG", "Pics/img_1.jpg"),
        ("pics/Straße 1.jpg", "PICS\\strasse%201.JPG"),
        ("pics/100%.jpg", "pics/100%.jpg"),
    ],
)
def test_a_name_written_in_another_way(tmp_path: Path, name: str, cell: str) -> None:
    (tmp_path / "pics").mkdir()
    (tmp_path / name).touch()
    (post,) = PostsTable(table(tmp_path, cell))
    assert isinstance(post.image, Path) and post.image.samefile(tmp_path / name)


def test_what_is_not_sure_is_missing(tmp_path: Path) -> None:
    (tmp_path / "A.jpg").touch()
    (tmp_path / "a.JPG").touch()
    assert [post.image for post in PostsTable(table(tmp_path, "a.jpg"))] == [tmp_path / "a.jpg"]


@pytest.mark.parametrize("cell", ["%2e%2e/x.png", "..\\x.png", "%2Fetc%2Fpasswd", "out\\x.png", "OUT/X.PNG"])
def test_no_other_way_of_writing_leads_out(tmp_path: Path, cell: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (tmp_path / "x.png").touch()
    (folder / "out").symlink_to(tmp_path)
    (post,) = PostsTable(table(folder, cell))
    assert post.image is None or not post.image.exists()


def test_a_picture_that_cannot_be_used_costs_itself_and_is_counted(tmp_path: Path) -> None:
    path = table(tmp_path, "/abs.png", "../x.png", "https://example.org/x.png", "x\0.png", "fine.png")
    found = PostsTable(path)
    posts = list(found)
    assert [post.image for post in posts] == [None] * 4 + [tmp_path / "fine.png"]
    assert [len(post.warnings) for post in posts] == [1, 1, 1, 1, 0]
    assert sum(found.quarantine.pictures.values()) == len(found.quarantine.pictures) == 4
    list(found)
    assert sum(found.quarantine.pictures.values()) == 4
    path.write_text("id,image\n1,/abs.png\n")
    alone = PostsTable(path, quarantine=Quarantine(most_broken=1))
    assert list(alone) == [] and "absolute" in next(iter(alone.quarantine.reasons))


def test_the_folder_of_pictures_is_named(tmp_path: Path) -> None:
    pictures, outside = tmp_path / "pictures", tmp_path / "outside"
    for folder in (pictures / "sub", outside, tmp_path / "tables"):
        folder.mkdir(parents=True)
    for file in (pictures / "a.png", pictures / "sub/b.png", outside / "c.png"):
        file.touch()
    (pictures / "link").symlink_to(pictures / "sub")
    (pictures / "away.png").symlink_to(outside / "c.png")
    path = table(
        tmp_path / "tables", "a.png", "link/b.png", "away.png", str(pictures / "a.png"), str(outside / "c.png")
    )
    with reading_with(images=pictures):
        images = [post.image for post in PostsTable(path)]
    assert images == [pictures / "a.png", pictures / "link/b.png", None, pictures / "a.png", None]
    with reading_with(images=tmp_path / "none"), pytest.raises(TableError, match="no such folder"):
        PostsTable(path)


@pytest.mark.parametrize(("header", "cell"), [("id,text,image", 2), ("id,text,image_urls", 2)])
def test_a_picture_on_the_web_is_a_post_for_who_takes_addresses(tmp_path: Path, header: str, cell: int) -> None:
    path = tmp_path / "posts.csv"
    path.write_text(f"{header}\n1,,https://example.org/a.jpg\n2,,none\n")
    found = PostsTable(path, addresses=True, quarantine=Quarantine(most_broken=1))
    assert [post.picture_address for post in found][:1] == ["https://example.org/a.jpg"]
    here = PostsTable(path, quarantine=Quarantine(most_broken=1))
    assert "1" not in [post.id for post in here]


@pytest.mark.parametrize("cell", ["['1.jpg', '2.jpg']", '["1.jpg"]'])
def test_of_a_list_of_pictures_the_first_is_read(tmp_path: Path, cell: str) -> None:
    (tmp_path / "1.jpg").write_bytes(b"picture")
    quoted = cell.replace('"', '""')
    (tmp_path / "posts.csv").write_text(f'id,image\n1,"{quoted}"\n')
    assert [post.image for post in PostsTable(tmp_path / "posts.csv")] == [tmp_path / "1.jpg"]
    (tmp_path / "posts.jsonl").write_text('{"id": "1", "image": ["1.jpg", "2.jpg"]}\n')
    assert [post.image for post in PostsTable(tmp_path / "posts.jsonl")] == [tmp_path / "1.jpg"]


def test_a_picture_on_the_web_alone_is_told(tmp_path: Path) -> None:
    (tmp_path / "posts.csv").write_text("id,text,image_urls\n1,,https://img.example/1.jpg\n2,Rain,\n3,,\n")
    table = PostsTable(tmp_path / "posts.csv")
    assert [post.id for post in table] == ["2"]
    fetched = "image is a web address, which is not fetched here; collect the posts first"
    assert table.quarantine.reasons == {fetched: 1, "neither text nor image": 1}
