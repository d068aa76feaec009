import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feelscope.text.search_words import LONGEST, places, units, words_and_more


@pytest.mark.parametrize(
    ("text", "words", "more"),
    [
        ("Don't don’t don`t DONT", "dont dont dont dont", ""),
        ("Obama's it’s", "obama s it s", "obamas its"),
        ("O'Neill o'clock rock'n'roll", "oneill oclock rocknroll", ""),
        ("l'amour d’Angelo", "l amour d angelo", "lamour dangelo"),
        ("well-known e‑mail", "well known e mail", "wellknown email"),
        ("mother-in-law's", "mother in law s", "motherinlaws motherinlaw"),
        ("2012-05-01 a-very-long-slug-of-words", "2012 05 01 a very long slug of words", ""),
        ("café CAFÉ cafe\u0301 Łukasz Søren Straße œuvre ﬁne", "cafe cafe cafe lukasz soren strasse oeuvre fine", ""),
        ("ΟΔΟΣ οδος ΣΊΣΥΦΟΣ İstanbul ISTANBUL", "οδοσ οδοσ σισυφοσ istanbul istanbul", ""),
        ("ёлка Йод її", "елка йод її", ""),
        ("أَحْمَد حلب", "احمد حلب", ""),
        ("हिन्दी में", "हिन्दी में", ""),
        ("が か\u3099 か", "が が か", ""),
        ("東京都に 猫", "東京 京都 都に 猫", "東 京 都 に"),
        ("서울에서", "서울 울에 에서", "서 울 에"),
        ("iPhone発売日x", "iphone 発売 売日 x", "発 売 日"),
        ("ＦＵＬＬ width mp3 m²", "full width mp3 m2", ""),
        ("soft\u00adhyphen do\ufe0fgs \u202eright", "softhyphen dogs right", ""),
        ("#Paris #new_york #1 #2nd a#b &#39;", "paris new york 1 2nd a b 39", "#paris #new_york #2nd"),
        ("@BBC me@bbc.com /r/News u/some-one", "bbc me bbc com r news u some one", "someone @bbc r/news u/some-one"),
        ("🇫🇷👍🏽 👨‍👩‍👧❤️ 1️⃣ ♥ ™", "🇫🇷 👍 👨‍👩‍👧 ❤ 1⃣ ♥", ""),
        ("so👍 👍so", "so 👍 👍 so", ""),
        ("U.S. 3.5 10,000", "u s 3 5 10 000", ""),
    ],
)  # fmt: skip
def test_words(text: str, words: str, more: str) -> None:
    for form in ("NFC", "NFD"):
        assert words_and_more(unicodedata.normalize(form, text)) == (words.split(), more.split())


def test_a_word_has_an_end() -> None:
    assert words_and_more("x" * 5000) == (["x" * LONGEST], [])
    assert words_and_more("é" * 5000) == (["e" * LONGEST], [])


letters = st.sampled_from("aBé'’-#@_ΣςİẞŉDž😂👍🇫🇷\U0001f3fd\ufe0f\u200d\u0301 1\n東京が\u3099서й")


@given(st.text(st.one_of(st.characters(exclude_categories=["Cs"]), letters), max_size=30))
def test_places_are_in_order_and_in_the_text(text: str) -> None:
    found, beside = places(text)
    assert [word for word, _, _ in found] == words_and_more(text)[0]
    assert {word for word, _, _ in beside} == set(words_and_more(text)[1])
    assert [start for _, start, _ in found] == sorted(start for _, start, _ in found)
    for word, start, end in (*found, *beside):
        assert 0 <= start < end <= len(text) and word and not any(map(str.isspace, word))


@given(st.text(letters, max_size=30))
def test_both_forms_of_unicode_are_one(text: str) -> None:
    assert words_and_more(unicodedata.normalize("NFD", text)) == words_and_more(unicodedata.normalize("NFC", text))


@given(st.text(st.characters(max_codepoint=127), max_size=40))
def test_the_quick_way_through_ascii_is_the_same(text: str) -> None:
    found, names = units(text)
    words, more = words_and_more(text)
    assert words == [word for unit in found for word, _, _ in unit.words]
    assert set(more) == {word for unit in found for word in unit.beside} | {name for name, _, _ in names}
    longer, _ = words_and_more(f"{text} é")
    assert longer == [*words, "e"]


def test_places_count_code_points() -> None:
    def of(text: str) -> list[tuple[str, str]]:
        found, beside = places(text)
        return [(word, text[start:end]) for word, start, end in (*found, *beside)]

    assert of("😂 Don’t") == [("😂", "😂"), ("dont", "Don’t")]
    assert of("so👍🏽\ufe0f up") == [("so", "so"), ("👍", "👍🏽"), ("up", "up")]
    assert of("cafe\u0301 ﬁne İs do\ufe0fgs") == [
        ("cafe", "cafe\u0301"), ("fine", "ﬁne"), ("is", "İs"), ("dogs", "do\ufe0fgs")
    ]  # fmt: skip
    assert of("Rebel’s #A") == [("rebel", "Rebel"), ("s", "s"), ("a", "A"), ("#a", "#A"), ("rebels", "Rebel’s")]
    assert of("東京") == [("東京", "東京"), ("東", "東"), ("京", "京")]
