"""Texts as question-emoji networks read them."""

from feelscope.emoji.answer.reading import pieces, spellings

COUNT = 2**20


def found(text, read=spellings):
    """The pieces of a text, without padding."""
    return {*read([text], COUNT)[0].tolist()} - {0}


def test_spellings_have_words_pairs_signs_and_runs():
    assert found("so good", pieces) < found("so good")
    assert found("so good!") > found("so good"), "the sign is a piece"
    assert found("so good 😂") == found("so good"), "an emoji is not"
    assert len(found("good")) == 3  # <goo good ood>: the word is one of its runs
    assert len(found("good!")) == 5  # the sign, and its pair with the word


def test_spellings_share_what_they_have_in_common():
    shared = found("#sandiego") & found("diego")
    assert len(shared) >= 2  # dieg iego ego>
    assert found("WOW") > found("wow"), "capitals are a piece of their own"
    assert not found("")
