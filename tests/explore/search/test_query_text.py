import pytest

from feelscope.errors import ExploreError
from feelscope.explore.search.query_text import All, Either, Leaf, Node, Not, ParsedQuery, parse_query
from feelscope.text import stems as text_stems


def outline(node: Node | None) -> str:
    """A node in short: `a` is a stem, "a" exact, a|b one of several forms."""
    match node:
        case None:
            return ""
        case Leaf():
            forms = (" ".join(words) if field == "words" else f'"{" ".join(words)}"' for field, words in node.forms)
            return "|".join(forms)
        case All(parts):
            return f"[{' '.join(map(outline, parts))}]"
        case Either(parts):
            return f"<{' '.join(map(outline, parts))}>"
        case Not(part):
            return f"-{outline(part)}"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ""),
        (" \t", ""),
        ('""', ""),
        ("Manning", "man"),
        ('"Manning"', '"manning"'),
        ("Rebels running", "[rebel run]"),
        ('obama "New York" “arab springs”', '[obama "new york" "arab springs"]'),
        ("-arab spring", "[-arab spring]"),
        ("spring −arab –x", "[spring -arab -x]"),
        ("NOT arab spring AND x", "[-arab spring x]"),
        ("spring - arab -- x ...", "[spring arab x]"),
        ('-"new york"', '-"new york"'),
        ("a OR b", "<a b>"),
        ("a OR b OR c d", "[<a b c> d]"),
        ("c a OR -b", "[c <a -b>]"),
        ("(a c) OR (b NOT d)", "<[a c] [b -d]>"),
        ("-(a c) b", "[-[a c] b]"),
        ("NOT NOT a", "--a"),
        ("(not an) or (and)", "[not an or and]"),
        ("#Tag, @Name /r/place u/name", '["#tag" "@name" "r/place" "u/name"]'),
        ('"#tag"', '"#tag"'),
        ('"#tag so"', '"tag so"'),
        ("Well-known", 'wellknown|"well known"'),
        ("e-mails", 'email|"e mails"'),
        ('"well-known man"', '"well known man"|"wellknown man"'),
        ("don't dont don’t", "[dont dont dont]"),
        ("Obama's", "obama"),
        ('"Obama\'s"', '"obama s"|"obamas"'),
        ("mother-in-law's", 'motherinlaw|"mother in law"'),
        ("l'amour", 'lamour|"l amour"'),
        ("東京都 猫", '["東京 京都" "猫"]'),
        ("iPhone発売", '"iphone 発売"'),
        ("so👍🏽🇫🇷", '[so "👍" "🇫🇷"]'),
        ('"so 👍🏽"', '"so 👍"'),
        ("U.S. 3.5 10,000 new,york", '["u s" "3 5" "10 000" [new york]]'),
        ('5" disk', "[5 disk]"),
        ('never "closed here', '[never "closed here"]'),
        (":) title:fear a* [1]", '["title fear" a 1]'),
    ],
)
def test_what_is_typed(query: str, expected: str) -> None:
    assert outline(parse_query(query).node) == expected


def test_what_was_asked_for_is_listed_and_what_was_excluded_too() -> None:
    parsed = parse_query('Rebels "new yorks" -egypt well-known rebels')
    assert [(leaf.written, leaf.excluded) for leaf in parsed.leaves] == [
        ("Rebels", False),
        ('"new yorks"', False),
        ("egypt", True),
        ("well-known", False),
        ("rebels", False),
    ]
    assert parsed.words == ("rebel",)
    assert parsed.phrases == (("new", "york"), ("well", "known"))
    assert parsed.all == ("rebel", "new", "york", "well", "known", "rebel")
    assert parse_query("") == ParsedQuery()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("a OR", "OR needs a word before and after it, as in cairo OR tahrir"),
        ("OR a", "OR needs a word"),
        ("a OR OR b", "OR needs a word"),
        ("a (OR b)", "OR needs a word"),
        ("a (b OR) c", "OR needs a word"),
        ("a NOT", "NOT needs a word after it, as in NOT cairo"),
        ("a NOT OR b", "NOT needs a word"),
        ("(a OR b", "a bracket is opened and not closed"),
        ("a OR b)", "a bracket is closed that was not opened"),
        ("(" * 400 + "a OR b" + ")" * 400, "brackets are more than 20 deep"),
    ],
)
def test_what_cannot_be_read_is_one_line(query: str, said: str) -> None:
    with pytest.raises(ExploreError, match=rf"^query: {said}[^\n]*$".replace("(", r"\(")):
        parse_query(query)


@pytest.mark.parametrize("query", ["!!!", 'word "..."', "AND", "-...", "\u202e"])
def test_signs_without_a_word_match_nothing(query: str) -> None:
    assert parse_query(query) == ParsedQuery(nothing=True)


def test_words_that_were_only_asked_for_are_not_kept() -> None:
    before = text_stems._stem.cache_info().currsize
    for number in range(300):
        parse_query(" ".join(f"never{number}x{at}" for at in range(50)))
    assert text_stems._stem.cache_info().currsize == before
    assert parse_query.cache_info().currsize <= 100
    assert text_stems.stems("exe" * 11 + "ing") == text_stems.stems("exe" * 11)
    assert text_stems._stem.cache_info().currsize == before, "nor are words that are very long"
