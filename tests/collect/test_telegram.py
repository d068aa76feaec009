"""Exports of Telegram Desktop: what of them becomes posts, whose names are not kept, and what an odd one says."""

import json

import pytest
from command_runs import error
from PIL import Image
from telegram_files import (
    NOT_INCLUDED,
    START,
    account,
    chat,
    html_message,
    html_page,
    html_service,
    message,
    service,
    write_html,
    write_json,
)

from feelscope.collect.files import Files
from feelscope.collect.kept import NOTHING_OWN
from feelscope.collect.run import collect
from feelscope.collect.telegram import SERVICE, Telegram, words_of
from feelscope.errors import CollectError
from feelscope.store import CollectedPost, Store
from feelscope.table import Quarantine


@pytest.fixture
def gather(store):
    """Collect what an export has."""

    def gather(*paths, bad=None, limit=None, restart=False):
        return collect(store, Telegram(paths, store, bad), limit=limit, restart=restart)

    return gather


def test_a_reply_to_another_chat_names_no_message_of_this_one(gather, store, tmp_path):
    messages = [message(1, reply_to_message_id=3, reply_to_peer_id="channel7"), message(2, reply_to_message_id=1)]
    gather(write_json(tmp_path / "export", chat(messages)))
    elsewhere, here = store.posts()
    assert (elsewhere.other["reply"], elsewhere.other.get("reply_to", "")) == (True, "")
    assert here.other["reply_to"] == "1234567890:1"


def picture(path):
    path.parent.mkdir(exist_ok=True, parents=True)
    Image.new("RGB", (8, 8), "red").save(path)
    return path.read_bytes()


def only(store):
    (post,) = store.posts()
    return post


def test_a_chat_goes_in_and_on(gather, store, tmp_path):
    path = write_json(tmp_path / "export", chat([service(1), *(message(n) for n in range(2, 1300)), service(1301)]))
    first = gather(path.parent, limit=1)
    assert (first.found, first.left_out) == (499, {SERVICE: 1}), "a page of 500, of which one is no post"
    rest = gather(path.parent)
    assert rest.new == 799
    assert (rest.notes, rest.left_out) == ([], {SERVICE: 1})
    assert gather(path).was_complete == [str(path)]
    assert gather(path, restart=True).left_out == {SERVICE: 2}, "once each, however many pages there are"
    post = next(store.posts())
    assert (post.id, post.text) == ("telegram:1234567890:2", "Words 2")
    assert post.other["created_at"] == "2021-01-01T12:02:00Z"
    assert post.other["url"] == "https://t.me/c/1234567890/2"
    assert (post.other["chat"], post.other["chat_type"]) == ("A garden diary", "public_channel")
    assert post.author == store.hashed("channel1234567890")


def test_an_account_has_its_chats_and_those_that_it_left(gather, store, tmp_path):
    chats = [chat([message(1)]), chat([message(1, "hi")], type="private_group", id=77, name="Family"), chat([], id=9)]
    left = chat([message(1, "gone")], id=88, name="Old")
    assert gather(write_json(tmp_path, account(*chats, left=(left,)))).new == 3
    assert [(post.id, post.text) for post in store.posts()] == [
        ("telegram:1234567890:1", "Words 1"),
        ("telegram:77:1", "hi"),
        ("telegram:88:1", "gone"),
    ]
    assert [post.other["url"] for post in store.posts()][1] == "", "a small group has no addresses"


def test_who_is_at_the_other_end_of_a_chat_is_not_kept(gather, store, tmp_path):
    said = [message(1, from_id="user4242", **{"from": "Bob Bobson"}, forwarded_from="Carol", forwarded_from_id="user5")]
    write_json(tmp_path, chat(said, type="personal_chat", id=4242, name="Bob Bobson"))
    gather(tmp_path)
    post = only(store)
    assert (post.author, post.other["repost"]) == (store.hashed("user5"), True), "whose words they are"
    written = repr(post).replace(post.author, "")
    assert not any(name in written.replace(str(tmp_path), "") for name in ("4242", "Bob", "Carol", "user"))


def test_words_and_what_is_beside_them(gather, store, tmp_path):
    text = ["so ", {"type": "bold", "text": "happy"}, " ", {"type": "hashtag", "text": "#spring"}, "\nold & <new>"]
    reactions = [{"type": "emoji", "count": 3, "emoji": "👍"}, {"type": "custom_emoji", "count": 2, "document_id": "x"}]
    more = {"edited_unixtime": str(START), "reply_to_message_id": 3, "author": "Kim", "reactions": reactions}
    gather(write_json(tmp_path, chat([message(7, text, **more)])))
    post = only(store)
    assert (post.text, post.tags) == ("so happy #spring\nold & <new>", ("spring",))
    assert post.other["reactions"] == {"👍": 3, "other": 2} and post.other["votes"] == 5
    assert post.other["edited_at"] == "2021-01-01T12:00:00Z"
    assert post.other["reply_to"] == "1234567890:3" and post.other["reply"] is True
    assert post.author == store.hashed("channel1234567890 Kim")


