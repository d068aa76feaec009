import socket

import pytest
from platforms import KEY, reddit, serve, submission

from feelscope.collect.quota import Meter, Quota
from feelscope.collect.reddit import PRESETS, Reddit, connect, parse
from feelscope.collect.run import collect
from feelscope.collect.wanted import EVERY, Wanted
from feelscope.errors import CollectError
from feelscope.store import WebAddress
from feelscope.table.layouts.reddit import images

CREDENTIALS = {"REDDIT_CLIENT_ID": "id", "REDDIT_CLIENT_SECRET": KEY, "REDDIT_USER_AGENT": "feelscope tests"}


@pytest.fixture
def source(store, clock):
    """Reddit at an address."""

    def source(address, *subreddits, listing="top", wanted=EVERY, secret=KEY):
        meter = Meter(store, "reddit", "id", quotas=(Quota(1000, 60),), clock=clock, sleep=clock.sleep)
        client = connect({**CREDENTIALS, "REDDIT_CLIENT_SECRET": secret}, meter, address)
        return Reddit(client, subreddits, listing, wanted)

    return source


def test_a_listing_is_read_to_its_end_and_the_limit_of_1000(store, source):
    platform = reddit([submission(number) for number in range(1200)])
    with serve(platform) as address:
        outcome = collect(store, source(address, "r/happy"))
    assert (outcome.new, store.count(), store.cursor("reddit", "r/happy top")[1]) == (1000, 1000, True)
    assert platform.calls == 11, "one for the token, ten of 100 posts"
    assert Meter(store, "reddit", "id", ()).calls.since(0)[0] == 11
    post = next(store.posts())
    assert (post.id, post.title, post.text, post.other["votes"]) == ("reddit:p0", "Title 0", "Text 0", 2000)
    assert post.other["image_url"] == "https://i.redd.it/0.jpg"
    assert post.other["author"] == store.hashed("user0")


def test_it_goes_on_behind_the_last_page(store, source):
    platform = reddit([submission(number) for number in range(250)])
    with serve(platform) as address:
        assert collect(store, source(address, "happy"), limit=1).found == 100
        assert collect(store, source(address, "happy")).new == 150
    assert store.count() == 250
    assert [query.get("t") for path, query in platform.asked if path == "/r/happy/top"] == ["all"] * 3


def test_a_minimum_of_votes_and_several_subreddits(store, source):
    some = [submission(number, ("happy", "gore")[number % 2]) for number in range(100)]
    with serve(reddit(some)) as address:
        outcome = collect(store, source(address, "happy", "gore", wanted=Wanted(min_votes=1950)))
    assert all(store.cursor("reddit", f"r/{name} top from 1950 votes")[1] for name in ("happy", "gore"))
    assert store.count() == 51
    assert any("posts with fewer than 1950 votes, left out" in note for note in outcome.notes)


def test_posts_without_a_picture_are_left_out_where_they_are_not_wanted(store, source):
    bare = {"url": "https://www.reddit.com/r/happy/1", "post_hint": "self"}
    some = [submission(number, **(bare if number % 4 == 0 else {})) for number in range(100)]
    with serve(reddit(some)) as address:
        outcome = collect(store, source(address, "happy", wanted=Wanted(1950, with_picture=True)))
    assert store.cursor("reddit", "r/happy top from 1950 votes with a picture")[1]
    left = [number for number in range(100) if number % 4 and some[number]["score"] >= 1950]
    assert {post.id for post in store.posts()} == {f"reddit:p{number}" for number in left}
    few = sum(one["score"] < 1950 for one in some)
    assert f"{few} posts with fewer than 1950 votes, left out" in outcome.notes[0] + outcome.notes[1]
    assert f"{100 - few - len(left)} posts without a picture, left out" in outcome.notes[0] + outcome.notes[1]


def test_the_papers_subreddits():
    assert PRESETS["duong"] == ("happy", "creepy", "rage", "gore")


@pytest.mark.parametrize(
    ("subreddit", "said"),
    [
        ("nowhere", "there is no such subreddit, or it is banned (404)"),
        ("private", "private, banned, or your approval"),
    ],
)
def test_subreddits_that_cannot_be_read(store, source, subreddit, said):
    with serve(reddit([submission(1)])) as address, pytest.raises(CollectError) as error:
        collect(store, source(address, subreddit))
    assert said in str(error.value)
    assert f"r/{subreddit}" in str(error.value)


