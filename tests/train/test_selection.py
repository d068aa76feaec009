import math

import pytest
import torch
from sklearn.metrics import f1_score
from small_training import RECIPE, corpus, encoded

from feelscope.encoders.encoded_posts import encoded_posts
from feelscope.train import selection
from feelscope.train.classifier_task import build_network
from feelscope.train.selection import SplitAnswers, answer, answer_combinations, fit_temperature, mean_loss, scores


def drawn(posts, sharpness, seed=0):
    """Logits whose labels were drawn by their own probabilities, then made sharper than they should be."""
    draw = torch.Generator().manual_seed(seed)
    logits = torch.randn(posts, 5, generator=draw) * 1.5
    labels = torch.multinomial(logits.softmax(dim=1), 1, generator=draw).squeeze(1)
    return SplitAnswers(logits * sharpness, labels)


@pytest.mark.parametrize("sharpness", [0.5, 1.0, 2.0, 3.3])
def test_a_known_temperature_is_found(sharpness):
    assert fit_temperature({"both": drawn(20_000, sharpness)}) == pytest.approx(sharpness, rel=0.05)


def test_the_temperature_is_the_best_for_the_mean_of_all_combinations():
    answers = {"both": drawn(3000, 2.0), "text": drawn(300, 1.0, seed=1)}
    temperature = fit_temperature(answers)
    assert 1.0 < temperature < 2.0
    for factor in (0.97, 1.03):
        assert mean_loss(answers, temperature) <= mean_loss(answers, temperature * factor) + 1e-6


def test_a_temperature_beyond_the_range_is_its_end():
    assert fit_temperature({"both": drawn(2000, 50.0)}) == pytest.approx(4.0)
    assert fit_temperature({"both": SplitAnswers(torch.eye(3), torch.arange(3))}) == pytest.approx(0.25)


def test_scores_are_what_plain_sums_and_scikit_learn_give():
    first, second = drawn(50, 1.0), drawn(20, 1.0, seed=2)

    def loss(answers):
        rows = zip(answers.logits.tolist(), answers.labels.tolist(), strict=True)
        return sum(math.log(sum(map(math.exp, row))) - row[label] for row, label in rows) / len(answers.labels)

    def f1(answers):
        present = sorted(set(answers.labels.tolist()))
        return f1_score(answers.labels, answers.logits.argmax(dim=1), labels=present, average="macro")

    assert first.loss() == pytest.approx(loss(first), abs=1e-5)
    assert first.macro_f1() == pytest.approx(f1(first))
    record = scores({"both": first, "text": second})
    assert record["validation_loss"] == pytest.approx((loss(first) + loss(second)) / 2, abs=1e-5), (
        "each counts the same"
    )
    assert mean_loss({"both": first, "text": second}) == pytest.approx(record["validation_loss"])
    assert record["validation_macro_f1"] == pytest.approx((f1(first) + f1(second)) / 2)
    assert record["validation_macro_f1 text"] == pytest.approx(f1(second))


def test_combinations_are_those_that_posts_have_table_by_table():
    network = build_network(RECIPE, corpus())
    posts = encoded([[1, 10, 2], [], [1, 11, 2], [1, 12, 2], []], [-1, 0, 1, -1, -1], [0, 1, 2, 0, 1], [0, 0, 0, 1, 1])
    answers = answer_combinations(network, posts)
    assert {name: entry.labels.tolist() for name, entry in answers.items()} == {
        "0 both": [0, 1, 2],
        "0 text": [2],
        "0 image": [2],
        "1 both": [0],  # of the second table, a post has nothing to read
    }
    assert set(answer_combinations(network, posts.rows(torch.tensor([0, 2])))) == {"both", "text", "image"}


def test_answers_are_in_the_order_of_the_posts_and_do_not_depend_on_their_neighbours():
    data = corpus()
    network = build_network(RECIPE, data).train()  # as an epoch leaves it, with dropout
    together = answer(network, data.validation)
    network.eval()
    with torch.inference_mode():
        rows = [data.validation.rows(torch.tensor([row])) for row in range(len(data.validation))]
        alone = torch.cat([network(row.inputs, row.present) for row in rows])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-4)


class ByModality(torch.nn.Module):
    """A network that answers with its input, eight times as sure of what it reads from words alone."""

    def forward(self, inputs, present):
        return inputs["text"] * (1 + 7 * present["text"] * (1 - present["image"]))[:, None]


def drawn_posts(count):
    entry = drawn(count, 1.0)
    return encoded_posts(
        {"text": entry.logits, "image": torch.zeros(count, 1)},
        {"text": torch.ones(count), "image": torch.ones(count)},
        entry.labels,
    )


def test_each_combination_gets_the_temperature_it_needs_and_no_answer_changes():
    found = selection.calibrate(ByModality(), drawn_posts(3000), 1.0).by_combination
    assert set(found) == {"text+image", "text", "image"}
    assert found["text"].scaling.temperature == pytest.approx(8, rel=0.1)
    assert found["text+image"].scaling.temperature == pytest.approx(1, rel=0.1)
    assert all(one.scaling.biases == () and len(one.confidence) == 101 for one in found.values())
    halved = selection.calibrate(ByModality(), drawn_posts(3000), 2.0).by_combination
    assert halved["text"].scaling.temperature == pytest.approx(4, rel=0.1), "what the saved model divides by counts"


def test_few_posts_are_not_calibrated():
    assert selection.calibrate(ByModality(), drawn_posts(49), 1.0).by_combination == {}
