from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from small_training import encoded

from feelscope.encoders.tuned_lite0 import draw_views
from feelscope.errors import TableError
from feelscope.train.batches import Batches
from feelscope.train.recipe import Source, StepSettings

ROWS = 30


def posts(*tables):
    """Posts of tables of so many: each has a first token of its own; some lack words, some a picture."""
    ids, rows, labels, numbers = [], [], [], []
    draw = np.random.default_rng(0)
    for table, count in enumerate(tables):
        for number in range(count):
            ids.append([] if number % 5 == 4 else [1000 * (table + 1) + number, *[7] * int(draw.integers(0, 9))])
            rows.append(-1 if number % 3 == 2 and number % 5 != 4 else number % ROWS)
            labels.append(number % 3)
            numbers.append(table)
    return encoded(ids, rows, labels, numbers)


def sources(*settings):
    return [Source("t.csv", "T", "ours", **some) for some in settings]


def batches(made, tables, size=8, seed=0, **given):
    return Batches(made, tables, StepSettings(batch_size=size), seed, **given)


def seen(made, epoch):
    """Label, first token, row of the picture and whether it is borrowed, of every post of an epoch."""
    found = []
    for batch in made.epoch(epoch):
        some = batch.posts
        for label, ids, row, borrowed in zip(
            some.labels.tolist(),
            some.inputs["text"].tolist(),
            some.inputs["image"][:, 0].tolist(),
            some.borrowed.tolist(),
            strict=True,
        ):
            found.append((label, ids[0], row - 1, bool(borrowed)))
    return found


def same(first, second):
    names = ("labels", "subclasses", "taught", "tables", "borrowed")
    return all(torch.equal(getattr(first.posts, name), getattr(second.posts, name)) for name in names) and all(
        torch.equal(value, second.posts.inputs[name]) for name, value in first.posts.inputs.items()
    )


