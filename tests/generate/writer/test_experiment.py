"""The baselines and measures of experiments/writer, against plain loops."""

import importlib.util
import math
import sys
from pathlib import Path

import numpy as np
import pytest

from feelscope.post import Post

FOLDER = Path(__file__).parents[3] / "experiments" / "writer"
POSTS = [line.split() for line in ("a b c", "a b d", "b c a b", "c", "a b c d", "d d a", "b a b c")]


def script(name):
    """A script of the experiment, as a module; those it imports are beside it."""
    sys.path.insert(0, str(FOLDER))
    try:
        found = importlib.util.spec_from_file_location(f"writer_{name}", FOLDER / f"{name}.py")
        module = importlib.util.module_from_spec(found)
        sys.modules[found.name] = module
        found.loader.exec_module(module)
    finally:
        sys.path.remove(str(FOLDER))
        for imported in ("data", "scores", "bigrams", "kneser_ney"):  # names that other experiments have too
            sys.modules.pop(imported, None)
    return module


kneser_ney, bigrams, readings, perplexity = map(script, ("kneser_ney", "bigrams", "readings", "perplexity"))


def plain(posts, order, context, word, vocabulary, discounts, length=None):
    """Interpolated Kneser-Ney as the formula reads; every count is counted again."""
    length = order if length is None else length
    if length == 0:
        return 1 / vocabulary
    padded = [["<s>"] * (order - 1) + post for post in posts]
    grams = [tuple(one[at - order + 1 : at + 1]) for one in padded for at in range(order - 1, len(one))]
    for shorter in range(order - 1, length - 1, -1):
        grams = [gram[1:] for gram in sorted(set(grams))] if shorter >= length else grams
    before = tuple(context[len(context) - length + 1 :]) if length > 1 else ()
    after = [gram[-1] for gram in grams if gram[:-1] == before]
    lower = plain(posts, order, context, word, vocabulary, discounts, length - 1)
    if not after:
        return lower
    discount = [discounts(grams, min(3, after.count(one))) for one in sorted(set(after))]
    own = after.count(word)
    kept = max(0.0, own - discounts(grams, min(3, own))) if own else 0.0
    return (kept + sum(discount) * lower) / len(after)


def one_discount(grams, count):
    counts = [grams.count(gram) for gram in set(grams)]
    once, twice = (counts.count(number) or 1 for number in (1, 2))
    return once / (once + 2 * twice)


def three_discounts(grams, count):
    counts = [grams.count(gram) for gram in set(grams)]
    often = {number: counts.count(number) or 1 for number in (1, 2, 3, 4)}
    return count - (count + 1) * one_discount(grams, 1) * often[count + 1] / often[count]


@pytest.mark.parametrize(("several", "discounts"), [(False, one_discount), (True, three_discounts)])
@pytest.mark.parametrize("order", [1, 2, 3])
def test_kneser_ney_is_its_formula(several, discounts, order) -> None:
    model = kneser_ney.KneserNey(POSTS, 6, order, several)
    for context in (["<s>", "<s>"], ["<s>", "a"], ["a", "b"], ["b", "e"], ["e", "d"]):
        for word in "abcde":
            wanted = plain(POSTS, order, context, word, 6, discounts)
            assert model.probability(context, word) == pytest.approx(wanted, abs=1e-9)


def test_probabilities_of_all_words_sum_to_one() -> None:
    model = kneser_ney.KneserNey(POSTS, 6, 3)
    words = ["a", "b", "c", "d", "e", "</s>"]
    for context in (["<s>", "<s>"], ["a", "b"], ["e", "e"], ["d", "a"]):
        assert sum(model.probability(context, word) for word in words) == pytest.approx(1)


def test_perplexity_is_two_to_the_mean_bits() -> None:
    assert kneser_ney.perplexity([0.5, 0.125]) == pytest.approx(2 ** ((1 + 3) / 2))


def test_an_interval_is_over_posts_and_a_ratio_is_paired() -> None:
    draws = np.random.default_rng(0)
    easy = [draws.normal(2, 0.5, draws.integers(3, 20)) for _ in range(300)]
    hard = [one + 0.1 for one in easy]
    value, low, high = perplexity.with_interval(easy)
    assert value == pytest.approx(math.exp(np.concatenate(easy).mean()))
    assert low < value < high
    assert perplexity.with_interval(hard, easy) == pytest.approx((math.exp(0.1),) * 3)


def test_no_post_keeps_its_picture() -> None:
    order = perplexity.moved(50).tolist()
    assert sorted(order) == [*range(50)]
    assert all(place != row for row, place in enumerate(order))


def test_bigrams_follow_as_in_the_posts() -> None:
    sampler, draws = bigrams.Bigrams([["a", "b"], ["a", "c", "b"]], 50), np.random.default_rng(0)
    drawn = [tuple(sampler.draw(draws)) for _ in range(400)]
    assert set(drawn) == {("a", "b"), ("a", "c", "b")}
    assert 150 < drawn.count(("a", "b")) < 250


def test_copies_and_variety_are_counted_by_words() -> None:
    known = readings.grams_of([Post("1", "one two three four five six seven.")])
    assert len(known) == 2
    share, low, high = readings.copied(["One, two three four five six eight", "nothing like it"] * 20, known)
    assert low <= share == 0.5 <= high
    assert readings.distinct(["a b a b", "b a"]) == 2 / 4
    posts = [Post("2", "One two three four five six seven"), Post("3", "Something new")]
    assert readings.new_of(posts, [Post("1", "one two three four five six seven.")], 50) == ["Something new"]
