import random

import pytest

from feelscope.emotions import SEVEN
from feelscope.prepare.clean import cleaner
from feelscope.prepare.label_words import LabelWords
from feelscope.prepare.leak_test import LeakCounter, LeakTest

WORDS = LabelWords(SEVEN)
FILLER = "we went to the river and then home because it was late when the lamps came on".split()
SAYS = {"happiness": "happy", "sadness": "sad", "anger": "angry"}


def corpus(share, seed=0, count=900):
    """Posts of which a share says its emotion by a hashtag; as many say another one in the same way."""
    draw = random.Random(seed)
    for _ in range(count):
        emotion = draw.choice(list(SAYS))
        words = draw.sample(FILLER, 8)
        if draw.random() < share:
            words.append(f"#{SAYS[emotion]}")
        yield " ".join(words), emotion


def leak_of(posts, clean):
    counter = LeakCounter(WORDS)
    for text, emotion in posts:
        counter.add(clean(text), emotion)
    return counter.test()


@pytest.mark.parametrize("share", [1.0, 0.3, 0.1])
def test_it_passes_where_the_cleaning_is_right_and_fails_where_it_is_not(share):
    assert not leak_of(corpus(share), cleaner(WORDS)).leaks
    uncleaned = leak_of(corpus(share), lambda text: text)
    assert uncleaned.leaks
    assert {"#happy", "#sad", "#angry"} & set(uncleaned.words)


def test_faulty_rules_are_found():
    def only_its_own(text):  # what the first rule one thinks of would do: the sadness tag only
        return text.replace("#sad", "")

    def only_the_sign(text):
        return text.replace("#", "")

    def lower_case_only(text):
        return " ".join(word for word in text.split() if word not in ("#happy", "#sad", "#angry"))

    assert leak_of(corpus(0.5), only_its_own).leaks
    assert leak_of(corpus(0.5), only_the_sign).leaks
    shouted = [(text.upper(), emotion) for text, emotion in corpus(0.5)]
    assert leak_of(shouted, lower_case_only).leaks
    assert not leak_of(shouted, cleaner(WORDS)).leaks


def test_words_that_say_nothing_about_the_label_pass():
    draw = random.Random(1)
    posts = [(f"{text} {draw.choice(['happy', 'sad', 'x'])}", emotion) for text, emotion in corpus(0)]
    result = leak_of(posts, cleaner(WORDS))
    assert result.posts > 500
    assert not result.leaks


def test_a_clean_corpus_is_called_leaky_rarely():
    def noise(seed):
        draw = random.Random(seed)
        return [(draw.choice(["happy", "sad", "none"]), draw.choice("abc")) for _ in range(200)]

    found = [leak_of(noise(seed), lambda text: text).leaks for seed in range(40)]
    assert sum(found) <= 3  # one in a hundred is expected


def test_one_emotion_or_no_words_is_no_leak():
    assert not leak_of([("happy", "happiness")] * 20, lambda text: text).leaks
    assert not leak_of([], lambda text: text).leaks


@pytest.mark.parametrize("said", ["(happy!)", "...sad", "#sosad", '"Anger"', "😢", "unhappy\nsad"])
def test_words_are_found_between_signs(said):
    counter = LeakCounter(WORDS)
    counter.add("the disc surfaced #fine", "happiness")
    counter.add(f"we went {said} home", "sadness")
    counter.add("we went home", "anger")
    assert counter.test().posts == 1


@pytest.mark.parametrize(("accuracy", "p", "leaks"), [(0.6, 0.005, True), (0.6, 0.01, False), (0.5, 0.005, False)])
def test_it_leaks_below_one_in_a_hundred_and_above_the_commonest_emotion(accuracy, p, leaks):
    assert LeakTest(accuracy, 0.5, p, (), 10).leaks is leaks