def test_wrong_credentials(store, source):
    with serve(reddit([submission(1)])) as address, pytest.raises(CollectError, match="the credentials are refused"):
        collect(store, source(address, "happy", secret="wrong"))


def test_a_closed_port_and_html(store, source):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with pytest.raises(CollectError, match="no answer") as error:
        collect(store, source(address, "happy"))
    assert "\n" not in str(error.value)
    platform = reddit([submission(1)])
    platform.faults = {2: "html"}
    with serve(platform) as address, pytest.raises(CollectError):
        collect(store, source(address, "happy"))


@pytest.mark.parametrize("call", [1, 2])
def test_credentials_follow_no_redirect(store, source, call):
    platform = reddit([submission(1)])
    platform.faults = {call: "redirect"}
    with serve(platform) as address, pytest.raises(CollectError) as error:
        collect(store, source(address, "happy"))
    assert "\n" not in str(error.value)
    assert platform.calls == call


@pytest.mark.parametrize(("bomb", "said"), [("[" * 200_000, "expected JSON"), ("1" * 6000, "expected a listing")])
def test_json_that_no_parser_takes_is_one_line(store, source, bomb, said):
    platform = reddit([submission(1)])
    platform.routes |= {"/r/": lambda handler, _: handler.raw(200, bomb.encode())}
    with serve(platform) as address, pytest.raises(CollectError, match=said) as error:
        collect(store, source(address, "happy"))
    assert "\n" not in str(error.value)


def test_which_posts_are_still_there(store, source):
    some = [submission(1), submission(2, author="[deleted]"), submission(3, selftext="[removed]")]
    some.append(submission(4, removed_by_category="moderator"))
    with serve(reddit(some)) as address:
        reader = source(address, "happy")
        collect(store, reader)
        assert reader.still_there(store.least_checked("reddit", 2**40, 100)) == {"p1"}


def test_pictures_of_links_and_galleries():
    gallery = {
        "media_metadata": {"b": {"s": {"u": "https://p/b.jpg?x=1&amp;y=2"}}, "a": {"s": {"gif": "https://p/a.gif"}}},
        "gallery_data": {"items": [{"media_id": "a"}, {"media_id": "b"}, {"media_id": "gone"}]},
        "url": "https://www.reddit.com/gallery/1",
    }
    assert images(gallery) == ["https://p/a.gif", "https://p/b.jpg?x=1&y=2"]
    assert images({"url": "https://i.imgur.com/a.PNG?1"}) == ["https://i.imgur.com/a.PNG?1"]
    assert images({"url": "https://imgur.com/a", "post_hint": "image"}) == ["https://imgur.com/a"]
    assert images({"url": "https://example.org/news"}) == images({"url": "self.happy"}) == images({}) == []


def test_a_crosspost_has_the_words_and_pictures_of_its_parent():
    gallery = {
        "gallery_data": {"items": [{"media_id": "a"}]},
        "media_metadata": {"a": {"s": {"u": "https://x.org/a.jpg"}}},
    }
    parent = submission(1, selftext="It rained &amp; rained", url="https://www.reddit.com/gallery/1", **gallery)
    bare = {"url": "/r/sad/comments/p1", "selftext": "", "crosspost_parent_list": [parent]}
    post = parse(submission(2, **bare))
    assert (post.title, post.text) == ("Title 2", "It rained & rained")
    assert post.image == WebAddress("https://x.org/a.jpg")
    own = parse(submission(2, **{**bare, "selftext": "my own words"}))
    assert own.text == "my own words"
    for odd in ([], None, [7], {}):
        assert parse(submission(2, **{**bare, "crosspost_parent_list": odd})).text == ""


def test_what_reddit_writes_where_words_were_is_no_text():
    for gone in ("[deleted by user]", "[ Removed by Reddit on account of violating the [content policy](/p). ]"):
        post = parse(submission(3, title=gone, selftext="[removed]", author="[deleted]"))
        assert (post.title, post.text, post.author) == ("", "", "")
        assert post.other["title_as_it_was"] == gone and post.other["text_as_it_was"] == "[removed]"
    post = parse(submission(3, selftext="cats &amp; dogs &amp;#x200B;"))
    assert (post.text.strip("\u200b "), post.other["text_as_it_was"][:8]) == ("cats & dogs", "cats &am")
