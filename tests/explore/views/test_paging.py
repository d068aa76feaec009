"""Pages of sentences and all of them at once: the same posts in the same order, however they are reached."""

from pathlib import Path

import pytest
from explore_archive import random_posts, small_archive

from feelscope.explore.archive import Archive
from feelscope.explore.search.query_text import parse_query
from feelscope.explore.search.request import listing, matching
from feelscope.explore.search.rounds import ask_together
from feelscope.explore.search.state import State
from feelscope.explore.views import all_sentences, paging
from feelscope.explore.views.marks import has_query, query_spans
from feelscope.explore.views.orders import ORDERS
from feelscope.explore.views.paging import page_of
from feelscope.explore.views.sentences import best, first_best


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return small_archive(random_posts(300), tmp_path_factory.mktemp("paging"))


def ids(archive: Archive, query: str, *, descending: bool = False) -> list[str]:
    found = archive.index.engine.search(
        listing(matching(State(query)), first=0, size=1000, descending=descending),
    )
    return [hit["_id"] for hit in found["hits"]["hits"]]


@pytest.mark.parametrize("query", ["", "rebels", "nothing"])
@pytest.mark.parametrize("descending", [False, True])
def test_a_page_is_the_same_part_of_the_list_wherever_it_is(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, query: str, descending: bool
) -> None:
    monkeypatch.setattr(paging, "_NEAR", 1)
    everything = ids(archive, query, descending=descending)
    assert query == "nothing" or len(everything) > 50
    for size in (1, 7, 40):
        for first in range(0, len(everything) + 12, 5):
            view = page_of(matching(State(query)), first, size, descending=descending)
            posts, page = ask_together(archive.index.engine, {"page": view})["page"]
            assert posts == len(everything)
            assert [post["id"] for post in page] == everything[first : first + size]


@pytest.mark.parametrize("most", [1, 7, 1000])
def test_all_sentences_are_those_of_the_pages(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, most: int
) -> None:
    monkeypatch.setattr(all_sentences, "_FIRST", 3)
    monkeypatch.setattr(all_sentences, "_MOST", most)
    for state in ({"query": "rebels"}, {"query": "", "emotion": "sadness"}, {"query": "nothing"}):
        for order in ORDERS:
            asked = {"rows": 100, "parts": ("sentences",), "order": order}
            pages = (archive.views(state, sentences_page=page, **asked)["sentences"] for page in range(1, 5))
            paged = [row for page in pages for row in page["rows"]]
            for row in paged:
                del row["alike"], row["spans"]
            assert list(archive.all_sentences(state, order=order)) == paged


def test_posts_of_one_order_are_each_listed_once(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(all_sentences, "_FIRST", 2)
    monkeypatch.setattr(all_sentences, "_MOST", 2)
    engine = archive.index.engine
    real = engine.search

    def coarse(request: dict) -> dict:  # as if many posts had the same order
        if not request["size"]:
            return real(request)
        span = [one["range"]["order"] for one in _filters(request["query"]) if "order" in one.get("range", {})]
        first = span[0]["gte"] if span else 0
        found = real({**request, "query": {"match_all": {}}, "size": 1000})["hits"]["hits"]
        found = [{**hit, "sort": [hit["sort"][0] >> 50]} for hit in found]
        return {"hits": {"hits": [hit for hit in found if hit["sort"][0] >= first][: request["size"]]}}

    monkeypatch.setattr(engine, "search", coarse)
    assert sorted(row["id"] for row in archive.all_sentences({})) == sorted(f"p{at}" for at in range(300))


def test_whole_months_are_their_days(archive: Archive) -> None:
    def posts(start: str, end: str) -> int:
        return int(archive.views({"from": start, "to": end}, parts=())["counts"]["query"])

    assert (
        posts("2012-01-01", "2012-04-01") == posts("2012-01-01", "2012-03-02") + posts("2012-03-02", "2012-04-01") > 9
    )
    assert (
        posts("2011-12-01", "2012-01-01") == posts("2011-12-01", "2011-12-20") + posts("2011-12-20", "2012-01-01") > 1
    )


def _filters(query: dict) -> list[dict]:
    inner = query.get("bool", {}).get("filter", [])
    return [query, *(found for one in inner for found in _filters(one))]


def test_the_first_best_sentence_is_the_first_of_the_best() -> None:
    texts = [str(post["text"]) for post in random_posts(60)]
    sentences = [". ".join(part.capitalize() for part in texts[at : at + 12]) for at in range(0, 60, 3)]
    for query in ("", "rebels", "new -obama", '"speech speeches"', "well-known OR #aleppo", "東京都 café"):
        for subject in (None, "rebels", "new york", "😂"):
            for text in sentences:
                parsed = parse_query(query)
                assert first_best(text, parsed, subject) == best(text, parsed, subject)[0]


def test_a_text_has_a_query_where_the_query_is_somewhere_in_it() -> None:
    odd = [
        "",
        "Obama's well-known café",
        "東京都 🇫🇷",
        "don't, Dont",
        "Well-Known: he lies dying",
        "ties of /U/Name",
        "happy",
    ]
    texts = [*(str(post["text"]) for post in random_posts(60)), *odd]
    words = ("rebels", '"rebels"', "well-known", "wellknown OR #aleppo", "dont", "die", "tying", "known", "happiness")
    others = ('"new york"', '"he lies"', "u/name", "東京", "京", "🇫🇷")
    queries = (*words, *others, "-new")
    found = [[has_query(text, parse_query(query)) for text in texts] for query in queries]
    assert found == [[bool(query_spans(text, parse_query(query))) for text in texts] for query in queries]
    assert all(any(row) and not all(row) for row in found[:-1]) and not any(found[-1])
