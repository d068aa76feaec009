import pytest
from hypothesis import given
from hypothesis import strategies as st

from feelscope.text.own_words import ENTITIES, HTML, PLACEHOLDER, REPAIRED, own_words


@pytest.mark.parametrize(
    "text",
    [
        "[deleted]",
        "[removed]",
        " [Removed]\n",
        "[deleted by user]",
        "[removed by moderator]",
        "[ Removed by Reddit ]",
        "[ Removed by Reddit on account of violating the [content policy](/help/contentpolicy). ]",
    ],
)
def test_what_platforms_write_where_words_were(text: str) -> None:
    assert own_words(text) == ("", (PLACEHOLDER,))


@pytest.mark.parametrize(
    "text",
    [
        "[removed] the stain with vinegar [truly]",
        "they [deleted] it",
        "[deleted scenes] were better",
        "[sad]",
        "I <3 cats & dogs",
        "if a<b and b>c then a < c",
        "AT&T; R&D; fish &chips",
        "x &notanentity1; y",
        "<grumpy> that is me </grumpy>",
        "café, naïve, Ærøskøbing, São Paulo, Žižek, €5, “quoted” – dash…",
        "日本 😊 привет",
        "",
    ],
)
def test_words_of_people_stay_as_they_are(text: str) -> None:
    assert own_words(text) == (text, ())


@pytest.mark.parametrize(
    ("text", "own", "done"),
    [
        ("<p>So <b>happy</b> today</p><p>at last</p>", "So happy today\nat last", (HTML,)),
        ('<p>rain <a href="https://a.example/tags/sad">#<span>sad</span></a></p>', "rain #sad", (HTML,)),
        ("one<br/>two<br>three &amp; four", "one\ntwo\nthree & four", (HTML,)),
        ("<p>I &lt;3 you</p>", "I <3 you", (HTML,)),
        ("cats &amp; dogs &lt;3 it&#39;s", "cats & dogs <3 it's", (ENTITIES,)),
        ("cats &amp;amp; dogs&amp;#x200B;", "cats & dogs\u200b", (ENTITIES,)),
        ("I miss you ð\x9f\x98¢", "I miss you 😢", (REPAIRED,)),
        ("cafÃ© in MÃ¼nchen", "café in München", (REPAIRED,)),
        ("it\u00e2\u20ac\u2122s late", "it’s late", (REPAIRED,)),
        ("<p>cafÃ© &amp;amp; tea</p>", "café & tea", (REPAIRED, HTML, ENTITIES)),
    ],
)
def test_what_platforms_made_of_words_is_undone(text: str, own: str, done: tuple[str, ...]) -> None:
    assert own_words(text) == (own, done)


@given(st.text(alphabet="ab<>&;#[]/pÃ© ", max_size=30))
def test_any_text_is_read(text: str) -> None:
    own, done = own_words(text)
    assert bool(done) == (own != text) or HTML in done
