"""Facebook: its web page by Zeeschuimer and 4CAT, and an account's own export."""

import json
from pathlib import Path

from layout_files import Read, zeeschuimer

from feelscope.table import PostsTable, Quarantine


def of_page(number: int, words: str | None) -> dict[str, object]:
    photo = {"media": {"__typename": "Photo", "photo_image": {"uri": "https://img.example/1.jpg"}}}
    story = {"post_id": f"90{number}", "message": words and {"text": words}, "actors": [{"id": "44", "name": "Kim"}]}
    story |= {"wwwURL": f"https://www.facebook.com/kim/posts/90{number}"}
    story |= {"attachments": [{"styles": {"attachment": photo}}]}
    time = {"__typename": "CometFeedStoryMinimizedTimestampStrategy", "story": {"creation_time": 1_700_000_000}}
    around = {"story": {"comet_sections": {"metadata": [{"__typename": "Other"}, time]}}}
    return {"comet_sections": {"content": {"story": story}, "context_layout": around}}


def test_the_web_page(read: Read) -> None:
    found, table = read(zeeschuimer("facebook.com", of_page(1, "A cup")), of_page(2, None))
    assert [(one.id, one.text, one.source, one.author) for one in found] == [
        ("901", "A cup", "facebook", "44"),
        ("902", "", "facebook", "44"),
    ]
    assert found[0].created_at and found[0].created_at.timestamp() == 1_700_000_000
    assert (found[1].picture_address, found[0].url) == (
        "https://img.example/1.jpg",
        "https://www.facebook.com/kim/posts/901",
    )
    assert table.remarks == ("read as posts of Facebook",)


def double(text: str) -> str:
    """A text as Meta's exports have it."""
    return text.encode().decode("latin-1")


def test_an_accounts_export(tmp_path: Path) -> None:
    folder = tmp_path / "your_facebook_activity" / "posts"
    picture = folder / "media" / "1.jpg"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"picture")
    uri = "your_facebook_activity/posts/media/1.jpg"
    media = {"media": {"uri": uri, "creation_timestamp": 1, "description": double("Née ❤")}}
    film = {"media": {"uri": "your_facebook_activity/posts/media/2.mp4", "creation_timestamp": 1}}
    posts = [
        {"timestamp": 1_700_000_000, "data": [{"post": double("Schön 🎉")}, {"update_timestamp": 1}], "title": "Kim"},
        {"timestamp": 1_700_000_000, "attachments": [{"data": [media, film]}], "title": "Kim added a photo."},
        {"timestamp": 1_700_000_001, "data": [{"update_timestamp": 1}], "title": "Kim went out."},
        {"timestamp": 1_700_000_002, "data": [{"comment": {"comment": "So true", "author": "Kim"}}], "title": "Kim"},
    ]
    path = folder / "your_posts__check_ins__photos_and_videos_1.json"
    path.write_text(json.dumps(posts))
    table = PostsTable(path, quarantine=Quarantine(most_broken=1.0))
    found = list(table)
    assert [(one.text, one.image) for one in found] == [("Schön 🎉", None), ("Née ❤", picture), ("So true", None)]
    assert len({one.id for one in found}) == 3 and all(one.id.startswith("17000000") for one in found)
    assert [one.id for one in PostsTable(path)] == [one.id for one in found]
    assert all(one.created_at and not one.author for one in found)
    assert table.quarantine.reasons == {"an entry that is no post": 1}
    path.write_text(json.dumps({"comments_v2": posts[3:]}))
    assert [one.text for one in PostsTable(path)] == ["So true"]
