"""Reading a picture through a saved bottleneck: caption, questions and answers, then the emotion from that text."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from feelscope.bottleneck import folder as bottleneck_folder
from feelscope.bottleneck.bottleneck_text import BottleneckText, question_about
from feelscope.bottleneck.decision import TextDecision
from feelscope.bottleneck.fit import write_captions
from feelscope.bottleneck.folder import BottleneckParts
from feelscope.bottleneck.plug_ins import (
    AnswersQuestions,
    OwnCaptioner,
    OwnQuiz,
    Picture,
    WritesCaptions,
    written_answers,
)
from feelscope.encoders.picture_networks import HubPictures, Lite0Pictures, PictureNetwork
from feelscope.errors import ModelError, PictureError
from feelscope.images import read_rgb
from feelscope.text.counts import counted
from feelscope.web.hub import PREFIX

LEAST_SIDE = 8  # pixels; below, a picture shows nothing that has a name


@dataclass(frozen=True, slots=True)
class BottleneckReading:
    """What a bottleneck says of a picture.

    Args:
        text: All that the decision rests on.
        emotion: The most probable.
        probabilities: By emotion; they sum to one.
        warnings: What of the text was not understood, one sentence each.
    """

    text: BottleneckText
    emotion: str
    probabilities: Mapping[str, float]
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """As JSON values; `text` is the text form, as the decision read it."""
        return {
            "caption": self.text.caption,
            "answers": dict(self.text.answers),
            "emotion": self.emotion,
            "probabilities": dict(self.probabilities),
            "text": str(self.text),
            "warnings": list(self.warnings),
        }


class Bottleneck:
    """A picture to a text, and the text to an emotion; what decides never sees the picture.

    Args:
        parts: Of a saved or a fitted bottleneck; use `load` for a folder.
        captioner, quiz: In place of those that were trained with it.
    """

    def __init__(
        self, parts: BottleneckParts, captioner: WritesCaptions | None = None, quiz: AnswersQuestions | None = None
    ):
        self._parts = parts
        self.emotions = parts.emotions
        self.questions = tuple(question_about(word) for word in parts.asked)
        self._network: PictureNetwork | None = None
        self._opening = threading.Lock()
        self._captioner, self._quiz = captioner, quiz
        self._decision = TextDecision(
            parts.network.classifier, parts.words, self.questions, parts.settings.answers, parts.temperature
        )

    @classmethod
    def load(
        cls, folder: Path, *, captioner: WritesCaptions | None = None, quiz: AnswersQuestions | None = None
    ) -> "Bottleneck":
        """Open a folder that `feelscope train --recipe bottleneck` wrote.

        Raises:
            ModelError: It is no such folder, or damaged.
        """
        return cls(bottleneck_folder.read(folder), captioner, quiz)

    def read(self, picture: Picture) -> BottleneckText:
        """The text that takes the picture's place.

        Raises:
            PictureError: The picture cannot be read, or is too small to show anything.
            ModelError, MissingExtra: The encoder it was trained with cannot be had.
        """
        height, width = read_rgb(picture).shape[:2]
        if min(height, width) < LEAST_SIDE:
            name = picture.name if isinstance(picture, Path) else "the picture"
            raise PictureError(
                f"{name}: {width} x {height} pixels show nothing to describe; give a picture of at least "
                f"{LEAST_SIDE} x {LEAST_SIDE}",
                "too small",
            )
        parts, vector_of = self._parts, lru_cache(1)(self.vector)  # one vector for both, kept for this picture alone
        quiz = self._quiz or OwnQuiz(vector_of, parts.network.heads, self.questions)
        captioner = self._captioner or OwnCaptioner(vector_of, parts.captioner, parts.vocabulary, parts.settings)
        answers = quiz.answer(picture, self.questions)
        return BottleneckText(captioner.caption(picture), dict(zip(self.questions, answers, strict=True)))

    def decide(self, text: str) -> dict[str, float]:
        """The probabilities of the emotions, from the text form alone.

        Raises:
            FeelscopeError: It has not the form of a `BottleneckText`.
        """
        row = self.probabilities([text])[0]
        return dict(zip(self.emotions, map(float, row), strict=True))

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The same of N text forms, (N, K); raises what `decide` raises."""
        return self._decision.decide(texts)

    def explain(self, picture: Picture) -> BottleneckReading:
        """Text, emotion and probabilities of a picture; raises what `read` raises."""
        text = self.read(picture)
        probabilities = self.decide(str(text))
        emotion = max(probabilities, key=lambda name: probabilities[name])
        unread = self._decision.unread(str(text))
        warnings = (
            (f"{counted(len(unread), 'answer')} in other words than those that were learnt: not counted",)
            if unread
            else ()
        )
        return BottleneckReading(text, emotion, probabilities, warnings)

    def texts(self, vectors: torch.Tensor) -> list[str]:
        """The text forms of pictures whose vectors (N, D) are known, by its own captioner and quiz."""
        captions = write_captions(self._parts.captioner, self._parts.vocabulary, vectors, self._parts.settings)
        answers = written_answers(self._parts.network.heads, vectors)
        return [
            str(BottleneckText(caption, dict(zip(self.questions, row, strict=True))))
            for caption, row in zip(captions, answers, strict=True)
        ]

    def vector(self, picture: Picture) -> torch.Tensor:
        """A picture's vector (1, D), by the encoder that the bottleneck was trained with."""
        network = self._open()
        return torch.from_numpy(network.run([network.read(picture)]))

    def _open(self) -> PictureNetwork:
        with self._opening:  # once, whichever thread is first
            if self._network is None:
                name = self._parts.encoder
                network: PictureNetwork = HubPictures(name) if name.startswith(PREFIX) else Lite0Pictures(None)
                if network.identity != self._parts.identity:
                    raise ModelError(
                        f"{name}: the encoder's weights are not those that the bottleneck was trained with; "
                        "install the version of then, or train the bottleneck again"
                    )
                self._network = network
            return self._network
