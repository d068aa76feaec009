"""TikTok as Zeeschuimer and 4CAT keep it."""

from pathlib import Path

import pytest
from layout_files import Read, zeeschuimer

from feelscope.errors import TableError
from feelscope.table import PostsTable


def post(number: int, **more: object) -> dict[str, object]:
    own = {"id": f"72{number}", "desc": f"Missed it {number} #bus", "createTime": 1_700_000_000 + number}
    author = {"id": "3", "uniqueId": "ana", "nickname": "Ana"}
    return own | {"author": author, "video": {"cover": "https://cdn.example/c.jpg"}} | more


def test_posts_and_comments(read: Read) -> None:
    tags = {"challenges": [{"title": "bus"}], "textExtra": [{"hashtagName": "bus"}, {"hashtagName": "late"}]}
    pictures = {"imagePost": {"images": [{"imageURL": {"urlList": ["https://cdn.example/1.jpg"]}}]}, "video": {}}
    comment = {"cid": "5", "aweme_id": "721", "text": "Same here", "create_time": 1_700_000_009, "user": {"uid": "4"}}
    found, table = read(
        zeeschuimer("tiktok.com", post(1, stats={"diggCount": 8}, **tags)),
        post(2, desc="", contents=[{"desc": "A long"}, {"desc": "story"}], **pictures),
        post(3, author="ana", authorId="3"),
        zeeschuimer("tiktok-comments", comment),
    )
    assert [(one.id, one.text, one.author) for one in found] == [
        ("721", "Missed it 1 #bus", "3"),
        ("722", "A long\nstory", "3"),
        ("723", "Missed it 3 #bus", "3"),
        ("5", "Same here", "4"),
    ]
    assert (found[0].tags, found[0].url) == (("bus", "late"), "https://www.tiktok.com/@ana/video/721")
    assert [one.picture_address for one in found] == [
        "https://cdn.example/c.jpg",
        "https://cdn.example/1.jpg",
        "https://cdn.example/c.jpg",
        "",
    ]
    assert found[3].created_at and found[3].created_at.timestamp() == 1_700_000_009
    assert table.undated.undated == 0


def test_a_platform_that_is_not_known_is_told_with_a_way_out(read: Read, tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"platform is not known here.*--columns id=item_id,text=data\.NAME"):
        read(zeeschuimer("linkedin.com", {"urn": "1", "commentary": "New job"}))
    table = PostsTable(tmp_path / "export.ndjson", {"id": "item_id", "text": "data.commentary"})
    assert [(one.id, one.text) for one in table] == [("1", "New job")]
