"""What is new, asked for again and again: between it and what was there nothing is passed over, whenever it stops."""

import random
import signal
import time
from collections import Counter
from contextlib import suppress

import pytest
from killed import Killed
from open_networks import account, bluesky, bluesky_post, mastodon, status
from platforms import flickr, photo, serve, tumblr, tumblr_post
from typer.testing import CliRunner

from feelscope.cli import app
from feelscope.collect.bluesky import OPTED_OUT, Bluesky
from feelscope.collect.flickr import FlickrSearch
from feelscope.collect.follow import LATE, WALK, catch_up, follow
from feelscope.collect.mastodon import Mastodon
from feelscope.collect.run import Outcome, collect
from feelscope.collect.tumblr import Tumblr
from feelscope.store import CollectedPost, Page, Store

NOW = int(time.time())  # by which the database keeps when a query was first asked for


class Stopped(Exception):
    pass


class Listed:
    """A source whose pages are taken from a list, newest first; a cursor is the time of the last post."""

    name, at_once, queries = "listed", 1, ("cats",)

    def __init__(self, times: list[int]) -> None:
        self.times, self.asked, self.stop_at = times, 0, None

    def pages(self, query, cursor):
        below = cursor["below"] if cursor else 10**12
        while True:
            self.asked += 1
            if self.asked == self.stop_at:
                raise Stopped
            times = [when for when in sorted(self.times, reverse=True) if when < below][:5]
            posts = [CollectedPost("listed", str(when), created_at=when, text="cat") for when in times]
            below = times[-1] if times else below
            yield Page(posts, {"below": below}, done=len(times) < 5)

    def still_there(self, posts):
        return set()


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_passed_over_whenever_it_stops(store: Store, seed: int) -> None:
    draw = random.Random(seed)
    source = Listed([NOW - 60 * number for number in range(40)])
    collect(store, source)
    clock = NOW
    for _ in range(12):
        clock += draw.randint(1, 4000)
        source.times += [clock - number for number in range(draw.randint(0, 30))]
        source.stop_at = source.asked + draw.randint(1, 12)
        with suppress(Stopped):
            catch_up(store, source, "cats", Outcome(), now=lambda clock=clock: clock)
    source.stop_at = None
    for _ in range(2):  # the first may complete a walk that was stopped
        catch_up(store, source, "cats", Outcome(), now=lambda: clock)
    assert {int(post.id.split(":")[1]) for post in store.posts()} == {*source.times}


def test_a_round_without_anything_new_is_one_call(store: Store) -> None:
    source = Listed([NOW - 60 * number for number in range(40)])
    collect(store, source)
    catch_up(store, source, "cats", Outcome(), now=lambda: NOW + LATE + 1)
    before, outcome = source.asked, Outcome()
    catch_up(store, source, "cats", outcome, now=lambda: NOW + LATE + 60)
    assert (source.asked - before, outcome.found) == (1, 0)
    assert store.cursor("listed", "cats") == ({"below": NOW - 60 * 39}, True)  # of the walk into the past, as it was
    assert store.cursor("listed", "cats", WALK)[1]


def test_a_round_among_recent_posts_is_one_call(store: Store) -> None:
    """A few posts that are younger than `LATE` and known do not make the round walk on."""
    source = Listed([NOW - 60 * number for number in range(40)])
    collect(store, source)
    source.times += [NOW + 1000, NOW + 1001]
    catch_up(store, source, "cats", Outcome(), now=lambda: NOW + 1010)
    before = source.asked
    catch_up(store, source, "cats", Outcome(), now=lambda: NOW + 1020)
    assert source.asked - before == 1


def test_what_was_removed_is_not_new(store: Store) -> None:
    """A post that the source gives again, and that is not saved again, does not make each round walk on."""
    source = Listed([NOW - 60 * number for number in range(40)])
    collect(store, source)
    gone = next(source.pages("cats", None)).posts[0]
    assert store.checked([gone], [gone], NOW) == 1
    catch_up(store, source, "cats", Outcome(), now=lambda: NOW + LATE + 1)
    before = source.asked
    catch_up(store, source, "cats", Outcome(), now=lambda: NOW + LATE + 60)
    assert (source.asked - before, store.count()) == (1, 39)


@pytest.mark.parametrize("network", ["mastodon", "bluesky"])
def test_a_round_of_which_nothing_is_kept_is_one_call(network: str, api, store: Store) -> None:
    """As of an account or a tag whose authors ask not to be collected."""
    closed = account("author1", indexable=False)
    if network == "mastodon":
        platform = mastodon([status(number, NOW - 6000 - number, account=closed) for number in range(300)])
    else:
        posts = [bluesky_post(number, NOW - 6000 - number) for number in range(300)]
        for post in posts:
            post["author"] = {"did": "did:plc:a", "handle": "a.bsky.social", "labels": [{"val": OPTED_OUT}]}
        platform = bluesky(posts)
    with serve(platform) as address:
        if network == "mastodon":
            source = Mastodon(lambda name: api("mastodon", address, ""), "mastodon.example", ["happy"])
        else:
            source = Bluesky(api("bluesky", address, ""), what=["@a.bsky.social"])
        assert collect(store, source).found == 0
        before = platform.calls
        (query,) = source.queries
        catch_up(store, source, query, Outcome(), now=lambda: NOW + 60)
    assert (platform.calls - before, store.count()) == (1, 0)


TUMBLR, FLICKR = [tumblr_post(n, NOW - 60 * n) for n in range(50)], [photo(n, NOW - 60 * n) for n in range(50)]


