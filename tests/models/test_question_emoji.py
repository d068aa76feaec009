import numpy as np
import pytest
import torch

from feelscope.models.question_emoji import (
    Attention,
    Average,
    Convolutions,
    JoinedTowers,
    PiecesTower,
    PublishedQuestionEmoji,
    PublishedTower,
    QuestionEmoji,
    Questions,
    SentenceTower,
    WordsTower,
    in_front,
)

TABLE = np.random.default_rng(0).normal(size=(9, 6)).astype(np.float32)
TABLE[0] = 0
WORDS = torch.tensor([[1, 2, 3, 0, 0], [4, 0, 0, 0, 0], [0, 0, 0, 0, 0], [5, 6, 7, 8, 1]])
ASKED = Questions(WORDS, WORDS * 2, torch.arange(12.0).reshape(4, 3))
EMOJI = torch.tensor(np.random.default_rng(1).normal(size=(7, 4)), dtype=torch.float32)
TOWERS = {
    "average": lambda: WordsTower(TABLE.copy(), Average(6), 0.0),
    "convolutions": lambda: WordsTower(TABLE.copy(), Convolutions(6, 4), 0.0),
    "attention": lambda: WordsTower(TABLE.copy(), Attention(6, 5), 0.0),
    "pieces": lambda: PiecesTower(20, 5, 0.0),
    "sentence": lambda: SentenceTower(3, 5, 0.0),
    "joined": lambda: JoinedTowers(SentenceTower(3, 5, 0.0), PiecesTower(20, 5, 0.0)),
}


@pytest.fixture(params=[*TOWERS, "published"])
def network(request):
    torch.manual_seed(0)
    if request.param == "published":
        return PublishedQuestionEmoji(PublishedTower(TABLE.copy()), 4)
    return QuestionEmoji(TOWERS[request.param](), 4, 8)


def test_scores_of_all_emoji_and_gradients_everywhere(network):
    scores = network(ASKED, EMOJI)
    assert scores.shape == (4, 7)
    (scores * torch.arange(28.0).reshape(4, 7)).sum().backward()
    assert all(parameter.grad is not None and parameter.grad.any() for parameter in network.parameters())


def test_a_text_is_answered_alone(network):
    network.eval()
    together = network(ASKED, EMOJI)
    alone = torch.cat([network(ASKED.rows(torch.tensor([row])), EMOJI) for row in range(4)])
    assert torch.allclose(together, alone, atol=1e-5)
    assert torch.isfinite(together).all()


def test_an_emoji_scores_the_same_whichever_others_answer(network):
    network.eval()
    assert torch.allclose(network(ASKED, EMOJI)[:, 2:4], network(ASKED, EMOJI[2:4]), atol=1e-6)


def test_cosines_of_the_published_network_are_cosines():
    network = PublishedQuestionEmoji(PublishedTower(TABLE.copy()), 4)
    assert network(ASKED, EMOJI).abs().max() <= 1 + 1e-6
    sizes = [tuple(layer.weight.shape) for layer in network.shared if hasattr(layer, "weight")]
    assert sizes == [(100, 10), (50, 100), (10, 50)]
    assert network.question.dense.in_features == 200


def test_pieces_are_left_out_in_training_alone():
    torch.manual_seed(0)
    tower = PiecesTower(20, 5, 0.0, left_out=0.9)
    assert not torch.equal(tower(ASKED), tower(ASKED))
    tower.eval()
    assert torch.equal(tower(ASKED), tower(ASKED))


def test_words_of_the_published_network_come_last():
    assert in_front(torch.tensor([[1, 2, 0, 0], [0, 3, 0, 4]]), 3).tolist() == [[0, 1, 2], [0, 3, 4]]
    assert in_front(torch.tensor([[1, 2, 3, 4]]), 3).tolist() == [[2, 3, 4]]


def test_a_batch_has_no_more_padding_than_it_needs():
    assert ASKED.rows(torch.tensor([0, 1])).words.shape == (2, 3)
    assert ASKED.rows(torch.tensor([2])).words.shape == (1, 1)
