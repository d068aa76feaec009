"""LSTM and vanilla RNN against their equations written out, against packed sequences, and as ONNX."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence

from feelscope.encoders.onnx import export_network
from feelscope.encoders.tokenizer import pad
from feelscope.encoders.word_average import WordLookup
from feelscope.encoders.word_recurrence import WordRecurrence, as_gru, gradient_by_distance, to_the_front
from feelscope.errors import ConfigError, ModelError

WIDTH, UNITS = 5, 4


def embedder(kind: str) -> WordRecurrence:
    torch.manual_seed(0)
    table = np.random.default_rng(0).normal(size=(9, WIDTH)).astype(np.float32)
    table[0] = 0
    made = WordRecurrence(table, 4, train=True, dropout=0.0, kind=kind, hidden_size=UNITS).eval()
    with torch.no_grad():  # biases that do something
        for name, values in made.layer.named_parameters():
            if name.startswith("bias"):
                values.uniform_(-0.5, 0.5)
    return made


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def weights(layer: torch.nn.RNNBase) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """W_x (D, G), W_h (H, G) and b (G,) as the thesis writes them, in double precision."""
    state = {name: value.double().numpy() for name, value in layer.state_dict().items()}
    return state["weight_ih_l0"].T, state["weight_hh_l0"].T, state["bias_ih_l0"] + state["bias_hh_l0"]


def rnn_step(layer: torch.nn.RNNBase, x: np.ndarray, h: np.ndarray) -> np.ndarray:
    """Equation 5.2."""
    w_x, w_h, b = weights(layer)
    return np.tanh(w_x.T @ x + w_h.T @ h + b)


def lstm_step(layer: torch.nn.RNNBase, x: np.ndarray, h: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Equations 5.3 to 5.5; torch stores the gates as i, f, g, o."""
    w_x, w_h, b = weights(layer)
    a = w_x.T @ x + w_h.T @ h + b  # 5.3
    a_i, a_f, a_g, a_o = np.split(a, 4)
    i, f, o, g = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o), np.tanh(a_g)  # 5.4
    c = i * g + f * c  # 5.5
    return o * np.tanh(c), c


@pytest.mark.parametrize("kind", ["rnn", "lstm"])
@pytest.mark.parametrize("biases", [True, False])
def test_a_step_is_its_equation(kind: str, biases: bool) -> None:
    """From any state; the thesis' equations have no biases."""
    layer = embedder(kind).layer.double()
    if not biases:
        with torch.no_grad():
            layer.bias_ih_l0.zero_()
            layer.bias_hh_l0.zero_()
    x, h, c = (np.random.default_rng(1).normal(size=size) for size in (WIDTH, UNITS, UNITS))
    given = torch.tensor(x)[None, None]
    state_h, state_c = torch.tensor(h)[None, None], torch.tensor(c)[None, None]
    if kind == "rnn":
        output, _ = layer(given, state_h)
        expected = rnn_step(layer, x, h)
    else:
        output, (_, cell) = layer(given, (state_h, state_c))
        expected, expected_c = lstm_step(layer, x, h, c)
        assert cell[0, 0].detach().numpy() == pytest.approx(expected_c, abs=1e-6)
    assert output[0, 0].detach().numpy() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("kind", ["rnn", "lstm"])
def test_a_text_is_the_steps_over_its_known_words(kind: str) -> None:
    made = embedder(kind)
    vectors = made.lookup(torch.arange(9)[None])[0].detach().double().numpy()  # (9, D)
    h = c = np.zeros(UNITS)
    for word in (3, 8, 1):
        if kind == "rnn":
            h = rnn_step(made.layer, vectors[word], h)
        else:
            h, c = lstm_step(made.layer, vectors[word], h, c)
    states = made(torch.tensor([[3, 0, 8, 1, 0, 0], [0, 0, 3, 8, 0, 1], [0, 0, 0, 0, 0, 0]])).detach().numpy()
    assert states[0] == pytest.approx(h, abs=1e-6)
    assert states[1] == pytest.approx(h, abs=1e-6), "unknown words are left out wherever they stand"
    assert (states[2] == 0).all(), "a text of unknown words alone"


