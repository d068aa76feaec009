"""Posts made by rule: their labels, what they keep, and which posts they are made of."""

from feelscope.post import Post
from feelscope.prepare.made_posts import KINDS, PostMaker, keeps_label

LABELS = {"happiness": "joy", "sadness": "sadness", "neutral": "none"}
GLAD = Post("1", "I am so happy today", image=b"picture", emotion="joy", other={"desire": "family"}, row=4)
SORRY = Post("2", "My dog died and I am sad.", emotion="sadness")
MAKER = PostMaker([GLAD, SORRY], LABELS)


def made(post: Post, kind: str) -> Post:
    found = MAKER.make(post, kind, 1.0)
    assert found is not None and found.id == f"{post.id} {kind}" and found.row == 0
    return found


def test_what_keeps_its_label_keeps_its_picture_and_cells() -> None:
    for kind in ("marks", "typos"):
        found = made(GLAD, kind)
        assert (found.emotion, found.image, found.other) == ("joy", b"picture", {"desire": "family"})
        assert found.text != GLAD.text and keeps_label(kind)
    titled = made(Post("3", "the weather forecast", title="morning report", emotion="none"), "typos")
    assert titled.title != "morning report" and titled.text != "the weather forecast"
    assert MAKER.make(GLAD, "groups", 1.0) is None  # nobody is spoken of


def test_what_says_something_else_has_another_label_and_nothing_of_the_post() -> None:
    labels = {kind: made(GLAD, kind) for kind in ("negation", "conditional", "quotation")}
    assert {kind: post.emotion for kind, post in labels.items()} == {
        "negation": "sadness",
        "conditional": "none",
        "quotation": "none",
    }
    assert all(post.image is None and not post.other for post in labels.values())
    assert GLAD.text in labels["quotation"].text and "you are so happy today" in labels["conditional"].text


def test_but_takes_a_first_part_of_another_emotion_and_keeps_its_own_label() -> None:
    found = PostMaker([SORRY], LABELS).make(GLAD, "but", 1.0)
    assert found is not None and found.emotion == "joy"
    assert (
        "dog died" in found.text
        and "so happy today" in found.text
        and any(word in found.text.lower() for word in (" but ", " although "))
    )
    assert PostMaker([GLAD], LABELS).make(GLAD, "but", 1.0) is None
    assert PostMaker([], LABELS).make(GLAD, "but", 1.0) is None


def test_a_label_that_there_is_not_is_not_made() -> None:
    maker = PostMaker([GLAD], {"happiness": "joy"})
    assert [maker.make(GLAD, kind, 1.0) for kind in ("negation", "conditional", "quotation")] == [None] * 3


def test_a_share_of_the_posts_by_their_ids_and_the_same_again() -> None:
    posts = [Post(str(number), "a plain sentence") for number in range(400)]
    chosen = [post.id for post in posts if MAKER.make(post, "marks", 0.25)]
    assert 60 < len(chosen) < 140
    assert chosen == [post.id for post in posts if PostMaker([], {}).make(post, "marks", 0.25)]
    assert chosen != [post.id for post in posts if MAKER.make(post, "typos", 0.25)]
    assert all(MAKER.make(Post("9", image=b"picture"), kind, 1.0) is None for kind in KINDS)
