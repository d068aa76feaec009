import pytest

from feelscope.text import language
from feelscope.text.language import has_few_words

FOREIGN = [
    "Hoy es un dia muy feliz para mi y para todos los amigos de mi familia en la playa",
    "Heute war ein sehr guter Tag und wir sind alle zusammen nach Hause gegangen",
    "Je suis tres content de vous voir tous ici ce soir avec mes amis",
    "今日はとても楽しい一日でした",
    "Сегодня был очень хороший день и мы пошли домой",
]
ENGLISH = [
    "We walked along the river until the lamps came on",
    "my dog just ate my homework and i cannot stop laughing",
]


@pytest.mark.parametrize("name", ["words", "detector"])
def test_english_passes_and_other_languages_do_not(name):
    is_english = language.CHOICES[name]()
    assert [is_english(text) for text in ENGLISH] == [True, True]
    assert [is_english(text) for text in FOREIGN] == [False] * 5


def test_more_than_five_different_words():
    assert not language.by_words("the the the the the the dog ran")
    assert not language.by_words("the dog ran home again")
    assert language.by_words("the dog ran home again today")
    assert not language.by_words("#the #dog #ran #home #again #today http://the.dog/ran @home")
    assert language.CHOICES["any"]()("") and not language.by_detector()("")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("THE Dog ran, the dog's HOME", 5),  # the, dog, ran, dog's, home
        ("the dog can’t #run", 3),
        ("the dog #ran", 2),
        ("the dog @home", 2),
        ("the dog http://home.again/today", 2),
        ("the dog https://home.again/today ran", 3),
        ("#ran @home", 0),
        ("", 0),
    ],
)
def test_different_english_words_are_counted(text, count):
    assert language.count_english(text) == count


@pytest.mark.parametrize("at", [0, 250, 290, 400])
def test_a_long_text_is_read_to_its_end(at):
    filler = "wöñx " * 100
    assert language.by_words(filler[:at] + " the dog ran home again today " + filler)
    assert not language.by_words(filler[:at] + " the dog ran home again " + filler)


@pytest.mark.parametrize(
    ("text", "few"),
    [
        ("so happy today", True),
        ("", True),
        ("12 345 😊", True),
        ("no no no no no no no", True),
        ("#one #two @three https://a.example/four five", True),
        ("Ich bin heute traurig", True),  # nobody could tell
        ("Mein Hund ist heute leider gestorben", False),
        ("one two three four five six", False),
        ("我今天很难过", False),
        ("мне грустно", False),
    ],
)
def test_texts_that_are_too_short_to_tell(text, few):
    assert has_few_words(text) == few
