"""Markdown undone, and places in it."""

import pytest

from feelscope.text.markdown import undone


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("**bold**, *it*, __both__ and ~~gone~~", "bold, it, both and gone"),
        ("***all*** of `code`", "all of code"),
        ('[a page](http://x.org/y_(z) "why") and ![a cat](cat.png)', "a page and a cat"),
        ("# Head\n> quoted\n> > twice\n* one\n- two", "Head\nquoted\ntwice\none\ntwo"),
        ("\\*not\\* and \\_this\\_", "*not* and _this_"),
        ("snake_case_name, 2 * 3 * 4, a*b*c, #tag, -1, [r]", "snake_case_name, 2 * 3 * 4, a*b*c, #tag, -1, [r]"),
        ("¯\\_(ツ)_/¯ **", "¯_(ツ)_/¯ **"),
    ],
)
def test_what_is_seen(written: str, seen: str) -> None:
    assert undone(written)[0] == seen


def test_spans_are_where_their_words_are() -> None:
    written = "> the **storm** in [Boston](http://x.org) 😀 *came*"
    words = ["storm", "Boston", "😀", "came", "the **storm**", "http://x.org"]
    spans = [(written.index(word), written.index(word) + len(word)) for word in words]
    text, moved = undone(written, spans)
    assert text == "the storm in Boston 😀 came"
    assert [text[slice(*span)] for span in moved] == ["storm", "Boston", "😀", "came", "the storm", ""]