@settings(max_examples=25, deadline=None)
@given(count=st.integers(2, 90), size=st.integers(1, 9), epoch=st.integers(0, 3), pool=st.sampled_from((0, 2, 16)))
def test_every_post_once_an_epoch_in_as_many_steps_as_said(count, size, epoch, pool):
    some = posts(count // 2, count - count // 2)
    made = batches(some, sources({}, {}), size, seed=1, pool=pool)
    expected = zip(
        some.labels.tolist(), some.inputs["text"][:, 0].tolist(), (some.inputs["image"][:, 0] - 1).tolist(), strict=True
    )
    assert Counter(seen(made, epoch)) == Counter((*post, False) for post in expected)
    assert len(list(made.epoch(epoch))) == made.per_epoch == -(-count // size)


@settings(max_examples=25, deadline=None)
@given(skip=st.integers(0, 12), seed=st.integers(0, 5), epoch=st.integers(0, 2))
def test_what_follows_a_skip_is_what_would_have_followed(skip, seed, epoch):
    some, tables = posts(30, 40), sources({}, {"posts_per_epoch": 20, "balance": 0.5, "borrow_picture": 0.5})
    augment = {"image": lambda rows, draws: draw_views(rows, 4, (6, 6), 0.5, draws)}
    whole = list(batches(some, tables, 4, seed, augment=augment).epoch(epoch))
    rest = list(batches(some, tables, 4, seed, augment=augment).epoch(epoch, skip=skip))
    assert len(whole) == 13
    assert len(rest) == 13 - skip
    assert all(same(first, second) for first, second in zip(rest, whole[skip:], strict=True))
    draws = [batch.draws.random() for batch in whole]
    assert [batch.draws.random() for batch in rest] == draws[skip:], "each step has draws of its own"
    assert len({*draws}) == 13


def test_seed_and_epoch_decide_the_order():
    def order(seed, epoch):
        return seen(batches(posts(60), sources({}), seed=seed), epoch)

    assert order(0, 0) == order(0, 0)
    assert order(0, 0) != order(0, 1)
    assert order(0, 0) != order(1, 0)


def test_views_change_from_epoch_to_epoch():
    augment = {"image": lambda rows, draws: draw_views(rows, 4, (3, 3), 0.0, draws)}
    made = batches(posts(60), sources({}), augment=augment)
    views = [Counter(v for batch in made.epoch(n) for v in batch.posts.inputs["image"][:, 1].tolist()) for n in (0, 1)]
    assert views[0] != views[1]
    assert set(views[0]) == {0, 1, 2, 3}


def test_some_posts_of_a_table_are_drawn_again_each_epoch():
    made = batches(posts(60), sources({"posts_per_epoch": 20}))
    first, second = seen(made, 0), seen(made, 1)
    assert len(first) == len(set(first)) == 20
    assert set(first) != set(second)
    assert made.per_epoch == 3


def test_more_posts_than_a_table_has_are_all_of_it():
    made = batches(posts(10), sources({"posts_per_epoch": 1000}), size=4)
    assert made.per_epoch == len(list(made.epoch(0))) == 3


def test_a_table_without_posts_is_no_fault():
    tables = sources({"posts_per_epoch": 5, "balance": 0.5, "borrow_picture": 0.5}, {})
    some = posts(0, 6)
    assert len(seen(batches(some, tables, size=4), 0)) == 6


@pytest.mark.parametrize(("balance", "share"), [(0.0, 0.1), (0.5, 0.25), (1.0, 0.5)])
def test_balance_draws_the_rare_emotion_more_often(balance, share):
    labels = [int(number % 10 == 0) for number in range(2000)]  # one in ten
    some = encoded([[5]] * 2000, [-1] * 2000, labels)
    made = batches(some, sources({"posts_per_epoch": 100, "balance": balance}), size=50)
    rare = sum(label for epoch in range(20) for label, *_ in seen(made, epoch)) / 2000
    assert rare == pytest.approx(share, abs=0.03)


def test_a_share_of_the_posts_without_picture_borrows_one():
    words, pictured = [[1000 + number] for number in range(1000)], [[1]] * 4
    tables = [0] * 1000 + [1] * 4
    some = encoded(words + pictured, [-1] * 1000 + [5, 6, 7, 8], tables, tables)
    found = seen(batches(some, sources({"borrow_picture": 0.2}, {}), size=50), 0)
    lent = [entry for entry in found if entry[3]]
    assert len(lent) == pytest.approx(200, abs=50)
    assert {row for _, _, row, _ in lent} == {5, 6, 7, 8}
    assert all(label == 0 for label, *_ in lent), "the label stays that of the words"
    assert sum(row >= 0 and not borrowed for _, _, row, borrowed in found) == 4, "a picture of one's own is kept"
    alone = encoded(words, [-1] * 1000, [0] * 1000)
    found = seen(batches(alone, sources({"borrow_picture": 0.2}), size=50), 0)
    assert not any(borrowed for *_, borrowed in found), "with nothing to lend, nothing is borrowed"


def test_a_share_of_the_posts_with_a_picture_is_seen_beside_another_and_a_picture_alone_never():
    words, alone = [[1000 + number] for number in range(500)], [[]] * 500
    some = encoded(words + alone, [*range(1000)], [0] * 500 + [1] * 500)
    found = seen(batches(some, sources({"borrow_picture": 0.3}), size=50), 0)
    lent = [entry for entry in found if entry[3]]
    assert len(lent) == pytest.approx(150, abs=45) and all(label == 0 for label, *_ in lent)
    assert all(word - 1000 != row for _, word, row, _ in lent)


@pytest.mark.parametrize("rows", [[-1, 7], [7, -1]])  # whichever post of the table lends
def test_a_borrowed_picture_is_there_and_marked(rows):
    some = encoded([[1], [2]], rows, [0, 1])
    (batch,) = batches(some, sources({"borrow_picture": 0.999}), size=2).epoch(0)
    worded = int((batch.posts.inputs["text"][:, 0] == 1 + rows.index(-1)).nonzero()[0, 0])
    assert batch.posts.present["image"].tolist() == [1, 1]
    assert batch.posts.inputs["image"].tolist() == [[8], [8]]
    assert batch.posts.borrowed.tolist() == [float(row == worded) for row in range(2)]


def test_posts_of_like_length_are_put_together_where_tokens_are_read():
    ids = [[5] * (1 + number % 40) for number in range(160)]
    made = list(batches(encoded(ids, [-1] * 160, [0] * 160), [], size=10, pool=16).epoch(0))
    assert sum(batch.posts.inputs["text"].numel() for batch in made) < 1.15 * sum(map(len, ids))
    lengths = [batch.posts.inputs["text"].shape[1] for batch in made]
    assert lengths != sorted(lengths), "but the batches are in no order"


def test_only_complete_posts_where_the_recipe_says_so():
    some = posts(30)
    made = Batches(some, [], StepSettings(batch_size=4, complete_only=True), 0)
    assert all(batch.posts.counts().eq(2).all() for batch in made.epoch(0))
    assert sum(len(batch.posts) for batch in made.epoch(0)) == int((some.counts() == 2).sum())


def test_posts_without_anything_are_not_trained_on():
    some = encoded([[], [4], []], [-1, -1, 2], [0, 1, 2])
    assert {label for label, *_ in seen(batches(some, []), 0)} == {1, 2}
    with pytest.raises(TableError, match="no post that is trained on has text or image; give another table or recipe"):
        batches(encoded([[], []], [-1, -1], [0, 1]), [])


def test_unlabelled_posts_come_beside_the_labelled():
    other = encoded([[900], [901], [902]], [-1, -1, -1], [0, 0, 0])
    made = list(batches(posts(20), [], size=8, unlabelled=other).epoch(0))
    assert [len(batch.unlabelled) for batch in made] == [8, 8, 4]
    assert {int(v) for batch in made for v in batch.unlabelled.inputs["text"][:, 0]} == {900, 901, 902}
    assert all(batch.unlabelled is None for batch in batches(posts(20), []).epoch(0))


def test_there_may_be_several_without_a_label_for_each_with_one_and_none_that_nothing_reads():
    other = encoded([[900], [], [902]], [-1, -1, -1], [0, 0, 0])
    made = list(batches(posts(20), [], size=8, unlabelled=other, unlabelled_each=3).epoch(0))
    assert [len(batch.unlabelled) for batch in made] == [24, 24, 12]
    assert {int(v) for batch in made for v in batch.unlabelled.inputs["text"][:, 0]} == {900, 902}
    empty = encoded([[], []], [-1, -1], [0, 0])
    with pytest.raises(TableError, match="no post without a label has text or image; give others with --unlabelled"):
        batches(posts(20), [], unlabelled=empty)


def test_batches_say_how_far_the_training_is():
    made = Batches(posts(20), [], StepSettings(batch_size=8, epochs=4), 0)
    assert [batch.progress for epoch in (0, 3) for batch in made.epoch(epoch)] == [
        0,
        1 / 12,
        2 / 12,
        9 / 12,
        10 / 12,
        11 / 12,
    ]
    few = Batches(posts(20), [], StepSettings(batch_size=8, epochs=4, max_steps=5), 0)
    assert [batch.progress for batch in few.epoch(1, skip=1)] == [4 / 5, 1.0]


@settings(max_examples=25, deadline=None)
@given(count=st.integers(2, 60), size=st.integers(1, 9), of=st.integers(2, 4), pool=st.sampled_from((0, 2)))
def test_several_processes_share_each_batch_and_none_has_an_empty_one(count, size, of, pool):
    some = posts(count)
    whole = list(batches(some, sources({}), size, seed=1, pool=pool).epoch(0))
    parts = [list(batches(some, sources({}), size, seed=1, pool=pool, share=(part, of)).epoch(0)) for part in range(of)]
    for batch, *shares in zip(whole, *parts, strict=True):
        rows, *shared = (_rows(one) for one in (batch, *shares))
        if len(rows) >= of:
            assert Counter(row for share in shared for row in share) == Counter(rows)
        else:  # too few to be shared: all take the same step
            assert all(share == rows for share in shared)
        assert all(shared)


def _rows(batch):
    """The first token and the picture's row of each post."""
    inputs = batch.posts.inputs
    return [*zip(inputs["text"][:, 0].tolist(), inputs["image"][:, 0].tolist(), strict=True)]
