"""Mastodon: tags and accounts of a server, and what is not kept of them."""

from email.message import Message

import pytest
from open_networks import account, mastodon, status
from platforms import Platform, serve

from feelscope.collect.mastodon import Mastodon
from feelscope.collect.mastodon_ids import next_below
from feelscope.collect.mastodon_names import read_asked, server_of
from feelscope.collect.run import collect, sync
from feelscope.errors import CollectError
from feelscope.store import CollectedPost

NOW = 1_780_000_000
LATER = 2**33
SERVER = "mastodon.example"
NOT_FOUND, NOT_SHOWN = (
    f"whose authors have not agreed to be {what} (their setting {name} is off, as it is until they turn it on)"
    for what, name in (("found in searches", "indexable"), ("suggested to others", "discoverable"))
)


def statuses(count, every=60, **more):
    return [status(number, NOW - number * every, **more) for number in range(count)]


@pytest.fixture
def source(api):
    """A server at an address."""

    def source(address, *what, server=SERVER, tell=lambda words: None, **more):
        apis = {}
        return Mastodon(
            lambda name: apis.setdefault(name, api("mastodon", address, "")), server, what, tell=tell, **more
        )

    return source


@pytest.fixture
def gather(source, store):
    def gather(platform, *what, restart=False, **more):
        with serve(platform) as address:
            return collect(store, source(address, *what, **more), restart=restart)

    return gather


def test_everything_with_a_tag_comes_once(gather, store):
    platform = mastodon(statuses(1003))
    outcome = gather(platform, "#happy")
    assert (outcome.new, store.count()) == (1003, 1003)
    assert platform.calls == 28, "26 pages, and an end that is believed when it comes twice"


def test_a_post_is_read(gather, store):
    gather(mastodon(statuses(6)), "happy")
    photo, warned, reply, *_ = store.posts()
    assert photo.id == "mastodon:https://far.example/users/author0/statuses/0"
    assert photo.text == "Words 0 :blobcat:\n& more #happy"
    assert (photo.alt_text, photo.other["lang"]) == ("A cat 0", "en")
    assert photo.other["image_url"] == "https://files.far.example/0-1.png"
    assert len(photo.other["images"]) == 2
    assert (warned.title, warned.other["sensitive"], photo.title) == ("mood 1 <3", True, "")
    assert [post.other["reply"] for post in (photo, warned, reply)] == [False, False, True]
    assert photo.tags == ("happy",)
    assert (photo.other["server"], photo.other["server_id"]) == (SERVER, status(0, NOW)["id"])
    assert photo.author == store.hashed("https://far.example/users/author0")


def test_a_poll_and_an_edit(gather, store):
    first = status(1, NOW, poll={"options": [{"title": "yes", "votes_count": 3}, {"title": "no"}]})
    gather(mastodon([first]), "happy")
    assert next(store.posts()).other["poll"] == ["yes", "no"]
    edited = {**first, "content": "<p>Better words</p>", "edited_at": "2026-06-01T10:00:00.000Z"}
    outcome = gather(mastodon([edited]), "happy", restart=True)
    (post,) = store.posts()
    assert (outcome.new, post.text, post.other["edited_at"]) == (0, "Better words", "2026-06-01T10:00:00.000Z")


def test_a_boost_is_its_authors(gather, store):
    inner = status(1, NOW - 500)
    boost = {**status(2, NOW, account=account("author2")), "content": "", "reblog": inner}
    gather(mastodon([boost, status(9, NOW - 900)]), "@author2@far.example")
    found = {post.other["repost"]: post for post in store.posts()}
    assert found[True].id.endswith("/author1/statuses/1")
    assert found[True].author == store.hashed("https://far.example/users/author1")
    assert found[True].text.startswith("Words 1")


