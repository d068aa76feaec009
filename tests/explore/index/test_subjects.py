"""Subjects of posts; what is a phrase against a plain reading of the grammar."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feelscope.explore.index import subjects as module
from feelscope.explore.index.subjects import MOST_WORDS, Subject, find_subjects
from feelscope.explore.views.sentences import subject_spans

pytest.importorskip("denckring_en_pos")


def found(text: str, kind: str = "phrase") -> list[str]:
    return [subject.text for subject in next(find_subjects([text])) if subject.kind == kind]


def test_phrases_of_a_title() -> None:
    assert found("Statement from Edward Snowden in Moscow\n") == [
        "statement",
        "statement from edward",
        "statement from edward snowden",
        "statement from edward snowden in moscow",
        "edward",
        "edward snowden",
        "edward snowden in moscow",
        "snowden",
        "snowden in moscow",
        "moscow",
    ]


@pytest.mark.parametrize(
    ("text", "has", "lacks"),
    [
        ("The new  York\tcity council met.", "new york city council", "the new york city council"),
        ("I like cats, dogs and birds.", "cats", "cats dogs"),
        ("Cute cats\nCute dogs", "cute cats", "cats cute dogs"),
        ("It's Obama's speech and they don't like it", "speech", "obama 's speech"),
        ("read https://example.org/new-york/cats about dogs", "dogs", "example"),
        ("mail me at cat@example.org about dogs", "dogs", "cat"),
        ("cats &amp; dogs", "dogs", "amp"),
        ("x dogs " + "a" * 41, "dogs", "a" * 41),
        ("cats 😂 dogs", "cats", "cats dogs"),
        ("the _old house_ in town", "old house", "_old house_"),
    ],
)
def test_what_ends_a_phrase(text: str, has: str, lacks: str) -> None:
    phrases = found(text)
    assert has in phrases
    assert lacks not in phrases


def test_hashtags_mentions_and_emoji_each_once() -> None:
    text = "#Cats and #cats with @Bob, /u/Alice, r/Pics 👍🏽👍 ❤️ but not a#b, x@y.org, #12, and/or https://a.org/#top"
    assert found(text, "hashtag") == ["#cats"]
    assert found(text, "mention") == ["@bob", "u/alice", "r/pics"]
    assert found(text, "emoji") == ["👍", "❤"]
    assert not {"cats", "bob", "alice", "pics"} & set(found(text))


def test_each_post_has_its_own_also_across_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["A red house", "", "!!!", "#one", "The mayor of the city", "red", "a house in Berlin"] * 3
    alone = [next(find_subjects([text])) for text in texts]
    monkeypatch.setattr(module, "_POSTS_AT_ONCE", 4)
    assert list(find_subjects(iter(texts))) == alone
    assert alone[1] == alone[2] == []


def test_no_posts() -> None:
    assert list(find_subjects([])) == []


@given(st.text("ANPD", min_size=1, max_size=12))
def test_spans_are_those_of_the_grammar(run: str) -> None:
    plain = {
        (start, end)
        for start in range(len(run))
        for end in range(start + 1, len(run) + 1)
        if end - start <= MOST_WORDS and re.fullmatch("(A|N)*N(PD*(A|N)*N)*", run[start:end])
    }
    assert set(module.phrase_spans(run)) == plain


@given(st.text("ANPDO", max_size=30))
def test_no_phrase_stands_outside_a_run(parts: str) -> None:
    inside = {
        (run.start() + start, run.start() + end)
        for run in module._RUN.finditer(parts)
        for start, end in module.phrase_spans(run[0])
    }
    everywhere = set()
    for start in range(len(parts)):
        for end in range(start + 1, min(start + MOST_WORDS, len(parts)) + 1):
            if re.fullmatch("(A|N)*N(PD*(A|N)*N)*", parts[start:end]):
                everywhere.add((start, end))
    assert inside == everywhere


TEXTS = [
    "مرحبا بالعالم، how are you",
    "\u202eright to left\u202c <b>bold</b> & 'quotes'",
    "👩‍👩‍👧‍👦 family 🇩🇪",
    "\ud7ff\u0300 e\u0301 İstanbul ǅ ﬁ",
    "don’t O’Reilly’s 'tis '",
    "a" * 5000,
    "word " * 3000,
    "?" * 3000,
    "\x00 nul",
]


@pytest.mark.parametrize("text", TEXTS)
def test_odd_texts_give_subjects_that_are_clean(text: str) -> None:
    for subject in next(find_subjects([text])):
        assert subject.text == " ".join(subject.text.split()).lower()
        assert len(subject.text.split(" ")) <= MOST_WORDS


@given(st.lists(st.text(max_size=60), max_size=5))
def test_any_text(texts: list[str]) -> None:
    every = list(find_subjects(texts))
    assert len(every) == len(texts)
    for some in every:
        assert len(set(some)) == len(some)
        assert all(isinstance(subject, Subject) and subject.kind in module.KINDS for subject in some)


def test_a_joined_emoji_is_one_subject_and_is_marked_as_it_is_written() -> None:
    text = "🤷🏽‍♀️ in 🇩🇪 1️⃣"
    assert found(text, "emoji") == ["🤷‍♀", "🇩🇪", "1⃣"]
    assert [text[slice(*span)] for emoji in found(text, "emoji") for span in subject_spans(text, emoji)] == [
        "🤷🏽‍♀️",
        "🇩🇪",
        "1️⃣",
    ]
