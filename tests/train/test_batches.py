from collections import Counter
from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from feelscope.train.batches import Batches, Encoded, Pool, blank, collate

ROWS, VIEWS = 30, 4
TRUNK = np.arange(ROWS * VIEWS, dtype=np.float16).reshape(ROWS, VIEWS, 1, 1, 1)  # says its row and view


def posts(count, first=0, label=lambda number: number % 3):
    """Each with an id of its own; every third without a picture, every fifth without words."""
    draw = np.random.default_rng(first)
    return [
        Encoded(
            [] if number % 5 == 4 else [1000 + first + number, *[7] * int(draw.integers(0, 9))],
            -1 if number % 3 == 2 and number % 5 != 4 else number % ROWS,
            label(number),
        )
        for number in range(count)
    ]


def same(one, other):
    return all(torch.equal(getattr(one, field.name), getattr(other, field.name)) for field in fields(one))


def seen(batches, epoch):
    """Label, first token, row of the picture and whether it is lent, of every post of an epoch."""
    found = []
    for batch in batches.epoch(epoch):
        rows = dict(zip(batch.pictured.tolist(), batch.trunk.flatten().tolist(), strict=True))
        for at, label in enumerate(batch.labels.tolist()):
            token = int(batch.ids[at, 0]) if batch.has_text[at] else 0
            row = int(rows[at]) // VIEWS if at in rows else -1
            found.append((label, token, row, bool(batch.borrowed[at])))
    return found


