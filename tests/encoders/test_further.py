import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feelscope.encoders.further import KINDS, fit, from_json, to_json
from feelscope.encoders.further.emoji import Emoji
from feelscope.encoders.further.numbers import Numbers
from feelscope.encoders.further.tags import Tags, tags_of
from feelscope.errors import ConfigError, FeelscopeError, TableError
from feelscope.post import Post
from feelscope.table import PostsTable
from feelscope.table.tags import read_tags


def tagged(tags):
    return Post("1", "text", tags=read_tags(tags))


def counted(**numbers):
    return Post("1", "text", other=numbers)


@pytest.mark.parametrize(
    "cell",
    ["sad Blue dog", "sad,blue, dog", "sad|blue|dog", "#sad#blue #dog", ["sad", "#Blue", "dog"], " #sad , blue|dog|"],
)
def test_tags_are_separated_by_spaces_commas_bars_and_hashes(cell):
    assert tags_of(tagged(cell)) == {"sad", "blue", "dog"}


def test_what_stands_around_a_tag_is_no_tag():
    assert tags_of(Post("1", tags=("#Dog", " sun  SET, ", "|"))) == {"dog", "sun", "set"}


@pytest.mark.parametrize("cell", [None, "", " # , ", float("nan"), []])
def test_a_cell_without_tags_has_none(cell):
    assert tags_of(tagged(cell)) == set()


def test_tags_are_those_of_several_posts_at_unit_length():
    posts = [tagged("dog sad"), tagged("dog blue sad"), tagged("dog once once")]
    tags = Tags.fit(posts)
    assert (tags.tags, tags.width) == (("dog", "sad"), 2)
    np.testing.assert_allclose(tags.vector(tagged("sad sad #DOG new")), [0.5**0.5, 0.5**0.5], rtol=1e-6)
    np.testing.assert_array_equal(tags.vector(tagged("sad new")), [0, 1])
    assert tags.vector(tagged("new")) is None
    assert tags.vector(Post("1", "no column")) is None
    assert Tags.fit(posts, at_least=1).width == 4


def test_emoji_are_whole_sequences_of_title_and_text_each_once():
    flag, kiss = "\U0001f1e9\U0001f1ea", "\U0001f62e\u200d\U0001f4a8"
    emoji = Emoji(("\u2764", "\U0001f44d", flag, kiss), 3)
    assert emoji.width == 3
    np.testing.assert_array_equal(emoji.vector(Post("3", "\U0001f44d\U0001f3ff\U0001f44d", "\u2764\ufe0f")), [1, 2, 0])
    np.testing.assert_array_equal(emoji.vector(Post("3", f"a{flag}{kiss}")), [3, 4, 0])
    np.testing.assert_array_equal(emoji.vector(Post("3", f"{kiss}{flag}\U0001f44d\u2764")), [4, 3, 2])
    assert emoji.vector(Post("3", "\U0001f62e plain")) is None
    assert emoji.vector(Post("3", "plain")) is None


def test_emoji_that_no_training_post_has_are_known():
    emoji = fit("emoji", [Post("1", "so \U0001f44d \u2605")])
    assert {"\U0001f44d", "\U0001f9b7", "\U0001f1e9\U0001f1ea", "\u2605"} <= {*emoji.emoji} and len(emoji.emoji) > 1500


def test_numbers_are_standardised_by_the_training_posts():
    posts = [counted(ups=1, age="10"), counted(ups=3.0, age=" 30 "), counted(ups="", age=99), counted(ups=True, age=1)]
    numbers = fit("numbers:ups, age", posts)
    assert numbers == Numbers(("ups", "age"), (2.0, 20.0), (1.0, 10.0))
    vector = numbers.vector(counted(age="0", ups="4e0"))
    np.testing.assert_array_equal(vector, [2, -2])
    assert vector.dtype == np.float32


@pytest.mark.parametrize("cell", [None, "", "many", "1,000", True, [1], b"1"])
def test_a_cell_that_is_no_number_makes_numbers_absent(cell):
    assert Numbers(("ups",), (0.0,), (1.0,)).vector(counted(ups=cell)) is None
    assert Numbers(("ups",), (0.0,), (1.0,)).vector(counted()) is None


@pytest.mark.parametrize("cell", [math.nan, math.inf, "-inf", "NaN", "1e999", 10**400, 1e300])
def test_a_number_that_is_infinite_or_none_is_refused_with_its_place(cell):
    with pytest.raises(TableError, match="post '1', column 'ups': ") as caught:
        Numbers(("ups",), (0.0,), (1.0,)).vector(counted(ups=cell))
    assert "correct the cell" in str(caught.value)
    if cell != 1e300:
        with pytest.raises(TableError, match="post '1', column 'ups': "):
            fit("numbers:ups", [counted(ups=1), counted(ups=cell)])


def test_a_column_that_is_always_the_same_says_nothing():
    numbers = fit("numbers:ups", [counted(ups=0.1)] * 3)
    assert numbers.deviations == (1.0,)
    assert numbers.vector(counted(ups=0.1)).tolist() == pytest.approx([0])


def test_columns_of_a_table_reach_the_modalities(tmp_path):
    path = tmp_path / "posts.csv"
    path.write_text("id,text,Hashtags,ups\n1,a \U0001f602,#x #y,3\n2,b,x,5\n3,c,,\n", encoding="utf-8")
    posts = list(PostsTable(path))
    found = [fit(kind, posts) for kind in ("tags", "emoji", "numbers:ups")]
    assert [modality.width for modality in found] == [1, 12, 1]
    number = found[1].emoji.index("\U0001f602") + 1
    assert [modality.vector(posts[0]).tolist() for modality in found] == [[1], [number] + [0] * 11, [-1]]
    assert [modality.vector(posts[2]) for modality in found] == [None, None, None]


