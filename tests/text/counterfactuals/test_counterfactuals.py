"""Each rule on texts one can judge: what it makes, what it leaves alone, and where it makes nothing."""

import re
from collections import Counter

import numpy as np
import pytest

from feelscope.text.counterfactuals import contexts
from feelscope.text.counterfactuals.groups import GROUPS, of_another_group
from feelscope.text.counterfactuals.groups import KINDS as GROUP_KINDS
from feelscope.text.counterfactuals.marks import marked
from feelscope.text.counterfactuals.negation import negated
from feelscope.text.counterfactuals.typos import with_typos


def many(rule, *texts, times=200):
    draws = np.random.default_rng(0)
    return [rule(*texts, draws) for _ in range(times)]


def test_typos_are_in_some_longer_words_whose_first_letter_stays():
    text = "Really, nothing works on #Monday @martin https://page.org/nothing"
    for found in many(with_typos, text):
        assert found != text and found.endswith(" on #Monday @martin https://page.org/nothing")
        assert [word[0] for word in found.split()] == [word[0] for word in text.split()]
        assert all(abs(len(word) - len(was)) < 2 for word, was in zip(found.split(), text.split(), strict=True))
    assert with_typos("I am so so", np.random.default_rng(0)) is None


def test_marks_are_put_around_a_text():
    found = many(marked, "so good")
    assert all("so good" in text and text != "so good" for text in found)
    kinds = Counter(kind for text in found for kind in ("@", "#", "http", "RT") if kind in text)
    assert set(kinds) == {"@", "#", "http", "RT"} and kinds["@"] > 70 and kinds["#"] > 40


def test_the_second_part_outweighs_the_first():
    found = set(many(contexts.but, "The food was great.", "I was ill for days!"))
    assert "The food was great, but I was ill for days!" in found
    assert "I was ill for days, although the food was great" in found
    assert all("food was great" in text and "I was ill for days" in text for text in found)
    assert contexts.but("OK THEN", "We left", np.random.default_rng(1)).count("OK THEN") == 1


def test_short_texts_are_those_that_can_be_put_into_another():
    assert contexts.is_short("I am so glad")
    for text in ("Too short", "a b c " * 5, "two\nlines of words", 'he said "no" to me', "@kim how are you"):
        assert not contexts.is_short(text)


def test_quoted_words_are_whole():
    assert all("I hate rain" in text and text != "I hate rain" for text in many(contexts.quoted, "I hate rain "))


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("I'm so sad.", "you are so sad"),
        ("I was angry with my boss!", "you were angry with your boss"),
        ("She looks terrified", "she looks terrified"),
        ("My brother hates it here", "my brother hates it here"),
        ("I love this", "you love this"),
    ],
)
def test_a_clause_becomes_a_condition(text, clause):
    assert all(clause in found for found in many(contexts.conditional, text, times=20))


@pytest.mark.parametrize("text", ["Great!", "I am sad. She is not.", "What a day", "I am", "sad " * 20])
def test_what_is_no_single_clause_becomes_none(text):
    assert contexts.conditional(text, np.random.default_rng(0)) is None


@pytest.mark.parametrize(
    ("text", "now"),
    [
        ("I am so happy!", {("I am not happy!", "sadness"), ("I am not happy at all!", "sadness")}),
        ("that’s awesome", {("that’s not awesome", "sadness"), ("that’s not that awesome", "sadness")}),
        (
            "I'm really scared of it",
            {("I'm not scared of it", "neutral"), ("I'm not scared anymore of it", "happiness")},
        ),
        ("We felt lonely", {("We didn't feel lonely", "neutral"), ("We didn't feel lonely anymore", "happiness")}),
    ],
)
def test_a_feeling_is_denied(text, now):
    assert now <= set(many(negated, text))


@pytest.mark.parametrize(
    "text",
    [
        "I'm not happy",
        "It is raining",
        "I was happy until she came and then the whole thing fell apart",
        "Why am I sad?",
    ],
)
def test_what_says_no_feeling_plainly_is_not_denied(text):
    assert negated(text, np.random.default_rng(0)) is None


def test_people_become_of_another_group_and_all_else_stays():
    groups = {*GROUPS, *(f"{kind} people" for kind in GROUP_KINDS)}
    found = many(of_another_group, "Those people talk, people say #people", times=2000)
    said = Counter(re.fullmatch(r"Those (.+) talk, \1 say #people", text)[1] for text in found)
    assert set(said) == groups
    one = {
        re.fullmatch(r"An? (.+) man sat there", text)[1]
        for text in many(of_another_group, "A man sat there", times=999)
    }
    assert one == set(GROUP_KINDS)
    assert "An asian man sat there" in many(of_another_group, "A man sat there", times=999)
    assert of_another_group("It rains", np.random.default_rng(0)) is None
