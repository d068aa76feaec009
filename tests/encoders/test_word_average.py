"""Word vectors of a text to one, against a plain loop."""

import numpy as np
import pytest
import torch

from feelscope.encoders.fixed_vectors import FixedVectors
from feelscope.encoders.word_average import WordAverage, WordLookup
from feelscope.errors import ConfigError

TABLE = np.array([[0, 0], [1, -2], [3, 5], [-4, 1], [10, 10]], np.float32)
IDS = [[1, 2, 3], [2, 0, 0], [0, 0, 0], [0, 3, 4], [1, 1, 2]]


def make(pooling="mean", learnt=3, train=True, dropout=0.0):
    return WordAverage(TABLE, learnt, train=train, dropout=dropout, pooling=pooling)


@pytest.mark.parametrize("learnt", [1, 3, 5])
@pytest.mark.parametrize("pooling", ["mean", "max"])
def test_it_is_a_plain_loop_that_leaves_unknown_words_out(pooling, learnt):
    expected = []
    for text in IDS:
        known = [TABLE[id].tolist() for id in text if id]
        columns = zip(*known, strict=True) if known else [(0.0,)] * 2
        expected.append([sum(column) / len(column) if pooling == "mean" else max(column) for column in columns])
    torch.testing.assert_close(make(pooling, learnt)(torch.tensor(IDS)), torch.tensor(expected))


def test_padding_does_not_matter():
    for pooling in ("mean", "max"):
        read = make(pooling)
        assert torch.equal(read(torch.tensor([[3, 2]])), read(torch.tensor([[3, 2, 0, 0, 0]])))


def test_only_the_learnt_rows_get_gradients_and_unknown_words_none():
    read = make(learnt=4)
    read(torch.tensor(IDS)).sum().backward()
    assert read.lookup.vectors.grad.abs().sum(dim=1).gt(0).tolist() == [False, True, True, True]
    assert not make(train=False).lookup.vectors.requires_grad


def test_dropout_follows_the_lookup_and_rests_in_use():
    read = make("mean", dropout=0.5)
    ids = torch.full((400, 3), 4)
    torch.manual_seed(0)
    values = read.train()(ids)
    kept = values * 3 / 20  # how many of the three words each number is the mean of
    torch.testing.assert_close(kept, kept.round())
    assert set(kept.round().unique().tolist()) == {0, 1, 2, 3}
    assert values.mean().item() == pytest.approx(10, abs=0.6)
    assert torch.equal(read.eval()(ids), torch.full((400, 2), 10.0))


def test_saved_is_loaded():
    read, other = make(), WordAverage(TABLE * 2, 3, train=True, dropout=0.0, pooling="mean")
    other.load_state_dict(read.state_dict())
    assert torch.equal(read(torch.tensor(IDS)), other(torch.tensor(IDS)))


def test_a_pooling_that_is_none():
    with pytest.raises(ConfigError, match=r"^no pooling is named 'median'; did you mean 'mean'\?$"):
        make("median")


@pytest.mark.parametrize("learnt", [1, 3, 5])
def test_gradients_that_name_only_the_words_of_a_batch_are_the_same(learnt):
    grads = []
    for sparse in (False, True):
        read = WordAverage(TABLE, learnt, train=True, dropout=0.0, pooling="max", sparse=sparse)
        read(torch.tensor(IDS)).square().sum().backward()
        assert read.lookup.vectors.grad.is_sparse == sparse
        grads.append(read.lookup.vectors.grad.to_dense())
    assert torch.equal(*grads)
    assert grads[0].abs().sum() > 0 or learnt == 1
    assert not WordLookup(TABLE, learnt, train=True).sparse, "not unless it is asked for"


def test_fixed_vectors_are_left_or_brought_to_one_size():
    vectors = torch.tensor([[1.0, 2, 3, 6], [100, 200, 300, 600]])
    assert torch.equal(FixedVectors(4, normalise=False, dropout=0.0)(vectors), vectors)
    scaled = FixedVectors(4, normalise=True, dropout=0.0)(vectors)
    torch.testing.assert_close(scaled.mean(dim=1), torch.zeros(2), atol=1e-5, rtol=0)
    torch.testing.assert_close(scaled.std(dim=1, correction=0), torch.ones(2), atol=1e-3, rtol=0)
    dropped = FixedVectors(4, normalise=False, dropout=0.5).train()(torch.ones(50, 4))
    assert set(dropped.unique().tolist()) == {0.0, 2.0}
