import random
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from platforms import KEY, serve, tumblr, tumblr_post, tumblr_video

from feelscope.collect.quota import Meter
from feelscope.collect.rows import read_post
from feelscope.collect.run import collect
from feelscope.collect.tumblr import Tumblr, Walk, blog_of, parse, parse_post, step
from feelscope.errors import CollectError
from feelscope.store import CollectedPost
from feelscope.table import BadRow, Quarantine
from feelscope.table.layouts.tumblr import KINDS
from feelscope.table.times import iso

NOW = 1_460_000_000
DAY = 86_400


def posts(count, every=60):
    return [tumblr_post(number, NOW - 100 - number * every) for number in range(count)]


@pytest.fixture
def gather(api, store):
    """Collect everything with a tag from a platform."""

    def gather(platform, tag="happy", *, before=NOW, after=None, max_gap=7 * DAY, limit=None):
        with serve(platform) as address:
            return collect(store, Tumblr(api("tumblr", address), [tag], before, after, max_gap), limit=limit)

    return gather


def test_everything_comes_once(gather, store):
    outcome = gather(tumblr(posts(203)), "#happy")
    assert (outcome.new, store.count()) == (203, 203)
    assert store.cursor("tumblr", "happy before 2016-04-07T03:33:20Z")[1]
    assert Meter(store, "tumblr", KEY, ()).calls.since(0)[0] < 60


def test_photo_text_and_npf_posts_are_read(gather, store):
    gather(tumblr(posts(3)))
    photo, text, blocks = store.posts()
    assert (photo.text, photo.other["image_url"]) == ("Caption & 0", "https://64.media.tumblr.com/0.jpg")
    assert (text.title, text.text, "image_url" in text.other) == ("Title 1", "Words 1\nand more", False)
    assert (blocks.text, blocks.other["image_url"]) == ("Blocks 2", "https://64.media.tumblr.com/2.jpg")
    assert blocks.other["tags"] == ["happy", "cats"]
    assert (blocks.other["votes"], blocks.other["created_at"]) == (2, "2016-04-07T03:29:40Z")


def test_posts_without_words_or_a_picture_are_left_out_and_said(gather, store):
    some = [tumblr_video(n, post["timestamp"]) if n % 2 else post for n, post in enumerate(posts(6))]
    outcome = gather(tumblr(some))
    assert store.count() == 3
    assert any("3 posts without words or a picture of their own, left out" in note for note in outcome.notes)


def test_many_posts_of_one_second_are_all_had(gather, store):
    crowd = [tumblr_post(300 + number, NOW - 500) for number in range(15)]
    gather(tumblr([*posts(13, every=30), *crowd, *[tumblr_post(900 + n, NOW - 600 - n) for n in range(30)]]))
    assert store.count() == 58


@pytest.mark.parametrize("fault", ["empty", "shuffled", "newer", "again", "429", "500", "cut"])
def test_what_goes_wrong_in_between_loses_nothing(gather, store, fault):
    platform = tumblr(posts(300))
    platform.faults = {4: fault, 5: "", 6: fault}
    outcome = gather(platform)
    have = {post.id for post in store.posts()}
    assert have == {f"tumblr:{number}" for number in range(300)}
    assert not outcome.gaps
    assert len(have) == store.count()


