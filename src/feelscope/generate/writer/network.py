"""A writer's network in NumPy, word by word: `models.writer` without torch and without dropout."""

from collections.abc import Mapping

import numpy as np

_ROUNDING = 1e-5  # of the norm, as torch has it


class WritingNetwork:
    """Scores of the next word, of B posts side by side.

    Args:
        weights: As `folder.SavedWriter` has them.
    """

    def __init__(self, weights: Mapping[str, np.ndarray]):
        self._of = weights
        read, again = weights["recurrence.weight_ih_l0"].T, weights["recurrence.weight_hh_l0"].T
        width = weights["words.weight"].shape[1]
        biases = weights["recurrence.bias_ih_l0"] + weights["recurrence.bias_hh_l0"]
        self._from_words, self._from_condition = (
            np.ascontiguousarray(read[:width]),
            read[width:],
        )  # (E, 4 H), (P + M, 4 H)
        self._from_before, self._bias = np.ascontiguousarray(again), biases  # (H, 4 H), (4 H,)

    @property
    def picture(self) -> int:
        """D, of the pictures it takes."""
        return self._of["see.weight"].shape[1]

    def condition(self, picture: np.ndarray | None, emotion: int | None) -> np.ndarray:
        """What a post is to be about, (P + M,).

        Args:
            picture: Its vector (D,), or none.
            emotion: Its number; None is the mean of all emotions' vectors.
        """
        of = self._of
        looked = of["no_picture"]
        if picture is not None:
            scaled = (picture - picture.mean()) / np.sqrt(picture.var() + _ROUNDING)  # (D,)
            looked = np.tanh(of["see.weight"] @ scaled + of["see.bias"])  # (P,)
        felt = of["emotions.weight"].mean(axis=0) if emotion is None else of["emotions.weight"][emotion]  # (M,)
        return np.concatenate([looked, felt])

    def begin(self, conditions: np.ndarray) -> "Writing":
        """The state before the first word, of conditions (B, P + M)."""
        first = np.tanh(conditions @ self._of["first.weight"].T + self._of["first.bias"])  # (B, 2 H)
        hidden, cell = np.split(first, 2, axis=1)  # (B, H) each
        return Writing(self, conditions @ self._from_condition + self._bias, hidden, cell)

    def gates(self, words: np.ndarray, hidden: np.ndarray, steady: np.ndarray) -> list[np.ndarray]:
        """The LSTM's four gates before their curves, (B, H) each: input, forget, cell, output."""
        read = self._of["words.weight"][words]  # (B, E)
        return np.split(read @ self._from_words + hidden @ self._from_before + steady, 4, axis=1)

    def scores(self, hidden: np.ndarray) -> np.ndarray:
        """Scores (B, V) of the next word, of what the LSTM gives (B, H)."""
        of = self._of
        return (hidden @ of["write_word.weight"].T + of["write_word.bias"]) @ of["words.weight"].T + of["bias"]


class Writing:
    """B posts that are being written.

    Args:
        steady: (B, 4 H), what condition and biases add to the gates at every step.
        hidden, cell: (B, H), the LSTM's state.
    """

    def __init__(self, network: WritingNetwork, steady: np.ndarray, hidden: np.ndarray, cell: np.ndarray):
        self._network, self._steady, self._hidden, self._cell = network, steady, hidden, cell

    def next(self, words: np.ndarray) -> np.ndarray:
        """Scores (B, V) of the word after these, int (B,)."""
        enter, stay, value, give = self._network.gates(words, self._hidden, self._steady)
        self._cell = _sigmoid(stay) * self._cell + _sigmoid(enter) * np.tanh(value)  # (B, H)
        self._hidden = _sigmoid(give) * np.tanh(self._cell)  # (B, H)
        return self._network.scores(self._hidden)


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(0.5 * values))  # never overflows
