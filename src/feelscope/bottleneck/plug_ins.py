"""What captions and what answers: two small protocols, and the project's own that fill them.

Others are in `hub`; a program may bring its own.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import torch

from feelscope.bottleneck.fit import write_captions
from feelscope.models.bottleneck_settings import BottleneckSettings
from feelscope.models.captioner import Captioner
from feelscope.models.semantic_bottleneck import AnswerHeads, answers_of
from feelscope.text.vocabulary import Vocabulary

Picture = Path | bytes
VectorOf = Callable[[Picture], torch.Tensor]  # (1, D)


class WritesCaptions(Protocol):
    """Says in a sentence what a picture shows."""

    def caption(self, picture: Picture) -> str:
        """One line; raises `PictureError` where the picture cannot be read."""


class AnswersQuestions(Protocol):
    """Answers questions about a picture."""

    def answer(self, picture: Picture, questions: Sequence[str]) -> list[str]:
        """A word or two for each question; raises `PictureError` where the picture cannot be read."""


class OwnCaptioner:
    """A captioner that was trained with a bottleneck."""

    def __init__(self, vector_of: VectorOf, captioner: Captioner, vocabulary: Vocabulary, settings: BottleneckSettings):
        self._vector_of, self._captioner = vector_of, captioner
        self._vocabulary, self._settings = vocabulary, settings

    def caption(self, picture: Picture) -> str:
        """The likeliest sentence."""
        return write_captions(self._captioner, self._vocabulary, self._vector_of(picture), self._settings)[0]


class OwnQuiz:
    """The heads of a bottleneck; they know the questions they were trained on and no others.

    Args:
        questions: In the order of the heads.
    """

    def __init__(self, vector_of: VectorOf, heads: AnswerHeads, questions: Sequence[str]):
        self._vector_of, self._heads, self._questions = vector_of, heads, tuple(questions)

    @torch.no_grad()
    def answer(self, picture: Picture, questions: Sequence[str]) -> list[str]:
        """Words from "no" to "yes"."""
        given = dict(zip(self._questions, written_answers(self._heads, self._vector_of(picture))[0], strict=True))
        return [given[question] for question in questions]


@torch.no_grad()
def written_answers(heads: AnswerHeads, vectors: torch.Tensor) -> list[list[str]]:
    """The answers to all questions, of each of N vectors (N, D)."""
    heads.eval()
    words = answers_of(heads.grades)
    grades = heads.answers(heads(vectors)).argmax(dim=2)  # (N, Q)
    return [[words[grade] for grade in row] for row in grades.tolist()]
