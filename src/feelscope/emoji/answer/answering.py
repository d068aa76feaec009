"""Answer a text with emoji, without torch.

text, its emoji taken out --built-in text network--> (S,) --small layers--> (D,) --with each emoji's vector--> (E,)
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from feelscope.emoji.answer.folder import FOLDER, SETTINGS, AnswerModel, read
from feelscope.encoders.emoji_vectors import in_colour, name_of
from feelscope.errors import ModelError
from feelscope.saved_model.builtin_sentences import BuiltinSentences

HOW_TO_TRAIN = "feelscope emoji train-answers posts.csv --out runs/answer, then give --model runs/answer"
_ROUNDING = 1e-5  # of the layer's norm, as torch has it


@dataclass(frozen=True, slots=True)
class Answer:
    """One emoji.

    Args:
        score: Its share of all that may answer; the scores of these sum to one.
        seen: Whether a training text had it.
    """

    emoji: str
    name: str
    score: float
    seen: bool


@dataclass(frozen=True, slots=True)
class Answers:
    """The first answers, and what was left out of the text."""

    answers: tuple[Answer, ...]
    warnings: tuple[str, ...]


class EmojiAnswers:
    """Answers texts with emoji. Safe to call from many threads.

    Raises:
        ModelError: The model reads texts by another network than the installed one.
    """

    def __init__(self, model: AnswerModel, sentences: BuiltinSentences):
        self._model, self._sentences = model, sentences
        self._seen = np.array(model.settings.texts) > 0  # (E,)
        if model.settings.encoder != sentences.identity:
            raise ModelError(
                f"{model.settings.name}: this answer model reads texts by the built-in model of another version; train "
                f"it again: {HOW_TO_TRAIN}"
            )
        encoded = model.arrays["norm_weight"].shape[0]
        if encoded != sentences.width:
            raise ModelError(
                f"{model.settings.name}: expected vectors of {sentences.width} numbers, found {encoded}; train it again"
            )

    @classmethod
    def load(cls, model: Path | str = "builtin") -> "EmojiAnswers":
        """Open an answer model: the built-in one, or a folder.

        Raises:
            ModelError: It is not there, or damaged.
        """
        folder = FOLDER if model == "builtin" else Path(model)
        if folder == FOLDER and not (folder / SETTINGS).is_file():
            raise ModelError(f"no answer model comes with this version; train one: {HOW_TO_TRAIN}")
        return cls(read(folder), BuiltinSentences())

    def answer(self, text: str, top: int = 5, *, unseen: bool = False) -> Answers:
        """The emoji that answer a text best, the best first.

        Args:
            top: The most to give, 1 or more.
            unseen: Whether emoji that no training text had may answer too.

        Raises:
            ModelError: The text has no words besides emoji.
        """
        tokens = self._sentences.tokens(text)
        if tokens is None:
            raise ModelError("the text has no words to answer; give some besides emoji")
        scores = self.scores(self._sentences.vector(tokens))  # (E,)
        scores = np.where(self._seen | unseen, scores, -np.inf)
        shares = np.exp(scores - scores.max())
        shares /= shares.sum()
        order = [int(row) for row in np.argsort(-shares, kind="stable")[:top] if np.isfinite(scores[row])]
        emoji = self._model.settings.emoji
        found = tuple(
            Answer(in_colour(emoji[row]), name_of(emoji[row]), float(shares[row]), bool(self._seen[row]))
            for row in order
        )
        return Answers(found, ("the text is long, and its end was not read",) if tokens.cut else ())

    def scores(self, vector: np.ndarray) -> np.ndarray:
        """Scores (E,) of all emoji, of a sentence vector (S,)."""
        of = self._model.arrays
        read = (vector - vector.mean()) / np.sqrt(vector.var() + _ROUNDING) * of["norm_weight"] + of["norm_bias"]
        inner = np.maximum(of["hidden_weight"] @ read + of["hidden_bias"], 0)
        tower = of["direct_weight"] @ read + of["direct_bias"] + of["out_weight"] @ inner + of["out_bias"]
        asked = of["asked_weight"] @ tower + of["asked_bias"]
        asked = asked / max(float(np.linalg.norm(asked)), 1e-12) * of["scale"]
        return of["answers"] @ asked + of["often"]
