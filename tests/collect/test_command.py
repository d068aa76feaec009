"""What the command says to wrong input, before anybody is asked."""

import shlex

import pytest
from command_runs import error, usage_error
from open_networks import bluesky, bluesky_post, mastodon, status
from platforms import KEY, flickr, photo, reddit, serve, submission, tumblr, tumblr_post

from feelscope.cli.collect import SOURCES
from feelscope.collect import sources
from feelscope.store import CollectedPost, Page, Store


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["tumblr", "happy"],
            "tumblr: the environment has no TUMBLR_API_KEY; `feelscope docs collect`",
        ),
        (["reddit", "happy"], "reddit: the environment has no REDDIT_CLIENT_ID"),
        (["flickr", "sea"], "flickr: the environment has no FLICKR_API_KEY"),
        (["files", "none.csv"], "none.csv: no such file or folder"),
        (["dumps", "none.zst"], "none.zst: no such file"),
        (["sync"], "posts.db: there is no such database"),
        (["mastodon", "mastodon", "happy"], "mastodon: 'mastodon' is no server's name, such as mastodon.social"),
        (["mastodon", "a.social", "#"], "mastodon: a tag is empty; write it as in"),
        (["bluesky", "#"], "bluesky: nothing to search for; write it as in"),
    ],
)
def test_what_is_missing_is_one_line(run, arguments, said):
    assert said in error(run("collect", "posts.db", *arguments))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["tumbler", "happy"], "no source 'tumbler'; did you mean 'tumblr'?"),
        (["mastodon", "a.social"], "say what to collect: feelscope collect posts.db mastodon SERVER TAG|@ACCOUNT..."),
        (["tumblr"], "say what to collect: feelscope collect posts.db tumblr WHAT..."),
        (
            ["tumblr", "happy", "--before", "yesterday"],
            "--before: expected a date such as 2016-01-31, found 'yesterday'",
        ),
        (["reddit", "--preset", "dong"], "no preset 'dong'; did you mean 'duong'?"),
        (["reddit", "happy", "--listing", "best"], "--listing is top or new, found 'best'"),
        (["sync", "happy"], "sync takes no further arguments"),
    ],
)
def test_what_is_written_wrong(run, arguments, said):
    assert said in usage_error(run("collect", "posts.db", *arguments))


def test_the_command_names_every_source():
    assert (*sources.SOURCES, sources.SYNC) == SOURCES


def test_a_dry_run_asks_nobody_and_makes_nothing(run, tmp_path):
    ran = run("collect", "posts.db", "tumblr", "happy", "--limit", "38000", "--dry-run")
    assert ran.returncode == 0, ran.stderr
    posts, calls, time, disk, _, terms = ran.stdout.splitlines()
    assert (posts, calls) == ("posts: 38,000 at most", "calls: 2,000")
    assert time == "time: 1:00 h of waiting for quotas"
    assert disk.startswith("disk: 57.0 MB of ")
    assert terms.endswith(" https://www.tumblr.com/docs/en/api_agreement")
    assert list(tmp_path.iterdir()) == []


def test_dry_runs_of_the_other_sources(run, tmp_path):
    (tmp_path / "a.csv").write_text("id,text\n1,hello\n")
    assert "calls: 0" in run("collect", "posts.db", "files", "a.csv", "--dry-run").stdout
    said = run("collect", "posts.db", "reddit", "--preset", "duong", "--dry-run").stdout
    assert "posts: 4,000 at most" in said
    assert "calls: 40" in said
    (tmp_path / "set.csv").write_text("id,emotion\n" + "".join(f"{n},awe\n" for n in range(7200)))
    said = run("collect", "posts.db", "flickr", "--ids", "set.csv", "--dry-run").stdout
    assert "calls: 7,200" in said
    assert "time: 1:00 h of waiting" in said
    said = run("collect", "posts.db", "mastodon", "a.social", "happy", "--limit", "24000", "--dry-run").stdout
    assert "calls: 600" in said and "time: 5:00 min of waiting" in said and "https://a.social/about" in said
    said = run("collect", "posts.db", "bluesky", "happy", "--limit", "900", "--dry-run").stdout
    assert "calls: 9" in said
    said = run("collect", "posts.db", "tumblr", "happy", "--dry-run").stdout
    assert "at most 5,000 calls and 95,000 posts a day" in said


def test_reddit_flickr_and_sync_from_the_command(run, tmp_path):
    submissions, photos = [submission(number) for number in range(120)], [photo(1, 1_400_000_000)]
    with serve(reddit(submissions)) as one, serve(flickr(photos)) as other:
        keys = {"REDDIT_CLIENT_ID": "id", "REDDIT_CLIENT_SECRET": KEY, "REDDIT_USER_AGENT": "a test of feelscope"}
        environment = {**keys, "FLICKR_API_KEY": KEY, "FEELSCOPE_REDDIT_URL": one, "FEELSCOPE_FLICKR_URL": other}
        for arguments in (["reddit", "happy"], ["flickr", "sunset"]):
            ran = run("collect", "posts.db", *arguments, **environment)
            assert ran.returncode == 0, ran.stderr
        with Store(tmp_path / "posts.db") as store:
            store.execute("UPDATE posts SET checked_at = 0")
        del submissions[:20]
        ran = run("collect", "posts.db", "sync", **environment)
    assert ran.returncode == 0, ran.stderr
    assert "asked about 121 posts, 20 removed; posts.db has 101" in ran.stderr


