import numpy as np
import pytest
import torch

from feelscope.generate.writer import folder
from feelscope.generate.writer.reading import words_of
from feelscope.generate.writer.scoring import WordScorer
from feelscope.generate.writer.task import new_network
from feelscope.post import Post
from feelscope.text.vocabulary import START


@pytest.fixture(scope="module")
def scorer(run):
    return WordScorer(folder.read(run))


def by_torch(run, before: str, after: str) -> float:
    """The same with the network in torch, whose emotions' vectors are all their mean."""
    saved = folder.read(run)
    network = new_network(saved.settings, len(saved.vocabulary), len(saved.emotions), 1280).eval()
    weights = {name: torch.from_numpy(value) for name, value in saved.weights.items()}
    weights["emotions.weight"] = weights["emotions.weight"].mean(dim=0, keepdim=True).expand(len(saved.emotions), -1)
    network.load_state_dict(weights)
    begun = len(words_of(Post("", before)))
    words = [saved.vocabulary.number(word) for word in words_of(Post("", f"{before} {after}"))]
    with torch.no_grad():
        read = torch.tensor([[START, *words[:-1]]])
        scores = network(torch.zeros(1, 1280), torch.tensor([False]), torch.tensor([0]), read)
    each = scores.log_softmax(dim=1)[range(len(words)), words]
    return float(each[begun:].sum())


def test_it_is_what_torch_gives_whatever_else_is_asked(scorer, run) -> None:
    asked = [("A happy", "child"), ("A lonely man weeps", "in the park"), ("", "a"), ("Two men fight", "at home today")]
    found = scorer.log_probabilities(*zip(*asked, strict=True))
    assert found == pytest.approx([by_torch(run, *one) for one in asked], abs=1e-4)
    assert (found < 0).all()
    assert scorer.log_probabilities(["A happy"], ["child"])[0] == pytest.approx(found[0])


def test_what_follows_often_is_more_probable(scorer) -> None:
    child, boss = scorer.log_probabilities(["A happy", "A happy"], ["child", "boss"])
    assert child > boss + 1


def test_what_cannot_be_scored_is_nan(scorer) -> None:
    found = scorer.log_probabilities(["A happy", "A happy", "A zzz", "a " * 40], ["zebra", "", "child", "child"])
    assert np.isnan(found).tolist() == [True, True, False, True]  # an unknown word before is read as one of those
    assert scorer.unknown("a zzz child") == ["zzz"]


def test_a_writer_of_characters(spelling_run) -> None:
    scorer = WordScorer(folder.read(spelling_run))
    weeps, other = scorer.log_probabilities(["a lonely man"] * 2, ["weeps", "wzeps"])
    assert np.isnan(other) or weeps > other
