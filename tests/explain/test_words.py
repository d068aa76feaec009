"""Which words a post has, and the post without them."""

import numpy as np
import pytest

from feelscope.explain.words import first_words, neighbours, places, without
from feelscope.post import Post


def written(post: Post) -> list[str]:
    return [getattr(post, place.field)[place.start : place.end] for place in places(post)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Don't panic, it’s 10 o'clock.", ["Don't", "panic", "it’s", "10", "o'clock"]),
        ("so 😱👍🏽!", ["so", "😱", "👍🏽"]),
        ("👩‍👧‍👦 🇩🇪 ❤️", ["👩‍👧‍👦", "🇩🇪", "❤️"]),
        ("日本 is", ["日", "本", "is"]),
        ("ne\u0301e क्या", ["ne\u0301e", "क्या"]),
        ("“quoted” — …", ["quoted"]),
        ("", []),
    ],
)
def test_words_and_emoji(text, wanted):
    assert written(Post("1", text)) == wanted


def test_title_comes_first_and_is_left_out_where_it_repeats_the_text():
    assert written(Post("1", "b c", "A")) == ["A", "b", "c"]
    assert written(Post("1", "A b", " A b ")) == ["A", "b"]


def test_a_word_that_leaves_leaves_a_blank():
    post = Post("1", "red, blue", "Big")
    words = places(post)
    left = without(post, words, np.array([True, False, True]))
    assert (left.title, left.text) == ("Big", "   , blue")
    assert without(post, words, np.zeros(3, bool)) == Post("1"), "no word, no text: punctuation alone is none"


def test_a_repeated_title_does_not_come_back_when_the_text_changes():
    post = Post("1", "so sad", "so sad")
    assert without(post, places(post), np.array([True, False])).texts == ("so",)


@pytest.mark.parametrize("most", [0, 1, 5, 6, 7, 100])
def test_no_more_words_than_are_read(most):
    """A model that reads so many words in all, of title and text together."""
    post = Post("1", "a b c d e f g", "x y z")
    cut, words = first_words(post, places(post), lambda post: len(places(post)) <= most)
    each = {0: 0, 1: 0, 5: 2, 6: 3, 7: 4}.get(most, 7)
    assert [cut.text[word.start : word.end] for word in words if word.field == "text"] == [*"abcdefg"[:each]]
    assert [cut.title[word.start : word.end] for word in words if word.field == "title"] == [*"xyz"[:each]]
    assert (cut == post) == (most == 100)


def test_neighbours_stand_together():
    assert neighbours(5, 3) == [[0, 1], [2, 3], [4]]
    assert neighbours(2, 9) == [[0], [1]]
