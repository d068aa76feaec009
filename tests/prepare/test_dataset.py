import collections
import datetime
import json
import random

import pytest

from feelscope.emotions import SEVEN
from feelscope.errors import FeelscopeError
from feelscope.post import Post
from feelscope.prepare import hard_negatives
from feelscope.prepare.dataset import prepare
from feelscope.prepare.label_words import LabelWords
from feelscope.prepare.settings import Settings
from feelscope.table import PostsTable
from feelscope.text.english_words import english_words

LABEL = LabelWords(SEVEN)
WORDS = [word for word in sorted(english_words()) if len(word) == 7 and word[:3] not in LABEL.beginnings][::5]
SAYS = ("happy", "sad", "angry", "scared")


def posts(count=400, seed=0, authors=40):
    draw = random.Random(seed)
    for number in range(count):
        text = f"{' '.join(draw.sample(WORDS, 12))} river n{number} #{draw.choice(SAYS)}"
        author = f"a{draw.randrange(authors)}"
        other = {"author": author, "votes": draw.randrange(10**6), "created_at": "2016-01-01", "url": "https://x/y"}
        day = {"created_at": datetime.datetime(2016, 1, 1, tzinfo=datetime.UTC), "day_only": True}
        yield Post(f"p{number}", text, other=other, author=author, tags=("cats", "sohappy"), **day)


def read(folder):
    return {post.id: post for post in PostsTable(folder / "posts.parquet")}


def test_a_dataset_is_written_that_train_can_read(tmp_path):
    report = prepare(posts(), tmp_path / "d", Settings("hashtags"))
    found = read(tmp_path / "d")
    assert len(found) == report.kept == 400
    assert all("#" not in post.text for post in found.values())
    one = found["p0"]
    assert one.emotion in ("happiness", "sadness", "anger", "fear")
    assert one.other["emotions_found"] == [one.emotion]
    assert one.tags == ("cats",)
    assert one.other["created_at"] == "2016-01-01"
    assert "url" not in one.other
    assert not report.leak.leaks
    saved = json.loads((tmp_path / "d" / "report.json").read_text())
    assert saved["kept"] == 400
    assert saved["leak"]["leaks"] is False
    assert {path.name for path in (tmp_path / "d").iterdir()} == {"posts.parquet", "report.json"}


def test_further_columns_keep_their_types_or_become_text(tmp_path):
    when = datetime.datetime(2016, 1, 1, tzinfo=datetime.UTC)
    others = [
        {"likes": 1, "share": 1, "seen": True, "when": when, "nested": {"a": [when]}, "mixed": 1},
        {"likes": None, "share": 0.5, "seen": False, "when": None, "nested": None, "mixed": "x", "late": 2},
    ] * 300  # more than are written at once
    some = [
        Post(f"p{n}", f"we walked along the river until the lamps came on {n} #happy", other=other)
        for n, other in enumerate(others)
    ]
    prepare(some, tmp_path / "d", Settings("hashtags", duplicates=False, keep=tuple(others[1])))
    one, two = (read(tmp_path / "d")[id].other for id in ("p0", "p599"))
    names = ("likes", "share", "seen", "when", "nested", "mixed", "late")
    assert [one[name] for name in names] == [
        1,
        1.0,
        True,
        when.isoformat(),
        '{"a": ["2016-01-01T00:00:00+00:00"]}',
        "1",
        None,
    ]
    assert [two[name] for name in names] == [None, 0.5, False, None, None, "x", 2]


def test_nobody_and_no_near_duplicate_is_on_both_sides(tmp_path):
    some = list(posts(300))
    draw = random.Random(4)
    for number in range(100):  # reposts by others
        post = draw.choice(some[:300])
        some.append(Post(f"r{number}", post.text.replace("river", "boat"), author=f"b{number}"))
    prepare(some, tmp_path / "d", Settings("hashtags"))
    sides = collections.defaultdict(set)
    for post in read(tmp_path / "d").values():
        sides["author", post.author or post.text].add(post.other["split"])
        sides["group", post.other["group"]].add(post.other["split"])
    assert {len(some) for some in sides.values()} == {1}
    assert len({frozenset(some) for some in sides.values()}) == 3, "all three splits are there"


def test_the_split_does_not_depend_on_the_order(tmp_path):
    some = list(posts(200))
    prepare(some, tmp_path / "one", Settings("hashtags"))
    prepare(some[::-1], tmp_path / "other", Settings("hashtags"))
    one, other = read(tmp_path / "one"), read(tmp_path / "other")
    assert {id: post.other["split"] for id, post in one.items()} == {
        id: post.other["split"] for id, post in other.items()
    }


