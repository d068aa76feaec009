"""Answer a text with emoji, without torch.

text, its emoji taken out --built-in text network--> (S,) --small layers--> (D,) --with each emoji's vector--> (E,)
                                                                            (D,) --with new emoji's--> the best, drawn
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from feelscope.emoji.answer import drawing_file
from feelscope.emoji.answer.drawn import COUNT, Drawn, Similar, answer_vectors, new_codes, picture, squared_distances
from feelscope.emoji.answer.folder import FOLDER, SETTINGS, AnswerModel, read
from feelscope.encoders.tokenizer import Tokens
from feelscope.errors import ModelError
from feelscope.saved_model.builtin_sentences import BuiltinSentences
from feelscope.text.emoji import in_colour, name_of

HOW_TO_TRAIN = "feelscope emoji train-answers posts.csv --out runs/answer, then give --model runs/answer"
HOW_TO_DRAW = (
    "train it with one: feelscope emoji train-autoencoder --out runs/emoji, then feelscope emoji train-answers "
    "posts.csv --autoencoder runs/emoji --out runs/answer"
)
SIMILAR = 3  # known emoji that are named beside a new one
_CUT = "the text is long, and its end was not read"
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

    Args:
        drawing: What new emoji are drawn by, as `drawing_file.read` gives it; None draws none.

    Raises:
        ModelError: The model reads texts by another network than the installed one.
    """

    def __init__(
        self, model: AnswerModel, sentences: BuiltinSentences, drawing: Mapping[str, np.ndarray] | None = None
    ):
        self._model, self._sentences, self._drawing = model, sentences, drawing
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
    def load(cls, model: Path | str = "builtin", *, drawing: bool = False) -> "EmojiAnswers":
        """Open an answer model: the built-in one, or a folder.

        Args:
            drawing: Whether it is to draw new emoji.

        Raises:
            ModelError: It is not there, damaged, or cannot draw though it is to.
        """
        folder = FOLDER if model == "builtin" else Path(model)
        if folder == FOLDER and not (folder / SETTINGS).is_file():
            raise ModelError(f"no answer model comes with this version; train one: {HOW_TO_TRAIN}")
        found = read(folder)
        if not drawing:
            return cls(found, BuiltinSentences())
        arrays = drawing_file.read(folder, *found.arrays["answers"].shape)
        if arrays is None:
            raise ModelError(f"{folder}: this answer model knows no autoencoder to draw by; {HOW_TO_DRAW}")
        return cls(found, BuiltinSentences(), arrays)

    def answer(self, text: str, top: int = 5, *, unseen: bool = False) -> Answers:
        """The emoji that answer a text best, the best first.

        Args:
            top: The most to give, 1 or more.
            unseen: Whether emoji that no training text had may answer too.

        Raises:
            ModelError: The text has no words besides emoji.
        """
        tokens = self._tokens(text)
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
        return Answers(found, (_CUT,) if tokens.cut else ())

    def draw(self, text: str, seed: int = 0) -> Drawn:
        """The new emoji that answers a text best, of `COUNT` by chance.

        Args:
            seed: Of what is drawn.

        Raises:
            ModelError: The text has no words besides emoji.
        """
        assert self._drawing is not None, "load it with drawing=True"
        tokens, of = self._tokens(text), self._drawing
        asked = self.asked(self._sentences.vector(tokens))  # (D,)
        codes = new_codes(of["codes"], COUNT, seed)  # (N, Z)
        scores = answer_vectors(of, codes) @ (asked / max(float(np.linalg.norm(asked)), 1e-12))  # (N,)
        best = int(scores.argmax())
        distances = np.sqrt(squared_distances(codes[best : best + 1], of["codes"])[0])  # (K,)
        similar = [
            (self._model.settings.emoji[of["known"][row]], float(distances[row]))
            for row in np.argsort(distances, kind="stable")[:SIMILAR]
        ]
        return Drawn(
            picture(of, codes[best]),
            score=float(scores[best]),
            mean=float(scores.mean()),
            deviation=float(scores.std()),
            count=COUNT,
            code=tuple(codes[best].tolist()),
            similar=tuple(Similar(in_colour(emoji), name_of(emoji), distance) for emoji, distance in similar),
            warnings=(_CUT,) if tokens.cut else (),
        )

    def scores(self, vector: np.ndarray) -> np.ndarray:
        """Scores (E,) of all emoji, of a sentence vector (S,)."""
        return self._model.arrays["answers"] @ self.asked(vector) + self._model.arrays["often"]

    def asked(self, vector: np.ndarray) -> np.ndarray:
        """A sentence vector (S,) in the space of the emoji's vectors: (D,), of length `scale`."""
        of = self._model.arrays
        read = (vector - vector.mean()) / np.sqrt(vector.var() + _ROUNDING) * of["norm_weight"] + of["norm_bias"]
        inner = np.maximum(of["hidden_weight"] @ read + of["hidden_bias"], 0)
        tower = of["direct_weight"] @ read + of["direct_bias"] + of["out_weight"] @ inner + of["out_bias"]
        asked = of["asked_weight"] @ tower + of["asked_bias"]
        return asked / max(float(np.linalg.norm(asked)), 1e-12) * of["scale"]

    def _tokens(self, text: str) -> Tokens:
        tokens = self._sentences.tokens(text)
        if tokens is None:
            raise ModelError("the text has no words to answer; give some besides emoji")
        return tokens
