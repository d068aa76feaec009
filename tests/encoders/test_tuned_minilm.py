"""MiniLM that learns: from which layer on, and how fast each."""

import copy
from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
import torch

from feelscope.encoders import tuned_minilm
from feelscope.encoders.minilm import LAYERS, WIDTH, MiniLM
from feelscope.encoders.settings import MINILM_LAYERS, TextSettings
from feelscope.encoders.tuned_minilm import MiniLMEmbedder, TunedMiniLM
from feelscope.post import Post
from feelscope.progress import silent

SETTINGS = TextSettings("minilm", "tuned", dropout=0.0)


@pytest.fixture(scope="module")
def network() -> MiniLM:
    """All its layers, with forty words and little between."""
    torch.manual_seed(0)
    return MiniLM(vocab_size=40, intermediate_size=16)


def embedder(network: MiniLM, **changes) -> MiniLMEmbedder:
    return MiniLMEmbedder(copy.deepcopy(network), replace(SETTINGS, **changes))


def group(name: str) -> str:
    """The layer of a parameter, or `words`."""
    return name.split("layer.")[1].split(".")[0] if "layer." in name else "words"


@pytest.mark.parametrize("tune_from", MINILM_LAYERS)
def test_what_is_before_the_first_that_learns_stays(network, tune_from):
    tuned = embedder(network, tune_from=tune_from).train()
    learning = {group(name) for name, parameter in tuned.named_parameters() if parameter.requires_grad}
    assert learning == {*MINILM_LAYERS[MINILM_LAYERS.index(tune_from) :]}
    tuned(torch.tensor([[1, 10, 2], [1, 11, 2]])).square().sum().backward()
    reached = {group(name) for name, parameter in tuned.named_parameters() if parameter.grad is not None}
    assert reached == learning


def test_every_weight_learns_from_the_words_on(network):
    tuned = embedder(network).train()
    tuned(torch.tensor([[1, 10, 2], [1, 11, 0]])).pow(3).sum().backward()
    still = [name for name, parameter in tuned.named_parameters() if not parameter.grad.abs().sum()]
    # The key's bias shifts all attention scores of a token alike, so that its gradient is rounding at most.
    assert [name for name in still if not name.endswith("key.bias")] == []


def test_each_layer_further_down_learns_slower(network):
    tuned = embedder(network, layer_decay=0.5)
    rates = {group(name): set() for name, _ in tuned.named_parameters()}
    names = {id(parameter): group(name) for name, parameter in tuned.named_parameters()}
    told = list(tuned.rates(0.064))
    for parameter, rate in told:
        rates[names[id(parameter)]].add(rate)
    expected = {"5": 0.064, "4": 0.032, "3": 0.016, "2": 0.008, "1": 0.004, "0": 0.002, "words": 0.001}
    assert {name: [pytest.approx(rate) for rate in found] for name, found in rates.items()} == {
        name: [rate] for name, rate in expected.items()
    }
    assert len(told) == len(list(tuned.parameters())), "each once"
    assert {rate for _, rate in embedder(network).rates(0.064)} == {0.064}


def test_padding_does_not_matter_and_a_post_without_words_is_no_fault(network):
    plain = embedder(network).eval()
    with torch.inference_mode():
        alone = plain(torch.tensor([[1, 10, 2]]))[0]
        together = plain(torch.tensor([[1, 10, 2, 0, 0], [0, 0, 0, 0, 0]]))
        expected = network.eval()(torch.tensor([[1, 10, 2]]), torch.ones(1, 3, dtype=torch.long))[0]
    torch.testing.assert_close(alone, expected)
    torch.testing.assert_close(together[0], alone, atol=1e-5, rtol=1e-4)
    assert torch.isfinite(together[1]).all()
    ids = torch.zeros(2, 1, dtype=torch.long)
    assert torch.isfinite(plain(ids)).all()
    assert ids.tolist() == [[0], [0]]


def test_vectors_are_brought_to_one_size_where_asked(network):
    vectors = embedder(network, normalise=True).eval()(torch.tensor([[1, 10, 2], [1, 11, 2]]))
    torch.testing.assert_close(vectors.std(dim=1, correction=0), torch.ones(2), atol=1e-3, rtol=0)


def test_half_precision_is_of_training_alone_and_changes_little(network, monkeypatch):
    monkeypatch.setattr(tuned_minilm, "computes_bfloat16", lambda: True)
    ids = torch.tensor([[1, 10, 2], [1, 11, 2]])
    full, half = embedder(network), embedder(network, half_precision=True)
    assert torch.equal(half.eval()(ids), full.eval()(ids))
    for module in half.train().modules():
        module.training = isinstance(module, MiniLMEmbedder)  # without dropout
    vectors = half(ids)
    assert vectors.dtype == torch.float32
    torch.testing.assert_close(vectors, full(ids), atol=0.05, rtol=0.05)
    assert not torch.equal(vectors, full(ids))
    monkeypatch.setattr(tuned_minilm, "computes_bfloat16", lambda: False)
    assert torch.equal(half(ids), full(ids)), "a processor without bfloat16 computes in full"


# With the published weights


@pytest.fixture(scope="module")
def encoder() -> TunedMiniLM:
    return TunedMiniLM(replace(SETTINGS, tokens=8), None)


def test_posts_become_token_ids_and_the_embedder_starts_with_the_published_weights(encoder):
    posts = [Post("1", "hello world"), Post("2", image=b"picture"), Post("3", "one " * 30, title="hello")]
    ids, present = encoder.encode(posts, silent, silent)
    assert ids.shape == (3, 8)
    assert ids[0].tolist() == [101, 7592, 2088, 102, 0, 0, 0, 0]
    assert ids[1].tolist() == [0] * 8
    assert ids[2, [0, 1, 7]].tolist() == [101, 7592, 102]
    assert present.tolist() == [1, 0, 1]
    published = MiniLM.pretrained().eval()
    with torch.inference_mode():
        expected = published(ids[:1, :4], torch.ones(1, 4, dtype=torch.long))
        torch.testing.assert_close(encoder.embedder().eval()(ids[:1]), expected, atol=1e-5, rtol=1e-4)
    assert (encoder.width, encoder.tokens, encoder.pairs, LAYERS) == (WIDTH, 8, True, 6)
    first, second = encoder.embedder(), encoder.embedder()
    next(first.parameters()).data += 1
    assert not torch.equal(next(first.parameters()), next(second.parameters()))


@pytest.mark.slow
def test_what_is_written_is_what_was_learnt(encoder, tmp_path):
    learnt = encoder.embedder().eval()
    with torch.no_grad():
        learnt.network.bert.encoder.layer[5].output.LayerNorm.bias += 0.3
    left = encoder.write(tmp_path, learnt, [])
    assert left is learnt.after
    assert (tmp_path / "tokenizer.json").stat().st_size > 1e5
    ids, _ = encoder.encode([Post("1", "I miss him so much")], silent, silent)
    (vector,) = onnxruntime.InferenceSession(tmp_path / "text.onnx").run(None, {"ids": ids.numpy().astype(np.int64)})
    with torch.inference_mode():
        expected = learnt.network(ids, torch.ones_like(ids))
    assert torch.nn.functional.cosine_similarity(torch.from_numpy(vector), expected).item() > 0.97
