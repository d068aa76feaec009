from types import SimpleNamespace

import numpy as np
import pytest

from feelscope.audit import score_report
from feelscope.audit.kinds import GROUPS, kinds_of, length_of, styles_of
from feelscope.audit.scores import audit_scores
from feelscope.errors import TableError
from feelscope.post import Post, Prediction

NAMES = ("anger", "happiness")


def model(right):
    """A classifier that is right where `right(post)` says so, always with 0.8."""

    def stream(posts):
        for post in posts:
            assert post.emotion is None, "the label is not shown"
            answer = TRUE[post.id] if right(post) else 1 - TRUE[post.id]
            yield Prediction(post.id, NAMES[answer], {NAMES[answer]: 0.8, NAMES[1 - answer]: 0.2}, ("text",))

    return SimpleNamespace(name="made up", emotions=NAMES, modalities=("text", "image"), stream=stream)


TRUE = {f"p{number}": number % 2 for number in range(400)}


def posts(text=lambda number: "we went home"):
    return [
        Post(name, text(number), emotion=NAMES[TRUE[name]], other={"dialect": "ab"[number % 2] * (number < 300)})
        for number, name in enumerate(TRUE)
    ]


def group(found, name):
    return next(one for one in found.groups if one.group == name)


def test_scores_of_groups_by_hand():
    given = posts(lambda number: "Stop!" if number < 100 else "we all went home after the long film")
    found = audit_scores(model(lambda post: "!" not in post.text or int(post.id[1:]) < 40), given)
    short, long, every = group(found, "1 to 5"), group(found, "6 to 10"), found.groups[0]
    assert (every.posts, short.posts, long.posts) == (400, 100, 300)
    assert (every.accuracy, short.accuracy, long.accuracy) == (0.85, 0.4, 1.0)
    assert short.more_right == pytest.approx(-0.6) and short.more_right_high < -0.45
    assert long.too_sure == pytest.approx(-0.2) and short.too_sure == pytest.approx(0.4)
    assert short.too_sure_low < 0.4 < short.too_sure_high
    assert short.ece == pytest.approx(0.4) and long.ece == pytest.approx(0.2)
    assert np.isnan(every.more_right)
    assert group(found, "an exclamation mark").accuracy == 0.4
    said = score_report.sentences(found)
    assert said[0].startswith("Less often right than on all other posts: words: 1 to 5 −0.600")
    assert any(one.startswith("Surer than right: words: 1 to 5 +0.400") for one in said)
    assert any(one.startswith("Less sure than right: words: 6 to 10 −0.200") for one in said)


def test_groups_of_a_column_and_posts_without_a_value():
    found = audit_scores(model(lambda post: int(post.id[1:]) % 2 == 0), posts(), "dialect")
    assert [(one.group, one.posts, one.accuracy) for one in found.groups if one.kind == "dialect"] == [
        ("a", 150, 1.0),
        ("b", 150, 0.0),
    ]
    with pytest.raises(TableError, match="--group: no labelled post has a value in the column 'class'"):
        audit_scores(model(lambda post: True), posts(), "class")
    many = [Post(name, "so", emotion="anger", other={"who": name}) for name in TRUE]
    with pytest.raises(TableError, match="the column 'who' has over 50 values"):
        audit_scores(model(lambda post: True), many, "who")


def test_a_post_that_cannot_be_read_counts_as_wrong():
    blind = SimpleNamespace(
        name="blind", emotions=NAMES, stream=lambda posts: (Prediction(post.id, None, {}, ()) for post in posts)
    )
    found = audit_scores(blind, posts()).groups[0]
    assert found.accuracy == 0 and np.isnan(found.too_sure)


def test_the_page_and_its_figure(tmp_path):
    found = audit_scores(model(lambda post: True), posts(), "dialect")
    score_report.write(found, tmp_path / "out", "feelscope audit scores posts.csv")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        *("index.html", "scores.json", "groups.png", "groups.svg", "groups.csv")
    }
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "dialect: a" in page and "400 labelled posts" in page
    assert "dialect: b" in score_report.to_text(found)


@pytest.mark.parametrize(
    ("text", "styles"),
    [
        ("What a day 😂", ["an emoji"]),
        ("So HAPPY!", ["a word in capitals", "an exclamation mark"]),
        ("I am sooo tired", ["stretched letters"]),
        ("why do they always do this?", ["a question mark", "no capitals at all"]),
        ("Home with @ann #sunday", ["a hashtag or @name"]),
        ("Ich habe heute viele schöne Blumen gekauft", ["mostly words that are not English"]),
        ("We went home.", ["none of these"]),
        ("ok then", ["none of these"]),
        ("#NOW it is", ["a hashtag or @name"]),
        ("Thanks, [NAME]. You are right", ["none of these"]),
        ("", []),
    ],
)
def test_styles(text, styles):
    assert styles_of(Post("1", text)) == styles


def test_lengths_count_the_words_of_title_and_text():
    words = [(0, "no words"), (1, "1 to 5"), (5, "1 to 5"), (6, "6 to 10"), (40, "21 to 40"), (41, "more than 40")]
    for count, name in words:
        assert length_of(Post("1", "so " * count, image=b"x")) == name
    assert length_of(Post("1", "we went home", "A long way home")) == "6 to 10"


def test_every_kind_of_a_post_is_one_that_is_listed():
    for post in (Post("1", "Hi!"), Post("1", "Hi", image=b"x"), Post("1", image=b"x"), Post("1", title="SO 😂")):
        assert all(name in GROUPS[kind] for kind, name in kinds_of(post))
    assert dict(kinds_of(Post("1", image=b"x"))) == {"words": "no words", "has": "a picture alone"}
