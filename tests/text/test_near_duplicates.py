import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feelscope.text.near_duplicates import Grouping, fold, group

LONG = "we walked along the river until the lamps came on and the last boats went home for the night"


def sets(texts):
    """Which texts stand together, whatever their order."""
    together = {}
    for text, first in zip(texts, group(texts), strict=True):
        together.setdefault(first, set()).add(text)
    return {frozenset(members) for members in together.values()}


def test_case_and_punctuation_do_not_count():
    assert fold("So, GOOD!! #day") == fold("so good day") == "so good day"
    assert fold("😂!") == ""


def test_texts_that_share_nearly_all_words_are_one():
    texts = [LONG, LONG.upper() + "!!!", LONG + " again", "a cat slept on the warm car", LONG.replace("river", "canal")]
    assert group(texts) == [0, 0, 0, 3, 0]


def test_texts_that_share_few_words_are_not():
    texts = [LONG, "the boats of the river came home late", "what a lovely morning it is", "no"]
    assert group(texts) == [0, 1, 2, 3]


def sharing(shared, union):
    """Two texts that share so many of so many words."""
    words = [f"w{number}" for number in range(union)]
    middle = (shared + union) // 2
    return [" ".join(words[:middle]), " ".join(words[middle - shared :])]


def test_seven_tenths_of_the_words_are_enough():
    assert group(sharing(7, 10)) == group(sharing(70, 100)) == [0, 0]
    assert group(sharing(69, 100)) == [0, 1]
    assert group(sharing(69, 100), similarity=0.69) == [0, 0]
    grouping = Grouping()
    for text in sharing(69, 100):
        grouping.add(text)
    assert grouping.groups() == [0, 1]


def test_through_others_counts():
    words = LONG.split()
    chain = [" ".join([*words[number:], *(f"extra{at}" for at in range(number))]) for number in range(8)]
    assert set(group(chain)) == {0}
    assert group([chain[0], chain[-1]]) == [0, 1], "the ends alone share too little"


def test_nothing_and_texts_without_words():
    assert group([]) == []
    assert group(["", "word", "!!", "word"]) == [0, 1, 2, 1], "a text without words is like no other"


@settings(max_examples=30, deadline=None)
@given(
    st.permutations([LONG, LONG + " again", LONG.replace("river", "sea"), "good night", "good night!", "so it goes"])
)
def test_the_order_does_not_matter(texts):
    assert sets(texts) == sets(sorted(texts))


def test_many_equal_texts_are_no_work():
    assert set(group(["happy birthday to you"] * 20_000)) == {0}  # compared one by one it would take minutes


def test_the_posts_of_a_small_vocabulary_do_not_chain_to_one_group():
    draw = random.Random(0)
    vocabulary = [f"word{number}" for number in range(18)]
    texts = [" ".join(sorted(draw.sample(vocabulary, 9))) + f" n{number}" for number in range(2000)]
    assert len(set(group(texts))) > 1900


@pytest.mark.parametrize("shared", [14, 16, 18])
def test_most_pairs_above_the_similarity_are_found(shared):
    pairs = [
        [" ".join(f"{side if at >= shared else 'x'}{number}y{at}" for at in range(20)) for side in "ab"]
        for number in range(200)
    ]
    found = sum(group(pair) == [0, 0] for pair in pairs)
    jaccard = shared / (40 - shared)
    assert found >= 160 if jaccard >= 0.7 else found == 0
