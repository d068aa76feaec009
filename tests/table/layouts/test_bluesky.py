"""Bluesky: feeds and searches of its API, a repository, its stream."""

from layout_files import Read

DID = "did:plc:abc"


def uri(number: int) -> str:
    return f"at://{DID}/app.bsky.feed.post/3k{number}"


def post(text: str, **more: object) -> dict[str, object]:
    return {
        "$type": "app.bsky.feed.post",
        "text": text,
        "createdAt": "2023-11-14T22:13:20.000Z",
        "langs": ["en"],
    } | more


def view(number: int, text: str, **more: object) -> dict[str, object]:
    author = {"did": DID, "handle": f"name{number}.example", "displayName": "N"}
    return {"uri": uri(number), "cid": "c", "author": author, "record": post(text), "likeCount": 4} | more


def test_a_feed(read: Read) -> None:
    images = {"images": [{"fullsize": "https://cdn.example/full", "thumb": "https://cdn.example/t", "alt": "A cat"}]}
    quoted = {"$type": "app.bsky.embed.record#view", "record": {"value": post("Not mine")}}
    both = {"$type": "app.bsky.embed.recordWithMedia#view", "media": images, "record": quoted}
    facets = [{"features": [{"$type": "app.bsky.richtext.facet#tag", "tag": "cat"}, {"uri": "https://x.example"}]}]
    repost = {"$type": "app.bsky.feed.defs#reasonRepost", "by": {"did": "did:plc:other"}}
    feed = [
        {"post": view(1, "", embed=images)},
        {"post": view(2, "Look", embed=quoted)},
        {"post": view(3, "Both", embed=both) | {"record": post("Both", facets=facets, tags=["pet"])}},
        {"post": view(4, "Not mine either"), "reason": repost},
    ]
    for more in ({"whole": {"feed": feed, "cursor": "x"}, "name": "feed.json"}, {"name": "feed.jsonl"}):
        found, table = read(*feed, **more)
        assert [(one.id, one.text, one.author) for one in found] == [
            (uri(1), "", DID),
            (uri(2), "Look", DID),
            (uri(3), "Both", DID),
        ]
        assert [one.picture_address for one in found] == ["https://cdn.example/full", "", "https://cdn.example/full"]
        assert (found[2].tags, found[0].other["alt_text"]) == (("cat", "pet"), "A cat")
        assert found[0].url == f"https://bsky.app/profile/{DID}/post/3k1"
        assert table.quarantine.reasons == {"a repost, whose words are somebody else's": 1}


def test_4cats_search(read: Read) -> None:
    record = {
        "py_type": "app.bsky.feed.post",
        "text": "Snake",
        "created_at": "2023-11-14T22:13:20.000Z",
        "langs": ["en"],
    }
    item = {"uri": uri(1), "author": {"did": DID, "handle": "n.example"}, "record": record, "like_count": 2}
    (found,), _ = read(item | {"4CAT_metadata": {"query": "snake"}})
    assert (found.id, found.text, found.author, found.other["votes"]) == (uri(1), "Snake", DID, 2)
    assert found.created_at and found.created_at.timestamp() == 1_700_000_000


def test_a_repository_and_the_stream(read: Read) -> None:
    follow = {"$type": "app.bsky.graph.follow", "subject": "did:plc:other", "createdAt": "2023-11-14T22:13:20Z"}
    like = {"$type": "app.bsky.feed.like", "subject": {"uri": uri(9)}, "createdAt": "2023-11-14T22:13:20Z"}
    repost = {"$type": "app.bsky.feed.repost", "subject": {"uri": uri(9)}, "createdAt": "2023-11-14T22:13:20Z"}
    commit = {"operation": "create", "collection": "app.bsky.feed.post", "rkey": "3k5", "record": post("Streamed")}
    found, table = read(
        {"uri": f"at://{DID}/app.bsky.graph.follow/1", "cid": "c", "value": follow},
        {"uri": uri(1), "cid": "c", "value": post("Mine")},
        {"uri": f"at://{DID}/app.bsky.feed.like/1", "value": like},
        {"uri": f"at://{DID}/app.bsky.feed.repost/1", "value": repost},
        {"did": DID, "time_us": 1, "kind": "commit", "commit": commit},
        {
            "did": DID,
            "kind": "commit",
            "commit": {"operation": "delete", "collection": "app.bsky.feed.post", "rkey": "1"},
        },
        {"did": DID, "kind": "identity", "identity": {"handle": "n.example"}},
        post("Bare"),
    )
    assert [(one.id, one.text) for one in found[:2]] == [(uri(1), "Mine"), (uri(5), "Streamed")]
    assert [one.author for one in found] == [DID, DID, ""]
    reasons = table.quarantine.reasons
    assert reasons == {"an entry that is no post": 4, "a repost, whose words are somebody else's": 1}