def test_polls_are_words(gather, store, tmp_path):
    answers = [{"text": "Good", "voters": 5, "chosen": False}, {"text": "Bad", "voters": 2, "chosen": True}]
    poll = {"question": "How was it?", "closed": False, "total_voters": 7, "answers": answers}
    gather(write_json(tmp_path, chat([message(7, "", poll=poll)])))
    post = only(store)
    assert post.text == "How was it?"
    expected = [{"text": "Good", "voters": 5}, {"text": "Bad", "voters": 2}]
    assert post.other["poll"] == {"question": "How was it?", "answers": expected, "voters": 7}


def test_pictures_of_the_folder(gather, store, tmp_path):
    photo, sticker = picture(tmp_path / "photos" / "photo_1@01-01-2021.jpg"), picture(tmp_path / "stickers" / "a.webp")
    preview, drawn = picture(tmp_path / "video_files" / "v.mp4_thumb.jpg"), picture(tmp_path / "files" / "d.png")
    (tmp_path / "stickers" / "b.tgs").write_bytes(b"\x1f\x8b")
    secret = tmp_path.parent / f"{tmp_path.name}.jpg"
    picture(secret)
    some = [
        message(1, "caption", photo="photos/photo_1@01-01-2021.jpg", width=8, height=8),
        message(
            2, "", file="stickers/a.webp", media_type="sticker", sticker_emoji="😀", thumbnail="(File not included.)"
        ),
        message(3, "", file="video_files/v.mp4", thumbnail="video_files/v.mp4_thumb.jpg", media_type="video_file"),
        message(4, "", file="files/d.png", mime_type="image/png"),
        message(5, "words", photo=NOT_INCLUDED),
        message(6, "", photo=NOT_INCLUDED),
        message(7, "", file="stickers/b.tgs", media_type="sticker", sticker_emoji="🎉"),
        message(8, "", file="voice_messages/a.ogg", media_type="voice_message", duration_seconds=3),
        message(9, "words", photo=f"../{secret.name}"),
        message(10, "words", photo=str(secret)),
        message(11, "words", photo="photos/none.jpg"),
    ]
    outcome = gather(write_json(tmp_path, chat(some)))
    posts = {post.id.split(":")[-1]: post for post in store.posts()}
    assert {number: post.image for number, post in posts.items() if post.image} == {
        **{"1": photo, "2": sticker, "3": preview, "4": drawn}
    }
    assert posts["2"].other["sticker_emoji"] == "😀" and posts["2"].text == ""
    assert [posts[n].other.get("media") for n in "1234"] == ["photo", "sticker", "video_file", None]
    assert outcome.left_out == {NOTHING_OWN: 3}
    assert [note.split(": ", 1)[1] for note in outcome.notes] == [
        "2 pictures not in the export; choose photos when you export, to have them",
        "3 pictures that cannot be read, left out",
    ]


def test_times_of_older_versions_are_told(gather, store, tmp_path):
    old = message(1)
    del old["date_unixtime"]
    outcome = gather(write_json(tmp_path, chat([old])))
    assert only(store).other["created_at"] == "2021-01-01T12:01:00Z"
    assert "1 time without a zone, read as UTC" in outcome.notes[0]


def test_an_edited_message_of_a_newer_export_takes_its_own_place(gather, store, tmp_path):
    gather(write_json(tmp_path / "a", chat([message(1), message(2)])))
    gather(write_json(tmp_path / "b", chat([message(1, "edited", edited_unixtime=str(START)), message(3)])))
    assert [post.text for post in store.posts()] == ["edited", "Words 2", "Words 3"]


def test_another_file_under_the_same_name_is_seen(gather, tmp_path):
    path = write_json(tmp_path, chat([message(n) for n in range(800)]))
    gather(path, limit=1)
    write_json(tmp_path, chat([message(n, "other") for n in range(800)]))
    with pytest.raises(CollectError, match="its first 500 rows are not those that were read before"):
        gather(path)
    assert gather(path, restart=True).found == 800


def test_an_export_takes_nothing_back(store, tmp_path):
    source = Telegram([write_json(tmp_path, chat([message(1)]))], store)
    assert source.still_there([CollectedPost("telegram", "1:1")]) == {"1:1"}


# HTML