@pytest.mark.parametrize("fault", ["empty", "shuffled", "again", "429", "500", "cut"])
@pytest.mark.parametrize("what", ["#happy", "@author1"])
def test_what_goes_wrong_in_between_loses_nothing(gather, store, what, fault):
    have = statuses(430 if what[0] == "#" else 430 * 7)
    platform = mastodon(have)
    platform.faults = {3: fault, 5: fault}
    gather(platform, what)
    wanted = {f"mastodon:{one['uri']}" for one in have if what[0] == "#" or one["account"]["username"] == what[1:]}
    assert {post.id for post in store.posts()} == wanted


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"account": account("a", noindex=True)}, "whose authors ask not to be collected (noindex)"),
        (
            {"account": account("a", indexable=False)},
            NOT_FOUND,
        ),
        (
            {"account": account("a", discoverable=False)},
            NOT_SHOWN,
        ),
        (
            {"account": account("a", note='<p><a href="https://x/tags/nobot">#<span>NoBot</span></a></p>')},
            "whose authors ask not to be collected (#nobot)",
        ),
        (
            {"account": account("a", fields=[{"name": "Bots", "value": "#noindex, please"}])},
            "whose authors ask not to be collected (#noindex)",
        ),
        ({"visibility": "unlisted"}, "that are not public to all"),
        ({"visibility": "private"}, "that are not public to all"),
        ({"content": "<p></p>", "media_attachments": []}, "without words or a picture of their own"),
    ],
)
def test_what_is_not_kept_is_counted(gather, store, change, said):
    some = statuses(9)
    some[4] = {**some[4], "spoiler_text": "", **change}
    outcome = gather(mastodon(some), "happy")
    assert outcome.left_out == {said: 1}
    assert store.count() == 8


def test_an_older_server_says_nothing_of_consent(gather, store):
    silent = {"username": "author1", "acct": "author1", "id": "1", "note": "nobot is a word", "discoverable": None}
    outcome = gather(mastodon([status(1, NOW, account=silent)]), "happy")
    assert (store.count(), outcome.left_out) == (1, {})


def test_a_window_of_time(gather, store):
    platform = mastodon(statuses(2900))
    gather(platform, "happy", before=NOW - 60 * 2099, after=NOW - 60 * 2299)
    numbers = [int(post.id.rsplit("/", 1)[1]) for post in store.posts()]
    assert (min(numbers), max(numbers), len(numbers)) == (2100, 2299, 200)
    assert platform.calls < 10, "it begins and ends with the time that was asked for"


def test_a_server_whose_ids_are_no_times_is_walked_down(gather, store):
    have = [{**one, "id": str(10**17 - number)} for number, one in enumerate(statuses(300))]
    platform = mastodon(have)
    gather(platform, "happy", before=NOW - 60 * 199)
    assert (store.count(), platform.calls) == (100, 10)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("@nobody", "mastodon: mastodon.example knows no account '@nobody'; check its spelling"),
        ("nothing", "mastodon: mastodon.example has no posts of '#nothing' that anybody may see"),
        ("#", "mastodon: a tag is empty; write it as in: feelscope collect posts.db mastodon mastodon.social happy"),
        ("h\udcfflf", r"mastodon: mastodon.example has no posts of '#h\udcfflf' that anybody may see"),
        ("@a b", "mastodon: '@a b' is no account, such as @name"),
    ],
)
def test_what_is_not_there_is_one_line(gather, what, said):
    with pytest.raises(CollectError) as error:
        gather(mastodon(statuses(3)), what)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("platform", "said"),
    [
        (Platform({}), "knows nothing of '#happy', or it is no Mastodon server (404)"),
        (
            Platform({"/": lambda handler, query: handler.raw(200, b"<html>hello")}),
            "expected JSON and got '<html>hello",
        ),
        (Platform({"/": lambda handler, query: handler.say(200, {"error": "no"})}), "is it a Mastodon server?"),
        (mastodon([], closed="all"), r"the call is refused (401); check KEY"),
    ],
)
def test_a_server_that_is_none_or_shows_nothing(gather, platform, said):
    with pytest.raises(CollectError) as error:
        gather(platform, "happy")
    assert said in str(error.value)


def test_a_server_that_keeps_the_posts_of_others_to_itself(gather, store):
    outcome = gather(mastodon(statuses(100), closed="others"), "happy")
    assert store.count() == 100
    (note,) = outcome.notes
    assert note.endswith("mastodon.example shows nothing but its own people's posts without a login")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("mastodon.social", "mastodon.social"),
        ("https://Mastodon.Social/", "mastodon.social"),
        ("bücher.de", "xn--bcher-kva.de"),
    ],
)
def test_servers_names(text, name):
    assert server_of(text) == name


@pytest.mark.parametrize("text", ["", "mastodon", "http://a.b", "a.b/c", "a b.c", "@me@a.b", "." * 300, "[::1]"])
def test_what_is_no_servers_name(text):
    with pytest.raises(CollectError, match="is no server's name"):
        server_of(text)