def test_the_papers_split_by_votes(tmp_path):
    report = prepare(posts(), tmp_path / "d", Settings("hashtags", split="votes"))
    ranked = sorted(read(tmp_path / "d").values(), key=lambda post: -post.other["votes"])
    assert [post.other["split"] for post in ranked] == ["test"] * 40 + ["dev"] * 40 + ["train"] * 320
    assert report.torn <= 1, "twelve words of hundreds are hardly ever the same"


def test_what_is_dropped_is_counted_by_reason(tmp_path):
    some = [
        *posts(5),
        Post("no label", "we walked along the river until it was late"),
        Post("not english", "heute ist ein schöner tag und wir gehen nach hause #sad"),
        Post("nothing", "#sad"),
        Post("short", "so late today #sad"),
    ]
    report = prepare(some, tmp_path / "d", Settings("hashtags"))
    assert report.kept == 5
    assert report.dropped == {
        "no emotion of the label set is named": 1,
        "not English": 1,
        "too few words, no more than 5 different ones": 1,
        "nothing is left to read": 1,
    }
    assert "left out: not English" in report.to_text()


def test_a_faulty_rule_is_found_at_the_end(tmp_path):
    report = prepare(posts(), tmp_path / "d", Settings("hashtags"), clean=lambda text: text.replace("#", ""))
    assert report.leak.leaks
    assert "FAILED" in report.to_text()


def test_strict_passes_where_plain_words_tell(tmp_path):
    some = [Post(post.id, f"{post.text} so {post.text.split('#')[1]}") for post in posts()]
    assert prepare(some, tmp_path / "d", Settings("hashtags")).leak.leaks
    assert not prepare(some, tmp_path / "d", Settings("hashtags", strict=True)).leak.leaks


@pytest.mark.parametrize("method", ["overlap", f"keyword={WORDS[0]},{WORDS[1]}", "score=votes"])
def test_hard_negatives_are_never_of_their_own_emotion(tmp_path, method):
    prepare(posts(), tmp_path / "d", Settings("hashtags", hard_negatives=method))
    found = list(read(tmp_path / "d").values())
    marked = [post for post in found if post.other["hard_negative_of"]]
    assert marked
    assert not [post for post in marked if post.emotion in post.other["hard_negative_of"]]
    if method.startswith("keyword"):
        assert {post.id for post in marked} == {p.id for p in found if {WORDS[0], WORDS[1]} & set(p.text.split())}


def test_overlap_marks_those_that_read_alike(tmp_path):
    some = [Post(f"h{n}", f"the staff are great and we were glad n{n} #happy") for n in range(40)]
    some += [Post(f"s{n}", f"the rooms are cold and we were told so n{n} #sad") for n in range(40)]
    some.append(Post("hard", "the staff are great but the rooms are cold and dirty #sad"))
    prepare(some, tmp_path / "d", Settings("hashtags", hard_negatives="overlap"))
    assert read(tmp_path / "d")["hard"].other["hard_negative_of"] == ["happiness"]


def marked(rows, method, emotion, column="text"):
    """A column of the rows that are hard negatives of an emotion."""
    found = hard_negatives.harvest(lambda: rows, method)
    return [row[column] for row, names in zip(rows, found, strict=True) if names == [emotion]]


def test_telling_words_are_those_that_three_posts_have_and_others_have_less_often():
    joy = ["sun beach swim home", "sun beach swim home", "sun beach home", *["sun"] * 7]
    fear = ["dark beach", "dark swim", *["dark home"] * 8, *["dark"] * 10]
    rows = [{"text": text, "emotion": emotion} for emotion, some in (("joy", joy), ("fear", fear)) for text in some]
    # Of 10 and 20: beach 3 against 1, swim only 2, home 3 against 8.
    assert marked(rows, "overlap", "joy") == ["dark beach"]
    assert marked(rows, "overlap", "fear") == [joy[0], joy[2]]


@pytest.mark.parametrize(("others", "is_telling"), [(6, True), (7, False)])
def test_a_word_tells_where_its_smoothed_share_is_higher(others, is_telling):
    # Of 10 and 20 posts: 3.5 / 10 = 0.35 against 6.5 / 20 = 0.325 or 7.5 / 20 = 0.375
    rows = [{"text": "home" if n < 3 else "", "emotion": "joy"} for n in range(10)]
    rows += [{"text": "home" if n < others else "", "emotion": "fear"} for n in range(20)]
    assert bool(marked(rows, "overlap", "joy")) == is_telling


