"""Bluesky: searches, accounts, custom feeds, and what is not kept of them."""

import pytest
from open_networks import bluesky, bluesky_post
from platforms import KEY, serve

from feelscope.collect.bluesky import Bluesky
from feelscope.collect.bluesky_login import Login
from feelscope.collect.run import collect, sync
from feelscope.errors import CollectError
from feelscope.store import CollectedPost

NOW = 1_780_000_000
LATER = 2**33


def posts(count, every=60, **more):
    return [bluesky_post(number, NOW - 100 - number * every, **more) for number in range(count)]


@pytest.fixture
def source(api):
    """Bluesky at an address, as an account or as anybody."""

    def source(address, *what, password=KEY, before=NOW, after=None):
        anyone = api("bluesky", address, "")
        login = Login(api("bluesky", address, ""), "me.bsky.social", password) if password else None
        return Bluesky(anyone, login, what, before, after)

    return source


@pytest.fixture
def gather(source, store):
    def gather(platform, *what, limit=None, restart=False, **more):
        with serve(platform) as address:
            return collect(store, source(address, *what, **more), limit=limit, restart=restart)

    return gather


@pytest.mark.parametrize("what", ["#happy", "words"])
def test_a_search_finds_everything_once(gather, store, what):
    platform = bluesky(posts(1234))
    outcome = gather(platform, what)
    assert (outcome.new, store.count()) == (1234, 1234)
    assert platform.calls < 20
    assert not any("cursor" in query for _, query in platform.asked)


def test_a_post_is_read(gather, store):
    gather(bluesky(posts(6)), "#happy")
    photo, quote, reply, *_ = store.posts()
    assert photo.id == "bluesky:at://did:plc:author0/app.bsky.feed.post/0"
    assert (photo.text, photo.alt_text) == ("Words 0 #happy", "A cat 0")
    assert photo.other["image_url"] == "https://cdn.bsky.app/img/feed_fullsize/0-1@jpeg"
    assert len(photo.other["images"]) == 2
    assert (photo.other["langs"], quote.other["lang"]) == (["en", "de"], "en")
    assert photo.tags == ("happy",)
    assert photo.url == "https://bsky.app/profile/did:plc:author0/post/0"
    assert [post.other["quote"] for post in (photo, quote, reply)] == [False, True, False]
    assert [post.other["reply"] for post in (photo, quote, reply)] == [False, False, True]
    assert len(photo.author) == 32 and "author0" not in photo.author


@pytest.mark.parametrize("fault", ["empty", "shuffled", "again", "429", "500", "cut"])
@pytest.mark.parametrize("what", ["#happy", "author1.bsky.social"])
def test_what_goes_wrong_in_between_loses_nothing(gather, store, what, fault):
    have = posts(430 if what[0] == "#" else 430 * 7)
    platform = bluesky(have)
    platform.faults = {3: fault, 5: fault}
    gather(platform, what)
    wanted = {f"bluesky:{post['uri']}" for post in have if what[0] == "#" or post["author"]["handle"] == what}
    if fault == "again" and what[0] != "#":  # half of a page that has a cursor never comes
        return
    assert {post.id for post in store.posts()} == wanted


def test_a_search_is_a_page_for_who_is_not_logged_in(gather, store):
    outcome = gather(bluesky(posts(250)), "#happy", password="")
    assert store.count() == 100
    assert "for the rest set BLUESKY_HANDLE and BLUESKY_APP_PASSWORD" in outcome.notes[0]
    with pytest.raises(CollectError, match=r"the call is refused \(403\); check KEY"):
        gather(bluesky(posts(250), open_search=False), "words", password="")


def test_a_login_that_expires_is_made_again(gather, store):
    platform = bluesky(posts(1000), lasts=3)
    gather(platform, "#happy")
    assert store.count() == 1000
    logins = [path for path, _ in platform.asked if path.endswith("createSession")]
    assert 3 <= len(logins) <= 5


def test_a_wrong_password(gather):
    with pytest.raises(CollectError, match=r"the call is refused \(401\); check KEY"):
        gather(bluesky(posts(3)), "#happy", password="wrong")


def test_an_account_and_a_feed_without_a_login(gather, store):
    gather(bluesky(posts(1500)), "@author3.bsky.social", password="")
    assert store.count() == 214
    feed = [{"post": post} for post in posts(1500)]
    gather(bluesky(posts(1), feed), "https://bsky.app/profile/maker.bsky.social/feed/best", password="")
    assert store.count() == 1500
    gather(bluesky(posts(1), feed[:5]), "at://did:plc:maker/app.bsky.feed.generator/best", password="")