@pytest.mark.parametrize(
    ("platform", "have", "new", "begin"),
    [
        (tumblr, TUMBLR, tumblr_post(99, NOW + 100), lambda api, at: Tumblr(api("tumblr", at), ["happy"])),
        (flickr, FLICKR, photo(99, NOW + 100), lambda api, at: FlickrSearch(api("flickr", at), ["sunset"])),
    ],
)
def test_what_is_written_after_the_command_began_is_found(platform, have, new, begin, api, store, monkeypatch) -> None:
    """Where the walk into the past begins at a moment, each round begins at its own."""
    have = [*have]
    with serve(platform(have)) as address:
        monkeypatch.setattr(time, "time", lambda: NOW + 1)
        source = begin(api, address)
        assert collect(store, source).new == 50
        have.insert(0, new)
        monkeypatch.setattr(time, "time", lambda: NOW + 200)
        (query,) = source.queries
        catch_up(store, source, query, Outcome(), now=lambda: NOW + 200)
    assert store.count() == 51


def test_a_quiet_tag_is_no_news(api, store: Store, monkeypatch) -> None:
    """As Tumblr's last post is older than `--max-gap`, in each round again."""
    outcome = Outcome()
    with serve(tumblr([tumblr_post(n, NOW - 10 * 86_400 - 60 * n) for n in range(50)])) as address:
        source = Tumblr(api("tumblr", address), ["happy"])
        collect(store, source)
        for number in range(4):
            now = NOW + 60 * number
            monkeypatch.setattr(time, "time", lambda now=now: now)
            catch_up(store, source, "happy", outcome, now=lambda now=now: now)
    assert (outcome.notes, len(outcome.gaps)) == ([], 1)


def test_posts_of_another_query_are_no_end(store: Store) -> None:
    """A page that is known from elsewhere, above posts that are not."""
    source = Listed([NOW - 60 * number for number in range(10)])
    collect(store, source)
    newer = [NOW + 1000 + number for number in range(10)]
    source.times += newer
    elsewhere = [CollectedPost("listed", str(when), created_at=when, text="cat") for when in newer[5:]]
    store.save("listed", "dogs", Page(elsewhere, {}, done=True))
    catch_up(store, source, "cats", Outcome(), now=lambda: NOW + 2000)
    assert store.count() == 20


def test_a_round_that_fails_is_asked_again(api, store: Store) -> None:
    statuses = [status(number, NOW - 60 * number) for number in range(50)]
    platform, told, rounds, shown = mastodon(statuses), [], [], []

    def wait(seconds: float) -> None:
        rounds.append(seconds)
        if len(rounds) == 1:
            platform.faults = dict.fromkeys(range(platform.calls + 1, platform.calls + 30), "404")
        else:
            platform.faults = {}
        if len(rounds) < 3:
            statuses.insert(0, status(100 + len(rounds), NOW + len(rounds)))
        elif len(rounds) == 4:
            raise KeyboardInterrupt

    with serve(platform) as address:
        source = Mastodon(lambda name: api("mastodon", address, ""), "mastodon.example", ["happy"], tell=told.append)
        outcome = collect(store, source)
        say = {"tell": told.append, "progress": lambda outcome: shown.append(outcome.found)}
        with suppress(KeyboardInterrupt):
            follow(store, source, 7, outcome=outcome, wait=wait, **say)
        assert (rounds, store.count(), len(told)) == ([7, 7, 7, 7], 52, 1)
        assert shown == [52], "a round that fails, and one without anything new, are no progress"
        follow(store, source, 7, outcome=outcome, limit=52, wait=wait)
    assert len(rounds) == 4, "there are enough"


@pytest.mark.slow
@pytest.mark.parametrize("network", ["mastodon", "bluesky-search"])
def test_the_command_is_killed_while_people_write(network: str, tmp_path) -> None:
    """Through kills at any moment, the same command again has everything; Ctrl+C ends it well."""
    played = Killed(network, 300, seed=2)
    draw, written = random.Random(3), 0
    arguments = [*played.arguments, "--follow", "--every", "1"]
    with serve(played.platform) as address:
        for kill in range(6):
            process = played.start(tmp_path, address, arguments)
            for _ in range(draw.randint(1, 4)):
                for _ in range(draw.randint(0, 150)):
                    written += 1
                    played.posts.insert(0, played.make(10_000 + written, NOW + written))
                time.sleep(draw.random() * 1.5)
            process.send_signal(signal.SIGKILL if kill < 5 else 0)
            if kill < 5:
                process.communicate()
        deadline = time.monotonic() + 60
        wanted = {f"{played.source}:{post['uri']}" for post in played.posts}
        while time.monotonic() < deadline:
            time.sleep(1)
            with Store(tmp_path / "posts.db") as store:
                have = Counter(post.id for post in store.posts())
            if have.keys() >= wanted:
                break
        process.send_signal(signal.SIGINT)
        try:
            said = process.communicate(timeout=60)[1]
        finally:
            process.kill()
    assert wanted == have.keys() and max(have.values()) == 1
    assert process.returncode == 0 and "following: asks for what is new every 1 s" in said, said[-500:]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["files", "a.csv"], "needs posts that come newest first"),
        (["sync"], "needs posts that come newest first"),
        (["reddit", "cats"], "needs posts that come newest first"),
        (["bluesky", "https://bsky.app/profile/a.b/feed/best"], "needs posts that come newest first"),
        (["mastodon", "a.social", "cats", "--before", "2020-01-01"], "leave out --before"),
    ],
)
def test_what_cannot_be_followed_is_refused(tmp_path, arguments, said) -> None:
    result = CliRunner().invoke(app, ["collect", str(tmp_path / "posts.db"), *arguments, "--follow"])
    assert result.exit_code == 2 and said in " ".join(result.output.split())
    assert not (tmp_path / "posts.db").exists()
