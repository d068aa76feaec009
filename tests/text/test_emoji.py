"""Emoji as people see them, against Unicode's list in the `emoji` package; and as saved models read them."""

import hashlib
import json
import re

import pytest
from emoji import EMOJI_DATA, STATUS, analyze
from hypothesis import given
from hypothesis import strategies as st

from feelscope.text.emoji import VARIATIONS, find_emoji, is_joined_freely, orphans
from feelscope.text.emoji_for_models import emoji_characters, spell_emoji
from feelscope.text.tokens import split

KNOWN = sorted(sequence for sequence, data in EMOJI_DATA.items() if data["status"] != STATUS["component"])


@pytest.mark.parametrize(
    ("text", "emoji"),
    [
        ("so 👍🏽 and 👍", ["👍", "👍"]),
        ("❤️ ❤ ☺\ufe0e", ["❤", "❤", "☺"]),
        ("🇩🇪🇺🇸 and 🇩", ["🇩🇪", "🇺🇸"]),
        ("👨‍👩‍👧👩🏽‍🚀", ["👨\u200d👩\u200d👧", "👩\u200d🚀"]),
        ("👩‍🧩", ["👩\u200d🧩"]),  # joined as nobody draws it
        ("❤️‍🔥 😮‍💨", ["❤\u200d🔥", "😮\u200d💨"]),
        ("1️⃣2⃣ #️⃣ 345 #6", ["1\u20e3", "2\u20e3", "#\u20e3"]),
        ("🏴󠁧󠁢󠁥󠁮󠁧󠁿!", ["🏴󠁧󠁢󠁥󠁮󠁧󠁿"]),
        ("♡ ★ ✓", ["♡", "★", "✓"]),
        ("™ © ▪ ↔ and ™️", ["™"]),
        ("⏰", ["⏰"]),
        ("🏽 \u20e3 \u200d \ufe0f", []),
        ("plain", []),
        ("naïve — “quoted”… 你好", []),
        ("", []),
    ],
)
def test_emoji_are_found_as_people_see_them(text: str, emoji: list[str]) -> None:
    assert find_emoji(text) == emoji


def test_each_of_unicodes_emoji_is_one() -> None:
    for sequence in KNOWN:
        if len(sequence) > 1 or EMOJI_DATA[sequence]["status"] == STATUS["fully_qualified"]:
            assert find_emoji(f"a{sequence}b") == [re.sub(VARIATIONS, "", sequence)], ascii(sequence)


@given(st.lists(st.one_of(st.sampled_from(KNOWN), st.text(max_size=3))).map("".join))
def test_what_the_package_finds_in_the_whole_text_is_found(text: str) -> None:
    sequences = [token.chars for token in analyze(text) if len(token.chars) > 1]
    expected = [bare for sequence in sequences if (bare := re.sub(VARIATIONS, "", sequence))]
    remaining = iter(find_emoji(text))
    assert all(any(bare == emoji for emoji in remaining) for bare in expected)


def test_models_read_characters() -> None:
    assert emoji_characters("👨‍👩‍👧 🇩🇪 1️⃣ ⏰ ❤️ 👍🏽👍") == ["👨", "👩", "👧", "❤", "👍", "👍"]
    assert spell_emoji("👨‍👩‍👧 🇩🇪 1️⃣ ⏰").split() == ["man", "woman", "girl", "flag", "1", "⏰"]


def test_what_saved_models_read_is_frozen() -> None:
    """Every symbol of Unicode 14, which the oldest Python that is supported knows, by value."""
    known = [sequence for sequence in KNOWN if EMOJI_DATA[sequence]["E"] <= 13.1]
    content = json.dumps([[spell_emoji(text), emoji_characters(text), split(text)] for text in known])
    assert hashlib.sha256(content.encode()).hexdigest()[:16] == "5b2d18006d83f1a0"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("so good \ufe0f today \U0001f3fd", ["\ufe0f", "\U0001f3fd"]),
        ("😀\U0001f3fd", ["\U0001f3fd"]),  # a face has no skin tone
        ("1\ufe0f\u20e3 but a\u20e3", ["\u20e3"]),
        ("🏴󠁧󠁢󠁥󠁮󠁧󠁿 \U000e0067", ["\U000e0067"]),
        ("a\u200d👻", ["\u200d"]),
        ("می\u200dخواهم क्\u200dष", []),  # joiners of letters
        ("™\ufe0e ☺\ufe0e ❤️‍🔥 👍🏽 🇩🇪", []),
        ("plain", []),
    ],
)
def test_parts_that_belong_to_no_emoji(text: str, parts: list[str]) -> None:
    assert [part for part, _, _ in orphans(text)] == parts
    assert all(text[start:end] == part for part, start, end in orphans(text))


def test_what_unicode_joins_and_what_it_does_not() -> None:
    assert is_joined_freely("😊\u200d👻")
    assert not any(map(is_joined_freely, ["❤\u200d🔥", "👩\u200d🚀", "👻"]))