@pytest.mark.parametrize("kind", ["rnn", "lstm"])
def test_it_is_the_last_state_of_a_packed_sequence(kind: str) -> None:
    made = embedder(kind)
    lengths = torch.tensor([200, 7, 1, 63])
    ids = torch.zeros(4, 200, dtype=torch.long)
    for row, length in enumerate(lengths):
        ids[row, :length] = torch.randint(1, 9, (int(length),))
    packed = pack_padded_sequence(made.lookup(ids), lengths, batch_first=True, enforce_sorted=False)
    _, last = made.layer(packed)
    state = last[0] if kind == "lstm" else last
    torch.testing.assert_close(made(ids), state[0])


@pytest.mark.parametrize("kind", ["rnn", "lstm"])
@settings(max_examples=30)
@given(lengths=st.lists(st.integers(0, 30), min_size=1, max_size=9), seed=st.integers(0, 99))
def test_neither_states_nor_gradients_depend_on_padding(kind: str, lengths: list[int], seed: int) -> None:
    """A post by itself, without padding, beside longer ones, and padded further."""
    made, draws = embedder(kind), np.random.default_rng(seed)
    texts = [draws.integers(1, 9, length).tolist() for length in lengths]
    ids = pad(texts)  # (B, T)

    def asked(batches: list[torch.Tensor]) -> list[torch.Tensor]:
        made.zero_grad()
        states = torch.cat([made(batch) for batch in batches])  # (B, H)
        states.square().sum().backward()
        gradients = [value.grad for value in (*made.layer.parameters(), made.lookup.vectors)]
        return [states.detach(), *(gradient.clone() for gradient in gradients if gradient is not None)]

    alone = asked([pad([text]) for text in texts])
    for padded in (ids, torch.nn.functional.pad(ids, (0, 17))):
        for found, expected in zip(asked([padded]), alone, strict=True):
            torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("kind", ["rnn", "lstm"])
def test_a_normalised_state_has_mean_0_and_deviation_1(kind: str) -> None:
    table = np.random.default_rng(0).normal(size=(9, WIDTH)).astype(np.float32)
    made = WordRecurrence(table, 4, train=True, dropout=0.0, kind=kind, hidden_size=UNITS, normalise=True)
    states = made(torch.tensor([[3, 8, 1], [5, 0, 0], [0, 0, 0]])).detach()
    assert states[:2].mean(dim=1).tolist() == pytest.approx([0, 0], abs=1e-6)
    assert states[:2].std(dim=1, correction=0).tolist() == pytest.approx([1, 1], abs=0.01)
    assert states[2].tolist() == [0] * UNITS, "of no known word"


def test_known_words_move_to_the_front_in_their_order() -> None:
    ids = torch.tensor([[0, 5, 0, 2, 7], [1, 2, 3, 4, 5], [0, 0, 0, 0, 0]])
    assert to_the_front(ids, ids > 0).tolist() == [[5, 2, 7, 0, 0], [1, 2, 3, 4, 5], [0, 0, 0, 0, 0]]


def test_the_lookup_has_both_parts_of_the_table() -> None:
    table = np.arange(12, dtype=np.float32).reshape(6, 2)
    for learnt in (1, 3, 6):
        lookup = WordLookup(table, learnt, train=True)
        ids = torch.tensor([[0, 1, 2, 3, 4, 5]])
        assert lookup(ids)[0].detach().numpy().tolist() == table.tolist()
        lookup(ids).sum().backward()
        assert lookup.vectors.grad is not None and lookup.vectors.grad.shape == (learnt, 2)


def test_the_lstm_starts_out_remembering() -> None:
    made = WordRecurrence(np.zeros((3, WIDTH), np.float32), 3, train=False, dropout=0.0, kind="lstm", hidden_size=UNITS)
    biases = (made.layer.bias_ih_l0 + made.layer.bias_hh_l0).detach().split(UNITS)
    assert [float(gate.unique()) for gate in biases] == [0, 1, 0, 0]  # i, f, g, o


