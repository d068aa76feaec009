"""What of a post can be seen."""

import pytest

from feelscope.post import Post, is_blank

INVISIBLE = ["", " \n", "\u200b", "\u3164", "\u200f", "\ufe0f", "\u2800", "\u00ad\u2060", "\ufeff \u200d", "\U000e0067"]


@pytest.mark.parametrize("text", INVISIBLE)
def test_invisible_characters_alone_are_no_text(text: str) -> None:
    assert is_blank(text)
    assert not Post("1", text, text).has_text
    assert Post("1", text, "A title").texts == ("A title",)


@pytest.mark.parametrize("text", ["a", "\u200ba", "❤\ufe0f", "1\ufe0f\u20e3", "می\u200cخواهم", "́", "."])
def test_a_text_with_something_to_see_is_one(text: str) -> None:
    assert not is_blank(text)
    assert Post("1", text).has_text and Post("1", text).texts == (text,)
