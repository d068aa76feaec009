import pytest
from hypothesis import given
from hypothesis import strategies as st

from feelscope.text.emoji import find_emoji
from feelscope.text.without_emoji import blank_emoji, without_emoji, without_leftovers


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


@given(st.text(alphabet="ab é❤☀🇺🇸👍🏽\ufe0f\u200d\u20e31#", max_size=12))
def test_with_blanks_for_emoji_all_words_stay_where_they_were(text):
    blanked = blank_emoji(text)
    assert len(blanked) == len(text)
    assert all(new in (old, " ") for old, new in zip(text, blanked, strict=True))
    assert not find_emoji(blanked) and not set(blanked) & set("\ufe0f\u200d\u20e3")


def test_a_keycap_is_blanked_with_its_digit():
    assert blank_emoji("a 1\ufe0f\u20e3 1 ❤️b") == "a     1   b"


@given(st.text(alphabet="ab ❤☀🇺🇸👍🏽\ufe0f\u200d\u20e31#", max_size=12))
def test_nothing_of_an_emoji_is_left(text):
    left = without_emoji(text)
    assert not find_emoji(left)
    assert not set(left) & set("\ufe0f\u200d\u20e3")
    assert without_emoji(left) == left
