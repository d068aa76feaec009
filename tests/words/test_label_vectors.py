"""Vectors of labels: the mean by hand, the permutation that leaves none where it was, and labels without a word."""

import numpy as np
import pytest

from feelscope.errors import WordsError
from feelscope.words.label_vectors import label_vectors, permuted
from feelscope.words.word_vectors import WordVectors

WORDS = WordVectors(("happiness", "sad", "sadness", "fear", "of", "snakes"), np.eye(6, 4, dtype=np.float32) * 2 + 0.5)


def test_a_labels_vector_is_the_mean_of_its_words_of_length_one():
    table = label_vectors(("fear", "fear_of_snakes", "Sadness", "fear of dragons"), WORDS)
    means = [
        WORDS["fear"],
        (WORDS["fear"] + WORDS["of"] + WORDS["snakes"]) / 3,
        WORDS["sadness"],
        (WORDS["fear"] + WORDS["of"]) / 2,  # dragons have no vector
    ]
    assert table.dtype == np.float32
    np.testing.assert_allclose(table, [mean / np.linalg.norm(mean) for mean in means], rtol=1e-6)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("labels", [("sad", "fear"), ("happiness", "sad", "fear"), ("happiness", "sad", "fear", "of")])
def test_permuted_each_label_has_anothers_vector(labels, seed):
    usual = label_vectors(labels, WORDS)
    before = usual.copy()
    other = permuted(usual, seed)
    assert sorted(map(tuple, usual.tolist())) == sorted(map(tuple, other.tolist()))
    assert (usual != other).any(axis=1).all()
    np.testing.assert_array_equal(usual, before)


def test_seeds_permute_differently():
    table = label_vectors(("happiness", "sad", "fear", "of"), WORDS)
    found = {permuted(table, seed).tobytes() for seed in range(20)}
    assert len(found) == 6  # the ways to put four into one cycle


@pytest.mark.parametrize("label", ["schadenfreude", "", "_"])
def test_a_label_without_a_word_vector_is_one_line(label):
    with pytest.raises(
        WordsError, match=f"no word of the label '{label}' has a vector; take word vectors that have one"
    ):
        label_vectors(("fear", label), WORDS)
