import pytest
import torch

from feelscope.models.semantic_bottleneck import AnswerHeads, SemanticBottleneck, TextClassifier, answers_of


def small(grades=4, words=3, hidden=0):
    torch.manual_seed(0)
    heads = AnswerHeads(6, 5, grades, 0.0)
    network = SemanticBottleneck(heads, TextClassifier(words, 5, grades, 2, hidden, 0.0)).eval()
    vectors = torch.randn(40, 6)
    with torch.no_grad():
        heads.set_bounds(heads(vectors), (torch.rand(40, 5) < 0.2).float())
    return network, vectors


@pytest.mark.parametrize("grades", [2, 3, 4])
def test_an_answer_is_one_word_and_its_gradient_reaches_the_heads(grades):
    network, vectors = small(grades)
    answers = network.heads.answers(network.heads(vectors))
    assert answers.shape == (40, 5, grades) == (40, 5, len(answers_of(grades)))
    assert torch.allclose(answers.sum(dim=2), torch.ones(40, 5))
    assert torch.allclose(answers.detach().max(dim=2).values, torch.ones(40, 5))
    network(vectors, torch.zeros(40, 3)).decision[:, 0].sum().backward()
    assert network.heads.heads.weight.grad.abs().sum() > 0


def test_answers_rise_with_the_logit_and_the_gradient_is_that_of_the_soft_answer():
    network, _ = small()
    heads = network.heads
    logits = torch.linspace(-9, 9, 50)[:, None].repeat(1, 5)
    grades = heads.answers(logits).argmax(dim=2)
    assert (grades.diff(dim=0) >= 0).all() and grades[0].eq(0).all() and grades[-1].eq(3).all()
    one = heads.bounds[:1, 0].repeat(5)[None].clone().requires_grad_()
    reached = torch.autograd.grad(heads.answers(one)[0, 0, 0], one)[0][0, 0]
    assert float(reached) == pytest.approx(float(-0.25 / heads.softness[0]), rel=1e-4)  # of a sigmoid at its middle


def test_yes_is_said_as_often_as_captions_have_the_word():
    torch.manual_seed(0)
    heads = AnswerHeads(6, 2, 4, 0.0)
    logits, truth = torch.randn(400, 2), torch.zeros(400, 2)
    truth[:40, 0] = 1
    truth[:4, 1] = 1
    heads.set_bounds(logits, truth)
    counts = heads.answers(logits).sum(dim=0)
    assert counts[:, 3].tolist() == pytest.approx([40, 4])
    assert counts[:, 2:].sum(dim=1).tolist() == pytest.approx([120, 12])


def test_what_decides_sees_the_answers_and_not_the_picture():
    network, vectors = small(hidden=7)
    words = torch.rand(40, 3)
    answers = network.heads.answers(network.heads(vectors)).detach()
    assert torch.allclose(network(vectors, words).decision, network.classifier(words, answers))
    moved = vectors + 1e-2 * torch.randn_like(vectors)
    again = network.heads.answers(network.heads(moved)).detach()
    same = (again.round() == answers.round()).flatten(1).all(dim=1)  # pictures whose answers all stay: nothing changes
    assert 5 < same.sum() < 40
    stays = torch.isclose(network(moved, words).decision, network(vectors, words).decision, atol=1e-5).all(dim=1)
    assert torch.equal(stays, same)


def test_without_questions_or_without_captions():
    heads = AnswerHeads(6, 0, 4, 0.0)
    heads.set_bounds(torch.zeros(5, 0), torch.zeros(5, 0))
    network = SemanticBottleneck(heads, TextClassifier(3, 0, 4, 2, 0, 0.0))
    assert network(torch.randn(5, 6), torch.rand(5, 3)).decision.shape == (5, 2)
    network, vectors = small(words=0)
    assert network(vectors, torch.zeros(40, 0)).decision.shape == (40, 2)
