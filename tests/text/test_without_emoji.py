import pytest
from hypothesis import given
from hypothesis import strategies as st

from feelscope.text.emoji import find_emoji
from feelscope.text.without_emoji import without_emoji, without_leftovers


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("so good \ufe0f \ufe0f @ Venice ", "so good @ Venice"),  # of ❤️ ❤️, whose first characters were taken out
        ("number 1\ufe0f\u20e3 ", "number 1"),
        ("a\u200db \U0001f3fd", "ab"),
        ("plain  text", "plain text"),
        ("", ""),
    ],
)
def test_leftovers_are_taken_out(text, left):
    assert without_leftovers(text) == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("love ❤️ you", "love you"),
        ("go🇺🇸go", "go go"),
        ("family 👨‍👩‍👧 here 👍🏽", "family here"),
        ("☀️", ""),
        ("é stays", "é stays"),
    ],
)
def test_emoji_are_taken_out(text, left):
    assert without_emoji(text) == left


@given(st.text(alphabet="ab ❤☀🇺🇸👍🏽\ufe0f\u200d\u20e31#", max_size=12))
def test_nothing_of_an_emoji_is_left(text):
    left = without_emoji(text)
    assert not find_emoji(left)
    assert not set(left) & set("\ufe0f\u200d\u20e3")
    assert without_emoji(left) == left
