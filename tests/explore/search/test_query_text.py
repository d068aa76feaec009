from hypothesis import given
from hypothesis import strategies as st

from feelscope.explore.search.query_text import ParsedQuery, parse_query
from feelscope.text import stems as text_stems
from feelscope.text.stems import stem_places, stems


def test_words_and_phrases() -> None:
    assert parse_query("") == parse_query(" \t") == parse_query('""') == ParsedQuery()
    assert parse_query("Rebels running") == ParsedQuery(("rebel", "run"))
    assert parse_query('obama "New York" obama “arab springs”') == ParsedQuery(
        ("obama",), (("new", "york"), ("arab", "spring"))
    )
    assert parse_query('"one" two') == ParsedQuery(("two", "one"))


def test_syntax_of_other_engines_is_words() -> None:
    assert parse_query("title:fear AND (NOT x)").words == ("titl", "fear", "and", "not", "x")
    assert parse_query('never "closed').words == ("never", "close")
    assert parse_query("a* b~2 [1 TO 5] \\ ^3 +c -d").words == ("a", "b", "2", "1", "to", "5", "3", "c", "d")


def test_signs_without_a_word_match_nothing() -> None:
    assert parse_query("!!!").nothing and parse_query('word "..."').nothing
    assert not parse_query("word - word").nothing
    assert parse_query("😂").words == ("😂",)


@given(st.text(st.one_of(st.characters(), st.sampled_from("aé'’ΣςİẞŉDž😂👍\U0001f3fd\ufe0f\u200d 1\n")), max_size=30))
def test_places_are_those_of_the_stems(text: str) -> None:
    places = stem_places(text)
    assert [stem for stem, _, _ in places] == stems(text)
    ends = [0] + [end for _, _, end in places]
    for (_, start, end), before in zip(places, ends, strict=False):
        assert start < end <= len(text) and before <= start + 1  # one letter may be two in lower case
        assert not text[start:end].isspace()


def test_places_count_code_points() -> None:
    assert stem_places("😂 Don’t") == [("😂", 0, 1), ("don't", 2, 7)]
    assert stem_places("Dogs, RUNNING 2!") == [("dog", 0, 4), ("run", 6, 13), ("2", 14, 15)]
    assert stem_places("so👍🏽\ufe0f up") == [("so", 0, 2), ("👍", 2, 5), ("up", 6, 8)]
    assert stem_places("ΟΔΟΣ x👍🏿") == [("οδοσ", 0, 4), ("x", 5, 6), ("👍", 6, 8)]
    assert stem_places("é do\ufe0fgs") == [("é", 0, 1), ("dog", 2, 7)]  # a selector within a word is no letter
    assert stem_places("aİ b") == [("ai\u0307", 0, 2), ("b", 3, 4)]  # two letters in lower case
    assert stem_places("👍🏽 Rebels") == [("👍", 0, 2), ("rebel", 3, 9)]
    assert stem_places("İstanbul speeches")[1] == ("speech", 9, 17)


def test_words_that_were_only_asked_for_are_not_kept() -> None:
    before = text_stems._stem.cache_info().currsize
    for number in range(300):
        parse_query(" ".join(f"never{number}x{at}" for at in range(50)))
    assert text_stems._stem.cache_info().currsize == before
    assert parse_query.cache_info().currsize <= 100
    assert text_stems.stems("exe" * 11 + "ing") == text_stems.stems("exe" * 11)
    assert text_stems._stem.cache_info().currsize == before, "nor are words that are very long"
