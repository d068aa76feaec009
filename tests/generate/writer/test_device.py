import pytest
import small_writer
import torch
from small_device import OTHER, held, other_device
from torch.optim import AdamW

from feelscope.generate.writer.posts import read_corpus, with_words
from feelscope.generate.writer.train import fit_writer
from feelscope.progress import silent


@pytest.mark.filterwarnings("ignore:.*copying from a non-meta parameter")
def test_a_writer_learns_the_same_on_another_device(tmp_path, monkeypatch) -> None:
    """Anything that the task leaves on the processor fails there."""
    monkeypatch.setattr(torch.optim, "AdamW", lambda groups, rate, fused=False: AdamW(groups, rate))
    settings = small_writer.changed(epochs=1)
    corpus = read_corpus(with_words(small_writer.posts(), settings), settings, tmp_path, silent)
    network, history = fit_writer(corpus, settings)
    with other_device():
        other, there = fit_writer(corpus, settings, device=OTHER)
    assert history == [pytest.approx(record) for record in there]
    for name, value in other.state_dict().items():
        assert value.device.type == "cpu"
        assert torch.allclose(held(value), network.state_dict()[name], atol=2e-3)