@settings(max_examples=25, deadline=None)
@given(count=st.integers(1, 90), size=st.integers(1, 9), epoch=st.integers(0, 3))
def test_every_post_once_an_epoch_in_as_many_steps_as_said(count, size, epoch):
    some = posts(count)
    batches = Batches([Pool(some[: count // 2]), Pool(some[count // 2 :])], TRUNK, size=size, seed=1)
    expected = [(post.label, post.ids[0] if post.ids else 0, post.row, False) for post in some]
    assert Counter(seen(batches, epoch)) == Counter(expected)
    assert len(list(batches.epoch(epoch))) == batches.per_epoch


@settings(max_examples=25, deadline=None)
@given(skip=st.integers(0, 12), seed=st.integers(0, 5), epoch=st.integers(0, 2))
def test_what_follows_a_skip_is_what_would_have_followed(skip, seed, epoch):
    pools = [Pool(posts(30)), Pool(posts(40, 100), per_epoch=20, balance=0.5, borrow_picture=0.5)]
    whole = list(Batches(pools, TRUNK, size=4, seed=seed).epoch(epoch))
    rest = list(Batches(pools, TRUNK, size=4, seed=seed).epoch(epoch, skip=skip))
    assert len(whole) == 13
    assert len(rest) == 13 - skip
    assert all(same(one, other) for one, other in zip(rest, whole[skip:], strict=True))


def test_seed_and_epoch_decide_the_order():
    def order(seed, epoch):
        return seen(Batches([Pool(posts(60))], TRUNK, size=8, seed=seed), epoch)

    assert order(0, 0) == order(0, 0)
    assert order(0, 0) != order(0, 1)
    assert order(0, 0) != order(1, 0)


def test_views_change_from_epoch_to_epoch():
    batches = Batches([Pool(posts(60))], TRUNK, size=8, seed=0)
    views = [
        Counter(int(view) for batch in batches.epoch(number) for view in batch.trunk.flatten()) for number in (0, 1)
    ]
    assert views[0] != views[1]
    assert {view % VIEWS for view in views[0]} == set(range(VIEWS))


def test_a_part_is_drawn_anew_each_epoch():
    batches = Batches([Pool(posts(60), per_epoch=20)], TRUNK, size=8, seed=0)
    first, second = seen(batches, 0), seen(batches, 1)
    assert len(first) == len(set(first)) == 20
    assert set(first) != set(second)
    assert batches.per_epoch == 3


def test_a_part_larger_than_the_pool_is_the_pool():
    batches = Batches([Pool(posts(10), per_epoch=1000)], TRUNK, size=4, seed=0)
    assert batches.per_epoch == len(list(batches.epoch(0))) == 3


def test_a_pool_without_posts_is_no_fault():
    batches = Batches([Pool([], per_epoch=5, balance=0.5, borrow_picture=0.5), Pool(posts(6))], TRUNK, size=4, seed=0)
    assert len(seen(batches, 0)) == 6


@pytest.mark.parametrize(("balance", "share"), [(0.0, 0.1), (0.5, 0.25), (1.0, 0.5)])
def test_balance_draws_the_rare_emotion_more_often(balance, share):
    some = posts(2000, label=lambda number: int(number % 10 == 0))  # one in ten
    batches = Batches([Pool(some, per_epoch=100, balance=balance)], TRUNK, size=50, seed=0)
    rare = sum(label for epoch in range(20) for label, *_ in seen(batches, epoch)) / 2000
    assert rare == pytest.approx(share, abs=0.03)


def test_a_share_of_the_posts_without_picture_borrows_one():
    words = [Encoded([1000 + number], -1, 0) for number in range(1000)]
    pictured = [Encoded([1], row, 1) for row in range(5, 9)]
    found = seen(Batches([Pool(words, borrow_picture=0.2), Pool(pictured)], TRUNK, size=50, seed=0), 0)
    lent = [entry for entry in found if entry[3]]
    assert len(lent) == pytest.approx(200, abs=50)
    assert {row for _, _, row, _ in lent} == {5, 6, 7, 8}
    assert all(label == 0 for label, *_ in lent), "the label stays that of the words"
    assert sum(row >= 0 and not borrowed for _, _, row, borrowed in found) == 4, "a picture of one's own is kept"
    alone = seen(Batches([Pool(words, borrow_picture=0.2)], TRUNK, size=50, seed=0), 0)
    assert not any(borrowed for *_, borrowed in alone), "with nothing to lend, nothing is borrowed"


def test_posts_of_like_length_stand_together():
    some = [Encoded([5] * (1 + number % 40), -1, 0) for number in range(160)]
    batches = list(Batches([Pool(some)], TRUNK, size=10, seed=0).epoch(0))
    padded = sum(batch.ids.numel() for batch in batches)
    assert padded < 1.15 * sum(len(post.ids) for post in some)
    lengths = [batch.ids.shape[1] for batch in batches]
    assert lengths != sorted(lengths), "but the batches are in no order"


def test_a_batch_is_padded_and_says_what_is_there():
    some = [Encoded([3, 4], 2, 1), Encoded([], 5, 0), Encoded([6, 7, 8], -1, 2), Encoded([9], 1, 0, borrowed=True)]
    batch = collate(some, TRUNK, [0, 3, 1, 2])
    assert batch.ids.tolist() == [[3, 4, 0], [0, 0, 0], [6, 7, 8], [9, 0, 0]]
    assert batch.mask.tolist() == [[1, 1, 0], [1, 0, 0], [1, 1, 1], [1, 0, 0]]
    assert batch.trunk.flatten().tolist() == [2 * VIEWS, 5 * VIEWS + 3, VIEWS + 2]
    assert batch.pictured.tolist() == [0, 1, 3]
    assert batch.has_text.tolist() == [1, 0, 1, 1]
    assert batch.has_image.tolist() == [1, 1, 0, 1]
    assert batch.borrowed.tolist() == [0, 0, 0, 1]
    assert batch.labels.tolist() == [1, 0, 2, 0]
    assert batch.taught.shape == (4, 0)
    alone = collate([replace(some[2])], TRUNK, [0])
    assert alone.trunk.shape == (0, 1, 1, 1)


def test_what_a_teacher_said_stands_beside_the_labels_and_zeros_where_none_was_asked():
    some = [Encoded([3], -1, 1, taught=(0.25, 0.75)), Encoded([4], -1, 0)]
    assert collate(some, TRUNK, [0, 0]).taught.tolist() == [[0.25, 0.75], [0, 0]]


def test_small_trunks_are_not_blanked():
    trunk = torch.ones(5, 2, 3, 9)
    blank(trunk, 0.9, np.random.default_rng(0))
    assert (trunk == 1).all()


def test_a_rectangle_of_a_share_of_the_pictures_is_blanked():
    trunk = torch.ones(2000, 2, 14, 10)
    blank(trunk, 0.3, np.random.default_rng(0))
    blanked = [picture for picture in trunk if (picture == 0).any()]
    assert len(blanked) == pytest.approx(600, abs=80)
    sides = set()
    for picture in blanked:
        rows, columns = (picture[0] == 0).any(dim=1), (picture[0] == 0).any(dim=0)
        tall, wide = int(rows.sum()), int(columns.sum())
        assert int((picture == 0).sum()) == 2 * tall * wide, "a full rectangle, in every channel"
        assert 3 <= tall <= 8
        assert 3 <= wide <= 6
        sides.add((tall, wide))
    assert len(sides) == 6 * 4
    places = sum((picture[0] == 0).float() for picture in blanked)
    assert (places > 0).all(), "no cell is spared"


def test_blanking_changes_neither_order_nor_views_and_is_resumed():
    trunk = np.ones((ROWS, VIEWS, 1, 6, 6), np.float16)
    plain, erased = (Batches([Pool(posts(40))], trunk, size=4, seed=0, erase=share) for share in (0.0, 0.8))
    whole = list(erased.epoch(0))
    assert any((batch.trunk == 0).any() for batch in whole)
    assert all((batch.trunk == 1).all() for batch in plain.epoch(0))
    assert [batch.labels.tolist() for batch in whole] == [batch.labels.tolist() for batch in plain.epoch(0)]
    assert all(same(one, other) for one, other in zip(erased.epoch(0, skip=6), whole[6:], strict=True))
