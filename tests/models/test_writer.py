import pytest
import torch

from feelscope.models.writer import Writer, writing_loss
from feelscope.text.vocabulary import PADDING, START


def new(**changes) -> Writer:
    torch.manual_seed(0)
    values = {"embedding": 6, "hidden": 8, "condition": 4, "feeling": 3}
    values |= {"dropout": 0.0, "word_dropout": 0.0, "picture_dropout": 0.0}
    return Writer(12, 3, 5, **values | changes)


PICTURES = torch.randn(2, 5, generator=torch.Generator().manual_seed(1))
SEEN, EMOTIONS = torch.tensor([True, False]), torch.tensor([0, 2])
WORDS = torch.tensor([[START, 5, 6, 7], [START, 8, PADDING, PADDING]])


def test_scores_are_of_every_real_word() -> None:
    assert new()(PICTURES, SEEN, EMOTIONS, WORDS).shape == (4 + 2, 12)


def test_padding_and_the_posts_beside_it_change_nothing() -> None:
    network = new().eval()
    both = network(PICTURES, SEEN, EMOTIONS, WORDS)
    alone = network(PICTURES[1:], SEEN[1:], EMOTIONS[1:], WORDS[1:, :2])
    assert torch.allclose(both[4:], alone, atol=1e-6)


def test_a_word_does_not_see_those_after_it() -> None:
    network = new().eval()
    other = WORDS.clone()
    other[0, 3] = 9
    before, after = (network(PICTURES, SEEN, EMOTIONS, words) for words in (WORDS, other))
    assert torch.equal(before[:3], after[:3])
    assert not torch.allclose(before[3], after[3])


def test_a_picture_that_is_not_seen_is_the_learnt_vector() -> None:
    network = new().eval()
    scores = network(PICTURES, SEEN, EMOTIONS, WORDS)
    assert torch.equal(scores[4:], network(PICTURES.flip(0), SEEN, EMOTIONS, WORDS)[4:])
    assert not torch.allclose(scores[:4], network(PICTURES.flip(0), SEEN, EMOTIONS, WORDS)[:4])
    with torch.no_grad():
        network.no_picture += 1
    assert not torch.allclose(scores[4:], network(PICTURES, SEEN, EMOTIONS, WORDS)[4:])


def test_gradients_reach_everything() -> None:
    network = new()
    following = torch.tensor([[START, 5, 6, 7, 3], [START, 8, 3, 0, 0]])
    writing_loss(network(PICTURES, SEEN, EMOTIONS, WORDS), following, 3.0).backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().sum() > 0, name


def test_the_loss_is_the_sum_of_the_surprises_of_a_posts_real_words() -> None:
    scores = torch.randn(3, 12)
    following = torch.tensor([[START, 5, 3], [START, 3, PADDING]])
    wanted = -sum(scores[row].log_softmax(dim=0)[word] for row, word in enumerate((5, 3, 3))) / 2
    assert writing_loss(scores, following, 1.0) == pytest.approx(float(wanted))
    assert writing_loss(scores, following, 4.0) == pytest.approx(float(wanted) / 4)


def test_a_word_counts_the_same_whatever_its_batch() -> None:
    """As batches are of posts about as long, a mean over a batch's words would prefer short posts."""
    scores = torch.randn(5, 12)
    long, short = torch.tensor([[START, 5, 6, 3]]), torch.tensor([[START, 7, 3, PADDING]])
    both = writing_loss(scores, torch.cat([long, short]), 2.5)
    each = [writing_loss(scores[:3], long, 2.5), writing_loss(scores[3:], short[:, :3], 2.5)]
    assert both == pytest.approx(float(sum(each)) / 2)


def test_a_posts_words_count_by_its_weight() -> None:
    scores = torch.randn(5, 12)
    words = torch.tensor([[START, 5, 6, 3], [START, 7, 3, PADDING]])
    each = [writing_loss(scores[:3], words[:1], 1.0), writing_loss(scores[3:], words[1:, :3], 1.0)]
    weighed = writing_loss(scores, words, 1.0, torch.tensor([0.5, 1.5]))
    assert weighed == pytest.approx(float(0.5 * each[0] + 1.5 * each[1]) / 2)


def test_one_mask_drops_the_same_numbers_at_every_step_of_a_post() -> None:
    network = new(dropout=0.5)
    masked = network._masked(torch.ones(4, 7, 50))
    assert set(masked.unique().tolist()) == {0.0, 2.0}
    assert torch.equal(masked, masked[:, :1].expand_as(masked))
    assert not torch.equal(masked[0], masked[1])


def test_words_and_pictures_are_left_out_in_training_alone() -> None:
    network = new(word_dropout=0.5, picture_dropout=0.5)
    words = torch.full((50, 20), 7)
    assert 0.4 < (network._forgotten(words) != words).float().mean() < 0.6
    assert (network._forgotten(torch.full((9, 9), START)) == START).all()
    pictures, emotions = PICTURES[:1].expand(200, 5), torch.zeros(200, dtype=torch.long)
    left_out = (network.condition(pictures, torch.ones(200, dtype=torch.bool), emotions)[:, :4] == 0).all(dim=1)
    assert 0.35 < left_out.float().mean() < 0.65
    network.eval()
    assert torch.equal(network._forgotten(words), words)
    assert not (network.condition(pictures, torch.ones(200, dtype=torch.bool), emotions)[:, :4] == 0).all(dim=1).any()
