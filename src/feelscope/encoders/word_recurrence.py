"""Word vectors of a text read in their order by a recurrent layer: its state after the last word is the text.

    word ids (B, T) -> lookup -> (B, T, D) -> dropout -> h_t = f(h_{t-1}, x_t) -> h after the last word (B, H)

    vanilla RNN   h_t = tanh(W_x x_t + W_h h_{t-1} + b)                                             equation 5.2
    LSTM          a = W_x x_t + W_h h_{t-1} + b; i, f, o = sigmoid(a_i, a_f, a_o); g = tanh(a_g)    5.3, 5.4
                  c_t = i * g + f * c_{t-1}; h_t = o * tanh(c_t)                                    5.5

The biases b are ours: they start at zero, but the LSTM's forgetting gate at one, as in the released code, so that it
starts out remembering. States start at zero, the thesis draws them at random.

Id 0 is padding and every unknown word, and is left out, wherever it stands; a text of nothing else becomes zeros.
Padding comes after the words, where it cannot reach their states, so the result is that of a packed sequence.

ONNX's exporter unrolls the vanilla RNN for texts of one length, and does not the LSTM and the GRU; so it is written as
the GRU it is a case of (`as_gru`).

Source: thesis of Hu 2017, chapter 5 (200 words, 512 units). Relations: `word_average` forgets the order of words, has
nothing to learn here, and is much faster; prefer it for short texts.
"""

import copy

import numpy as np
import torch
from torch import nn

from feelscope.config import did_you_mean
from feelscope.encoders.fixed_vectors import scaling
from feelscope.encoders.word_average import WordLookup
from feelscope.errors import ConfigError

_OPEN = 1e4  # into a gate: its sigmoid is 1, and that of the negative 0


class WordRecurrence(nn.Module):
    """Word ids to the state after the last word.

    Args:
        table: float32 (V + 1, D); row 0 is for padding and unknown words.
        learnt: The first rows, as many as this, that may learn; the others never do.
        train: Whether they do.
        dropout: Share of the numbers after the lookup that a training step leaves out.
        kind: `lstm` or `rnn`.
        hidden_size: Width H of the state.
        normalise: Whether the state is brought to mean 0 and deviation 1 over its H numbers.

    Raises:
        ConfigError: No recurrence has this name.
    """

    layer: nn.RNNBase

    def __init__(
        self,
        table: np.ndarray,
        learnt: int,
        *,
        train: bool,
        dropout: float,
        kind: str,
        hidden_size: int,
        normalise: bool = False,
    ):
        super().__init__()
        if kind not in RECURRENCES:
            raise ConfigError(f"no recurrence is named {kind!r}; {did_you_mean(kind, RECURRENCES)}")
        self.width = hidden_size
        self.lookup = WordLookup(table, learnt, train=train)
        self.dropout = nn.Dropout(dropout)
        self.layer = RECURRENCES[kind](table.shape[1], hidden_size, batch_first=True)
        self.scale = scaling(hidden_size, normalise)
        self._begin_biases()

    def reset_parameters(self) -> None:
        """Draw the first weights again, as a new one would."""
        self.layer.reset_parameters()
        self._begin_biases()

    def _begin_biases(self) -> None:
        biases = {name: values.detach() for name, values in self.layer.named_parameters() if name.startswith("bias")}
        for values in biases.values():
            nn.init.zeros_(values)
        if isinstance(self.layer, nn.LSTM):
            nn.init.ones_(biases["bias_ih_l0"][self.width : 2 * self.width])  # (4 H,), of the gates i, f, g, o

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Ids (B, T) to states (B, H)."""
        known = ids > 0  # (B, T)
        ids = to_the_front(ids, known)
        states, _ = self.layer(self.dropout(self.lookup(ids)))  # (B, T, H)
        counts = known.sum(dim=1)  # (B,)
        last = (counts - 1).clamp(min=0)[:, None, None].expand(-1, 1, states.shape[2])  # (B, 1, H)
        return self.scale(states.gather(1, last)[:, 0] * (counts > 0).unsqueeze(1))  # (B, H)

    def describe(self) -> str:
        """What it is, for people, up to the words it reads."""
        kind = "an LSTM" if isinstance(self.layer, nn.LSTM) else "a vanilla RNN"
        return f"{kind} of {self.layer.hidden_size:,} units (after Hu 2017) over"

    def for_onnx(self) -> "WordRecurrence":
        """A copy that ONNX's exporter can write for texts of any length."""
        copied = copy.deepcopy(self)
        if isinstance(copied.layer, nn.RNN):
            copied.layer = as_gru(copied.layer)
        return copied


def to_the_front(ids: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
    """Ids (B, T) with those that are known (B, T) in front, in their order, and zeros after."""
    spare = ids.shape[1]  # a place after the last, for all that is not known
    places = torch.where(known, known.long().cumsum(dim=1) - 1, torch.full_like(ids, spare))  # (B, T)
    room = torch.zeros(ids.shape[0], spare + 1, dtype=ids.dtype, device=ids.device)  # (B, T + 1)
    return room.scatter(1, places, ids)[:, :spare]


@torch.no_grad()
def as_gru(layer: nn.RNN) -> nn.GRU:
    """The vanilla RNN as a GRU whose gates never move: r = 1 and z = 0, so that h_t = tanh(W_x x_t + W_h h_{t-1} + b).

    torch has the gates one below the other, as r, z, n; see its documentation of GRU.
    """
    width = layer.hidden_size
    gru = nn.GRU(layer.input_size, width, batch_first=layer.batch_first)
    state = gru.state_dict()
    for name, values in layer.state_dict().items():
        state[name].zero_()[2 * width :] = values  # (3 H, ...), of which the last H rows are n's
    state["bias_ih_l0"][:width], state["bias_ih_l0"][width : 2 * width] = _OPEN, -_OPEN
    return gru


def gradient_by_distance(layer: nn.RNNBase, texts: torch.Tensor) -> torch.Tensor:
    """How much each word still counts for the last state.

    Args:
        layer: A recurrent layer, batch first.
        texts: Word vectors (B, T, D).

    Returns:
        (T,), the mean norm of the gradient of the last state's sum by the vector t words before the last.
    """
    given = texts.clone().requires_grad_()
    states, _ = layer(given)  # (B, T, H)
    (gradient,) = torch.autograd.grad(states[:, -1].sum(), given)  # (B, T, D)
    return gradient.norm(dim=2).mean(dim=0).flip(0)  # (T,)


RECURRENCES: dict[str, type[nn.LSTM] | type[nn.RNN]] = {"lstm": nn.LSTM, "rnn": nn.RNN}
