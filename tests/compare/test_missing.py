"""Patterns of missing modalities: fixed by the seed, growing with the rate, the same for all models."""

import numpy as np
import pytest
import torch

from feelscope.compare.missing import draw, read_rates, save
from feelscope.encoders.encoded_posts import EncodedPosts, encoded_posts
from feelscope.errors import ConfigError
from feelscope.post import Post

POSTS = [Post(str(n), text="words" if n % 10 != 8 else "", image=b"" if n % 10 != 9 else None) for n in range(200)]


def encoded(*names: str) -> EncodedPosts:
    there = {
        "text": [float(post.has_text) for post in POSTS],
        "image": [float(post.image is not None) for post in POSTS],
    }
    present = {name: torch.tensor(there[name]) for name in names}
    return encoded_posts({name: torch.zeros(200, 2) for name in names}, present, torch.zeros(200, dtype=torch.long))


@pytest.mark.parametrize("rate", [0, 0.1, 0.5, 1])
def test_the_rate_is_the_share_of_complete_posts_that_lose_something(rate):
    pattern, whole = draw(POSTS, 3), encoded("text", "image")
    for loses, losing in (("text", ["text"]), ("image", ["image"]), ("either", ["text", "image"])):
        left = pattern.apply(whole, loses, rate)
        lost = {name: int((whole.present[name] - left.present[name]).sum()) for name in whole.present}
        assert sum(lost.values()) == sum(lost[name] for name in losing) == rate * 160
        assert all(left.counts() >= 1), "no post loses all it has"
    assert rate == 0 or min(lost.values()) > 0.3 * sum(lost.values()), "one or the other, by a coin"


def test_a_coin_says_which_modality_and_the_post_loses_that_one():
    many = draw([Post(str(n), "words", image=b"") for n in range(10_000)], 0)
    assert (many.modality == "text").mean() == pytest.approx(0.5, abs=0.02)
    pattern, whole = draw(POSTS, 0), encoded("text", "image")
    left = pattern.apply(whole, "either", 0.5)
    for name in ("text", "image"):
        lost = (whole.present[name] - left.present[name]).numpy() > 0
        assert (lost == (pattern.place < 0.5) & (pattern.modality == name)).all()


def test_a_higher_rate_takes_from_the_same_posts_and_more():
    pattern, whole = draw(POSTS, 0), encoded("text", "image")
    taken = [whole.present["text"] - pattern.apply(whole, "either", rate).present["text"] for rate in (0.2, 0.6)]
    assert (taken[1] >= taken[0]).all()


def test_a_seed_has_one_pattern_and_a_model_of_words_loses_the_same_ones():
    pattern = draw(POSTS, 1)
    assert (pattern.place == draw(POSTS, 1).place).all()
    assert (pattern.place != draw(POSTS, 2).place).any()
    both, alone = pattern.apply(encoded("text", "image"), "either", 0.5), pattern.apply(encoded("text"), "either", 0.5)
    assert (both.present["text"] == alone.present["text"]).all()


def test_the_pattern_is_a_file_that_says_who_loses_what(tmp_path):
    pattern = draw(POSTS, 0)
    save(pattern, POSTS, tmp_path / "missing" / "seed-0.csv")
    rows = [line.split(",") for line in (tmp_path / "missing" / "seed-0.csv").read_text().splitlines()]
    assert rows[0] == ["id", "place", "loses"]
    assert [row[0] for row in rows[1:]] == [POSTS[position].id for position in np.flatnonzero(pattern.place < 1)]
    assert [float(row[1]) for row in rows[1:]] == pytest.approx(pattern.place[pattern.place < 1])
    assert [row[2] for row in rows[1:]] == list(pattern.modality[pattern.place < 1])


def test_without_complete_posts_there_is_no_pattern_to_write(tmp_path):
    words = [Post("1", "words"), Post("2", "more words")]
    save(draw(words, 0), words, tmp_path / "seed-0.csv")
    assert not (tmp_path / "seed-0.csv").exists()


def test_rates_are_read_in_rising_order():
    assert read_rates("0.5, 0,0.1") == (0.0, 0.1, 0.5)
    assert read_rates("1,0") == (0.0, 1.0)
    assert read_rates("") == ()
    for wrong in ("half", "0,1.2"):
        with pytest.raises(ConfigError, match="--missing"):
            read_rates(wrong)
