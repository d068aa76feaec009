import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from small_family import WIDTHS, encoders, posts

from feelscope.models.network import Network, build_fusion
from feelscope.models.settings import FusionSettings
from feelscope.models.subclasses import Subclasses


@given(st.lists(st.floats(-30, 30, width=32), min_size=4, max_size=4))
def test_an_emotion_is_as_probable_as_its_subclasses_together(outputs):
    emotions = Subclasses([0, 1, 0, 2])(torch.tensor([outputs]))[0].exp()
    shares = torch.tensor(outputs, dtype=torch.float64).softmax(dim=0)
    expected = [shares[0] + shares[2], shares[1], shares[3]]
    assert emotions.tolist() == pytest.approx([float(share) for share in expected], abs=1e-6)


def test_one_subclass_each_changes_nothing():
    outputs = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(Subclasses([0, 1, 2])(outputs), outputs.log_softmax(dim=1))


def test_a_network_with_subclasses_answers_with_emotions_and_saves_nothing_of_them():
    fusion = build_fusion(FusionSettings("early"), WIDTHS, 4)
    embedders = {name: encoder.embedder() for name, encoder in encoders().items()}
    network = Network(embedders, fusion, Subclasses((0, 0, 1, 2))).eval()
    five = posts(5)
    assert fusion(network.vectors(five.inputs), five.present).shape == (5, 4)
    answers = network(five.inputs, five.present)
    assert answers.shape == (5, 3)
    torch.testing.assert_close(answers.exp().sum(dim=1), torch.ones(5))
    assert not [name for name in network.state_dict() if name.startswith("subclasses")]