def test_a_repost_is_its_authors(gather, store):
    by = {"$type": "app.bsky.feed.defs#reasonRepost", "by": {"did": "did:plc:r"}, "indexedAt": "2026-05-28T20:00:00Z"}
    own, other = posts(2)
    gather(bluesky([], [{"post": other, "reason": by}, {"post": own}]), "reposter.bsky.social")
    found = {post.other["repost"]: post for post in store.posts()}
    assert found[True].id.startswith("bluesky:at://did:plc:author1/")
    assert found[True].author == store.hashed("did:plc:author1")
    assert not found[False].other["repost"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"author": {"did": "did:plc:a", "labels": [{"val": "!no-unauthenticated"}]}}, "(!no-unauthenticated)"),
        ({"labels": [{"val": "!hide"}]}, "that moderators have hidden"),
        ({"record": {"$type": "app.bsky.feed.post", "text": " "}}, "without words or a picture"),
    ],
)
def test_what_is_not_kept_is_counted(gather, store, change, said):
    some = posts(9)
    some[4] = {**some[4], **change}
    feed = [{"post": post} for post in some]
    outcome = gather(bluesky([], feed), "reposter.bsky.social")
    ((reason, count),) = outcome.left_out.items()
    assert said in reason
    assert (count, store.count()) == (1, 8)
    ((notes,),) = store.execute("SELECT notes FROM pages").fetchall()
    assert f"left out: 1 posts {reason}" in notes


def test_labels_are_kept_and_can_be_taken_back(gather, store):
    some = posts(2)
    some[0]["labels"] = [{"val": "porn"}, {"val": "!hide"}, {"val": "!hide", "neg": True}]
    gather(bluesky([], [{"post": post} for post in some]), "reposter.bsky.social")
    assert [post.other.get("labels") for post in store.posts()] == [["porn"], None]


def test_a_time_to_come_is_not_believed(gather, store):
    some = posts(1)
    some[0]["record"]["createdAt"] = "2199-01-01T00:00:00Z"
    gather(bluesky([], [{"post": post} for post in some]), "reposter.bsky.social", before=None)
    assert next(store.posts()).created_at.year == 2026


def test_a_window_of_time(gather, store):
    after, before = NOW - 100 - 60 * 299, NOW - 100 - 60 * 99
    for what in ("#happy", "author1.bsky.social"):
        gather(bluesky(posts(500)), what, before=before, after=after)
        numbers = [int(post.id.rsplit("/", 1)[1]) for post in store.posts()]
        assert (min(numbers), max(numbers)) == (100, 299)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("nobody.bsky.social", "bluesky: there is no 'nobody.bsky.social' (Profile not found)"),
        ("empty.bsky.social", "bluesky: 'empty.bsky.social' has no posts that anybody may see"),
        ("#nothing", "bluesky: nothing is found for '#nothing'"),
        ("at://did:plc:x/app.bsky.feed.generator/y", "there is no 'at://did:plc:x/app.bsky.feed.generator/y' (could"),
        ("https://bsky.app/profile/no.one/feed/y", "bluesky: there is no account 'no.one' (Unable to resolve handle)"),
        ("#", "bluesky: nothing to search for"),
        ("@alice", "bluesky: '@alice' is no whole handle"),
        ("h\udcfflf", r"bluesky: nothing is found for 'h\udcfflf'"),
    ],
)
def test_what_is_not_there_is_one_line(gather, what, said):
    with pytest.raises(CollectError) as error:
        gather(bluesky(posts(3)), what)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_post_of_a_file_without_an_address_takes_nothing_back(source):
    ids = ["3k44", "at://x y/app.bsky.feed.post/1", "at://did:plc:a/app.bsky.feed.post/\u00e9", "at://did:plc:a/b"]
    platform = bluesky([])
    with serve(platform) as address:
        assert source(address).still_there([CollectedPost("bluesky", id) for id in ids]) == {*ids}
    assert not platform.calls


def test_what_is_gone_is_removed_for_good(source, store):
    have = posts(60)
    platform = bluesky(have)
    with serve(platform) as address:
        gathered = source(address, "#happy")
        collect(store, gathered)
        gone = have.pop(5)
        have[7]["author"]["labels"] = [{"val": "!no-unauthenticated"}]
        platform.calls, platform.faults = 0, {2: "empty"}  # an empty answer is not believed at once
        assert sync(store, [gathered], now=lambda: LATER) == (60, 2)
        have.insert(5, gone)
        collect(store, gathered, restart=True)
    assert store.count() == 58
