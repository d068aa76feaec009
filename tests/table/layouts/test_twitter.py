"""X: its web page by Zeeschuimer and 4CAT, both versions of its API, pages of twarc, and an account's archive."""

import json
from pathlib import Path

import pytest
from layout_files import Read, zeeschuimer

from feelscope.errors import TableError
from feelscope.table import PostsTable

LINK = "https://t.co/pic"
MEDIA = {
    "media": [{"type": "photo", "url": LINK, "media_url_https": "https://img.example/p.jpg", "ext_alt_text": "A cup"}]
}


def web(number: int, text: str, **more: object) -> dict[str, object]:
    user = {"rest_id": "44", "legacy": {"screen_name": "kim", "followers_count": number}}
    legacy = {"created_at": "Tue Nov 14 22:13:20 +0000 2023", "full_text": text, "user_id_str": "44", "lang": "en"}
    legacy |= {"entities": {"hashtags": [{"text": "cup"}]}} | more
    return {"rest_id": f"90{number}", "core": {"user_results": {"result": user}}, "legacy": legacy}


def test_the_web_page(read: Read) -> None:
    quoted = {"quoted_status_permalink": {"url": "https://t.co/quoted"}}
    note = {"note_tweet": {"note_tweet_results": {"result": {"text": "The whole long text"}}}}
    other = {"legacy": {"full_text": "Not mine"}}
    found, table = read(
        zeeschuimer("twitter.com", web(1, f"We won &amp; {LINK}", extended_entities=MEDIA, favorite_count=3)),
        zeeschuimer("x.com", web(2, "Look at this https://t.co/quoted", **quoted) | {"quoted_status_result": other}),
        web(3, "The whole lo…") | note,
        zeeschuimer("x.com", web(4, "RT @mo: Not mine", retweeted_status_result={"result": other})),
        {"__typename": "TweetTombstone", "tombstone": {"text": "gone"}},
        {"__typename": "TweetWithVisibilityResults", "tweet": web(5, "Limited")},
    )
    assert [(one.id, one.text, one.author) for one in found] == [
        ("901", "We won &", "44"),
        ("902", "Look at this", "44"),
        ("903", "The whole long text", "44"),
        ("905", "Limited", "44"),
    ]
    first = found[0]
    assert (first.picture_address, first.tags, first.url) == (
        "https://img.example/p.jpg",
        ("cup",),
        "https://x.com/kim/status/901",
    )
    assert first.created_at and first.created_at.timestamp() == 1_700_000_000
    assert (first.other["alt_text"], first.other["lang"], first.other["votes"]) == ("A cup", "en", 3)
    reasons = table.quarantine.reasons
    assert reasons == {"a repost, whose words are somebody else's": 1, "an entry that is no post": 1}


def v1(number: int, text: str, **more: object) -> dict[str, object]:
    user = {"id_str": "44", "screen_name": "kim", "followers_count": number}
    return {
        "id_str": f"{number}",
        "created_at": "Tue Nov 14 22:13:20 +0000 2023",
        "full_text": text,
        "user": user,
    } | more


def test_the_first_api(read: Read) -> None:
    cut = {"truncated": True, "extended_tweet": {"full_text": "All of the words", "entities": {}}, "text": "All of…"}
    stream = {name: value for name, value in v1(3, "").items() if name != "full_text"} | cut
    found, table = read(
        v1(1, f"A cup {LINK}", entities=MEDIA | {"hashtags": [{"text": "tea"}]}),
        v1(2, "RT @mo: Not mine", retweeted_status={"id_str": "9"}),
        stream,
        v1(4, "Labelled by hand") | {"emotion": "joy"},
    )
    assert [(one.id, one.text, one.author, one.emotion) for one in found] == [
        ("1", "A cup", "44", None),
        ("3", "All of the words", "44", None),
        ("4", "Labelled by hand", "44", "joy"),
    ]
    assert sum(table.quarantine.reasons.values()) == 1


def v2(number: int, text: str, **more: object) -> dict[str, object]:
    return {"id": f"{number}", "text": text, "author_id": "44", "created_at": "2023-11-14T22:13:20.000Z"} | more


def test_the_second_api_and_pages_of_twarc(read: Read, tmp_path: Path) -> None:
    counts = {"public_metrics": {"like_count": 7}}
    with_picture = {
        "attachments": {"media_keys": ["3_1"]},
        "entities": {"urls": [{"url": LINK, "media_key": "3_1"}], "hashtags": [{"tag": "tea"}]},
    }
    repost = {"referenced_tweets": [{"type": "retweeted", "id": "9"}]}
    found, table = read(v2(1, "Plain", **counts), v2(2, "RT @mo: Not", **repost), v2(3, "Quiet", **counts))
    assert [(one.id, one.author, one.other["votes"]) for one in found] == [("1", "44", 7), ("3", "44", 7)]
    page = {
        "data": [v2(4, f"A cup {LINK}", **with_picture), v2(5, "RT @mo: Not", **repost)],
        "includes": {"media": [{"media_key": "3_1", "type": "photo", "url": "https://img.example/p.jpg"}], "users": []},
        "meta": {"result_count": 2},
    }
    for more in ({"name": "pages.jsonl"}, {"name": "page.json", "whole": page}):
        found, table = read(page, page | {"data": [v2(6, "Next", **counts)]}, **more)
        assert (found[0].id, found[0].text, found[0].picture_address) == ("4", "A cup", "https://img.example/p.jpg")
        assert table.quarantine.reasons == {"a repost, whose words are somebody else's": 1}
    assert [one.id for one in read(page, page | {"data": [v2(6, "Next", **counts)]})[0]] == ["4", "6"]


