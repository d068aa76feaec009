import random

import numpy as np
import pytest

from feelscope.emotions import SEVEN
from feelscope.prepare.clean import cleaner
from feelscope.prepare.label_words import LabelWords
from feelscope.prepare.leak_test import LeakCounter, LeakTest
from feelscope.prepare.leak_test import _accuracy as accuracy

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


def test_what_is_left_of_an_emoji_is_found():
    def only_first_characters(text):
        return text.replace("\u2764", "").replace("\u2639", "")

    signs = {"happiness": "❤\ufe0f", "sadness": "☹", "anger": "☹"}
    hearts = [(f"{text} {signs[emotion]}", emotion) for text, emotion in corpus(0)]
    found = leak_of(hearts, only_first_characters)
    assert found.leaks and found.words == ("U+FE0F",)
    assert not leak_of(hearts, cleaner(WORDS, emoji=True)).leaks


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
    empty = leak_of([], lambda text: text)
    assert not empty.leaks and empty.majority == 0


@pytest.mark.parametrize("said", ["(happy!)", "...sad", "#sosad", '"Anger"', "😢", "unhappy\nsad", "#scarier"])
def test_words_are_found_between_signs(said):
    counter = LeakCounter(WORDS)
    counter.add("the disc surfaced #fine", "happiness")
    counter.add(f"we went {said} home", "sadness")
    counter.add("we went home", "anger")
    assert counter.test().posts == 1


@pytest.mark.parametrize(("accuracy", "p", "leaks"), [(0.6, 0.005, True), (0.6, 0.01, False), (0.5, 0.005, False)])
def test_it_leaks_below_one_in_a_hundred_and_above_the_commonest_emotion(accuracy, p, leaks):
    assert LeakTest(accuracy, 0.5, p, (), 10).leaks is leaks


@pytest.mark.parametrize("seed", range(12))
def test_the_accuracy_is_that_of_scikit_learns_naive_bayes_on_posts_held_out(seed):
    sklearn = pytest.importorskip("sklearn.naive_bayes")
    draw = np.random.default_rng(seed)
    has = np.array([[n & 1, n >> 1 & 1, n >> 2] for n in range(8)], float)  # every mix of three words
    pattern, fold = draw.integers(0, 8, 20), draw.permutation(20) % 5
    target = np.where(draw.random(20) < 0.5, pattern % 3, draw.choice(3, 20, p=(0.6, 0.3, 0.1)))
    right = 0
    for held in range(5):
        seen = fold != held
        prior = np.bincount(target[seen], minlength=3) + 0.5
        model = sklearn.BernoulliNB(alpha=0.5, class_prior=prior / prior.sum())
        model.partial_fit(has[pattern[seen]], target[seen], classes=[0, 1, 2])
        right += (model.predict(has[pattern[~seen]]) == target[~seen]).sum()
    assert accuracy(pattern, has, target, fold, 3) == pytest.approx(right / 20)


def test_what_the_test_found_is_told_in_numbers():
    posts = [("#happy", "happiness")] * 60 + [("#sad", "sadness")] * 50 + [("we went home", "sadness")] * 30
    found = leak_of(posts, lambda text: text)
    assert (found.accuracy, found.majority, found.posts) == (1, pytest.approx(80 / 140), 110)
    assert found.p == 1 / 200, "as well as none of 199 permutations"
    assert found.words == ("#happy", "#sad")
    by_chance = leak_of([("#happy", "sadness"), ("#happy", "happiness")] * 60, lambda text: text)
    assert by_chance.p > 0.05
    alike = leak_of([("#happy", "happiness")] * 40 + [("#happy", "sadness")] * 10, lambda text: text)
    assert (alike.accuracy, alike.p) == (0.8, 1), "the commonest emotion is the answer, however labels are permuted"
    unsaid = leak_of([("home", "sadness"), ("home", "happiness"), ("home", "sadness")], lambda text: text)
    assert (unsaid.accuracy, unsaid.majority, unsaid.p, unsaid.posts) == (2 / 3, 2 / 3, 1, 0)
