"""Reddit and Tumblr in a posts table: as `collect` reads them from their APIs."""

from layout_files import Read, zeeschuimer
from platforms import submission, tumblr_post, tumblr_video

from feelscope.table import PostsTable


def test_submissions(read: Read) -> None:
    gone = submission(2) | {"selftext": "[removed]", "author": "[deleted]"}
    parent = submission(9) | {"selftext": "Rain &amp; wind"}
    cross = submission(3) | {"selftext": "", "crosspost_parent_list": [parent]}
    found, table = read(zeeschuimer("reddit.com", submission(1)), gone, cross | {"emotion": "joy"})
    assert [(one.id, one.source) for one in found] == [("p1", "reddit"), ("p2", "reddit"), ("p3", "reddit")]
    assert (found[1].text, found[1].author, found[2].text, found[2].emotion) == ("", "", "Rain & wind", "joy")
    assert found[0].title and found[0].created_at and found[0].other["subreddit"]
    assert table.remarks == ("read as posts of Reddit",)


def test_posts_of_tumblr_without_a_collection(read: Read) -> None:
    _, table = read(tumblr_post(1, 1_400_000_000), tumblr_video(2, 1_400_000_000))
    (found,) = PostsTable(table.path)
    assert (found.id, found.text, found.source) == ("1", "Words 1\nand more", "tumblr")
    assert found.created_at and found.created_at.timestamp() == 1_400_000_000
    assert table.quarantine.reasons == {"no words and no picture of its own": 1}
