import pytest
import torch
from small_family import posts

from feelscope.encoders.encoded_posts import EncodedPosts, are_complete, combinations, encoded_posts


def of_words(ids: list[list[int]]) -> EncodedPosts:
    present = torch.tensor([float(any(row)) for row in ids])
    return encoded_posts({"text": torch.tensor(ids)}, {"text": present}, torch.arange(len(ids)))


def test_rows_are_the_posts_asked_for_without_needless_padding():
    three = of_words([[3, 1, 0, 0], [0, 0, 0, 0], [2, 0, 0, 0]])
    two = three.rows(torch.tensor([2, 0]))
    assert two.inputs["text"].tolist() == [[2, 0], [3, 1]]
    assert two.present["text"].tolist() == [1, 1]
    assert two.labels.tolist() == [2, 0]
    assert three.rows(torch.tensor([1])).inputs["text"].tolist() == [[0]]
    assert len(three.rows(torch.tensor([], dtype=torch.long))) == 0
    assert three.lengths().tolist() == [2, 0, 1]
    assert of_words([[1, 0], [2, 0], [3, 0]]).rows(torch.tensor([2, 1, 0])).inputs["text"].tolist() == [[3], [2], [1]]
    assert of_words([[5, 6, 1, 0]]).rows(torch.tensor([0])).inputs["text"].tolist() == [[5, 6, 1]]


def test_rows_take_everything_that_is_known_of_a_post():
    whole = encoded_posts(
        {"image": torch.tensor([[5], [6], [7]], dtype=torch.int32)},
        {"image": torch.ones(3)},
        torch.tensor([0, 1, 2]),
        subclasses=torch.tensor([3, -1, 4]),
        taught=torch.tensor([[0.5, 0.5], [0, 0], [0.1, 0.9]]),
        tables=torch.tensor([0, 0, 1]),
    )
    last = whole.rows(torch.tensor([2]))
    assert (last.inputs["image"].tolist(), last.subclasses.tolist(), last.tables.tolist()) == ([[7]], [4], [1])
    assert last.taught.tolist() == [[pytest.approx(0.1), pytest.approx(0.9)]]
    assert whole.lengths().tolist() == [0, 0, 0], "rows of a feature cache are no tokens"


def test_only_token_ids_lose_columns():
    vectors, numbers = torch.tensor([[0.5, 0], [0, 0]]), torch.tensor([[7, 0], [0, 0]], dtype=torch.int32)
    here = {name: torch.ones(2) for name in ("image", "rows")}
    last = encoded_posts({"image": vectors, "rows": numbers}, here, torch.arange(2)).rows(torch.tensor([1, 0]))
    assert last.inputs["image"].tolist() == [[0, 0], [0.5, 0]]
    assert last.inputs["rows"].tolist() == [[0, 0], [7, 0]]


def test_what_is_not_told_of_a_post_is_not_known():
    plain = posts(4)
    assert plain.subclasses.tolist() == [-1] * 4
    assert plain.taught.shape == (4, 0)
    assert plain.tables.tolist() == plain.borrowed.tolist() == [0] * 4


def test_only_and_without_take_modalities_from_all_posts():
    whole = posts(18)
    assert set(whole.only("image", "tags").inputs) == set(whole.only("image", "tags").present) == {"image", "tags"}
    without = whole.without("image")
    assert without.present["image"].tolist() == [0] * 18
    assert torch.equal(without.present["text"], whole.present["text"])
    assert whole.present["image"].sum() == 15, "the posts themselves stay as they are"
    assert whole.counts().tolist() == [2] * 9 + [3] * 9
    assert without.counts().tolist() == [1] * 3 + [2] * 3 + [1] * 3 + [2] * 9


def test_a_borrowed_picture_is_there_and_told_apart():
    count = torch.tensor([[1.0], [2], [3]])
    own = encoded_posts({"image": count}, {"image": torch.tensor([1.0, 0, 0])}, torch.arange(3))
    lent = own.borrow("image", own.rows(torch.tensor([0, 0, 0])), torch.tensor([0.0, 1, 0]))
    assert lent.inputs["image"].tolist() == [[1], [1], [3]]
    assert lent.present["image"].tolist() == [1, 1, 0]
    assert lent.borrowed.tolist() == [0, 1, 0]
    assert lent.labels.tolist() == [0, 1, 2], "the label stays its own"
    assert count.tolist() == [[1], [2], [3]]


def test_complete_posts_have_words_and_a_picture():
    text, image = torch.tensor([1.0, 1, 0, 0]), torch.tensor([1.0, 0, 1, 0])
    assert are_complete({"text": text, "image": image, "tags": torch.zeros(4)}).tolist() == [1, 0, 0, 0]
    assert are_complete({"text": text, "image": image}).tolist() == [1, 0, 0, 0]
    assert are_complete({"text": text, "tags": torch.ones(4)}).tolist() == [0, 0, 0, 0]


def test_combinations_are_all_posts_and_the_complete_ones_with_each_alone():
    # Of words, a picture and tags: everything, words alone, picture and tags, nothing.
    has = {"text": [1.0, 1, 0, 0], "image": [1.0, 0, 1, 0], "tags": [1.0, 0, 1, 0]}
    present = {name: torch.tensor(row) for name, row in has.items()}
    four = encoded_posts({name: torch.zeros(4, 2) for name in has}, present, torch.arange(4))
    seen = combinations(four)
    assert {name: posts.labels.tolist() for name, posts in seen.items()} == {
        "both": [0, 1, 2],
        "text": [0],
        "image": [0],
    }
    assert {name: [row.item() for row in seen["text"].present[name]] for name in has} == {
        "text": [1],
        "image": [0],
        "tags": [1],
    }
    assert seen["image"].present["text"].tolist() == [0]
    assert list(combinations(four.only("text", "tags"))) == ["both"]
    assert list(combinations(four.rows(torch.tensor([1])))) == ["both"]
    assert combinations(four.rows(torch.tensor([3]))) == {}
