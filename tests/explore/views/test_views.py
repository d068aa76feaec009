"""What the counts cannot say: thresholds, the choice of sentences, marks, pictures, one post."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from explore_archive import PICTURES, small_archive

from feelscope.errors import ExploreError
from feelscope.explore.archive import Archive
from feelscope.explore.views import post, sentences
from feelscope.explore.views.keyness import signed_g2


def posts(*texts: str, **more: Any) -> list[dict[str, object]]:
    common = {"emotion": "fear", "created_at": "2012-05-01", **more}
    return [{"id": str(at), "text": text, **common} for at, text in enumerate(texts)]


def test_shares_from_30_posts_a_bin_and_emotions_from_20_with_a_subject(tmp_path: Path) -> None:
    made = [
        {"id": f"{month}-{at}", "text": "army" if at < army else "so", "created_at": f"2012-0{month}-01"}
        for month, number, army in ((1, 30, 20), (2, 29, 19), (3, 40, 0))
        for at in range(number)
    ]
    made = [{**post, "emotion": "fear" if at % 2 else "anger"} for at, post in enumerate(made)]
    archive = small_archive(made, tmp_path)
    bins = archive.views({}, unit="month")["timeline"]["bins"]
    assert [one["query"] for one in bins] == [30, 29, 40]
    assert bins[0]["shares"] == {"anger": 0.5, "fear": 0.5} and bins[1]["shares"] is None
    for span, shown in (({"to": "2012-02-01"}, True), ({"from": "2012-02-01", "to": "2012-03-01"}, False)):
        (row,) = (row for row in archive.views(span)["subjects"]["rows"] if row["subject"] == "army")
        assert (row["emotions"] is not None) == shown


def test_a_subject_has_its_numbers_and_a_timeline_of_the_chosen_time(tmp_path: Path) -> None:
    made = [
        {
            "id": f"{month}-{at}",
            "text": text,
            "created_at": f"2012-0{month}-01",
            "emotion": "anger" if at and text == "army" else "fear",
        }
        for month, number, text in ((1, 6, "army"), (2, 12, "so"), (3, 5, "army"))
        for at in range(number)
    ]
    archive = small_archive(made, tmp_path)

    def army(state: dict[str, str], unit: str = "month") -> tuple[object, ...]:
        found = archive.views(state, unit=unit)["subjects"]
        (row,) = (row for row in found["rows"] if row["subject"] == "army")
        if not state:  # there are no others
            assert row["score"] == pytest.approx(11 * math.log(23 / 11))
        else:
            g2 = signed_g2(np.array([row["posts"]]), row["posts"], np.array([11 - row["posts"]]), 23 - row["posts"])
            assert row["score"] == pytest.approx(float(g2[0]))
        return row["posts"], row["archive_posts"], row["sparkline"]

    assert army({}) == (11, 11, [6, 0, 5])
    assert army({}, "year") == (11, 11, [11])
    assert army({"from": "2012-03-01"}) == (5, 11, [5])
    assert army({"emotion": "anger"}) == (9, 11, [5, 0, 4])


def test_the_timeline_has_the_bins_of_the_time_that_have_posts(tmp_path: Path) -> None:
    days = {"2012-01-30": 30, "2012-03-01": 2, "2012-03-09": 1}
    made = [
        {
            "id": f"{day}-{at}",
            "text": "army came" if at else "so",
            "created_at": day,
            "emotion": "joy" if at else "fear",
        }
        for day, number in days.items()
        for at in range(number)
    ]
    archive = small_archive(made, tmp_path)
    state = {"query": "came", "emotion": "joy", "subject": "army"}
    shown = archive.views(state, unit="month", parts=("timeline", "context"))
    expected = [
        ("2012-01-01", "2012-02-01", 30, 29, 29, {"fear": 0, "joy": 29}, None),
        ("2012-03-01", "2012-04-01", 3, 1, 1, {"fear": 0, "joy": 1}, None),
    ]
    names = ("from", "to", "archive", "query", "subject", "emotions", "shares")
    assert [{**one, "emotions": dict(one["emotions"])} for one in shown["timeline"]["bins"]] == [
        dict(zip(names, row, strict=True)) for row in expected
    ]
    found = archive.views({**state, "from": "2012-02-25", "to": "2012-03-05"}, unit="month")
    assert [tuple(map(one.get, names[:5])) for one in found["timeline"]["bins"]] == [
        ("2012-03-01", "2012-03-05", 2, 1, 1)  # cut to the time
    ]
    whole = [(one["from"], one["to"], one["query"]) for one in found["context"]["bins"]]
    assert found["context"]["unit"] == "day" and whole == [
        ("2012-01-30", "2012-01-31", 29), ("2012-03-01", "2012-03-02", 1), ("2012-03-09", "2012-03-10", 0),
    ]  # fmt: skip
    everything = archive.views({}, unit="month")["timeline"]["bins"]
    assert everything[0]["shares"] == {"fear": pytest.approx(1 / 30), "joy": pytest.approx(29 / 30)}
    assert [one["subject"] for one in everything] == [None] * 2
    assert [one["query"] for one in archive.views({"emotion": "fear"}, unit="month")["timeline"]["bins"]] == [1, 2]


def test_a_sentence_with_both_goes_before_one_with_either_before_the_first(tmp_path: Path) -> None:
    text = "It rained. The army came! Aleppo fell. The army left Aleppo? So it goes"
    archive = small_archive(posts(*[text] * 5), tmp_path)

    def chosen(**state: str) -> str:
        return str(archive.views(state)["sentences"]["rows"][0]["text"])

    assert chosen() == "It rained."
    assert chosen(query="army") == "The army came!"
    assert chosen(query="army", subject="aleppo") == "The army left Aleppo?"
    assert chosen(query="rained", subject="fell") == "It rained."
    assert chosen(query='"army left"') == "The army left Aleppo?"


def test_of_equal_sentences_the_strongest_in_the_emotion_is_taken(tmp_path: Path) -> None:
    rows = posts(*["grim dread"] * 30, "We met. A grim dread. A merry day.")
    rows += [{**post, "id": f"m{at}", "emotion": "happiness"} for at, post in enumerate(posts(*["merry day"] * 30))]
    rows += [{**rows[30], "id": "h", "emotion": "happiness"}]
    archive = small_archive(rows, tmp_path)
    for emotion, sentence in (("fear", "A grim dread."), ("happiness", "A merry day.")):
        found = archive.views({"emotion": emotion, "query": "met"})["sentences"]["rows"]
        assert [row["text"] for row in found] == ["We met."]  # what was asked for goes first
        found = archive.views({"emotion": emotion, "query": '"grim dread" met merry'})["sentences"]
        assert found["total"] == 1
        shown = {
            row["text"]
            for page in range(1, 5)
            for row in archive.views({"emotion": emotion}, sentences_page=page)["sentences"]["rows"]
        }
        assert sentence in shown


def test_marks_are_offsets_and_markup_is_text(tmp_path: Path) -> None:
    text = "😂 <mark>RUNNING</mark> from Al-Assad's & “running  mate” حلب"
    archive = small_archive(posts(*[text] * 5), tmp_path)
    (row, *_) = archive.views({"query": "run mark حلب", "subject": "running mate"})["sentences"]["rows"]
    assert row["text"] == text
    marked = [(span["mark"], text[span["start"] : span["end"]]) for span in row["spans"]]
    assert marked == [
        ("query", "mark"),
        ("query", "RUNNING"),
        ("query", "mark"),
        ("query", "running"),
        ("subject", "running  mate"),
        ("query", "حلب"),
    ]


def test_pictures_are_small_named_by_content_and_the_surest_come_first(tmp_path: Path) -> None:
    rows = posts(*["army"] * 30)
    for at, row in enumerate(rows):
        row |= {"image": PICTURES[at % 2], "p_fear": 0.5 + at / 100, "p_anger": 0.5 - at / 100}
    rows[0]["image"] = b"no picture"
    archive = small_archive(rows, tmp_path)
    found = archive.views({"query": "army"})["pictures"]
    assert found["total"] == 29
    assert [row["id"] for row in found["rows"]["fear"]] == [str(at) for at in range(29, 17, -1)]
    assert archive.index.thumbnails is not None
    assert len(list(archive.index.thumbnails.iterdir())) == 2
    names = [row["image"].removeprefix("/thumbnails/") for row in found["rows"]["fear"]]
    assert all((archive.index.thumbnails / name).is_file() for name in names)


def test_a_post_and_none(tmp_path: Path) -> None:
    more = {"title": "A title", "author": "x", "url": "https://e.x/", "source": "reddit", "p_fear": 1.0, "p_joy": 0.0}
    archive = small_archive(posts("so it goes", **more), tmp_path)
    post = archive.post("0")
    assert post is not None
    assert post["probabilities"] == {"fear": 1.0, "joy": 0.0} and post["date"] == "2012-05-01T00:00:00Z"
    assert (post["title"], post["author"], post["url"], post["source"]) == ("A title", "x", "https://e.x/", "reddit")
    assert archive.post("1") is None


def test_pages_behind_the_last_are_empty_and_below_the_first_refused(tmp_path: Path) -> None:
    archive = small_archive(posts("so it goes"), tmp_path)
    answer = archive.views({}, sentences_page=9, subjects_page=9)
    assert answer["sentences"]["rows"] == answer["subjects"]["rows"] == []
    assert answer["sentences"]["pages"] == 1
    for wrong, said in (
        ({"sentences_page": 0}, "expected a page of 1 or more"),
        ({"subjects_page": 10**9}, "expected a page of 999,999,999 or less"),
        ({"rows": 101}, "expected 1 to 100 rows a page"),
        ({"unit": "moth"}, "'moth' is not a unit; did you mean 'month'"),
        ({"course": "fera"}, "no post has the emotion 'fera'; did you mean 'fear'"),
        ({"parts": ("subject",)}, "'subject' is not a part; did you mean 'subjects'"),
    ):
        with pytest.raises(ExploreError, match=said):
            archive.views({}, **wrong)
    with pytest.raises(ExploreError, match="'army' is not a subject that 5 or more posts have"):
        archive.views({"subject": "army"})


class Recording:
    """An engine that keeps what it is asked."""

    def __init__(self, engine: Any) -> None:
        self.engine, self.asked = engine, list[dict[str, Any]]()

    def search(self, request: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(request)
        return dict(self.engine.search(request))

    def search_all(self, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
        self.asked += requests
        return list(self.engine.search_all(requests))


def test_no_engine_is_asked_for_a_page_that_is_not_there(tmp_path: Path) -> None:
    archive = small_archive(posts(*["army"] * 25, *["so"] * 30), tmp_path)
    engine = Recording(archive.index.engine)
    archive = Archive(replace(archive.index, engine=engine))
    found = [
        archive.views({"query": "army"}, parts=("sentences",), sentences_page=page) for page in (1, 3, 4, 10**9 - 1)
    ]
    assert [len(one["sentences"]["rows"]) for one in found] == [10, 5, 0, 0]
    assert [one["sentences"]["page"] for one in found] == [1, 3, 4, 10**9 - 1]
    assert {one["sentences"]["total"] for one in found} == {25}
    assert [request["from"] for request in engine.asked if request["size"]] == [0, 20]
    rows = archive.views({"query": "army"}, parts=("sentences",), rows=20, sentences_page=2)["sentences"]
    assert (len(rows["rows"]), rows["pages"]) == (5, 2)


def test_weights_that_are_kept_are_bounded_and_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"We met {at}. A grim dread{at} came." for at in range(30)]
    rows = [{**post, "emotion": "fear" if at % 2 else "anger"} for at, post in enumerate(posts(*texts))]
    archive = small_archive(rows, tmp_path)

    def answers() -> list[Any]:
        return [archive.views({"emotion": emotion})["sentences"] for emotion in ("fear", "anger", "fear")]

    expected = answers()
    kept = sum(map(len, archive.index.word_weights.values()))
    monkeypatch.setattr(sentences, "_KEPT", 30)
    archive.index.word_weights.clear()
    assert answers() == expected
    assert sum(map(len, archive.index.word_weights.values())) <= 30 < kept


def test_a_post_by_anything_that_is_no_id(tmp_path: Path) -> None:
    archive = small_archive(posts("so it goes"), tmp_path)
    for id in ("\ud800", "\0", "x" * 100_000, ""):
        assert archive.post(id) is None


def test_of_a_long_post_the_reasons_are_in_what_models_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    read = []
    monkeypatch.setattr(post, "why", lambda model, read_post, emotion: read.append(read_post) or ([], []))
    archive = small_archive(posts("a b " * 5_000, title="x " * 10), tmp_path)
    found = archive.post("0")
    assert found is not None and len(found["text"]) >= 19_999
    assert [(len(one.text), one.title) for one in read] == [(10_000, ("x " * 10))]
