import math

import numpy as np
import pytest
import torch
from sklearn.metrics import f1_score
from small_training import TRUNK_SHAPE, corpus, towers

from feelscope.train.batches import Encoded, collate
from feelscope.train.tuning import Answers, answer, fit_temperature, mean_loss, mean_macro_f1


def drawn(posts, sharpness, seed=0):
    """Logits whose labels were drawn by their own probabilities, then made sharper than they should be."""
    draw = torch.Generator().manual_seed(seed)
    logits = torch.randn(posts, 5, generator=draw) * 1.5
    labels = torch.multinomial(logits.softmax(dim=1), 1, generator=draw).squeeze(1)
    return Answers(logits * sharpness, labels)


@pytest.mark.parametrize("sharpness", [0.5, 1.0, 2.0, 3.3])
def test_a_known_temperature_is_found(sharpness):
    assert fit_temperature({"0 both": drawn(20_000, sharpness)}) == pytest.approx(sharpness, rel=0.05)


def test_the_temperature_is_the_best_for_the_mean_of_all_ways():
    answers = {"0 both": drawn(3000, 2.0), "0 text": drawn(300, 1.0, seed=1)}
    found = fit_temperature(answers)
    assert 1.0 < found < 2.0
    assert all(mean_loss(answers, found) <= mean_loss(answers, found * step) + 1e-6 for step in (0.97, 1.03))


def test_a_temperature_beyond_the_range_is_its_end():
    assert fit_temperature({"0 both": drawn(2000, 50.0)}) == pytest.approx(4.0)
    sure = Answers(torch.eye(3), torch.arange(3))
    assert fit_temperature({"0 both": sure}) == pytest.approx(0.25)


def test_scores_are_what_plain_sums_and_scikit_learn_give():
    one, other = drawn(50, 1.0), drawn(20, 1.0, seed=2)

    def loss(answers):
        rows = zip(answers.logits.tolist(), answers.labels.tolist(), strict=True)
        return sum(math.log(sum(map(math.exp, row))) - row[label] for row, label in rows) / len(answers.labels)

    def f1(answers):
        present = sorted(set(answers.labels.tolist()))
        return f1_score(answers.labels, answers.logits.argmax(dim=1), labels=present, average="macro")

    assert one.loss() == pytest.approx(loss(one), abs=1e-5)
    assert one.macro_f1() == pytest.approx(f1(one))
    both = {"0 both": one, "1 both": other}
    assert mean_loss(both) == pytest.approx((loss(one) + loss(other)) / 2, abs=1e-5), "each way counts the same"
    assert mean_macro_f1(both) == pytest.approx((f1(one) + f1(other)) / 2)


def test_ways_are_those_that_posts_have():
    trunk = np.zeros((3, 4, *TRUNK_SHAPE), np.float16)
    words, picture, both = Encoded([1, 10, 2], -1, 0), Encoded([], 0, 1), Encoded([1, 11, 2], 1, 2)
    answers = answer(towers(), [[words, picture, both], [words], []], trunk)
    assert list(answers) == ["0 both", "0 text", "0 image", "1 both"]
    assert {way: entry.labels.tolist() for way, entry in answers.items()} == {
        "0 both": [1, 0, 2],  # by length
        "0 text": [2],
        "0 image": [2],
        "1 both": [0],
    }


def test_answers_are_those_of_the_towers_on_the_first_view():
    data, model = corpus(), towers().eval()
    found = answer(model, data.tuning, data.trunk)["0 both"]
    posts = sorted(data.tuning[0], key=lambda post: len(post.ids))
    with torch.inference_mode():
        expected = torch.cat([model(collate([post], data.trunk, [0])) for post in posts])
    torch.testing.assert_close(found.logits, expected, atol=1e-5, rtol=1e-4)
    assert found.labels.tolist() == [post.label for post in posts]
