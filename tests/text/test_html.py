"""The HTML of posts, to words and pictures that were told by hand."""

import pytest

from feelscope.text.html import is_address, read_html, tidy


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("plain  text\r\n\r\n of two lines ", "plain text\nof two lines"),
        ("a &amp; b &lt;3", "a & b <3"),
        ("1 < 2", "1 < 2"),
        ("<p>salt & pepper, R&B", "salt & pepper, R&B"),  # the end might have been a sign's
        ("<p>One.</p><p>Two <b>bold</b>ly.</p>", "One.\nTwo boldly."),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("<ul><li>a<li>b</ul>c", "a\nb\nc"),
        ("head<blockquote>quote</blockquote>tail", "head\nquote\ntail"),
        ("so <span>it</span> goes", "so it goes"),
        ("a<script>var x = '<p>';</script>b<style>p {}</style>c", "abc"),
        ("a</script>b<p>c", "ab\nc"),  # nothing was opened
        ("", ""),
    ],
)
def test_words_have_a_line_a_paragraph(html: str, words: str) -> None:
    assert read_html(html) == (words, [])


def test_pictures_are_those_with_a_web_address() -> None:
    html = (
        '<p>a<img alt="x" src="https://e.x/1.jpg"></p><img src="http://e.x/2.png"/>'
        '<img><img src=""><img src="data:image/png;base64,AA"><a src="https://e.x/3.jpg" href="https://e.x">b</a>'
    )
    assert read_html(html) == ("a\nb", ["https://e.x/1.jpg", "http://e.x/2.png"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [("http://a", True), ("https://a", True), ("ftp://a", False), (" http://a", False), ("", False), (None, False)],
)
def test_a_web_address(text: object, expected: bool) -> None:
    assert is_address(text) is expected


def test_needless_spaces_and_lines_go() -> None:
    assert tidy(" \n a\t b \r\n\n\nc\xa0d\n ") == "a b\nc d"
