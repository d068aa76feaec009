"""YouTube's comments, against a server of this machine that answers as its documentation says."""

import json
from dataclasses import replace

import pytest
from command_runs import error
from platforms import CHANNEL, KEY, VIDEO, Platform, comment, serve, youtube

from feelscope.collect.api import Api
from feelscope.collect.kept import NotKept
from feelscope.collect.quota import Meter
from feelscope.collect.run import collect, sync
from feelscope.collect.youtube import QUOTAS, YouTube, parse
from feelscope.collect.youtube_names import read_asked
from feelscope.collect.youtube_refusals import refusal
from feelscope.errors import CollectError
from feelscope.store import Store

NOW = 1_600_000_000
OTHER = "aaaaaaaaaa1"


def comments(count, video=VIDEO, start=0):
    return [comment(start + number, NOW - 60 * number, video) for number in range(count)]


def replies(count, to, start=50_000):
    return [comment(start + number, NOW + number, parent=to) for number in range(count)]


@pytest.fixture
def source(store, clock):
    """YouTube at an address."""

    def source(address, *what, key=KEY, wait=True, bad=None):
        meter = Meter(store, "youtube", key, QUOTAS, wait=wait, clock=clock, sleep=clock.sleep)
        api = Api(address, meter, key, "check KEY", key_name="key")
        return YouTube(replace(api, refuse=refusal(meter, "check KEY")), what, bad)

    return source


@pytest.fixture
def gather(source, store):
    """Collect everything from a platform."""

    def gather(platform, *what, limit=None, **more):
        with serve(platform) as address:
            return collect(store, source(address, *(what or [VIDEO]), **more), limit=limit)

    return gather


def test_every_comment_and_reply_comes_once(gather, store):
    platform = youtube(comments(250), [*replies(230, "Ug00000003"), *replies(3, "Ug00000120", 90_000)])
    outcome = gather(platform)
    assert (store.count(), outcome.new) == (483, 483)
    assert platform.calls == 6, "3 pages of threads; 3 of replies, as a thread has 5 of its 230"
    posts = {post.id: post for post in store.posts()}
    first, reply = posts["youtube:Ug00000003"], posts["youtube:Ug00000003.Ug00050000"]
    assert (first.text, first.other["votes"], first.other["num_comments"]) == ("Words 3", 3, 230)
    assert first.other["url"] == f"https://www.youtube.com/watch?v={VIDEO}&lc=Ug00000003"
    assert first.other["created_at"] == "2020-09-13T12:23:40Z"
    assert (reply.other["reply_to"], reply.other["video"]) == ("Ug00000003", VIDEO)
    assert "edited_at" not in first.other
    authors = {post.author for post in posts.values()}
    assert len(authors) == 7 and store.hashed(f"UC{3:022}") in authors
    assert not any("user3" in json.dumps(post.other) or "UC0" in json.dumps(post.other) for post in posts.values())


@pytest.mark.parametrize("fault", ["empty", "shuffled", "again", "429", "500", "cut", "fast", "token", "quota"])
def test_what_goes_wrong_in_between_loses_nothing(gather, store, fault):
    platform = youtube(comments(450), replies(230, "Ug00000003"))
    platform.faults = {2: fault, 4: fault, 5: "", 6: fault}
    gather(platform)
    assert store.count() == 680 == len({post.id for post in store.posts()})


def test_a_channel_by_its_id_or_its_handle(gather, store):
    platform = youtube([*comments(30), *comments(20, OTHER, 100)])
    gather(platform, "https://www.youtube.com/@garden")
    assert store.count() == 50
    assert {post.other["video"] for post in store.posts()} == {VIDEO, OTHER}
    assert platform.asked[1][1]["allThreadsRelatedToChannelId"] == CHANNEL
    gather(platform, CHANNEL)
    assert store.count() == 50
    with pytest.raises(CollectError, match="there is no channel @gardn; check its spelling"):
        gather(platform, "@gardn")


def test_a_search_costs_a_hundred_units_and_is_not_paid_twice(gather, store):
    found = tuple(f"video{number:06}" for number in range(60))
    have = [one for n, video in enumerate(found) for one in comments(3, video, 10 * n)]
    platform = youtube(have, found=found, disabled=found[7:9])
    outcome = gather(platform, "garden party", limit=30)
    outcome = gather(platform, "garden party")
    assert store.count() == 3 * 58
    searches = [query for path, query in platform.asked if path.endswith("/search")]
    assert len(searches) == 2
    assert store.execute("SELECT count(*) FROM calls").fetchone()[0] == 200 + 60
    assert [note for note in outcome.notes if "disabled" in note] == []
    notes = "\n".join(row[0] for row in store.execute("SELECT notes FROM pages").fetchall())
    assert notes.count("comments are disabled") == 2
    with pytest.raises(CollectError, match="no video is found for 'nothing'"):
        gather(platform, "nothing")


