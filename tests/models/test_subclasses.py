import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from small_training import corpus, towers

from feelscope.models.subclasses import Parts
from feelscope.train.batches import collate


@given(st.lists(st.floats(-30, 30, width=32), min_size=4, max_size=4))
def test_an_emotion_is_as_probable_as_its_parts_together(outputs):
    found = Parts([0, 1, 0, 2])(torch.tensor([outputs]))[0].exp()
    parts = torch.tensor(outputs, dtype=torch.float64).softmax(dim=0)
    expected = [parts[0] + parts[2], parts[1], parts[3]]
    assert found.tolist() == pytest.approx([float(share) for share in expected], abs=1e-6)


def test_one_part_each_changes_nothing():
    outputs = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(Parts([0, 1, 2])(outputs), outputs.log_softmax(dim=1))


def test_the_parts_are_no_weights():
    model = towers(emotion_of=(0, 0, 1, 2))
    assert not [name for name in model.state_dict() if name.startswith("parts")]


def test_towers_with_parts_answer_with_emotions():
    given = corpus()
    batch = collate(given.training[0].posts[:5], given.trunk, [0] * 5)
    model = towers(emotion_of=(0, 0, 1, 2)).eval()
    assert model.every_way(batch, half_precision=False)[0].shape == (5, 4)
    answers = model(batch)
    assert answers.shape == (5, 3)
    torch.testing.assert_close(answers.exp().sum(dim=1), torch.ones(5))