def test_pages_of_html(gather, store, tmp_path):
    photo = picture(tmp_path / "photos" / "p.jpg")
    tag = '<a href="" onclick="return ShowHashtag(&quot;spring&quot;)">#spring</a>'
    reply = '<div class="reply_to details">In reply to <a href="messages.html#go_to_message1">this message</a></div>'
    shown = """<div class="media_wrap clearfix"><a class="photo_wrap clearfix pull_left" href="photos/p.jpg">
        <img class="photo" src="photos/p_thumb.jpg" style="width: 8px"/></a></div>"""
    absent = """<div class="media_wrap clearfix"><div class="media clearfix pull_left media_photo">
        <div class="fill pull_left"></div><div class="body"><div class="title bold">Photo</div>
        <div class="description">Not included, change data exporting settings to download.</div>
        <div class="status details">8x8, 1 KB</div></div></div></div>"""
    forward = """<div class="forwarded body"><div class="from_name">News
        <span class="date details" title="01.01.2021 00:00:00"> 01.01.2021 00:00:00</span></div>
        <div class="text">from elsewhere</div></div>"""
    poll = """<div class="media_wrap clearfix"><div class="media_poll"><div class="question bold">How was it?</div>
        <div class="details">Anonymous poll</div><div class="answer">- Good <span class="details">5 votes</span></div>
        <div class="answer">- Bad</div><div class="total details">7 votes</div></div></div>"""
    liked = """<span class="reactions"><span class="reaction"><span class="emoji">👍</span>
        <span class="count">3</span></span></span>"""
    first = html_page(
        html_service(-1),
        html_message(1, f"so <strong>happy</strong> {tag}<br>old &amp; &lt;new&gt;"),
        html_message(2, "joined", ""),
        html_message(3, "a caption", "Bob via @gif", inside=shown),
    )
    second = html_page(
        html_message(4, "joined too", "", before=reply),
        html_message(5, "", "Alice", inside=absent),
        html_message(6, "", inside=forward),
        html_message(7, "", inside=poll),
        html_message(8, "liked", inside=liked),
    )
    write_html(tmp_path, first, second)
    outcome = gather(tmp_path / "messages2.html")
    posts = {post.id.split(":")[-1]: post for post in store.posts()}
    assert [*posts] == ["1", "2", "3", "4", "6", "7", "8"]
    assert (posts["1"].text, posts["1"].tags) == ("so happy #spring\nold & <new>", ("spring",))
    assert posts["1"].other["created_at"] == "2021-01-01T12:01:00Z"
    assert [posts[n].author for n in "1234"] == [store.hashed(name) for name in ("Alice", "Alice", "Bob", "Bob")]
    assert posts["3"].image == photo
    assert posts["4"].other["reply_to"].endswith(":1")
    assert posts["6"].text == "from elsewhere"
    assert posts["6"].other["repost"] is True and posts["6"].author == store.hashed("News")
    assert posts["7"].text == "How was it?"
    assert posts["8"].other["reactions"] == {"👍": 3}
    assert outcome.left_out == {SERVICE: 1, NOTHING_OWN: 1}
    assert "1 picture not in the export" in outcome.notes[0]
    assert "Our garden" not in repr(list(store.posts())), "of a personal chat it would name somebody"


def test_html_goes_on_where_it_stopped_with_the_author_of_before(gather, store, tmp_path):
    pages = [
        html_page(*(html_message(1000 * p + n, f"words {n}", "Kim" * (not n)) for n in range(400))) for p in (0, 1)
    ]
    write_html(tmp_path, *pages)
    assert gather(tmp_path, limit=1).found == 500
    assert gather(tmp_path).new == 300
    assert {post.author for post in store.posts()} == {store.hashed("Kim")}


def test_an_account_in_html_and_two_chats_of_one_name(gather, store, tmp_path):
    write_html(tmp_path / "chats" / "chat_1", html_page(html_message(1, "one"), name="Kim"))
    write_html(tmp_path / "chats" / "chat_2", html_page(html_message(1, "two"), name="Lee"))
    other = html_message(1, "three").replace("12:01:00", "12:09:00")
    write_html(tmp_path / "chats" / "chat_3", html_page(other, html_message(2, "four"), name="Lee"))
    (tmp_path / "export_results.html").write_text("<html></html>")
    bad = Quarantine()
    gather(tmp_path, bad=bad)
    assert [post.text for post in store.posts()] == ["one", "two", "four"]
    assert bad.reasons == {"another chat of this name has another message of this id, which stays": 1}


# What is none