def test_an_empty_answer_is_stepped_over_and_the_gap_is_told(gather, store):
    platform = tumblr(posts(200, every=7200))
    platform.faults = {3: "empty", 4: "empty"}
    outcome = gather(platform, max_gap=DAY // 4)
    assert store.count() > 190
    assert any("gap: no post between" in note for note in outcome.notes)
    (_, start, end) = outcome.gaps[0]
    assert f"ask again with --before {iso(end)} --after {iso(start)}" in " ".join(outcome.notes)
    for _, start, end in outcome.gaps:
        gather(platform, before=end, after=start)
    assert store.count() == 200


def test_a_window_that_ends_in_nothing_is_told(gather, store):
    platform = tumblr(posts(100, every=3600))
    platform.faults = dict.fromkeys(range(3, 9), "empty")
    outcome = gather(platform, after=NOW - 5 * DAY, max_gap=DAY)
    (_, start, end) = outcome.gaps[0]
    assert start == NOW - 5 * DAY and store.count() < 100
    gather(platform, before=end, after=start)
    assert store.count() == 100


def test_a_stray_old_post_does_not_drag_the_walk_along(gather, store):
    some = posts(100)
    stray = tumblr_post(999, NOW - 900 * DAY)
    platform = tumblr([*some, stray])
    tagged = platform.routes["/v2/tagged"]

    def with_stray(handler, query):
        say = handler.say

        def say_more(status, content, headers=None):
            content["response"] = [*content["response"][:10], stray]
            say(status, content, headers)

        handler.say = say_more
        tagged(handler, query)

    platform.routes["/v2/tagged"] = with_stray
    outcome = gather(platform)
    assert store.count() == 101, "all between are there, and in the end the stray one"
    assert any("after a jump in time, left for later" in note for note in outcome.notes)
    assert any("gap: no post between" in note for note in outcome.notes)


def test_a_real_gap_is_walked_over_and_told(gather, store):
    recent, old = posts(30), [tumblr_post(500 + n, NOW - 400 * DAY - n) for n in range(30)]
    outcome = gather(tumblr(recent + old))
    assert store.count() == 60
    assert [note for note in outcome.notes if "gap: no post between" in note]
    assert outcome.gaps == [("happy before 2016-04-07T03:33:20Z", NOW - 400 * DAY, NOW - 100 - 29 * 60)]
    again = gather(tumblr(recent + old), before=outcome.gaps[0][2], after=outcome.gaps[0][1])
    assert again.new == 0, "there was nothing"


def test_after_is_where_it_ends(gather, store):
    gather(tumblr(posts(300)), after=NOW - 100 - 150 * 60)
    assert store.count() == 151


def test_a_limit_stops_behind_a_page_and_the_rest_comes_later(gather, store):
    platform = tumblr(posts(100))
    assert gather(platform, limit=30).found == 40
    gather(platform)
    assert store.count() == 100


def test_an_unknown_tag_is_told_after_a_few_calls(gather):
    platform = tumblr(posts(5))
    with pytest.raises(CollectError, match="no post has the tag 'hapy'; check its spelling"):
        gather(platform, "hapy")
    assert platform.calls < 25


def test_a_wrong_key_and_what_is_no_list(gather, store, api):
    platform = tumblr(posts(5))
    with serve(platform) as address, pytest.raises(CollectError, match=r"the key is refused \(401\)"):
        collect(store, Tumblr(api("tumblr", address, key="wrong"), ["happy"], NOW, None, DAY))
    platform.faults = {2: "text"}
    with pytest.raises(CollectError, match="expected a list of posts and got"):
        gather(platform)
    with pytest.raises(CollectError, match="a tag is empty"):
        Tumblr(api("tumblr", "http://x"), ["#"], NOW, None, DAY)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**30), st.integers(1, 60), st.sampled_from([DAY // 24, DAY, 30 * DAY]))
def test_the_walk_ends_and_has_everything_of_an_honest_server(seed, count, max_gap):
    draw = random.Random(seed)
    ages = {int(draw.expovariate(1 / draw.choice([60, DAY, 40 * DAY]))) + 1 for _ in range(count)}
    have = [CollectedPost("tumblr", str(NOW - age), NOW - age) for age in sorted(ages) if age < 3000 * DAY]
    walk, found, calls = Walk(NOW), set(), 0
    while True:
        answer = [post for post in have if post.created_at < walk.before][:7]
        draw.shuffle(answer)
        page, walk = step(walk, answer, NOW - 3000 * DAY, max_gap)
        found |= {post.id for post in page.posts}
        calls += 1
        assert calls < 1000
        if page.done:
            break
    assert found == {post.id for post in have}


NAMES = st.sampled_from("content text photos media url trail original_size blog name tags id note_count".split())
JSON = st.recursive(
    st.sampled_from([None, 7, "text", "photo", "blocks", "https://x/y"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@example("photo", {"photos": [{"original_size": 7}], "blog": "text", "tags": 7})
@example("blocks", {"content": [], "trail": 7})
@example("blocks", {"content": [], "trail": [{"content": 7}]})
@given(st.sampled_from(["photo", "text", "blocks", "video"]), st.dictionaries(NAMES, JSON, max_size=8))
def test_any_json_is_parsed_or_left_out(kind, raw):
    with suppress(BadRow):
        read_post(parse_post, {"type": kind, "timestamp": NOW, "title": "a title", **raw})
    if kind in KINDS and "timestamp" not in raw:
        with pytest.raises(BadRow, match="none that Tumblr has"):
            parse_post({"type": kind, **raw})


def test_what_is_no_answer():
    for answer in (None, [], "x", {"response": {"posts": []}}):
        with pytest.raises(CollectError):
            parse(answer, Quarantine(), "tumblr")


def test_a_reblog_without_words_shows_the_last_of_its_trail():
    trail = [{"content": [{"type": "text", "text": "first"}]}, {"content": [{"type": "text", "text": "last"}]}]
    post = parse_post(tumblr_post(2, NOW, content=[], trail=trail, reblogged_from_id="1"))
    assert (post.text, post.other["reblog"]) == ("last", True)


def text(words, **more):
    return {"type": "text", "text": words, **more}


def npf(*content, **more):
    return parse_post(tumblr_post(2, NOW, content=[*content], **more))


def test_only_the_authors_own_words_are_read():
    asked = {"layout": [{"type": "ask", "blocks": [0]}]}
    assert npf(text("Why so sad?"), text("My dog ran away."), **asked).text == "My dog ran away."
    trail = [{"content": [text("My grandmother died.")]}]
    assert npf(text("so sorry"), trail=trail, reblogged_from_id="1").text == "so sorry"
    quoted = '<p><a class="tumblr_blog" href="https://o.tumblr.com">o</a>:</p><blockquote><p>She died.</p></blockquote>'
    legacy = tumblr_post(1, NOW, title="", body=f"{quoted}<p>so sorry</p>", reblogged_from_id="2")
    post = parse_post(legacy)
    assert (post.text, post.other["text_as_it_was"]) == ("so sorry", legacy["body"])
    assert parse_post(legacy | {"body": quoted}).text == "o:\nShe died.", "nothing of its own: what it shows"
    thanks = '<p>thanks to <a class="tumblr_blog">o</a></p><blockquote>a line I love</blockquote>'
    assert parse_post(legacy | {"body": thanks}).text == "thanks to o\na line I love"


def test_quotes_chats_polls_and_captions_are_words():
    assert npf(text("Grief is love.", subtype="quote"), original_type="quote").text == "Grief is love."
    assert npf(text("me: fine", subtype="chat"), text("also me: no", subtype="chat")).text == "me: fine\nalso me: no"
    video = {"type": "video", "media": {"url": "https://va.media.tumblr.com/v.mp4"}}
    post = npf(video, text("look at him go"), original_type="video")
    assert (post.text, post.image) == ("look at him go", None)
    assert npf({"type": "poll", "question": "How was it?", "answers": [{"answer_text": "sad"}]}).text == "How was it?"
    picture = {"type": "image", "media": [{"url": "https://64.media.tumblr.com/a.jpg"}]}
    shown = npf(picture | {"caption": "us, last summer", "alt_text": "three people laughing"})
    assert (shown.text, shown.other["alt_text"]) == ("us, last summer", "three people laughing")


@pytest.mark.parametrize(
    ("kind", "fields", "words"),
    [
        ("quote", {"text": "Grief is love.", "source": "somebody"}, "Grief is love."),
        ("chat", {"dialogue": [{"name": "me", "label": "me:", "phrase": "fine"}]}, "me: fine"),
        ("video", {"caption": "<p>look at him</p>"}, "look at him"),
        ("answer", {"question": "Why so sad?", "answer": "<p>My dog ran away.</p>"}, "My dog ran away."),
        ("link", {"title": "A page's title", "description": "<p>made my day</p>"}, "made my day"),
    ],
)
def test_legacy_posts_of_other_kinds(kind, fields, words):
    post = parse_post({"type": kind, "timestamp": NOW, "id": 1, **fields})
    assert (post.title, post.text) == ("", words)


def test_a_trail_whose_last_post_is_empty():
    trail = [{"content": [text("the root has words")]}, {"content": []}]
    assert npf(trail=trail, reblogged_from_id="1").text == "the root has words"


def test_a_time_may_be_text():
    assert parse_post(tumblr_post(2, NOW) | {"timestamp": str(NOW)}).created_at == NOW


def test_the_blog_in_an_address():
    assert blog_of("https://some-blog.tumblr.com/post/1/slug") == "some-blog.tumblr.com"
    assert blog_of("https://www.tumblr.com/some-blog/1/slug") == "some-blog"
    assert "/" not in blog_of("https://www.tumblr.com/..%2f..%2fuser/1")