def test_open_networks_from_the_command(run, tmp_path):
    now = 1_780_000_000
    posts = [bluesky_post(number, now - number) for number in range(130)]
    statuses = [status(number, now - number) for number in range(90)]
    statuses[3]["account"]["noindex"] = True
    with serve(bluesky(posts)) as one, serve(mastodon(statuses)) as other:
        environment = {"FEELSCOPE_BLUESKY_URL": one, "FEELSCOPE_MASTODON_URL": other}
        ran = run("collect", "posts.db", "bluesky", "#happy", **environment)
        assert ran.returncode == 0, ran.stderr
        assert "note: #happy: without a login a search is one page" in ran.stderr
        assert "BLUESKY_APP_PASSWORD, and ask again with --restart" in ran.stderr
        login = {"BLUESKY_HANDLE": "me.bsky.social", "BLUESKY_APP_PASSWORD": KEY}
        ran = run("collect", "posts.db", "bluesky", "#happy", "--restart", **environment, **login)
        assert "30 of them new; posts.db has 130" in ran.stderr
        assert "of 3,000 calls left these five minutes" in ran.stderr
        assert KEY not in ran.stderr
        ran = run("collect", "posts.db", "mastodon", "a.social", "happy", **environment)
        assert ran.returncode == 0, ran.stderr
        assert "left out: 1 post whose authors ask not to be collected (noindex)" in ran.stderr
        assert "want to be asked: read https://a.social/about" in ran.stderr
        ran = run("collect", "posts.db", "sync", **environment)
        assert "every post came, or was asked about, within the last day" in ran.stderr
        assert "posts.db has 219" in ran.stderr
        with Store(tmp_path / "posts.db") as store:
            store.execute("UPDATE posts SET checked_at = 0")
        del posts[:10], statuses[10:15]
        ran = run("collect", "posts.db", "sync", **environment)
    assert "asked about 219 posts, 15 removed; posts.db has 204" in ran.stderr
    ran = run("collect", "posts.db", "bluesky", "#happy", **environment, BLUESKY_HANDLE="me.bsky.social")
    assert "the environment has only one of BLUESKY_HANDLE and BLUESKY_APP_PASSWORD" in error(ran)
    ran = run("collect", "posts.db", "mastodon", "a.social", "sad", FEELSCOPE_MASTODON_URL="http://127.0.0.1:9")
    assert "mastodon: no answer (connection refused); is http://127.0.0.1:9 the API" in error(ran)


def test_servers_of_ones_own_network_are_not_asked_for_a_database(run, tmp_path):
    """Whoever made the database named them."""
    with serve(mastodon([])) as address, Store(tmp_path / "posts.db") as store:
        port = address.rpartition(":")[2]
        for number, server in enumerate((f"127.0.0.1:{port}", "10.0.0.1", f"localhost.localdomain:{port}")):
            more = {"server": server, "server_id": "1"}
            store.save("mastodon", "q", Page([CollectedPost("mastodon", str(number), other=more)], {}))
        store.execute("UPDATE posts SET checked_at = 0")
    ran = run("collect", "posts.db", "sync", "--limit", "2")
    assert ran.returncode == 0, ran.stderr
    assert "0 removed; posts.db has 3" in ran.stderr
    assert "address 127.0.0.1 is not of the public internet" in ran.stderr


def test_html_in_place_of_json(run):
    platform = flickr([])
    platform.faults = {1: "html"}
    with serve(platform) as address:
        ran = run("collect", "posts.db", "flickr", "sea", FLICKR_API_KEY=KEY, FEELSCOPE_FLICKR_URL=address)
    assert "expected JSON and got '<html>" in error(ran)


def test_spans_of_time_to_ask_for_again_are_told_as_commands(run, tmp_path):
    now = 1_460_000_000
    platform = tumblr([tumblr_post(number, now - 100 - number * 600, tag="so happy") for number in range(100)])
    platform.faults = {2: "empty", 3: "empty"}
    with serve(platform) as address:
        given = {"TUMBLR_API_KEY": KEY, "FEELSCOPE_TUMBLR_URL": address}
        ran = run("collect", "posts.db", "tumblr", "so happy", "--before", str(now), **given)
        assert ran.returncode == 0, ran.stderr
        said = ran.stderr.splitlines()
        place = said.index("posts from these periods may be missing; ask again with:")
        command = shlex.split(said[place + 1])
        assert command[:5] == ["feelscope", "collect", "posts.db", "tumblr", "so happy"]
        assert command[5::2] == ["--before", "--after"]
        with Store(tmp_path / "posts.db") as store:
            assert store.count() < 100
        ran = run(*command[1:], **given)
    assert ran.returncode == 0, ran.stderr
    assert "posts.db has 100" in ran.stderr
    assert "may be missing" not in ran.stderr
