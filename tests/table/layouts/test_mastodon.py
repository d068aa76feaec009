"""Mastodon: statuses of its API, and an account's archive."""

import json
from pathlib import Path

from layout_files import Read

from feelscope.table import PostsTable, Quarantine


def status(number: int, content: str, **more: object) -> dict[str, object]:
    own = {"id": f"{number}", "uri": f"https://m.example/users/al/statuses/{number}", "content": content}
    own |= {"created_at": "2023-11-14T22:13:20.000Z", "url": f"https://m.example/@al/{number}", "spoiler_text": ""}
    account = {"id": "1", "acct": "al", "url": "https://m.example/@al", "followers_count": number}
    return own | {"account": account, "language": "en", "media_attachments": [], "tags": []} | more


def test_statuses(read: Read) -> None:
    picture = {"type": "image", "url": "https://files.example/1.png", "description": "A wet street"}
    film = {"type": "video", "url": "https://files.example/1.mp4", "preview_url": "https://files.example/1.jpg"}
    quote = '<p class="quote-inline">RE: <a href="https://m.example/@mo/1">m.example</a></p><p>So true</p>'
    found, table = read(
        status(1, "<p>Rain &amp; wind</p><p>again</p>", tags=[{"name": "wet"}], favourites_count=2),
        status(2, "<p>It is over</p>", spoiler_text="grief", sensitive=True),
        status(3, "", media_attachments=[picture]),
        status(4, "", media_attachments=[film]),
        status(5, "", reblog=status(9, "<p>Not mine</p>")),
        status(6, quote, quote={"state": "accepted", "quoted_status": status(9, "<p>Not mine</p>")}),
        name="statuses.jsonl",
    )
    before = "https://m.example/users/al/statuses/"
    assert [(one.id.removeprefix(before), one.title, one.text) for one in found] == [
        ("1", "", "Rain & wind\nagain"),
        ("2", "grief", "It is over"),
        ("3", "", ""),
        ("4", "", ""),
        ("6", "", "So true"),
    ]
    addresses = [one.picture_address for one in found]
    assert addresses == ["", "", "https://files.example/1.png", "https://files.example/1.jpg", ""]
    assert len({one.author for one in found}) == 1 and found[0].author
    assert (found[0].tags, found[0].url, found[0].other["votes"]) == (("wet",), "https://m.example/@al/1", 2)
    assert (found[2].other["alt_text"], found[0].other["lang"]) == ("A wet street", "en")
    assert table.quarantine.reasons == {"a repost, whose words are somebody else's": 1}


def test_picture_only_statuses_do_not_stop_a_table_that_cannot_fetch_them(tmp_path: Path) -> None:
    picture = {"type": "image", "url": "https://files.example/1.png"}
    path = tmp_path / "statuses.jsonl"
    rows = [status(1, "<p>Rain</p>"), status(2, "", media_attachments=[picture])]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    table = PostsTable(path)
    assert [one.text for one in table] == ["Rain"]
    assert list(table.quarantine.reasons) == [
        "image is a web address, which is not fetched here; collect the posts first"
    ]


def note(number: int, content: str, **more: object) -> dict[str, object]:
    own = {"id": f"https://m.example/users/al/statuses/{number}", "type": "Note", "content": content, "summary": None}
    return own | {"published": "2023-11-14T22:13:20Z", "attributedTo": "https://m.example/users/al"} | more


def test_an_archive(tmp_path: Path) -> None:
    picture = tmp_path / "media_attachments" / "files" / "1.png"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"picture")
    image = {"type": "Document", "mediaType": "image/png", "url": "/media_attachments/files/1.png", "name": "A street"}
    tags = [{"type": "Hashtag", "name": "#wet"}, {"type": "Mention", "name": "@mo@m.example"}]
    items = [
        {"type": "Create", "actor": "https://m.example/users/al", "object": note(1, "<p>Rain</p>", tag=tags)},
        {"type": "Announce", "object": "https://m.example/users/mo/statuses/9"},
        {"type": "Create", "object": note(2, "<p>It is over</p>", summary="grief", attachment=[image])},
        {"type": "Create", "object": {"type": "Note", "content": "<p>No id</p>"}},
        {"type": "Like", "object": "https://m.example/users/mo/statuses/9"},
    ]
    path = tmp_path / "outbox.json"
    context = ["https://www.w3.org/ns/activitystreams", {"toot": "http://joinmastodon.org/ns#"}]
    path.write_text(json.dumps({"@context": context, "type": "OrderedCollection", "orderedItems": items}))
    table = PostsTable(path, quarantine=Quarantine(most_broken=1.0))
    found = list(table)
    assert [(one.title, one.text, one.tags, one.image) for one in found] == [
        ("", "Rain", ("wet",), None),
        ("grief", "It is over", (), picture),
    ]
    assert {one.author for one in found} == {"https://m.example/users/al"}
    assert found[1].other["alt_text"] == "A street"
    assert table.quarantine.reasons == {
        "a repost, whose words are somebody else's": 1,
        "an entry that is no post": 1,
        "no id": 1,
    }


def test_the_same_number_of_two_servers_is_two_posts(read: Read) -> None:
    bare = {name: cell for name, cell in status(1, "<p>Third</p>").items() if name not in ("uri", "url")}
    there = {"uri": "https://other.example/users/mo/statuses/1"}
    found, _ = read(status(1, "<p>First</p>"), status(1, "<p>Second</p>", **there), bare)
    assert [one.id for one in found] == [
        "https://m.example/users/al/statuses/1",
        "https://other.example/users/mo/statuses/1",
        "m.example/1",
    ]