def test_disabled_comments_are_said_and_a_missing_video_is_an_error(gather, store):
    platform = youtube(comments(3), found=(VIDEO, OTHER), disabled=(OTHER,))
    outcome = gather(platform, OTHER, VIDEO)
    assert (store.count(), outcome.notes) == (3, [f"video:{OTHER}: {OTHER}: comments are disabled"])
    with pytest.raises(CollectError, match="there is no such video") as said:
        gather(platform, "bbbbbbbbbb2")
    assert "\n" not in str(said.value)
    assert gather(youtube([]), VIDEO).was_complete


def test_a_video_without_comments(gather):
    assert gather(youtube([])).notes == [f"video:{VIDEO}: no comments"]


def test_the_quota_is_a_day_of_california(gather, store, clock):
    platform = youtube(comments(450))
    platform.faults = {3: "quota"}
    clock.now = 1_700_000_000.0  # 2023-11-14 14:13:20 there
    with pytest.raises(CollectError, match=r"the quota is used up until .*; run the same command again then"):
        gather(platform, wait=False)
    assert store.count() == 200
    with pytest.raises(CollectError, match="used up until"):
        gather(platform, wait=False)
    assert platform.calls == 3, "nobody is asked before"
    clock.now = 1_700_000_000.0 + 9 * 3600 + 46 * 60 + 39
    with pytest.raises(CollectError, match="used up until"):
        gather(platform, wait=False)
    clock.now += 1
    gather(platform, wait=False)
    assert store.count() == 450


def test_a_place_that_is_lost_again_and_again_ends(gather, store):
    platform = youtube(comments(450))
    platform.faults = dict.fromkeys(range(2, 99), "token")
    outcome = gather(platform)
    assert store.count() == 100
    assert "the server lost the place in its comments" in outcome.notes[-1]


def test_a_list_without_end_ends(gather, store):
    def forever(handler, query):
        token = int(query.get("pageToken", 0)) + 1
        handler.say(200, {"items": [], "nextPageToken": str(token)})

    outcome = gather(Platform({"/youtube/v3/commentThreads": forever}))
    assert outcome.notes == [f"video:{VIDEO}: {VIDEO}: 20 answers in a row without a comment; the rest is left out"]
    still = Platform({"/": lambda handler, query: handler.say(200, {"items": [7], "nextPageToken": "a"})})
    assert "gives the same place again" in gather(still, OTHER).notes[-1]
    assert store.count() == 0


def test_sync_removes_what_vanished_and_refreshes_the_rest(source, store):
    have = comments(120)
    platform = youtube(have, replies(2, "Ug00000003"))
    with serve(platform) as address:
        collect(store, source(address, VIDEO))
        del have[5:9]
        changed = {"textOriginal": "other words", "updatedAt": "2022-01-01T00:00:00Z", "likeCount": 99}
        have[3]["snippet"] |= changed
        calls = platform.calls
        assert sync(store, [source(address)], now=lambda: 2**33) == (122, 4)
        assert platform.calls == calls + 4, "50 at a time, and once more those that were missing"
        collect(store, source(address, VIDEO), restart=True)
    assert store.count() == 118
    (post,) = [post for post in store.posts() if post.id == "youtube:Ug00000003"]
    assert (post.text, post.other["votes"], post.other["edited_at"]) == ("other words", 99, "2022-01-01T00:00:00Z")
    assert (post.other["num_comments"], post.other["video"]) == (2, VIDEO)


def test_an_empty_answer_is_not_believed_at_once(source, store):
    platform = youtube(comments(60))
    with serve(platform) as address:
        collect(store, source(address, VIDEO))
        platform.faults = {platform.calls + 1: "empty"}
        assert sync(store, [source(address)], now=lambda: 2**33) == (60, 0)


def test_a_post_whose_further_columns_are_no_json_is_refreshed_all_the_same(source, store):
    with serve(youtube(comments(3))) as address:
        collect(store, source(address, VIDEO))
        store.execute("UPDATE posts SET other = '[' WHERE rowid = 1")
        assert sync(store, [source(address)], now=lambda: 2**33) == (3, 0)
    assert len(list(store.posts())) == 3


def test_an_answer_that_fails_as_one_of_its_comments_is_gone(source, store):
    """The documentation has such a refusal, and does not say whether one comment costs all."""
    have = comments(40)
    platform = youtube(have)
    some = platform.routes["/youtube/v3/comments"]
    gone = {have[7]["id"], have[30]["id"]}

    def strict(handler, query):
        if gone & {*query["id"].split(",")}:
            errors = [{"reason": "commentNotFound"}]
            handler.say(404, {"error": {"code": 404, "message": "Not found.", "errors": errors}})
        else:
            some(handler, query)

    platform.routes["/youtube/v3/comments"] = strict
    with serve(platform) as address:
        collect(store, source(address, VIDEO))
        assert sync(store, [source(address)], now=lambda: 2**33) == (40, 2)
    assert {post.id for post in store.posts()} == {f"youtube:{one['id']}" for one in have if one["id"] not in gone}


