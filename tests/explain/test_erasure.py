"""Words left out in turn."""

import pytest

from feelscope import EmotionClassifier
from feelscope.explain.erasure import MOST_WORDS, weigh_words
from feelscope.post import Post, Prediction


def by_words(posts):
    """Fear by the share of "spider" among the words, a fake model whose answers one can work out."""
    found = []
    for post in posts:
        words = f"{post.title} {post.text}".lower().split()
        share = words.count("spider") / max(1, len(words))
        answers = {"fear": share, "neutral": 1 - share} if words else {}
        found.append(Prediction(post.id, "fear" if words else None, answers, ()))
    return found


def test_weights_are_what_is_lost_without_each_word():
    post = Post("1", "the spider sat", title="Spider")
    found = [(one.field, one.start, one.end, one.weight) for one in weigh_words(by_words, post, "fear")]
    kept, gone = 2 / 4 - 1 / 3, 2 / 4 - 2 / 3
    assert found == [
        ("title", 0, 6, pytest.approx(kept)),
        ("text", 0, 3, pytest.approx(gone)),
        ("text", 4, 10, pytest.approx(kept)),
        ("text", 11, 14, pytest.approx(gone)),
    ]


def test_the_only_word_has_all_the_weight_as_nothing_is_left_to_read_without_it():
    assert [one.weight for one in weigh_words(by_words, Post("1", "spider"), "fear")] == [1]


def test_the_built_in_model_rests_on_the_word_of_fear():
    post = Post("1", "we went home 🏠 and she was terrified of what he said")
    predict = EmotionClassifier.load().predict
    assert predict([post])[0].emotion == "fear"
    found = weigh_words(predict, post, "fear")
    words = {post.text[one.start : one.end]: one.weight for one in found}
    assert set(words) == {*post.text.split()}
    assert max(words, key=words.get) == "terrified"
    assert words["terrified"] > 0.5


def test_of_two_words_that_each_suffice_neither_weighs_much():
    """What leaving out one word at a time cannot see, and the docs say so."""

    def predict(posts):
        fear = [float("terrified" in post.text or "😱" in post.text) for post in posts]
        return [Prediction(post.id, "fear", {"fear": one}, ()) for post, one in zip(posts, fear, strict=True)]

    post = Post("1", "terrified 😱")
    assert [one.weight for one in weigh_words(predict, post, "fear")] == [0, 0]


def test_nothing_where_nothing_can_be_said():
    assert weigh_words(by_words, Post("1", ""), "fear") == []
    assert weigh_words(by_words, Post("1", "a spider"), "joy") == []
    assert len(weigh_words(by_words, Post("1", "word " * 500), "fear")) == MOST_WORDS
