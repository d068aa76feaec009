import pytest

from feelscope.errors import ExploreError
from feelscope.explore.search.state import Facts, State, settle

FACTS = Facts(100, "2011-01-03", "2013-12-29", ("happiness", "fear"), facets=("source", "from"))


def test_a_span_is_cut_to_the_archive_and_none_where_it_is_all_of_it() -> None:
    def span(start: str | None, end: str | None) -> tuple[str | None, str | None]:
        settled = settle(State(start=start, end=end), FACTS)
        return settled.start, settled.end

    assert span(None, None) == span("2011-01-03", "2013-12-29") == span("1999-01-01", None) == (None, None)
    assert span("2011-01-04", None) == ("2011-01-04", "2013-12-29")
    assert span("2000-01-01", "2012-01-01") == ("2011-01-03", "2012-01-01")
    assert span("2012-05-05", "2099-01-01") == ("2012-05-05", "2013-12-29")


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (State(emotion="hapiness"), "no post has the emotion 'hapiness'; did you mean 'happiness'?"),
        (State(start="2012-1-1"), "expected a day as YYYY-MM-DD and found '2012-1-1'"),
        (State(start="2012-02-30"), "expected a day"),
        (State(end="20120101--"), "expected a day"),
        (State(start="2012-01-01", end="2012-01-01"), "ends after it begins"),
        (State(start="2012-01-02", end="2012-01-01"), "ends after it begins"),
        (State(start="2013-12-29"), "2013-12-29 to ... is outside the archive, whose posts are from 2011-01-03"),
        (State(end="2011-01-03"), "is outside the archive"),
        (State(start="1999-01-01", end="2000-01-01"), "is outside the archive"),
        (State("a OR"), "query: OR needs a word before and after it"),
        (State(facets=(("sauce", "x"),)), "the archive has no facet 'sauce'; did you mean 'source'?"),
        (State(facets=(("source", "x" * 1001),)), "source is longer than 1,000 letters"),
    ],
)
def test_what_cannot_be_asked_is_one_line(state: State, said: str) -> None:
    with pytest.raises(ExploreError) as error:
        settle(state, FACTS)
    assert said in str(error.value) and "\n" not in str(error.value)


def test_a_state_is_read_from_names_and_values() -> None:
    given = {"query": "a", "subject": "", "from": "2012-01-01", "to": None, "emotion": "fear"}
    assert State.read(given) == State("a", None, "2012-01-01", None, "fear")
    assert State.read({}) == State()
    chosen = {"from": "2012-01-01", "facet.from": "x", "source": "y", "facet.to": ""}
    assert State.read(chosen, ("source", "from", "to")) == State(
        start="2012-01-01", facets=(("source", "y"), ("from", "x"))
    )
    with pytest.raises(ExploreError, match="no 'emotoin'; did you mean 'emotion'"):
        State.read({"emotoin": "fear"})


@pytest.mark.parametrize("name", ["query", "subject", "emotion"])
def test_a_text_is_unicode_of_1000_letters_at_most(name: str) -> None:
    facts = Facts(9, "2012-01-01", "2013-01-01", ("x" * 1000,))
    assert settle(State.read({name: "x" * 1000}), facts) == State.read({name: "x" * 1000})
    for text, said in (
        ("x" * 1001, f"^{name} is longer than 1,000 letters; shorten it$"),
        ("storm \udcff", f"^{name}: expected text in UTF-8, and found '.udcff' in it$"),
    ):
        with pytest.raises(ExploreError, match=said):
            settle(State.read({name: text}), facts)
