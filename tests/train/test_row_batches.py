from itertools import chain

import numpy as np
import torch

from feelscope.train.row_batches import RowBatches, identity


def test_each_row_once_in_an_order_of_its_own_per_epoch_and_the_same_after_a_skip() -> None:
    rows = RowBatches(10, 4, seed=0)
    first, second = ([batch.tolist() for batch in rows.epoch(number, 0)] for number in (0, 1))
    assert [len(batch) for batch in first] == [4, 4, 2]
    assert rows.per_epoch == 3
    assert sorted(chain(*first)) == sorted(chain(*second)) == [*range(10)]
    assert first != second
    assert [batch.tolist() for batch in rows.epoch(0, 2)] == first[2:]
    assert [batch.tolist() for batch in RowBatches(10, 4, seed=1).epoch(0, 0)] != first


def test_rows_of_one_length_come_together_each_once() -> None:
    lengths = np.random.default_rng(0).integers(1, 50, 1000)
    rows = RowBatches(1000, 8, 0, lengths)
    first, second = ([batch.numpy() for batch in rows.epoch(number, 0)] for number in (0, 1))
    assert sorted(np.concatenate(first)) == sorted(np.concatenate(second)) == [*range(1000)]
    assert len(first) == rows.per_epoch == 125
    assert np.mean([np.ptp(lengths[batch]) for batch in first]) < 5 < 40 < np.ptp(lengths)
    means = [lengths[batch].mean() for batch in first]
    assert means != sorted(means), "short ones do not come first"
    assert [batch.tolist() for batch in rows.epoch(0, 3)] == [batch.tolist() for batch in first[3:]]
    assert [batch.tolist() for batch in first] != [batch.tolist() for batch in second]


def test_an_identity_depends_on_words_shapes_and_values() -> None:
    one = torch.arange(6.0)
    assert identity("a", one) == identity("a", one.clone())
    assert len({identity("a", one), identity("b", one), identity("a", one.view(2, 3)), identity("a", one + 1)}) == 4
