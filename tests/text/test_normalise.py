"""The one reading of posts: what becomes of each thing in them, and where it came from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feelscope.text.emoticons import EMOTICONS
from feelscope.text.normalise import normalise, normalised_from, traced, words_of_hashtag


def read(text: str) -> str:
    return " ".join(normalise(text).split())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@kim OMG sooooo good :-) #BestDayEver https://t.co/x", "OMG so good 😊 Best Day Ever"),
        ("RT @a: @b_2 so true", "so true"),
        ("well done @a @b", "well done"),
        ("I saw @anna there", "I saw someone there"),
        ("write to me@mail.org or www.x.org/a?b=1 today", "write to or today"),
        ("#bestdayever in #berlin #covid19", "best day ever in berlin covid 19"),
        ("C#, a&#39;b and path/#top", "C#, a&#39;b and path/#top"),
        ("yaaaaay I loooove youuuu, goooood", "yay I love you, good"),
        ("hmmmm zzzzz", "hmm zz"),
        ("No!!!!!!! Well....", "No!!! Well..."),
        ("𝓱𝓮𝓵𝓵𝓸 “don’t” ＠me too", 'hello "don\'t" someone too'),
        ("I am :( >:( D: o.O xD </3 \\o/", "I am 😢 😠 😨 😲 😂 💔 🙌"),
        ("so glad:)))", "so glad 😊"),
        ("at 12:30, note:(see) C: def f(x): 1:0 http://a.b/:)", "at 12:30, note:(see) C: def f(x): 1:0"),
        ("It's 5 o'clock, café, 你好 👍🏽❤️", "It's 5 o'clock, café, 你好 👍🏽❤️"),
    ],
)
def test_what_posts_are_full_of_is_brought_to_one_form(text, expected):
    assert read(text) == expected


@pytest.mark.parametrize("text", ["@only", "@a @b", "https://t.co/x", "", "   "])
def test_where_nothing_would_be_left_the_text_stays(text):
    assert normalise(text) == text


def test_many_empty_lines_before_a_name_are_looked_at_once():
    lines = 100_000 * "\n"  # from each line to the last would take minutes
    assert normalise(f"{lines}@ noon") == f"{lines}@ noon"
    assert normalise(f"up{lines}@kim: hi") == "up\n hi"


def test_every_emoticon_is_read_as_its_emoji():
    assert {form: read(f"there {form}") for form in EMOTICONS} == {
        form: f"there {emoji}" for form, emoji in EMOTICONS.items()
    }


def test_hashtags_of_unknown_words_stay_whole():
    assert words_of_hashtag("qwrtzpl") == ("qwrtzpl",)
    assert words_of_hashtag("SoProudOfYou") == ("So", "Proud", "Of", "You")
    assert words_of_hashtag("BestDay" * 100) == ("BestDay" * 100,)


def test_places_are_where_characters_came_from():
    text = "@kim yaaay :) #BestDay"
    found = traced(text)
    by_word = {word: text[found.places[found.text.index(word)] :] for word in ("yay", "😊", "Best")}
    assert by_word["yay"].startswith("yaaay") and by_word["😊"].startswith(":)") and by_word["Best"].startswith("Best")


@given(st.text(alphabet="ab@# :)(-oO<3/\\.!\n’＠😀\ud800w", max_size=60))
def test_each_character_has_a_place_and_places_never_go_back(text):
    found = traced(text)
    assert len(found.places) == len(found.text) and found.places == sorted(found.places)
    assert normalised_from(text) == found.places
    assert all(0 <= place < len(text) for place in found.places)