def script(path: Path, start: str, entries: object, end: str = "") -> PostsTable:
    path.write_text(f"{start}{json.dumps(entries, indent=2)}{end}")
    return PostsTable(path, addresses=True)


def test_an_archive(tmp_path: Path) -> None:
    (tmp_path / "tweets_media").mkdir()
    (tmp_path / "tweets_media" / "1-p.jpg").write_bytes(b"picture")
    tweets = [
        v1(1, f"A cup {LINK}", extended_entities=MEDIA),
        v1(2, "Tea", extended_entities=MEDIA),
        v1(3, "RT @mo: Not"),
    ]
    for tweet in tweets:
        del tweet["user"]
    table = script(tmp_path / "tweets.js", "window.YTD.tweets.part0 = ", [{"tweet": one} for one in tweets], ";\n")
    found = list(table)
    assert [(one.id, one.text, one.image) for one in found] == [
        ("1", "A cup", tmp_path / "tweets_media" / "1-p.jpg"),
        ("2", "Tea", None),
    ]
    assert found[1].picture_address == "https://img.example/p.jpg"
    assert table.quarantine.reasons == {"a repost, whose words are somebody else's": 1}
    note = {
        "noteTweetId": "8",
        "createdAt": "2023-11-14T22:13:20.000Z",
        "core": {"text": "Long", "hashtags": [{"text": "tea"}]},
    }
    (long,) = script(tmp_path / "note-tweet.js", "window.YTD.note_tweet.part0 = ", [{"noteTweet": note}])
    assert (long.id, long.text, long.tags) == ("8", "Long", ("tea",))


def test_other_scripts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"page\.js: a script without posts"):
        script(tmp_path / "page.js", "function go() {}", [])
    likes = script(
        tmp_path / "like.js", "window.YTD.like.part0 = ", [{"like": {"tweetId": "1", "fullText": "Not mine"}}]
    )
    assert list(likes) == []


def test_a_table_with_the_names_of_x_is_a_table(read: Read) -> None:
    found, table = read({"id": "1", "text": "Hi", "author_id": "4", "author": {"id": "4"}, "mood": "up"})
    assert (found[0].other["mood"], table.remarks) == ("up", ())


def test_given_columns_name_parts_of_the_records(tmp_path: Path) -> None:
    path = tmp_path / "x.ndjson"
    path.write_text(json.dumps(zeeschuimer("x.com", web(1, "Raw &amp; whole"))) + "\n")
    (raw,) = PostsTable(path, {"id": "item_id", "text": "data.legacy.full_text"})
    assert (raw.id, raw.text) == ("1", "Raw & whole")
    (mapped,) = PostsTable(path, {"title": "lang"})
    assert (mapped.id, mapped.title) == ("901", "en")


BEGINNING = (
    "@mo It rained from morning to night, and when it was over the whole street stood &amp; looked at the sky as if"
)
BEGINNING += " none of us had ever seen it before, which in a way"
WHOLE = BEGINNING.removeprefix("@mo ").replace("&amp;", "&") + " was true. Then we went home, wet, and very happy."


def test_long_posts_of_an_archive_are_whole(tmp_path: Path) -> None:
    long = v1(1, f"{BEGINNING}… https://t.co/rest", extended_entities=MEDIA, entities={"hashtags": [{"text": "tea"}]})
    other = v1(2, "The same second, other words, and also so long that they could be the beginning of a long post " * 2)
    tweets = [{"tweet": one} for one in (long, other, v1(3, "Short"))]

    def note(number: int, text: str, second: int = 21) -> dict[str, object]:
        core = {"text": text, "hashtags": [{"text": "sky"}]}
        return {"noteTweet": {"noteTweetId": f"{number}", "createdAt": f"2023-11-14T22:13:{second}.000Z", "core": core}}

    notes = [note(8, WHOLE), note(9, WHOLE, 40), note(10, "A note whose post is not there " * 9)]
    script(tmp_path / "note-tweet.js", "window.YTD.note_tweet.part0 = ", notes)
    found = list(script(tmp_path / "tweets.js", "window.YTD.tweets.part0 = ", tweets))
    assert [(one.id, one.text) for one in found] == [("1", WHOLE), ("2", other["full_text"]), ("3", "Short")]
    assert (found[0].tags, found[0].picture_address) == (("tea", "sky"), "https://img.example/p.jpg")
    # From its other file, the post is the same one.
    read = list(PostsTable(tmp_path / "note-tweet.js", addresses=True))
    assert [one.id for one in read] == ["1", "9", "10"]
    assert (read[0].text, read[0].tags, read[0].picture_address) == (WHOLE, ("tea", "sky"), "https://img.example/p.jpg")


def test_a_damaged_half_is_named(tmp_path: Path) -> None:
    (tmp_path / "note-tweet.js").write_text("window.YTD.note_tweet.part0 = [{")
    with pytest.raises(TableError, match=r"note-tweet\.js: torn, or not JSON"):
        script(tmp_path / "tweets.js", "window.YTD.tweets.part0 = ", [{"tweet": v1(1, "Tea")}])
