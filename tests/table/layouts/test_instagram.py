"""Instagram and Threads: pages that Zeeschuimer and 4CAT keep, and the export of an account."""

import json
from pathlib import Path

import pytest
from layout_files import Read, zeeschuimer

from feelscope.table import PostsTable


def post(number: int, **more: object) -> dict[str, object]:
    own = {"pk": f"31{number}", "id": f"31{number}_8", "code": f"C{number}", "taken_at": 1_700_000_000 + number}
    return own | {"user": {"pk": "8", "username": "lena"}, "caption": {"text": f"Rain {number} #wet"}} | more


def test_posts_of_zeeschuimer_and_of_4cat(read: Read) -> None:
    picture = {"image_versions2": {"candidates": [{"url": "https://cdn.example/a,b.jpg?x=1"}]}}
    slides = {"carousel_media": [{}, {"image_versions2": {"candidates": [{"url": "https://cdn.example/2.jpg"}]}}]}
    four_cat = post(3, caption=None, **picture) | {"__import_meta": {"source_platform": "instagram.com"}}
    found, table = read(
        zeeschuimer("instagram.com", post(1, like_count=5, **picture)),
        zeeschuimer("instagram.com", post(2, **slides)),
        four_cat,
    )
    assert [(one.id, one.text) for one in found] == [("311", "Rain 1 #wet"), ("312", "Rain 2 #wet"), ("313", "")]
    assert [one.picture_address for one in found] == [
        "https://cdn.example/a%2Cb.jpg?x=1",
        "https://cdn.example/2.jpg",
        "https://cdn.example/a%2Cb.jpg?x=1",
    ]
    assert {(one.author, one.source) for one in found} == {("8", "instagram")}
    assert (found[0].url, found[0].other["votes"]) == ("https://www.instagram.com/p/C1/", 5)
    assert found[0].created_at and found[0].created_at.timestamp() == 1_700_000_001
    assert table.remarks == ("read as posts of Instagram",)


def test_posts_of_the_older_graph_and_of_threads(read: Read) -> None:
    graph = {
        "id": "77",
        "shortcode": "Bx",
        "edge_media_to_caption": {"edges": [{"node": {"text": "Snow"}}]},
        "taken_at_timestamp": 1_500_000_000,
        "display_url": "https://cdn.example/g.jpg",
        "owner": {"id": "9", "username": "mo"},
        "accessibility_caption": "Photo by mo, may contain: snow",
    }
    thread = post(5, text_post_app_info={"is_reply": False})
    found, _ = read(graph, thread)
    assert [(one.source, one.id, one.text, one.author) for one in found] == [
        ("instagram", "77", "Snow", "9"),
        ("threads", "315", "Rain 5 #wet", "8"),
    ]


def test_what_is_no_post_is_counted(read: Read) -> None:
    found, table = read(
        post(1),
        post(2, product_type="ad"),
        post(3, caption={"text": {"odd": 1}}),
        {"what": "else"},
        post(4) | {"pk": None, "id": None},
    )
    assert [one.id for one in found] == ["311"]
    assert table.quarantine.reasons == {
        "an entry that is no post": 1,
        "its caption is no text": 1,
        "not a post as its platform writes it": 1,
        "no id": 1,
    }


def archive(folder: Path, entries: object, name: str = "posts_1.json") -> PostsTable:
    path = folder / "your_instagram_activity" / "media" / name
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(entries))
    return PostsTable(path)


def twice(text: str) -> str:
    return text.encode().decode("latin-1")


def test_an_accounts_export_with_its_pictures(tmp_path: Path) -> None:
    for name in ("1.jpg", "2.jpg"):
        path = tmp_path / "media" / "posts" / "202201" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"picture")
    one = {"uri": "media/posts/202201/1.jpg", "creation_timestamp": 1_641_000_000, "title": twice("Müde, aber froh 😀")}
    several = [
        {"uri": f"media/posts/202201/{name}", "creation_timestamp": 5, "title": ""} for name in ("x.mp4", "2.jpg")
    ]
    table = archive(
        tmp_path,
        [{"media": [one]}, {"media": several, "title": twice("Zwei Bilder é"), "creation_timestamp": 1_642_000_000}],
    )
    found = list(table)
    assert [(post.id, post.text) for post in found] == [
        ("posts-202201-1", "Müde, aber froh 😀"),
        ("posts-202201-x", "Zwei Bilder é"),
    ]
    assert [post.image for post in found] == [tmp_path / "media/posts/202201" / name for name in ("1.jpg", "2.jpg")]
    assert [post.created_at and post.created_at.timestamp() for post in found] == [1_641_000_000, 1_642_000_000]
    assert found[0].other["text_as_it_was"] == twice("Müde, aber froh 😀")


@pytest.mark.parametrize("name", ["ig_stories", "ig_reels_media"])
def test_stories_and_reels(tmp_path: Path, name: str) -> None:
    medium = {"uri": "media/stories/202201/7.jpg", "creation_timestamp": 1_641_000_000, "title": "Plain é"}
    table = archive(tmp_path, {name: [medium if name == "ig_stories" else {"media": [medium]}]})
    (found,) = table
    assert (found.id, found.text) == ("stories-202201-7", "Plain é"), "a text that is right stays"


def test_likes_are_no_posts(tmp_path: Path) -> None:
    liked = {"title": "mo", "string_list_data": [{"href": "https://www.instagram.com/p/X/", "timestamp": 1}]}
    table = archive(tmp_path, {"likes_media_likes": [liked, liked]}, "liked_posts.json")
    assert list(table) == []
    assert table.quarantine.reasons == {"an entry that is no post": 2}