def test_bad_exports_are_one_line(store, tmp_path):
    def said(path):
        with pytest.raises(CollectError) as error:
            collect(store, Telegram([path], store))
        assert "\n" not in str(error.value)
        return str(error.value)

    assert "no such file or folder" in said(tmp_path / "none")
    folder = tmp_path / "folder"
    folder.mkdir()
    assert "no result.json and no messages.html in it; expected an export of Telegram Desktop" in said(folder)
    for content, expected in {
        "": "the file is empty",
        "[]": "not JSON, or of something else",
        "7": "not JSON, or of something else",
        "id,text\n1,a\n": "not JSON, or of something else",
        "{}": "no list of messages in it",
        '{"tweets": [{"id": 1}]}': "no list of messages in it",
        '{"messages": []}': "no message with words or a picture in it",
        '{"chats": {"list": [{"id": 1, "messages": [7]}]}}': "no message with words or a picture in it",
    }.items():
        (folder / "result.json").write_text(content)
        assert expected in said(folder / "result.json")
    (folder / "other.html").write_text("<html></html>")
    assert "not a page of messages" in said(folder / "other.html")
    for content, expected in {"": "the file is empty", "<html></html>": "not a page of messages"}.items():
        (folder / "messages.html").write_text(content)
        assert expected in said(folder / "messages.html")


def test_a_half_written_export_says_so_and_goes_on_once_it_is_whole(gather, store, tmp_path):
    path = write_json(tmp_path, chat([message(n) for n in range(1200)]))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 9 // 10])
    with pytest.raises(CollectError, match=r"torn, or not JSON, after message 1,0\d\d .*; wait until Telegram has"):
        gather(path)
    assert store.count() == 1000
    path.write_bytes(whole)
    gather(path)
    assert store.count() == 1200
    page = write_html(tmp_path / "html", html_page(*(html_message(n, "words") for n in range(20))))
    page.write_text(page.read_text()[:4000])
    with pytest.raises(CollectError, match="ends in the middle, after its message"):
        gather(page)


ODD = [
    ("id", None, 0),
    ("id", [1], 0),
    ("id", "x" * 2000, 0),
    ("type", 7, 0),
    ("text", 7, 0),
    ("text", [["a"]], 0),
    ("text", [{"type": "bold"}], 0),
    ("date_unixtime", "1e300", 0),
    ("date_unixtime", "x", 0),
    ("from_id", ["x"], 1),
    ("photo", ["x"], 1),
    ("photo", "x\0" * 300, 1),
    ("reactions", [7, {"emoji": 7, "count": "x"}, {"count": 1e300}], 1),
    ("poll", {"question": [7]}, 1),
    ("edited_unixtime", "x", 1),
    ("reply_to_message_id", "x", 1),
    ("text", "a\ud800b\0", 1),
]


def test_an_odd_message_costs_itself(gather, store, tmp_path):
    rows = [message(n) | {name: value} for n, (name, value, _) in enumerate(ODD)]
    path = tmp_path / "result.json"
    path.write_text(json.dumps(chat([message(500), *rows, 7, None, message(501)])))
    content = path.read_text().replace('"Words 501"', '"Words 501", "more": ' + "[" * 100_000 + "]" * 100_000)
    path.write_text(content.replace('"Words 500"', '"Words 500", "n": ' + "9" * 5000))
    bad = Quarantine()
    gather(path, bad=bad)
    kept = sum(kept for *_, kept in ODD)
    assert (store.count(), bad.count) == (kept + 2, len(ODD) - kept + 2)


@pytest.mark.parametrize(
    "html", ["<div>" * 9000, '<div class="text">' * 40 + "x" * 1000, "<![abc[ x", "<!", "&#x110000;", "</div>" * 99]
)
def test_any_html_of_a_message_is_read_or_left_out(gather, store, tmp_path, html):
    bad = Quarantine()
    write_html(tmp_path, html_page(html_message(1, html), html_message(2, "after")))
    gather(tmp_path, bad=bad)
    assert "after" in {post.text for post in store.posts()}


def test_an_export_is_no_table(store, tmp_path):
    """Its authors would be kept by their names."""
    path = write_json(tmp_path, chat([service(1), message(2)]))
    with pytest.raises(CollectError, match="an export of Telegram, which has a source of its own: feelscope collect"):
        collect(store, Files([path], store=store))


def test_what_words_are():
    assert words_of(None) == ("", ())
    assert words_of("a #b") == ("a #b", ()), "Telegram marks hashtags"


def test_the_command(run, tmp_path):
    write_json(tmp_path / "ChatExport", chat([service(1), message(2), message(3, [7])]))
    ran = run("collect", "posts.db", "telegram", "ChatExport", "--dry-run")
    assert "calls: 0" in ran.stdout and "https://telegram.org/tos" in ran.stdout
    ran = run("collect", "posts.db", "telegram", "ChatExport")
    assert ran.returncode == 0, ran.stderr
    assert "1 left out, see posts.quarantine.jsonl" in ran.stderr
    assert "left out: 1 post that Telegram wrote itself" in ran.stderr
    with Store(tmp_path / "posts.db") as store:
        assert store.count() == 1
    assert "no such file or folder" in error(run("collect", "posts.db", "telegram", "none"))
