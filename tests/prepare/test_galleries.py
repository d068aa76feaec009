"""A gallery is as many posts as it has pictures, and none of them crosses the split."""

from feelscope.post import Post
from feelscope.prepare.dataset import prepare
from feelscope.prepare.galleries import each_picture
from feelscope.prepare.settings import Settings
from feelscope.table import PostsTable

ADDRESSES = [f"https://i.redd.it/{name}.jpg" for name in "abc"]
WORDS = ("a walk through the old garden with my dog", "what a storm we had here in the night")


def gallery(number: int, images: object) -> Post:
    other = {"subreddit": "happy", "images": images, "image_url": ADDRESSES[0]}
    return Post(f"reddit:{number}", f"{WORDS[number % 2]} and then number {number} came", other=other)


def test_each_picture_is_a_post_of_its_own() -> None:
    found = [*each_picture([gallery(1, ADDRESSES), gallery(2, ADDRESSES[:1]), gallery(3, "odd"), gallery(4, [*"xy"])])]
    assert [post.id for post in found] == [
        *("reddit:1", "reddit:1:2", "reddit:1:3"),
        *("reddit:2", "reddit:3", "reddit:4"),
    ]
    assert [post.other["image_url"] for post in found[:3]] == ADDRESSES
    assert len({post.text for post in found[:3]}) == 1
    again = [*each_picture([gallery(1, [ADDRESSES[0], *ADDRESSES])])]
    assert [post.other["image_url"] for post in again] == ADDRESSES, "each address once"


def test_a_picture_of_its_own_is_kept() -> None:
    own = Post("1", "words", image=b"bytes", other={"images": ADDRESSES})
    assert [*each_picture([own])] == [own]


def test_a_gallery_stays_on_one_side_of_the_split(tmp_path) -> None:
    posts = [gallery(number, ADDRESSES) for number in range(60)]
    settings = Settings("subreddit", duplicates=False)
    report = prepare(each_picture(posts), tmp_path / "dataset", settings)
    assert report.kept == 180
    sides: dict[str, set[object]] = {}
    for post in PostsTable(tmp_path / "dataset" / "posts.parquet"):
        sides.setdefault(":".join(post.id.split(":")[:2]), set()).add(post.other["split"])
    assert len(sides) == 60
    assert all(len(side) == 1 for side in sides.values())
    assert len({*map(str, sides.values())}) > 1