def test_drawn_again_it_has_other_weights_and_starts_out_remembering() -> None:
    made = embedder("lstm")
    before = made.layer.weight_hh_l0.clone()
    made.reset_parameters()
    assert (made.layer.weight_hh_l0 != before).all()
    assert made.layer.weight_hh_l0.abs().max() <= UNITS**-0.5
    biases = (made.layer.bias_ih_l0 + made.layer.bias_hh_l0).detach().split(UNITS)
    assert [float(gate.unique()) for gate in biases] == [0, 1, 0, 0]  # i, f, g, o


def test_a_training_step_drops_a_share_of_the_words_numbers_and_none_in_use() -> None:
    table = np.ones((3, WIDTH), np.float32)
    made = WordRecurrence(table, 3, train=False, dropout=0.25, kind="lstm", hidden_size=UNITS)
    taken: list[torch.Tensor] = []
    made.layer.register_forward_pre_hook(lambda _, given: taken.append(given[0]))
    torch.manual_seed(0)
    made.train()(torch.ones(200, 10, dtype=torch.long))
    assert (taken[0] == 0).float().mean().item() == pytest.approx(0.25, abs=0.02)
    assert taken[0].unique().tolist() == pytest.approx([0, 4 / 3])
    made.eval()(torch.ones(2, 10, dtype=torch.long))
    assert (taken[1] == 1).all()


def test_what_a_word_still_counts_is_the_product_of_the_steps_slopes() -> None:
    """At a state of zero tanh has slope 1, so that the gradient at distance t is W_x (W_h)^t 1."""
    torch.manual_seed(0)
    made = WordRecurrence(np.zeros((2, 8), np.float32), 1, train=False, dropout=0.0, kind="rnn", hidden_size=6)
    texts = torch.zeros(3, 5, 8)
    w_x, w_h, _ = weights(made.layer)
    expected = [np.linalg.norm(w_x @ np.linalg.matrix_power(w_h, t) @ np.ones(6)) for t in range(5)]
    assert gradient_by_distance(made.layer, texts).tolist() == pytest.approx(expected, rel=1e-4)
    assert not texts.requires_grad


def test_gradients_vanish_in_the_rnn_and_less_in_the_lstm() -> None:
    torch.manual_seed(0)
    share_left = {}
    for kind in ("rnn", "lstm"):
        made = WordRecurrence(np.zeros((2, 8), np.float32), 1, train=False, dropout=0.0, kind=kind, hidden_size=32)
        norms = gradient_by_distance(made.layer, torch.randn(16, 40, 8))
        assert norms.shape == (40,)
        share_left[kind] = float(norms[30] / norms[0])
    assert share_left["rnn"] < 1e-4 < share_left["lstm"]


@pytest.mark.parametrize("kind", ["rnn", "lstm"])
def test_it_is_the_same_as_onnx(tmp_path: Path, kind: str) -> None:
    made = embedder(kind)
    export_network(made.for_onnx(), torch.ones(1, 8, dtype=torch.long), "ids", tmp_path / "text.onnx", longest=96)
    session = onnxruntime.InferenceSession(tmp_path / "text.onnx")
    for ids in ([[3, 0, 8, 1]], [[0, 0]], [[1] * 50]):
        (state,) = session.run(None, {"ids": np.array(ids, dtype=np.int64)})
        assert state == pytest.approx(made(torch.tensor(ids)).detach().numpy(), abs=1e-5)


def test_the_rnn_as_a_gru_takes_the_same_steps() -> None:
    layer = embedder("rnn").layer
    assert isinstance(layer, torch.nn.RNN)
    given = torch.randn(3, 7, WIDTH)
    torch.testing.assert_close(as_gru(layer)(given)[0], layer(given)[0])


def test_a_network_is_not_saved_for_texts_of_one_length(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"^text\.onnx: as ONNX this network would read texts of one length only"):
        export_network(embedder("rnn"), torch.ones(1, 8, dtype=torch.long), "ids", tmp_path / "text.onnx", longest=96)
    assert not list(tmp_path.iterdir())


def test_a_wrong_name_gets_a_close_match() -> None:
    with pytest.raises(ConfigError, match="no recurrence is named 'lstn'; did you mean 'lstm'"):
        embedder("lstn")