def test_the_most_telling_words_are_taken(monkeypatch):
    monkeypatch.setattr(hard_negatives, "TELLING", 1)
    rows = [{"text": "calm sun" if n < 8 else "sun", "emotion": "joy"} for n in range(10)]
    rows += [{"text": text, "emotion": "fear"} for text in ("calm", "sun", *[""] * 8)]
    assert (marked(rows, "overlap", "joy"), marked(rows, "overlap", "fear")) == (["sun"], [])


def test_the_largest_shares_of_telling_words_are_marked_for_a_fifth_of_the_others():
    fear = ["dark sun", "dark sun cold wet", "dark sun cold", "dark sun sun sun sun cold wet big"]
    rows = [{"text": f"sun j{n}", "emotion": "joy"} for n in range(10)]
    rows += [{"text": text, "emotion": "fear"} for text in [*fear, *(f"dark f{n}" for n in range(6))]]
    assert marked(rows, "overlap", "joy") == ["dark sun", "dark sun cold"]
    assert marked(rows, "overlap", "fear") == []


def test_the_highest_scores_are_marked_for_a_fifth_of_the_others():
    rows = [{"text": "x", "emotion": "joy", "near": str(n)} for n in range(15)]
    rows += [
        {"text": "x", "emotion": "fear", "near": near} for near in ("-1", ".5", "none", "2e1", "3.", "", *"012345")
    ]
    # A fifth of 12 is 2, a fifth of 15 is 3.
    assert marked(rows, "score=near", "joy", "near") == ["2e1", "5"]
    assert marked(rows, "score=near", "fear", "near") == ["12", "13", "14"]


def test_bad_settings_and_folders_are_one_line(tmp_path):
    for name, wrong, said in (
        ("labels", "emotion", "did you mean 'emoji'?"),
        ("emotions", "sevn", "did you mean 'seven'?"),
        ("split", "random", "known are author, votes"),
        ("language", "de", "known are words, detector, any"),
    ):
        with pytest.raises(FeelscopeError) as error:
            Settings(**{"labels": "hashtags", name: wrong})
        assert str(error.value) == f"--{name}: '{wrong}' is not known; {said}"
    with pytest.raises(FeelscopeError, match="needs labels"):
        Settings("none", hard_negatives="overlap")
    for wrong in ("overlp", "overlap=1", "keyword", "keyword= ,", "score="):
        with pytest.raises(FeelscopeError) as error:
            Settings("hashtags", hard_negatives=wrong)
        expected = "expected one of overlap, keyword=WORD,..., score=COLUMN"
        assert str(error.value) == f"--hard-negatives {wrong}: {expected}"
    with pytest.raises(FeelscopeError, match="no post has a number in the column 'x'"):
        prepare(posts(30), tmp_path / "h", Settings("hashtags", hard_negatives="score=x"))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.docx").touch()
    with pytest.raises(FeelscopeError, match="holds something else"):
        prepare(posts(), tmp_path / "full", Settings("hashtags"))
    (tmp_path / "file").touch()
    with pytest.raises(FeelscopeError, match="is a file"):
        prepare(posts(), tmp_path / "file", Settings("hashtags"))
    with pytest.raises(FeelscopeError, match="no post is left of 1: 1 no emotion"):
        prepare([Post("1", "x")], tmp_path / "none", Settings("hashtags"))


def test_a_dataset_is_replaced_and_so_is_what_a_killed_run_left(tmp_path):
    prepare(posts(), tmp_path / "d", Settings("hashtags"))
    first = read(tmp_path / "d")
    for left in ("report.json.17-99.partial", "posts.parquet.partial", "posts.parquet.made.partial"):
        (tmp_path / "d" / left).touch()
    prepare(posts(), tmp_path / "d", Settings("hashtags"))
    assert read(tmp_path / "d") == first
    assert [*(tmp_path / "d").glob("posts.parquet.*")] == []


@pytest.mark.parametrize("setting", [{}, {"duplicates": False}])
def test_equal_texts_are_one_group_in_any_case(tmp_path, setting):
    some = [Post(str(n), f"We walked along the river until it was {late} #happy") for n, late in enumerate("aAb")]
    prepare(some, tmp_path / "d", Settings("hashtags", **setting))
    assert [post.other["group"] for post in read(tmp_path / "d").values()] == ([0, 0, 2] if setting else [0, 0, 0])


def test_a_fifth_of_the_other_emotions_posts_are_hard_negatives():
    rows = [{"text": "x", "emotion": ("joy", "fear")[n % 2], "close": str(n)} for n in range(20)]
    marked = hard_negatives.harvest(lambda: rows, "score=close")
    assert {n: emotions for n, emotions in enumerate(marked) if emotions} == {
        16: ["fear"],
        17: ["joy"],
        18: ["fear"],
        19: ["joy"],
    }
