"""Hard debias against a plain loop that follows the published steps word by word, and what it promises."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feelscope.errors import WordsError
from feelscope.words.debias import GenderWords, debias, equalised, gender_direction, gender_words
from feelscope.words.word_vectors import WordVectors

WORDS = GenderWords(
    definitional=(("she", "he"), ("woman", "man"), ("gone", "lost")),
    equalize=(("mother", "father"), ("Convent", "monastery"), ("queen", "nothing")),
    specific=frozenset("she he woman man mother father queen".split()),
)
KNOWN = "she he woman man mother father queen Mother Father convent monastery nurse doctor zero MOTHER FATHER".split()


def vectors(seed: int = 0, width: int = 5) -> WordVectors:
    table = np.random.default_rng(seed).normal(0, 2, (len(KNOWN), width)).astype(np.float32)
    table[KNOWN.index("zero")] = 0
    return WordVectors(tuple(KNOWN), table)


def plain_loop(given: WordVectors) -> dict[str, np.ndarray]:
    """The steps of the paper's section 6, one word at a time."""
    unit = {word: given[word].astype(float) for word in given.words}
    unit = {word: row / np.sqrt(sum(row**2)) if any(row) else row for word, row in unit.items()}
    rows = []
    for a, b in WORDS.definitional[:2]:  # the third has no vectors
        middle = (unit[a] + unit[b]) / 2
        rows += [unit[a] - middle, unit[b] - middle]
    covariance = np.zeros((given.width, given.width))
    for row in rows:
        covariance += np.outer(row, row)
    values, directions = np.linalg.eigh(covariance)
    g = directions[:, np.argmax(values)]
    for word, row in unit.items():
        if word not in WORDS.specific:
            row = row - g * np.dot(row, g) / np.dot(g, g)
        unit[word] = row / np.linalg.norm(row) if any(row) else row
    for pair in (("mother", "father"), ("Mother", "Father"), ("MOTHER", "FATHER"), ("convent", "monastery")):
        a, b = unit[pair[0]], unit[pair[1]]
        y = (a + b) / 2
        y = y - g * np.dot(y, g)
        z = np.sqrt(1 - np.linalg.norm(y) ** 2)
        if np.dot(a - b, g) < 0:
            z = -z
        unit[pair[0]], unit[pair[1]] = y + z * g, y - z * g
    return unit


def test_the_same_vectors_as_a_plain_loop_over_words() -> None:
    given, found = vectors(), debias(vectors(), WORDS)
    expected = plain_loop(given)
    assert (found.neutralised, found.equalised, found.pairs) == (9, 4, 2)
    assert found.vectors.vectors.dtype == np.float32
    free = {"convent", "monastery"}  # both lie in no direction of g before, so that either may get either side
    for word in given.words:
        if word not in free and word not in ("Mother", "Father", "MOTHER", "FATHER"):
            assert found.vectors[word] == pytest.approx(expected[word], abs=1e-5), word
    for a, b in (("convent", "monastery"), ("Mother", "Father"), ("MOTHER", "FATHER")):
        sides = sorted(map(tuple, np.round([expected[a], expected[b]], 4)))
        assert np.array(sorted(map(tuple, np.round([found.vectors[a], found.vectors[b]], 4)))) == pytest.approx(
            np.array(sides), abs=1e-3
        )


@given(st.integers(0, 1000), st.integers(2, 9))
def test_neutral_words_are_as_near_to_either_word_of_a_pair(seed: int, width: int) -> None:
    given = vectors(seed, width)
    found = debias(given, WORDS)
    direction, _, _ = gender_direction(found.vectors, WORDS.equalize[:1])
    assert abs(found.vectors["nurse"] @ direction) < 1e-4
    assert found.vectors["nurse"] @ found.vectors["mother"] == pytest.approx(
        found.vectors["nurse"] @ found.vectors["father"], abs=1e-4
    )
    lengths = np.linalg.norm(found.vectors.vectors, axis=1)
    assert lengths[[word != "zero" for word in given.words]] == pytest.approx(1, abs=1e-5)
    assert not found.vectors["zero"].any()


def test_lengths_are_kept_where_it_is_asked_for() -> None:
    given = vectors()
    kept, published = debias(given, WORDS, keep_lengths=True).vectors, debias(given, WORDS).vectors
    lengths = np.linalg.norm(given.vectors, axis=1, keepdims=True)
    assert kept.vectors == pytest.approx(published.vectors * lengths, abs=1e-5)


def test_the_share_of_the_direction_is_that_of_the_pairs_variance() -> None:
    table = np.array([[3, 0], [-3, 0], [1, 1], [1, -1]], np.float32)  # halves of 3 and 1, at a right angle
    direction, share, count = gender_direction(WordVectors(("a", "b", "c", "d"), table), [("a", "b"), ("c", "d")])
    assert np.abs(direction) == pytest.approx([1, 0])
    assert (share, count) == (pytest.approx(0.9), 2)
    one, other = equalised(np.array([0.6, 0.8]), np.array([-0.6, 0.0]), np.array([1.0, 0.0]))
    assert one == pytest.approx([np.sqrt(1 - 0.16), 0.4]) and other == pytest.approx([-np.sqrt(1 - 0.16), 0.4])


def test_the_published_lists_are_whole_and_serve_vectors_in_small_letters() -> None:
    words = gender_words()
    assert (len(words.definitional), len(words.equalize), len(words.specific)) == (10, 52, 1441)
    assert ("Mary", "John") in words.definitional and ("mary", "john") in words.lowered().definitional
    small = WordVectors(("mary", "john", "king", "nurse"), np.eye(4, dtype=np.float32))
    found = debias(small)
    assert (found.pairs, found.neutralised) == (1, 3)  # names define the direction, and are none of the specific words
    assert found.vectors["nurse"] == pytest.approx(small["nurse"])
    assert found.vectors["mary"] == pytest.approx(found.vectors["john"])
    capitals = WordVectors(("Mary", "John", "LIONS", "nurse"), np.eye(4, dtype=np.float32))
    assert debias(capitals).neutralised == 4  # "lions" is in the lists, and LIONS is not


def test_vectors_without_gendered_words_are_one_line() -> None:
    with pytest.raises(
        WordsError, match=r"no pair of words that defines gender \(woman and man, .*give vectors of Eng"
    ):
        debias(WordVectors(("nurse",), np.ones((1, 2), np.float32)))
    same = WordVectors(("she", "he"), np.ones((2, 2), np.float32))
    with pytest.raises(WordsError, match="no pair of words that defines gender"):
        debias(same)
