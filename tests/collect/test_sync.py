from platforms import KEY, flickr, photo, reddit, serve, submission, tumblr, tumblr_post

from feelscope.collect.dumps import Dumps
from feelscope.collect.files import Files
from feelscope.collect.flickr import FlickrSearch
from feelscope.collect.quota import Meter
from feelscope.collect.reddit import Reddit, connect
from feelscope.collect.run import collect, sync
from feelscope.collect.tumblr import Tumblr
from feelscope.store import CollectedPost

NOW = 1_460_000_000
LATER = 2**33  # long behind the day within which nobody is asked again


def test_what_vanished_is_removed_and_stays_away(store, api):
    posts = [tumblr_post(number, NOW - 60 * number - 1) for number in range(30)]
    platform = tumblr(posts)
    with serve(platform) as address:
        source = Tumblr(api("tumblr", address), ["happy"], NOW, None, 10**9)
        collect(store, source)
        gone, kept = posts[5:8], [*posts[:5], *posts[8:]]
        posts[:] = kept
        assert sync(store, [source], now=lambda: LATER) == (30, 3)
        assert sync(store, [source], now=lambda: LATER + 60) == (0, 0), "nobody is asked twice within a day"
        posts[:] = sorted([*kept, *gone], key=lambda post: -post["timestamp"])
        collect(store, source, restart=True)
    assert store.count() == 27


def test_a_stopped_sync_goes_on(store, api):
    posts = [tumblr_post(number, NOW - 60 * number - 1) for number in range(10)]
    platform = tumblr(posts)
    with serve(platform) as address:
        source = Tumblr(api("tumblr", address), ["happy"], NOW, None, 10**9)
        collect(store, source)
        platform.asked.clear()
        assert sync(store, [source], limit=4, now=lambda: LATER) == (4, 0)
        assert sync(store, [source], now=lambda: LATER) == (6, 0)
    assert len({query["id"] for _, query in platform.asked}) == 10


def test_reddit_a_hundred_at_a_time_and_flickr_one_by_one(store, api):
    submissions, photos = [submission(number) for number in range(250)], [photo(number, NOW) for number in range(1, 5)]
    plays_reddit, plays_flickr = reddit(submissions), flickr(photos)
    with serve(plays_reddit) as one, serve(plays_flickr) as other:
        names = ("REDDIT_CLIENT_ID", "REDDIT_CLIENT_SECRET", "REDDIT_USER_AGENT")
        client = connect(dict.fromkeys(names, KEY), Meter(store, "reddit", "id", ()), one)
        sources = [Reddit(client, ["happy"]), FlickrSearch(api("flickr", other), ["sea"], NOW + 1, 0)]
        for source in sources:
            collect(store, source)
        plays_reddit.calls = 0
        del submissions[::10]
        del photos[0]
        assert sync(store, sources, now=lambda: LATER) == (254, 26)
    assert plays_reddit.calls == 3, "250 posts, a hundred at a time"
    assert store.sources() == {"flickr": 3, "reddit": 225}


def test_what_comes_from_files_is_not_taken_back(tmp_path):
    (tmp_path / "posts.csv").write_text("id,text\n1,hello\n")
    posts = [CollectedPost("posts", "1"), CollectedPost("posts", "2")]
    for source in (Files([tmp_path / "posts.csv"]), Dumps([tmp_path / "posts.csv"])):
        assert source.at_once > 1
        assert source.still_there(posts) == {"1", "2"}