@pytest.mark.parametrize(
    ("what", "asked"),
    [
        ([], ("", [])),
        (["a.social"], ("a.social", [])),
        (["a.social", "cats", "@me"], ("a.social", ["cats", "@me"])),
        (["https://a.social/tags/cats"], ("a.social", ["#cats"])),
        (
            ["https://a.social/tags/caf%C3%A9/", "https://a.social/@me@b.social"],
            ("a.social", ["#café", "@me@b.social"]),
        ),
        (["A.social", "https://a.social/@me", "cats"], ("a.social", ["@me", "cats"])),
    ],
)
def test_a_page_names_its_server_and_what_is_on_it(what, asked):
    assert read_asked(what) == asked


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (["https://a.social/@me/112233"], "is no server's name"),
        (
            ["https://a.social/tags/cats", "https://b.social/@me"],
            "is not of a.social; collect it by a command",
        ),
    ],
)
def test_a_page_that_cannot_be_collected(what, said):
    with pytest.raises(CollectError, match=said):
        read_asked(what)


def test_the_header_link_goes_first_where_it_leads_down():
    headers = Message()
    headers["Link"] = '<https://x/?max_id=70>; rel="next", <https://x/?min_id=90>; rel="prev"'
    assert next_below([{"id": "90"}, {"id": "80"}], headers, "") == "70"
    assert next_below([{"id": "90"}, {"id": "60"}], headers, "70") == "60", "a link that leads back is not followed"
    assert next_below([{"id": "95"}, {"id": "80"}, {"id": "x"}, {}, 7], Message(), "") == "80"
    assert next_below([{"id": "95"}, {"id": "80"}, {"id": "10000"}], Message(), "") == "80", "of the usual length"
    assert next_below([], Message(), "70") == "70"


@pytest.mark.parametrize("index", [True, False])
def test_what_is_gone_is_removed_for_good(source, store, index):
    have = statuses(60)
    platform = mastodon(have, index=index)
    with serve(platform) as address:
        gathered = source(address, "happy")
        collect(store, gathered)
        gone = have.pop(5)
        have[7]["account"]["note"] = "#nobot"
        if index:
            platform.calls, platform.faults = 0, {2: "empty"}  # an empty answer is not believed at once
        assert sync(store, [gathered], now=lambda: LATER) == (60, 2)
        have.insert(5, gone)
        collect(store, gathered, restart=True)
    assert store.count() == 58


def test_a_post_whose_words_were_taken_out_is_still_there(source, store):
    """Nobody asked that it is not kept."""
    have = statuses(2)
    with serve(mastodon(have)) as address:
        gathered = source(address, "happy")
        collect(store, gathered)
        have[1] |= {"content": "<p></p>", "spoiler_text": "", "media_attachments": []}
        assert sync(store, [gathered], now=lambda: LATER) == (2, 0)


def test_a_post_of_no_known_server_takes_nothing_back(source, store):
    """As of a file, or of a database that somebody else has changed."""
    platform = mastodon(statuses(6))
    with serve(platform) as address:
        gathered = source(address, "happy")
        collect(store, gathered)
        odd = ("[", "{}", '{"server": 7, "server_id": "1"}', '{"server": "a/b", "server_id": "1"}')
        for number, other in enumerate(odd, 1):
            store.execute("UPDATE posts SET other = ? WHERE rowid = ?", other, number)
        platform.calls = 0
        assert sync(store, [gathered], now=lambda: LATER) == (6, 0)
    assert platform.calls == 1


@pytest.mark.parametrize("answer", [(404, {"error": "Not Found"}), (404, "<html>for sale"), (410, {})])
def test_an_address_that_is_no_server_any_more_takes_nothing_back(source, store, answer):
    """Whatever it is asked is not there, which says nothing of posts."""
    posts = [CollectedPost("mastodon", str(n), other={"server": "gone.example", "server_id": str(n)}) for n in range(3)]
    told = []
    with serve(Platform({"/": lambda handler, query: handler.say(*answer)})) as address:
        assert source(address, tell=told.append).still_there(posts) == {"0", "1", "2"}
    assert told[0].startswith(
        "gone.example does not say which posts it still has, so they stay: mastodon: gone.example"
    )


def test_a_server_that_is_gone_takes_nothing_back(source, store):
    more = {"server": "gone.example", "server_id": "1"}
    posts = [CollectedPost("mastodon", str(number), other=more if number else {}) for number in range(3)]
    told = []
    platform = Platform({"/": lambda handler, query: handler.raw(200, b"<html>for sale")})
    with serve(platform) as address:
        asking = source(address, tell=told.append)
        assert asking.still_there(posts) == {"0", "1", "2"}
        calls = platform.calls
        assert asking.still_there(posts) == {"0", "1", "2"}
    assert (platform.calls, len(told)) == (calls, 1), "it is left alone, and told once"
    assert told[0].startswith("gone.example does not say which posts it still has, so they stay: mastodon: expected")