@pytest.mark.parametrize(
    ("kind", "posts", "error", "said"),
    [
        ("tag", [], ConfigError, "did you mean 'tags'"),
        ("sound", [], ConfigError, r"known are tags, emoji, numbers"),
        ("tags:ups", [], ConfigError, "takes no columns"),
        ("numbers", [], ConfigError, "numbers:A,B"),
        ("numbers:a,a", [], ConfigError, "each once"),
        ("tags", [tagged("x"), tagged("y")], TableError, r"has 2 different ones.*--columns tags="),
        ("emoji", [Post("1", "plain")], TableError, "no training post has an emoji"),
        ("numbers:up", [counted(ups=1)], TableError, "did you mean 'ups'"),
        ("numbers:up", [Post("1", "a")], TableError, "the posts have no further columns"),
        ("numbers:a,b", [counted(a=1, b=""), counted(a="", b=1)], TableError, "a and b at once"),
        ("numbers:a", [counted(a=1e308), counted(a=1.7e308)], TableError, "another unit"),
    ],
)
def test_what_cannot_be_fitted_is_said_in_one_line(kind, posts, error, said):
    with pytest.raises(error, match=said) as caught:
        fit(kind, posts)
    assert "\n" not in str(caught.value)


_NAMES = st.lists(st.text(min_size=1, max_size=4), min_size=1, max_size=4, unique=True).map(tuple)
_FLOATS = st.floats(allow_nan=False, allow_infinity=False)
_FITTED = st.one_of(
    _NAMES.map(Tags),
    _NAMES.map(lambda names: Emoji(names, 12)),
    st.lists(st.tuples(_FLOATS, st.floats(0, 1e9, exclude_min=True)), min_size=1, max_size=4).map(
        lambda pairs: Numbers(tuple(f"c{at}" for at in range(len(pairs))), *map(tuple, zip(*pairs, strict=True)))
    ),
)


@given(_FITTED)
def test_what_is_saved_is_loaded(modality):
    text = to_json(modality)
    assert from_json(text, "tags.json") == modality
    assert json.loads(text)["kind"] in KINDS


_CELLS = st.one_of(st.none(), st.integers(), st.floats(-1e6, 1e6), st.text(max_size=5))
_POSTS = st.lists(
    st.builds(
        lambda text, tags, ups: Post("1", text, other={"ups": ups}, tags=read_tags(tags)),
        st.text(st.sampled_from("ab \U0001f602\u2764\ufe0f"), max_size=5),
        st.one_of(st.none(), st.text(st.sampled_from("ab#, |"), max_size=5)),
        _CELLS,
    ),
    min_size=1,
    max_size=6,
)


@given(_POSTS, st.sampled_from(["tags", "emoji", "numbers:ups"]))
def test_every_vector_has_the_width_and_is_finite(posts, kind):
    try:
        modality = fit(kind, posts)
        vectors = [modality.vector(post) for post in posts]
    except FeelscopeError:
        return
    assert any(vector is not None for vector in vectors), "fitted on nothing"
    for vector in vectors:
        if vector is not None:
            assert vector.shape == (modality.width,) and vector.dtype == np.float32 and np.isfinite(vector).all()
            if kind == "tags":
                assert np.linalg.norm(vector) == pytest.approx(1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"kind": "tags", "tags": []}', "one or more"),
        ('{"kind": "emoji", "emoji": ["a", "a"], "most": 12}', "each once"),
        ('{"kind": "emoji", "emoji": [], "most": 12}', "expected 1 to 20,000"),
        ('{"kind": "emoji", "emoji": [""], "most": 12}', "1 to 40 characters"),
        ('{"kind": "emoji", "emoji": ["a"], "most": 0}', "expected 1 to 100 emoji of a post, found 0"),
        ('{"kind": "emoji", "emoji": ["a"]}', "most"),
        ('{"kind": "tag", "tags": ["a"]}', "did you mean 'tags'"),
        ('{"tags": ["a"]}', "None is unknown"),
        ('{"kind": ["tags"]}', "is unknown"),
        ('{"kind": "tags"}', "'tags' is missing"),
        ('{"kind": "tags", "tags": ["a"], "more": 1}', "'more' is not a setting"),
        ('{"kind": "tags", "tags": [1]}', "expected str"),
        ('{"kind": "numbers", "columns": ["a"], "means": [1], "deviations": [0]}', "not above 0"),
        ('{"kind": "numbers", "columns": ["a"], "means": [NaN], "deviations": [1]}', "finite"),
        ('{"kind": "numbers", "columns": ["a"], "means": [1, 2], "deviations": [1]}', "differ in length"),
        ("[]", "expected a JSON object, found list"),
        ("{", "not JSON"),
    ],
)
def test_a_file_that_was_altered_is_refused_with_its_name(text, said):
    with pytest.raises(ConfigError, match=said) as caught:
        from_json(text, "model/third.json")
    assert "model/third.json" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_numbers_so_close_that_their_deviation_is_none_are_left_at_their_distance():
    posts = [Post(str(number), other={"ups": number}) for number in (0.0, 1e-200)]
    fitted = Numbers.fit(posts, ["ups"])
    assert fitted.deviations == (1.0,)
