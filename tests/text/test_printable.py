"""What a terminal may show of texts from outside."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feelscope.text import printable

STAYS = [
    "plain words, 1 < 2 & 'quotes' \\x1b",
    "é e\u0301 ñ ß ŏ",
    "漢字 かな 한국어",
    "السلام عليكم ٠١٢ ﷽ \u06dd",
    "می\u200cخواهم क्\u200dष",
    "👨\u200d👩\u200d👧 ❤️\u200d🔥 👍🏽 1️⃣ 🇩🇪 🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "\ufffd \u00a0 \u3000",
]
ESCAPED = {
    "\x1b[2J\x1b]0;title\x07": r"\x1b[2J\x1b]0;title\x07",
    "\x9b31m \x85": r"\x9b31m \x85",
    "real\rfake\b\t\x00\x7f": r"real\rfake\x08\t\x00\x7f",
    "\u202egnp.exe \u2066\u2069\u200e\u200f\u061c": r"\u202egnp.exe \u2066\u2069\u200e\u200f\u061c",
    "one\u2028two\u2029": r"one\u2028two\u2029",
    "pay\u200bpal pay\u200dpal\u2060\ufeff\xad": r"pay\u200bpal pay\u200dpal\u2060\ufeff\xad",
    "hi\U000e0041\U000e0042": r"hi\U000e0041\U000e0042",  # "AB" that only machines read
    "\ud800 \udcff \uffff": r"\ud800 \udcff \uffff",
}
# Every control, line break and bidi control of Unicode, by its own tables.
COMMANDS = [
    character
    for character in map(chr, range(0x110000))
    if unicodedata.category(character) in ("Cc", "Zl", "Zp", "Cs")
    or unicodedata.bidirectional(character) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
]


@pytest.mark.parametrize("text", STAYS)
def test_texts_of_all_scripts_and_emoji_stay_as_they_are(text: str) -> None:
    assert printable.line(text) == printable.lines(text) == printable.json(text) == text


@pytest.mark.parametrize("text", ESCAPED)
def test_what_a_terminal_obeys_or_hides_is_shown_as_an_escape(text: str) -> None:
    assert printable.line(text) == printable.lines(text) == ESCAPED[text]


def test_no_control_is_forgotten() -> None:
    assert len(COMMANDS) > 2000
    assert not [character for character in COMMANDS if character in printable.line(f"é{character}é")]
    assert [character for character in COMMANDS if character in printable.lines(f"é{character}é")] == ["\n"]


def test_a_line_is_one_line_and_lines_end_at_line_feeds_alone() -> None:
    assert printable.line("one\ntwo\x0bthree") == r"one\ntwo\x0bthree"
    assert printable.lines("one\ntwo\x0bthree") == "one\ntwo\\x0bthree"


texts = st.text(st.characters()) | st.text(
    st.sampled_from([*COMMANDS[:70], "\u200d", "\u202e", "\U000e0041", "a", "👩"])
)


@given(texts)
def test_no_text_has_a_control_afterwards(text: str) -> None:
    assert not set(printable.line(text)) & set(COMMANDS)


@given(st.dictionaries(texts, texts))
def test_json_means_the_same_and_is_utf_8(value: dict[str, str]) -> None:
    shown = printable.json(json.dumps(value, ensure_ascii=False, indent=1))
    assert json.loads(shown) == value
    assert not (set(shown) - {"\n"}) & set(COMMANDS)
    shown.encode("utf-8")