def test_an_answer_that_cannot_be_told_removes_nothing(source, store):
    platform = youtube(comments(10))
    with serve(platform) as address:
        collect(store, source(address, VIDEO))
        platform.routes["/youtube/v3/comments"] = lambda handler, query: handler.say(200, {"items": [{"id": 7}, None]})
        assert sync(store, [source(address)], now=lambda: 2**33) == (10, 0)
        platform.routes["/youtube/v3/comments"] = lambda handler, query: handler.say(200, {})
        with pytest.raises(CollectError, match="expected a list of items"):
            sync(store, [source(address)], now=lambda: 2**34)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("dQw4w9WgXcQ", ("video", "dQw4w9WgXcQ")),
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=4s", ("video", "dQw4w9WgXcQ")),
        ("youtu.be/dQw4w9WgXcQ?si=x", ("video", "dQw4w9WgXcQ")),
        ("https://m.youtube.com/shorts/dQw4w9WgXcQ", ("video", "dQw4w9WgXcQ")),
        (f"https://www.youtube.com/channel/{CHANNEL}/videos", ("channel", CHANNEL)),
        (CHANNEL, ("channel", CHANNEL)),
        ("@garden.party", ("channel", "@garden.party")),
        ("https://www.youtube.com/@garden/videos", ("channel", "@garden")),
        ("photography", ("search", "photography")),
        ("Celebration", ("search", "Celebration")),
        ("#happy", ("search", "#happy")),
        ("happy dogs on youtube", ("search", "happy dogs on youtube")),
        ("search:dQw4w9WgXcQ", ("search", "dQw4w9WgXcQ")),
        ("video:photography", ("video", "photography")),
    ],
)
def test_what_an_argument_names(text, asked):
    assert read_asked(text) == asked


@pytest.mark.parametrize("text", ["", " ", "https://www.youtube.com/", "youtu.be/", "video:x", "channel:garden"])
def test_what_an_argument_cannot_name(text):
    with pytest.raises(CollectError, match=r"youtube: .* names nothing to collect; give the id"):
        read_asked(text)


def test_wrong_keys_and_other_refusals_are_one_line(run, gather):
    assert "youtube: the environment has no YOUTUBE_API_KEY" in error(run("collect", "posts.db", "youtube", VIDEO))
    empty = run("collect", "posts.db", "youtube", VIDEO, YOUTUBE_API_KEY=" ")
    assert "youtube: the environment has no YOUTUBE_API_KEY" in error(empty)
    with serve(youtube(comments(3))) as address:
        given = {"YOUTUBE_API_KEY": "wrong", "FEELSCOPE_YOUTUBE_URL": address}
        said = error(run("collect", "posts.db", "youtube", VIDEO, **given))
    assert said == (
        "Error: youtube: the key is refused (API key not valid. Please pass a valid API key.); "
        "check YOUTUBE_API_KEY, see `feelscope docs collect`"
    )
    for status, content in [(403, {"error": {"code": 403, "message": "x"}}), (401, "?"), (403, {"error": 7})]:
        with pytest.raises(CollectError, match="the key is refused"):
            gather(Platform({"/": lambda handler, query, s=status, c=content: handler.say(s, c)}))
    with pytest.raises(CollectError, match="the call is refused"):
        gather(Platform({"/": lambda handler, query: handler.say(400, {"error": {"errors": [{"reason": "other"}]}})}))


def test_the_command_and_its_estimate(run, tmp_path):
    said = run("collect", "posts.db", "youtube", "happy dogs", "--dry-run", "--limit", "5000").stdout
    assert "posts: 5,000 at most" in said and "a search costs 100 units for 50 videos" in said
    assert "https://developers.google.com/youtube/terms/developer-policies" in said
    with serve(youtube(comments(3))) as address:
        given = {"YOUTUBE_API_KEY": KEY, "FEELSCOPE_YOUTUBE_URL": address}
        ran = run("collect", "posts.db", "youtube", VIDEO, **given)
        assert ran.returncode == 0, ran.stderr
        assert "9,999 of 10,000 units left this day" in ran.stderr
        assert "refreshed or deleted within 30 days" in ran.stderr
        with Store(tmp_path / "posts.db") as store:
            store.execute("UPDATE posts SET checked_at = 0")
        ran = run("collect", "posts.db", "sync", **given)
    assert "asked about 3 posts, 0 removed; posts.db has 3" in ran.stderr


def test_a_comment_without_words_is_none():
    with pytest.raises(NotKept, match="without words"):
        parse((comment(1, NOW, textOriginal=" "), VIDEO))
    assert parse((comment(1, NOW, textOriginal=None), VIDEO)).text == "Words 1"
