"""Where tokens are in a post, whatever was stripped, spelled or left out on the way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_hub import save_tokenizer

from feelscope.encoders.token_places import token_places
from feelscope.encoders.tokenizer import Tokenizer
from feelscope.post import Post
from feelscope.text.emoji_for_models import spell_emoji, spelled_from
from feelscope.text.place import Place


@pytest.fixture(scope="module", params=[True, False], ids=["pairs", "one"])
def tokenizer(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tokenizer")
    save_tokenizer(folder, pairs=request.param)
    return Tokenizer(folder / "tokenizer.json", 12, pairs=request.param)


def shown(post, places):
    return [None if place is None else getattr(post, place.field)[place.start : place.end] for place in places]


def test_tokens_of_title_and_text(tokenizer):
    post = Post("1", "  a bad cat ", "\n good dog")
    places = token_places(tokenizer, post)
    assert len(places) == len(tokenizer(post).ids)
    assert [one for one in shown(post, places) if one] == ["good", "dog", "a", "bad", "cat"]
    assert [place.field for place in places if place] == ["title"] * 2 + ["text"] * 3
    assert None in places


def test_a_title_that_repeats_the_text_is_read_once(tokenizer):
    places = token_places(tokenizer, Post("1", "good dog", " good dog "))
    assert [place for place in places if place] == [Place("text", 0, 4), Place("text", 5, 8)]


def test_an_emoji_is_where_it_stands_and_not_where_its_name_does(tokenizer):
    post = Post("1", "a 👍🏽 dog")
    found = [one for one in shown(post, token_places(tokenizer, post)) if one]
    assert found == ["a", "👍", "👍", "👍", "dog"]  # "thumbs up sign"


def test_normalised_words_are_where_they_were_written(tokenizer, tmp_path):
    tokenizer.reading = "normalised"
    post = Post("1", "@kim a baaaad #GoodDog :)", "  @you cat")
    found = [one for one in shown(post, token_places(tokenizer, post)) if one]
    tokenizer.reading = "plain"
    assert found[:2] == ["cat", "a"] and found[2].startswith("b") and found[3:5] == ["Good", "Dog"]


def test_a_post_of_nothing_and_a_long_one(tokenizer):
    assert all(place is None for place in token_places(tokenizer, Post("1", " ")))
    post = Post("1", "a " * 500)
    assert len(token_places(tokenizer, post)) == len(tokenizer(post).ids) == 12


@given(st.text(st.sampled_from("ab ❤\ufe0f😀👍🏽\u200d🇩🇪🇫é\n"), max_size=20))
def test_spelled_characters_come_from_where_their_emoji_is(text):
    spelled, places = spell_emoji(text), spelled_from(text)
    assert len(spelled) == len(places)
    assert places == sorted(places)
    for character, place in zip(spelled, places, strict=True):
        assert 0 <= place < len(text)
        assert character == text[place] or spell_emoji(text[place : place + 2]) != text[place : place + 2]
